"""Undoing: what a run, or the last change of an event, did here is taken back, and so in Google with the next push."""
