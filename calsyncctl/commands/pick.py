"""The picker: numbers, ranges and names typed at the terminal, turned into a choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from calsyncctl.console import Column, Console
from calsyncctl.errors import UsageFault
from calsyncctl.model.calendar import Calendar
from calsyncctl.views.columns import CHOICES

TRIES = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One row of what is offered."""

    number: int
    name: str
    primary: bool
    writable: bool
    state: str


def pick(console: Console, offered: Sequence[Calendar]) -> list[Calendar]:
    """Ask which calendars to sync; an empty answer is none of them.

    Raises:
        UsageFault: three answers in a row named something that was not offered.
    """
    for left in reversed(range(TRIES)):
        answer = console.ask("Sync which? (numbers as 1,3-5, all, or Enter for none yet)", instead="--select")
        try:
            return [offered[number - 1] for number in numbers(answer, len(offered))]
        except UsageFault as error:
            if not left:
                raise
            console.warn(error.what)
    return []


def numbers(answer: str, count: int) -> list[int]:
    """Turn `1,3-5`, `2 4` or `all` into numbers from 1 to `count`, each once, in order.

    Raises:
        UsageFault: something else, or a number that is not there.
    """
    if answer.strip().casefold() == "all":
        return list(range(1, count + 1))
    chosen: set[int] = set()
    for part in re.split(r"[\s,]+", answer.strip()):
        if part:
            chosen.update(_range(part, count))
    return sorted(chosen)


def _range(part: str, count: int) -> range:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= count:
        raise UsageFault(f"“{part}” is not one of 1 to {count}.", "Type numbers such as 1,3-5.")
    return range(first, last + 1)


def offer(console: Console, offered: Sequence[Calendar]) -> None:
    """Show the calendars of an account, numbered, with primary and writable."""
    rows = [
        Offer(number, one.name, one.is_primary, one.writable, str(one.state)) for number, one in enumerate(offered, 1)
    ]
    console.talk_table(rows, (Column("number", "#", right=True), *CHOICES))
