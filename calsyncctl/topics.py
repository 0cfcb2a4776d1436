"""The pages of `calsyncctl help`: Markdown that travels with the program, and is what docs/ shows."""

from __future__ import annotations

from importlib.resources import files

TOPICS = {
    "google-project": "How to get an OAuth client from Google, step by step",
    "review": "What waits for a person: the guard, holds and conflicts",
    "reconcile": "Comparing everything, and what happens if the store is lost",
    "exit-codes": "What the exit codes and errors mean",
}


def page(topic: str) -> str:
    """Return a page's Markdown.

    Raises:
        KeyError: if there is no such page.
    """
    if topic not in TOPICS:
        raise KeyError(topic)
    return files("calsyncctl").joinpath("pages", f"{topic}.md").read_text(encoding="utf-8")
