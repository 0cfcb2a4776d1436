"""An explanation as text: the answer first, then where, what happened, what waits, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from calsyncctl.health.explaining.explanation import Explanation
from calsyncctl.layout import printable


def explained_text(shown: Explanation, when: Callable[[datetime | None], str]) -> str:
    """Draw an explanation; `when` shows a time."""
    return "\n".join(_lines(shown, when))


def _lines(shown: Explanation, when: Callable[[datetime | None], str]) -> Iterator[str]:
    yield printable(shown.answer.text)
    if shown.where:
        yield from ("", "Where:")
        yield from (f"  {printable(one.text)}" for one in shown.where)
    if shown.happened:
        yield from ("", "What happened, the latest first:")
        yield from (f"  {f'{when(one.at)}  ' if one.at else ''}{printable(one.text)}" for one in shown.happened)
    if shown.waits:
        yield from ("", "What waits:")
        yield from (f"  {printable(one.text)}" for one in shown.waits)
    if shown.todo:
        yield from ("", "What you can do:")
        yield from (f"  → {printable(one.command)} ({printable(one.does)})" for one in shown.todo)
