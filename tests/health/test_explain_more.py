"""Why an event is as it is, beside the twelve situations: shadows, modes, quotas, mails, links, hidden events."""

from __future__ import annotations

import pytest

from calsyncctl.connections.shadow import shade
from calsyncctl.errors import Later
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import Calendar, CalendarState, Mode
from calsyncctl.model.event import Event
from calsyncctl.store import accounts, calendars
from calsyncctl.sync.undoing.facts import facts_of_event
from calsyncctl.sync.undoing.undo import undo
from tests.health.asked import answer, explained, text, typed, waits
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said

OTHER = "other-calendar"
HERE = "“work-calendar” of work@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"


@pytest.mark.feature("E2")
def test_a_shadow_keeps_a_change_back(house: House, lunch: Event) -> None:
    shade(house.store, accounts.get_account(house.store, 1), house.clock.now())
    house.change(lunch, summary="Soup")
    house.sync()

    assert answer(house, lunch) == (
        "held-shadow",
        "What was changed of “Soup” is kept back: work@example.com is a shadow account: nothing is written to "
        "it until it "
        "is trusted.",
    )
    said_last = "title is “Soup” here and was “Lunch” in Google last"
    assert waits(house, lunch) == {"kept-back": f"Kept back from {HERE}: {said_last}."}


