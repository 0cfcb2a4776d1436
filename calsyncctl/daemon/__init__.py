"""The daemon: one process per profile that calls the use cases when something is due. It decides nothing of its own."""
