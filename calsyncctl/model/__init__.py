"""The nouns of the program: frozen values without I/O, in the words of docs/architecture.md."""
