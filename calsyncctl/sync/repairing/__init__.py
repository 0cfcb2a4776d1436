"""Everything compared: full surveys, differences named, and repaired through the same merge and push."""
