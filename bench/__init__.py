"""Measurements: figures beside yardsticks, printed as tables, never a pass or a failure."""
