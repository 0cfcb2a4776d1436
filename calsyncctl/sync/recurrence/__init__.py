"""Recurrence: lines as text, rules walked through wall time, and a series that is changed in part or whole. Pure."""
