"""The soak: a sandbox, real daemons and a driver that edits on both sides, with faults, restarts and clock steps.

`python -m tests.soak SECONDS` runs it and prints a summary (`make soak`); the pure parts have tests here.
"""
