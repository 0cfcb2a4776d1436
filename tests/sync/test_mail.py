"""Whom Google mails about a write: a truth table of the one function that decides."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.model.event import Content, Event, EventKind, When
from calsyncctl.model.history import Action, Version
from calsyncctl.sync.pushing.mail import FRESH, why_nobody
from tests.sync.house import said

DAY = 86_400
NOW = 1_809_500_000
"""2027-05-05, about five in the morning in UTC."""
PARTY = said("Party", "2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z", guests=("ann@example.com",))


def event(content: Content = PARTY, starts: int = NOW + DAY) -> Event:
    return Event(
        id=1,
        key="k" * 32,
        calendar_id=1,
        kind=EventKind.EVENT,
        origin="here",
        content=content,
        starts=starts,
        ends=starts + 3600,
        version=2,
        status="confirmed",
    )


def version(author: str = "agent:jane", at: int = NOW) -> Version:
    return Version(
        event_id=1, version=2, run_id=1, calendar_id=1, at=at, author=author, action=Action.CHANGED, why="edited"
    )


def why(*sent: Version, of: Event | None = None, **more: object) -> str | None:
    facts = {"now": NOW, "made": NOW - DAY, "first": False, **more}
    return why_nobody(of or event(), sent, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("author", ["agent:jane", "user:root", "booking"])
def test_what_a_person_or_a_booking_did_is_news(author: str) -> None:
    assert why(version(author)) is None


@pytest.mark.parametrize("author", ["google", "calsyncctl", "reconcile", "undo", "restore"])
def test_what_nobody_did_is_none(author: str) -> None:
    assert why(version(author)) == "no person changed it within the last 24 hours"


@pytest.mark.parametrize(("age", "news"), [(FRESH - 1, True), (FRESH, False)])
def test_after_a_day_it_is_none(age: int, news: bool) -> None:
    assert (why(version(at=NOW - age)) is None) == news


@pytest.mark.parametrize(("made", "news"), [(NOW - DAY + 1, True), (NOW - DAY, False), (None, True)])
def test_the_first_placing_of_what_was_made_a_day_ago_is_none(made: int | None, news: bool) -> None:
    assert (why(version(), first=True, whole=True, made=made) is None) == news


def test_what_is_brought_back_is_none_but_what_a_person_did_since_is() -> None:
    assert why(version(), version("undo"), whole=True) is not None
    assert why(version("undo"), version(), whole=True) is None


def test_without_guests_here_and_there_nobody_is_mailed_and_who_is_taken_off_the_list_is() -> None:
    alone = event(said("Party", PARTY.when.start, PARTY.when.end))
    assert why(version(), of=alone) == "it has no guests"
    assert why(version(), of=alone, others=PARTY) is None


def test_what_is_over_is_none() -> None:
    assert why(version(), of=event(starts=NOW - 3600)) == "it is over"
    assert why(version(), of=event(starts=NOW - 3599)) is None


def series(rule: str) -> Content:
    when = When("2027-05-01T05:00:00Z", "2027-05-01T06:00:00Z", "UTC", (f"RRULE:FREQ=DAILY;{rule}",))
    return replace(PARTY, when=when)


@pytest.mark.parametrize(("rule", "over"), [("COUNT=3", True), ("COUNT=9", False), ("INTERVAL=300", False)])
def test_a_series_is_over_when_its_last_occurrence_is(rule: str, over: bool) -> None:
    assert (why(version(), of=event(series(rule), starts=NOW - 4 * DAY)) == "it is over") == over


def test_that_a_series_ends_early_is_news_as_long_as_it_goes_on_there() -> None:
    ended = event(series("COUNT=3"), starts=NOW - 4 * DAY)

    assert why(version(), of=ended, others=series("COUNT=9")) is None
    assert why(version(), of=ended, others=series("COUNT=4")) == "it is over"
