"""Names in the commands that we say to type: what others chose never becomes a command of the shell it is pasted into.

A calendar is named by whoever shares it: `$(…)` in a name would run, in double quotes too.
"""

from __future__ import annotations

import shlex

_QUIET = frozenset(" .,@_/+:()&-")
"""Characters beside letters and digits that no shell obeys within double quotes."""


def word(text: str) -> str:
    """Return a text as one word of a command line: bare, in double quotes where that is safe, else in single ones."""
    if text == shlex.quote(text):
        return text
    if text and all(char.isalnum() or char in _QUIET for char in text):
        return f'"{text}"'
    return shlex.quote(text)


def calendar_word(name: str, number: int, account: str | None = None) -> str:
    """Return how to type a calendar: by its name, with its account before it if given; by number if nobody could."""
    if not name.isprintable() or name != name.strip() or name.startswith(("-", "#")) or not name:
        return f"'#{number}'"
    return word(f"{account}/{name}" if account else name)
