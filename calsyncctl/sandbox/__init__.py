"""A local Google: OAuth 2.0 and Calendar v3 on 127.0.0.1, for tests, demos and rehearsals without an account.

It is written from Google's public documents and imports nothing of the program, so that it is a second reading of
them and not a mirror of our own. Start it with `calsyncctl sandbox serve` or `python -m calsyncctl.sandbox serve`;
docs/sandbox.md tells what it models, what it guesses and what it leaves out.
"""
