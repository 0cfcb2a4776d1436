"""What needs a person, from facts."""
