"""The commands: arguments, one call, a report. No SQL, no HTTP, no decisions, no `try`."""
