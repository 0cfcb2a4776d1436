"""The use cases of accounts and calendars, on a real store, with a Google and a vault in memory."""
