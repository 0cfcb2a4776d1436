"""Which edits are refused as soon as they are made: one sentence for each reason, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as with_

from calsyncctl.errors import NotAllowed
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode
from calsyncctl.model.event import Attendee, Body, Content, Event, EventKind, When
from calsyncctl.sync.editing.permit import check_calendar, check_change, check_event

TEAM = Calendar(
    1, CalendarKind.GOOGLE, "Team", "UTC", CalendarState.SELECTED, google_id="team", access="owner", mode=Mode.TWO_WAY
)
ME, ANN = Attendee("work@example.com", self=True), Attendee("ann@example.org")
LUNCH = Content("Lunch", "confirmed", When("2030-01-07T12:00:00Z", "2030-01-07T13:00:00Z"), Body())


def event(content: Content = LUNCH, *, origin: str = "google", kind: EventKind = EventKind.EVENT) -> Event:
    return Event(
        id=1,
        key="k",
        calendar_id=1,
        kind=kind,
        origin=origin,
        content=content,
        starts=0,
        ends=1,
        version=1,
        status="confirmed",
    )


def saying(**body: object) -> Content:
    return with_(LUNCH, body=with_(LUNCH.body, **body))


@pytest.mark.parametrize(
    ("calendar", "why"),
    [
        (replace(TEAM, state=CalendarState.AVAILABLE), "“Team” is not selected"),
        (replace(TEAM, state=CalendarState.HOLD, reason="no longer there"), "on hold: no longer there"),
        (replace(TEAM, access="reader"), "your access role there is reader"),
        (replace(TEAM, mode=Mode.READ_ONLY), "synced read-only"),
    ],
)
def test_a_calendar_to_which_nothing_can_go_says_why(calendar: Calendar, why: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        check_calendar(calendar)
    assert why in refused.value.what
    assert refused.value.what_to_do
    check_calendar(replace(calendar, kind=CalendarKind.NATIVE))


@pytest.mark.parametrize("mode", [Mode.ONE_WAY, Mode.PUSH_ONLY])
def test_where_only_one_side_speaks_googles_events_stay_and_ours_may_change(mode: Mode) -> None:
    calendar = replace(TEAM, mode=mode)
    with pytest.raises(NotAllowed, match=f"syncs {mode}"):
        check_event(event(), calendar)
    check_event(event(origin="here"), calendar)


def test_a_smart_calendar_keeps_googles_blocks_and_lets_its_events_change() -> None:
    calendar = replace(TEAM, mode=Mode.SMART)
    with pytest.raises(NotAllowed, match="syncs smart"):
        check_event(event(kind=EventKind.BLOCK), calendar)
    check_event(event(), calendar)


@pytest.mark.parametrize(
    ("content", "changed", "why"),
    [
        (saying(event_type="focusTime"), {"summary": "Tea"}, "type focusTime"),
        (saying(locked=True), {"summary": "Tea"}, "locked"),
        (saying(organizer="ann@example.org"), {"summary": "Tea"}, "ann@example.org, can change"),
    ],
)
def test_what_google_would_refuse_is_refused_at_once(content: Content, changed: dict[str, str], why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        check_change(event(content), TEAM, with_(content, **changed))


def test_a_cut_list_of_guests_stays_while_the_rest_may_change() -> None:
    cut = saying(attendees=(ANN,), attendees_omitted=True)
    with pytest.raises(NotAllowed, match="only some of this event's guests"):
        check_change(event(cut), TEAM, with_(cut, body=with_(cut.body, attendees=())))
    check_change(event(cut), TEAM, with_(cut, summary="Tea"))


def test_a_locked_event_may_still_get_another_colour() -> None:
    locked = saying(locked=True)
    check_change(event(locked), TEAM, with_(locked, body=with_(locked.body, colour="5")))


def test_a_guest_may_answer_and_keep_reminders_but_bring_nobody() -> None:
    invited = saying(organizer="ann@example.org", attendees=(ANN, ME))
    body = invited.body
    answered = with_(ME, reply="accepted")
    check_change(event(invited), TEAM, with_(invited, body=with_(body, attendees=(ANN, answered), reminders=())))
    for guests in ((ME,), (with_(ANN, reply="accepted"), ME), (ANN, ME, Attendee("bob@example.org"))):
        with pytest.raises(NotAllowed, match="Only its organizer"):
            check_change(event(invited), TEAM, with_(invited, body=with_(body, attendees=guests)))


def test_a_guest_whom_the_organizer_lets_change_it_may() -> None:
    shared = saying(organizer="ann@example.org", attendees=(ANN, ME), guests_can_modify=True)
    check_change(event(shared), TEAM, with_(shared, summary="Tea"))
