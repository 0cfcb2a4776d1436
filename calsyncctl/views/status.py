"""The one screen of `calsyncctl status`: what needs you first, then accounts and calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.health.needs import Need
from calsyncctl.health.snapshot import AccountFacts, CalendarFacts
from calsyncctl.layout import printable


@dataclass(frozen=True, slots=True)
class Status:
    """What status tells; as JSON, exactly this."""

    profile: str
    needs: tuple[Need, ...]
    passing: tuple[Need, ...]
    """Trouble that should pass by itself."""
    last_success: datetime | None
    accounts: tuple[AccountFacts, ...]
    calendars: tuple[CalendarFacts, ...]
    daemon: str | None = None
    """How the profile's daemon stands, in a few words; None: none runs."""


def head(status: Status, when: Callable[[datetime | None], str], style: Callable[[str, str], str]) -> str:
    """Draw what stands above the tables; `style` colours a text by a style's name, or leaves it."""
    return "\n".join(_lines(status, when, style))


def _lines(status: Status, when: Callable[[datetime | None], str], style: Callable[[str, str], str]) -> Iterator[str]:
    yield f"Profile {status.profile}, last success {when(status.last_success)}"
    if status.daemon is not None:
        yield f"Daemon: {printable(status.daemon)}"
    yield ""
    if not status.needs:
        yield style("Needs you: nothing.", "green")
    else:
        yield style("Needs you:", "yellow")
    yield from _things(status.needs, when, style)
    if status.passing:
        yield ""
        yield style("Should pass by itself:", "yellow")
        yield from _things(status.passing, when, style)


def _things(
    things: Iterable[Need], when: Callable[[datetime | None], str], style: Callable[[str, str], str]
) -> Iterator[str]:
    for thing in things:
        told = [f"since {when(thing.since)}"] if thing.since else []
        told += [f"tried again {when(thing.until)}"] if thing.until else []
        what = f"{thing.what.removesuffix('.')} ({'; '.join(told)})." if told else thing.what
        yield f"  {printable(what)}"
        yield f"    {style('→', 'cyan')} {printable(thing.what_to_do)}"
