"""The installed command against the sandbox over HTTP, a file for each topic."""
