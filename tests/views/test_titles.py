"""What an event is called in lists of changes."""

from __future__ import annotations

import pytest

from calsyncctl.model.event import Body, Content, Event, EventKind, When
from calsyncctl.model.titles import called


def event(content: Content | None, original: str | None = None) -> Event:
    return Event(
        id=1,
        key="4f3a" * 8,
        calendar_id=1,
        kind=EventKind.EVENT,
        origin="google",
        content=content,
        starts=None,
        ends=None,
        version=1,
        status="confirmed" if content else "cancelled",
        original=original,
    )


def series(title: str, start: str = "2030-01-07T09:00:00+13:00", zone: str | None = "Pacific/Auckland") -> Event:
    return event(Content(title, "confirmed", When(start, start, zone, ("RRULE:FREQ=WEEKLY",)), Body()))


@pytest.mark.parametrize(
    ("original", "day"),
    [("20300113T200000Z", "2030-01-14"), ("2030-01-14", "2030-01-14"), ("20300113T090000Z", "2030-01-13")],
)
def test_a_cancelled_occurrence_is_called_by_its_series_and_its_original_day_there(original: str, day: str) -> None:
    assert called(event(None, original), series("Standup")) == f"Standup, {day}"


def test_what_has_a_title_is_called_by_it_and_what_nothing_is_known_of_by_nothing() -> None:
    assert called(series("Standup"), None) == "Standup"
    assert called(event(None, "2030-01-14"), series("")) == called(event(None, "2030-01-14"), None) == ""
