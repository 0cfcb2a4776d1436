"""Secrets: the operating system's keyring, or an encrypted file; the backend is named, never guessed at use."""
