"""Plans: a pass rehearsed on a copy of the store, kept as decisions, and carried out later exactly as they are."""
