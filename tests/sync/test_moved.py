"""The rule by which what vanished and what appeared are one event: younger, and of one name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode
from calsyncctl.model.event import Event, EventKind
from calsyncctl.sync.pulling.moved import Newcomer, kind_on, successor, takes
from tests.sync.house import said

HERE = Calendar(1, CalendarKind.GOOGLE, "Work", "UTC", CalendarState.SELECTED, mode=Mode.TWO_WAY)


def event(number: int, *, organizer: str = "", own: bool = False, origin: str = "google") -> Event:
    content = said()
    body = replace(content.body, organizer=organizer, organizer_self=own)
    return Event(
        id=number,
        key=f"key{number}",
        calendar_id=1,
        kind=EventKind.EVENT,
        origin=origin,
        content=replace(content, body=body),
        starts=0,
        ends=1,
        version=1,
        status="confirmed",
        ical_uid="tea@example.com",
    )


def newcomer(one: Event, *, name: str = "other", at: int = 9) -> Newcomer:
    return Newcomer(one, 1, HERE, name, at)


def test_a_younger_event_of_the_same_ical_uid_is_where_it_went() -> None:
    young = newcomer(event(2))

    assert successor(event(1), "tea", 5, [young]) is young


def test_the_google_id_alone_tells_as_well() -> None:
    young = newcomer(replace(event(2), ical_uid=None), name="tea")

    assert successor(event(1), "tea", 5, [young]) is young
    assert successor(event(1), "coffee", 5, [young]) is None


@pytest.mark.parametrize(("number", "at"), [(2, 4), (0, 0)])
def test_an_older_event_is_not(number: int, at: int) -> None:
    assert successor(event(1), "tea", 5, [newcomer(event(number), at=at)]) is None


def test_the_calendar_that_organized_it_all_along_received_nothing() -> None:
    invited = event(1, organizer="work@example.com")

    assert successor(invited, "tea", 5, [newcomer(event(2, organizer="work@example.com", own=True))]) is None
    moved = newcomer(event(2, organizer="team@example.com", own=True))
    assert successor(invited, "tea", 5, [moved]) is moved


def test_a_push_only_calendar_takes_only_ours() -> None:
    silent = Calendar(2, CalendarKind.GOOGLE, "Team", "UTC", CalendarState.SELECTED, mode=Mode.PUSH_ONLY)

    assert (takes(silent, event(1)), takes(silent, event(1, origin="here")), takes(HERE, event(1))) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize(("mode", "kind"), [(Mode.ONE_WAY, EventKind.BLOCK), (Mode.TWO_WAY, EventKind.EVENT)])
def test_the_new_calendars_mode_says_what_kind_it_is(mode: Mode, kind: EventKind) -> None:
    calendar = Calendar(2, CalendarKind.GOOGLE, "Team", "UTC", CalendarState.SELECTED, mode=mode)

    assert kind_on(calendar, event(1)) is kind
    assert kind_on(calendar, event(1, origin="here")) is EventKind.EVENT
