"""Why an event, a calendar or an account is as it is, in sentences: facts of the store, the engine's rules."""
