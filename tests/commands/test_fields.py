"""Guests, reminders and the rest as people type them."""

from __future__ import annotations

import pytest

from calsyncctl.commands.fields import Said, edited_content, new_content, read_guest, read_reminders
from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.event import Attendee, Body, Content, Reminder, When

LUNCH = When("2026-11-21", "2026-11-22")
HELD = Content(
    "Lunch",
    "tentative",
    LUNCH,
    Body(
        location="Canteen",
        attendees=(Attendee("b@example.org", reply="accepted"), Attendee("C@example.org", "C")),
        reminders=(Reminder("popup", 10),),
    ),
)


def test_what_is_said_is_put_in_and_the_rest_is_googles_default() -> None:
    made = new_content(Said(" Lunch ", free=True, guests=("B@Example.org",), remind=("none",)), LUNCH)

    assert made == Content(
        "Lunch",
        "confirmed",
        LUNCH,
        Body(transparency="transparent", attendees=(Attendee("b@example.org"),), reminders=()),
    )


def test_what_is_not_said_stays_and_an_empty_text_clears() -> None:
    assert edited_content(HELD, Said(), LUNCH) == HELD
    assert edited_content(HELD, Said(location="", tentative=False), LUNCH).body.location == ""


def test_guests_who_stay_keep_their_replies() -> None:
    said = Said(guests=("A@example.org", "Bee <b@example.org>"), without=("c@example.org",))

    assert edited_content(HELD, said, LUNCH).body.attendees == (
        Attendee("a@example.org"),
        Attendee("b@example.org", "Bee", reply="accepted"),
    )


def test_taking_off_somebody_who_is_no_guest_is_said() -> None:
    with pytest.raises(NotFound):
        edited_content(HELD, Said(without=("x@example.org",)), LUNCH)


@pytest.mark.parametrize("typed", ["", "nobody", "@example.org", "a@", "a b@example.org", "a@b@c"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageFault):
        read_guest(typed)


@pytest.mark.parametrize(
    ("typed", "reminders"),
    [
        (("10m",), (Reminder("popup", 10),)),
        (("1d", "email:1h", "1d"), (Reminder("email", 60), Reminder("popup", 1440))),
        (("0m",), (Reminder("popup", 0),)),
        (("none",), ()),
        (("Default",), None),
    ],
)
def test_reminders(typed: tuple[str, ...], reminders: tuple[Reminder, ...] | None) -> None:
    assert read_reminders(typed) == reminders


@pytest.mark.parametrize(
    "typed", [("soon",), ("sms:10m",), ("5w",), ("none", "10m"), tuple(f"{n}m" for n in range(1, 7)), ("email:",)]
)
def test_reminders_that_google_would_refuse_are_refused(typed: tuple[str, ...]) -> None:
    with pytest.raises(UsageFault):
        read_reminders(typed)


def test_an_event_needs_a_title() -> None:
    with pytest.raises(UsageFault):
        new_content(Said("  "), LUNCH)
