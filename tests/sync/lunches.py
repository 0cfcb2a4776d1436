"""Five days of lunch, and what is done to the third of them."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event, When
from calsyncctl.sync.provider import Patch
from tests.sync.house import House

DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"
AT_FOUR = When("2027-05-04T16:00:00Z", "2027-05-04T17:00:00Z", "UTC", DAILY)


def change_third(house: House, series: Event, summary: str = "Soup") -> Event:
    return house.change_occurrence(series, THIRD, summary=summary)


def cancel_third(house: House, series: Event) -> Event:
    return house.cancel_occurrence(series, THIRD)


def move_there(house: House, series: Event, calendar: Calendar, when: When = AT_FOUR) -> None:
    """Somebody gives a series other times in Google, by Google's own rules: its exceptions end."""
    now = house.there_is(series, calendar)
    patch = Patch(
        google_id=house.copy(series, calendar).google_id,
        etag=None,
        before=now,
        after=replace(now, when=when),
        fields=frozenset({"when"}),
    )
    house.google._apply(house.google._calendars[str(calendar.google_id)], patch)
