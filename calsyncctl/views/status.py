"""The one screen of `calsyncctl status`: what needs you first, then accounts and calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.health.needs import Need
from calsyncctl.health.snapshot import AccountFacts, CalendarFacts
from calsyncctl.layout import Column, printable, styled, table_lines
from calsyncctl.views.columns import ACCOUNTS, CALENDARS


@dataclass(frozen=True, slots=True)
class Status:
    """What status tells; as JSON, exactly this."""

    profile: str
    needs: tuple[Need, ...]
    last_success: datetime | None
    accounts: tuple[AccountFacts, ...]
    calendars: tuple[CalendarFacts, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How the screen is drawn: the text of a cell, the width (None: no limit), colour or not, and the ellipsis."""

    cell: Callable[[Column, object], str]
    when: Callable[[datetime | None], str]
    room: int | None
    color: bool
    ellipsis: str = "…"


def status_text(status: Status, look: Look) -> str:
    """Draw the screen."""
    return "\n".join(_lines(status, look))


def _lines(status: Status, look: Look) -> Iterator[str]:
    yield f"Profile {status.profile} – last success {look.when(status.last_success)}"
    yield ""
    yield from _needs(status.needs, look)
    if status.accounts:
        yield ""
        yield from _table(status.accounts, ACCOUNTS, look)
    shown = [one for one in status.calendars if one.state != "available"]
    if shown:
        yield ""
        yield from _table(shown, CALENDARS, look)


def _needs(needs: tuple[Need, ...], look: Look) -> Iterator[str]:
    if not needs:
        yield _styled("Needs you: nothing.", "green", look)
        return
    yield _styled("Needs you:", "yellow", look)
    for need in needs:
        yield f"  {printable(need.what)}"
        yield f"    {_styled('→', 'cyan', look)} {printable(need.what_to_do)}"


def _table(rows: Iterable[object], columns: tuple[Column, ...], look: Look) -> Iterable[str]:
    cells = [[look.cell(column, row) for column in columns] for row in rows]
    return table_lines(cells, columns, room=look.room, color=look.color, ellipsis=look.ellipsis)


def _styled(text: str, style: str, look: Look) -> str:
    return styled(text, style) if look.color else text
