"""When two values mean the same though Google wrote one of them; and guests, merged person by person."""

from __future__ import annotations

import pytest

from calsyncctl.model.event import Attendee, Body, Content, When
from calsyncctl.model.fields import NOTHING, with_plain
from calsyncctl.sync.canonical import alike
from calsyncctl.sync.choice import Five, Policy
from calsyncctl.sync.merge import Sides, merge
from calsyncctl.sync.people import merge_guests

ANN, BOB, CLEO = Attendee("ann@example.com"), Attendee("bob@example.com"), Attendee("cleo@example.com")


def daily(rule: str, start: str = "2027-05-04T12:00:00+02:00", zone: str = "Europe/Berlin") -> When:
    return When(start, start.replace("T12", "T13"), zone, (rule,))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (daily("RRULE:FREQ=DAILY;COUNT=3"), daily("RRULE:COUNT=3;FREQ=DAILY;INTERVAL=1"), True),
        (daily("RRULE:FREQ=DAILY;COUNT=3"), daily("RRULE:FREQ=DAILY;COUNT=4"), False),
        (daily("RRULE:FREQ=DAILY;COUNT=3"), daily("RRULE:FREQ=DAILY;COUNT=3;"), True),
        (daily("RRULE:FREQ=DAILY"), daily("RRULE:FREQ=DAILY", zone="Europe/Paris"), False),
        (
            When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z"),
            When("2027-05-04T14:00:00+02:00", "2027-05-04T15:00:00+02:00"),
            True,
        ),
        (When("2027-05-04", "2027-05-05"), When("2027-05-04", "2027-05-05", "UTC"), True),
        (When("2027-05-04", "2027-05-05"), When("2027-05-04T00:00:00Z", "2027-05-05T00:00:00Z"), False),
    ],
)
def test_times_mean_the_same_in_whatever_words(one: When, other: When, same: bool) -> None:
    assert alike("when", one, other) is same


def test_guests_mean_the_same_in_any_order_and_however_their_addresses_are_written() -> None:
    assert alike("attendees", (ANN, BOB), (BOB, Attendee(" Ann@Example.com ")))
    assert not alike("attendees", (ANN, BOB), (ANN,))
    assert not alike("attendees", (ANN,), (Attendee(ANN.email, reply="accepted"),))


def test_no_state_is_like_nothing() -> None:
    assert not alike("reminders", None, NOTHING)
    assert not alike("summary", "", NOTHING)


@pytest.mark.parametrize(
    ("base", "here", "there", "expected", "pending"),
    [
        ((ANN,), (ANN, BOB), (ANN,), {"ann", "bob"}, True),
        ((ANN,), (ANN,), (ANN, BOB), {"ann", "bob"}, False),
        ((ANN,), (ANN, BOB), (ANN, CLEO), {"ann", "bob", "cleo"}, True),
        ((ANN, BOB), (ANN,), (ANN, BOB, CLEO), {"ann", "cleo"}, True),
        ((ANN, BOB), (ANN, BOB), (ANN,), {"ann"}, False),
        ((ANN, BOB), (BOB,), (ANN,), set(), True),
    ],
)
def test_guests_are_invited_and_uninvited_one_by_one(
    base: tuple[Attendee, ...],
    here: tuple[Attendee, ...],
    there: tuple[Attendee, ...],
    expected: set[str],
    pending: bool,
) -> None:
    merged = merge_guests(Five(base, here, base, there), Policy.GOOGLE_WINS)

    assert {guest.email.partition("@")[0] for guest in merged.guests} == expected
    assert (merged.pending, merged.loses) == (pending, False)


def test_a_reply_given_there_and_a_name_given_here_are_both_kept() -> None:
    named, replied = Attendee("ann@example.com", name="Ann"), Attendee("ann@example.com", reply="accepted")

    merged = merge_guests(Five((ANN,), (named,), (ANN,), (replied,)), Policy.GOOGLE_WINS)

    assert merged.guests == (Attendee("ann@example.com", name="Ann", reply="accepted"),)


def test_what_google_alone_decides_is_taken_from_the_home_copy_only() -> None:
    when = When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z")
    here = Content("Tea", "confirmed", when, Body())
    there = Content("Tea", "confirmed", when, Body(meet="https://meet.example.com/x", organizer="a@example.com"))
    sides = Sides(base=here, here=here, before=here, there=there)

    assert merge(sides, ("summary",), Policy.GOOGLE_WINS, home=True).content == there
    assert merge(sides, ("summary",), Policy.GOOGLE_WINS, home=False).content == here


def test_fields_of_another_program_version_are_passed_over() -> None:
    here = Content("Tea", "confirmed", When("2027-05-04", "2027-05-05"), Body())

    assert with_plain(here, {"summary": "Soup", "mood": "good"}).summary == "Soup"