@pytest.mark.feature("E2")
def test_an_undo_says_what_it_took_back(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")
    house.settle()
    undo(house.store, house.means, facts_of_event(house.store, house.fresh(lunch), house.clock.now()))

    assert answer(house, lunch) == (
        "undone",
        "“Lunch” is as it was before: agent:jane undid run 3 on 2027-01-15 09:11 CET.",
    )


@pytest.mark.feature("E2")
def test_what_is_made_here_is_written_back_one_way(one_way: House) -> None:
    event = one_way.add()
    one_way.settle()
    one_way.edit_there(event, summary="Soup")
    one_way.settle()

    assert answer(one_way, event) == (
        "written-back",
        "“Lunch” was changed in Google, where what is made here stands, and it was put back on 2027-01-15 "
        "09:07 CET: title: "
        "“Soup” → “Lunch”. The rule: the calendar syncs one way.",
    )


@pytest.mark.feature("E2")
def test_an_edit_that_cannot_be_sent_says_what_will_become_of_it_and_what_did(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")
    with house.store.write():
        calendars.set_mode(house.store, house.home().id, Mode.READ_ONLY)

    assert answer(house, lunch) == (
        "waiting",
        f"“Soup” waits for {HERE}: “work-calendar” syncs read-only, so Google's value will return and ours is "
        "kept in the "
        "history, with the next sync.",
    )
    house.sync()
    assert answer(house, lunch) == (
        "given-back",
        "What was changed here of “Lunch” (title) could not be written to Google, so Google's value returned "
        "on 2027-01-15 "
        "09:07 CET.",
    )


@pytest.mark.feature("E2")
def test_the_quota_says_until_when_an_event_waits(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")
    spent = Later("The quota of this installation is spent for today.", retry_after=7200)
    house.google.fail_next(spent, times=9)
    house.sync()

    assert answer(house, lunch) == (
        "calendar-later",
        f"{HERE} could not be synced since 2027-01-15 09:07 CET: The quota of this installation is spent for today; "
        "meanwhile nothing of “Soup” comes from there or goes there. It is tried again by itself, not before "
        "2027-01-15 "
        "11:07 CET.",
    )
    assert waits(house, lunch)["waiting"].endswith("in Google last, not before 2027-01-15 11:07 CET.")
    assert typed(house, lunch)[0] == "status --quota"


@pytest.mark.feature("E2")
def test_a_deselected_calendar_hides_its_events(house: House, lunch: Event) -> None:
    with house.store.write():
        calendars.set_calendar_state(house.store, house.home().id, CalendarState.AVAILABLE, since=house.clock.now())

    assert answer(house, lunch) == (
        "hidden-deselected",
        f"“Lunch” is kept here, but not shown: {HERE} is not selected.",
    )
    assert typed(house, lunch) == ["calendars select work-calendar", f"events history {lunch.key[:8]}"]


@pytest.mark.feature("E2")
def test_a_disconnected_account_hides_its_events(house: House, lunch: Event) -> None:
    with house.store.write():
        accounts.set_account_state(house.store, 1, AccountState.DISCONNECTED, since=house.clock.now())

    assert answer(house, lunch) == (
        "hidden-disconnected",
        "“Lunch” is kept here, but not shown: work@example.com is disconnected since 2027-01-15 09:06 CET.",
    )
    assert waits(house, lunch) == {}


@pytest.mark.feature("E2")
def test_an_edit_against_a_deletion_says_which_stands(house: House, lunch: Event) -> None:
    house.add(said("Tea"))
    house.settle()
    house.change(lunch, summary="Soup")
    house.delete_there(lunch)
    house.settle()

    assert answer(house, lunch) == (
        "conflict",
        "“Soup” was deleted on one side and changed on the other before they met on 2027-01-15 09:12 CET: the change "
        "stands, and it lives on.",
    )


@pytest.mark.feature("E2")
def test_a_cancelled_occurrence_names_its_series(house: House) -> None:
    series = house.add(said(recurrence=DAILY))
    house.settle()
    gone = house.cancel_occurrence(series, THIRD)
    house.settle()

    assert explained(house, series).where[-1].text == (
        f"1 of its occurrences does not follow it: 2027-05-06 14:00 CEST cancelled ({gone.key[:8]})."
    )
    assert answer(house, gone) == (
        "deleted-here",
        "“Lunch” was cancelled here by agent:jane on 2027-01-15 09:06 CET.",
    )
    assert explained(house, gone).where[0].text == (
        f"It is one occurrence of the series “Lunch” ({series.key[:8]}), the one of 2027-05-06 14:00 CEST."
    )
    house.delete(series)
    assert answer(house, gone)[0] == "deleted-with-series"
    assert typed(house, gone)[0] == f"events restore {series.key[:8]}"


@pytest.mark.feature("E2")
def test_one_meeting_on_two_calendars_is_not_doubled(house: House, other: Calendar) -> None:
    for name in (WORK, OTHER):
        house.google.put(name, timed("meeting", "Meeting"))
    house.settle()
    event = house.event("meeting")

    assert answer(house, event) == (
        "same-meeting",
        "“Meeting” stands on 2 calendars, as each guest's calendar has it: one meeting (one iCalUID), nothing "
        "is doubled.",
    )


@pytest.mark.parametrize(
    ("later", "said_of_mail"),
    [
        (0, ("mails", "Google will mail all guests about it: a person changed it here within the last 24 hours.")),
        (90_000, ("mails-nobody", "Nobody will be mailed about it: no person changed it within the last 24 hours.")),
    ],
)
def test_who_is_mailed_about_what_waits_is_said_with_the_reason(
    house: House, later: int, said_of_mail: tuple[str, str]
) -> None:
    event = house.add(said(guests=("ann@example.com",)))
    house.settle()
    house.change(event, summary="Soup")
    house.clock.at += later

    assert said_of_mail in waits(house, event).items()


def test_the_sentence_about_mail_is_what_the_push_does(house: House) -> None:
    event = house.add(said(guests=("ann@example.com",)))
    house.settle()
    house.clock.at += 90_000
    house.author = "restore"
    house.change(event, summary="Soup")

    assert "mails-nobody" in waits(house, event)
    house.sync()
    assert [write.mail for write in house.google.writes] == ["all", "none"]


def test_a_loop_says_what_kept_changing(house: House, lunch: Event) -> None:
    with house.store.write():
        reason = "summary kept changing: 6 writes within an hour that nobody here asked for"
        house.store.connection.execute("UPDATE copy SET hold = 'loop', reason = ?, since = 0", (reason,))

    assert answer(house, lunch) == (
        "held-loop",
        f"“Lunch” is not written to {HERE} any more, for it kept changing by itself: {reason}.",
    )


def test_an_event_of_google_that_is_well_says_so_in_a_few_lines(house: House) -> None:
    house.google.put(WORK, timed("tea", "Tea"))
    house.sync()
    event = house.event("tea")

    assert (
        text(house, event)
        == f"""\
“Tea” was the same here and in Google when it was asked last, 2027-01-15 09:02 CET; nothing waits.

Where:
  Made in Google; it came here 2027-01-15 09:02 CET (run 1).
  It lives on {HERE} (two-way): both sides agree (version 1; changed there last on 2026-01-01 01:00 CET). \
The rule: where both sides change a field, Google's value stands; deleted there, it is deleted here, too.

What happened, the latest first:
  2027-01-15 09:02 CET  it came from Google (run 1)

What you can do:
  → calsyncctl events history {event.key[:8]} (tells all that happened to it)
  → calsyncctl reconcile --check --calendar work-calendar (asks Google whether all is the same there)"""
    )


def test_an_event_that_lives_only_here_says_how_it_gets_to_google(house: House) -> None:
    event = house.add(calendar=house.native())

    assert answer(house, event) == (
        "only-here",
        "“Lunch” lives only here: no link takes its calendar “Desk” to Google.",
    )
    assert typed(house, event)[0] == "links add Desk CALENDAR"


@pytest.mark.parametrize(
    ("state", "from_", "why"),
    [
        ("paused", None, "is paused"),
        ("active", 1_850_000_000, "takes what ends after 2028-08-16 02:53 CEST"),
        ("active", None, "has not placed it; its next change does, or links push-existing"),
    ],
)
def test_an_event_that_no_link_has_placed_says_why(house: House, state: str, from_: int | None, why: str) -> None:
    native = house.native()
    event = house.add(calendar=native)
    house.link(native, house.home(), from_=from_)
    house.store.connection.execute("UPDATE link SET state = ?", (state,))

    assert answer(house, event) == (
        "only-here",
        f"“Lunch” lives only here: the link from “Desk” to “work-calendar” {why}.",
    )
    assert typed(house, event)[0] == "links push-existing Desk work-calendar --dry-run"


def test_a_twin_that_nobody_sees_doubles_nothing(house: House, lunch: Event, other: Calendar) -> None:
    start, end = "2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z"
    house.google.put(OTHER, timed("again", "Lunch", start=start, end=end))
    house.settle()
    assert answer(house, lunch)[0] == "doubled"

    with house.store.write():
        calendars.set_calendar_state(house.store, other.id, CalendarState.AVAILABLE, since=0)
    assert answer(house, lunch)[0] == "agreed"


def test_beside_a_daemon_the_daemon_goes_on(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")

    assert explained(house, lunch, daemon=True).answer.text.endswith("in Google last, by the daemon, in a moment.")


def test_long_histories_are_cut_and_say_where_the_rest_is(house: House, lunch: Event) -> None:
    for title in ("Soup", "Salad", "Tea", "Cake"):
        house.change(lunch, summary=title)

    assert [line.text for line in explained(house, lunch).happened] == [
        "agent:jane changed it: title: “Tea” → “Cake” (run 6)",
        "agent:jane changed it: title: “Salad” → “Tea” (run 5)",
        "agent:jane changed it: title: “Soup” → “Salad” (run 4)",
        "Before that 2 more changes, which events history tells.",
    ]
