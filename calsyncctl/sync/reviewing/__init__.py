"""What waits for a person: the inbox of holds and conflicts, and what may be done with each."""
