"""Explanations as a person in Berlin reads them, of what a house (tests/sync/house.py) went through."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from calsyncctl.health.explaining.account import explain_account
from calsyncctl.health.explaining.calendar import explain_calendar
from calsyncctl.health.explaining.event import explain_event
from calsyncctl.health.explaining.explanation import Asking, Explanation
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.views.explained import explained_text
from tests.sync.house import House

BERLIN = ZoneInfo("Europe/Berlin")
CLIENT = "client-key"


def shown(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M %Z}"


def asking(house: House, *, daemon: bool = False) -> Asking:
    return Asking(
        store=house.store,
        engine=house.engine,
        client=CLIENT,
        now=house.clock.now(),
        when=lambda at: shown(datetime.fromtimestamp(at, UTC)),
        daemon=daemon,
    )


def explained(house: House, what: Event | Calendar | Account, *, daemon: bool = False) -> Explanation:
    """Explain it as it is now; what was written must be written nowhere."""
    before = house.snapshot()
    asked = asking(house, daemon=daemon)
    if isinstance(what, Event):
        found = explain_event(asked, house.fresh(what))
    elif isinstance(what, Calendar):
        found = explain_calendar(asked, house.now(what))
    else:
        found = explain_account(asked, what)
    assert house.snapshot() == before
    return found


def answer(house: House, what: Event | Calendar | Account) -> tuple[str, str]:
    """Return the answer's code and sentence."""
    line = explained(house, what).answer
    return line.code, line.text


def waits(house: House, what: Event | Calendar | Account) -> dict[str, str]:
    """Return what waits beside the answer, by code."""
    return {line.code: line.text for line in explained(house, what).waits}


def typed(house: House, what: Event | Calendar | Account) -> list[str]:
    """Return the commands that are offered."""
    return [todo.command.removeprefix("calsyncctl ") for todo in explained(house, what).todo]


def text(house: House, what: Event | Calendar | Account) -> str:
    """Return all of it, as it is printed."""
    return explained_text(explained(house, what), shown)
