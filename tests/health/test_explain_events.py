"""Why an event is as it is: prepared situations, and the sentence that answers each, reviewed word by word."""

from __future__ import annotations

import pytest

from calsyncctl.errors import Refused
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import accounts
from calsyncctl.sync.editing import edit
from tests.health.asked import answer, explained, typed, waits
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.test_adopt import lose, only
from tests.sync.test_moved_there import there_moved

OTHER = "other-calendar"
HERE = "“work-calendar” of work@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"


# The twelve situations of the safety net


@pytest.mark.feature("E2")
def test_an_echo_without_an_answer_is_there_once(house: House) -> None:
    event = house.add()
    house.google.lose_answer()
    house.sync()

    assert answer(house, event) == (
        "unanswered",
        f"A change of “Lunch” was sent to {HERE} and no answer came: the next sync reads first what became of it, "
        "so it is never sent twice.",
    )
    house.settle()
    assert answer(house, event) == (
        "echo",
        f"“Lunch” was made here and sent to {HERE} without an answer; it was found there afterwards and known as our "
        "own, so it is there once.",
    )


@pytest.mark.feature("E2")
def test_an_event_that_its_mark_made_known_again_is_not_doubled(house: House, lunch: Event) -> None:
    lose(house)
    house.settle()
    found = explained(house, only(house, "Lunch"))

    assert (found.id, found.answer.code) == (lunch.key, "adopted")
    assert found.answer.text == (
        "“Lunch” is neither new nor doubled: it was made here once, and its mark in Google says so."
    )
    assert found.where[0].text == (
        "Made here once (or by an installation that was taken over), and known again by its mark in Google with a full "
        "listing: the store did not know it, so it was taken for what it is, and not made a second time."
    )


@pytest.mark.feature("E2")
def test_a_conflict_names_both_values_and_the_rule(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")
    house.edit_there(lunch, summary="Salad")
    house.sync()

    assert answer(house, lunch) == (
        "conflict",
        "“Salad” was changed on both sides before they met on 2027-01-15 09:07 CET: its title is “Salad” now, "
        "“Soup” was "
        "not chosen. The rule: google-wins (the setting sync.conflicts), unless the calendar's mode decides.",
    )
    assert typed(house, lunch)[:2] == ["review restore c3", "review release c3"]


@pytest.mark.feature("E2")
def test_a_held_deletion_says_what_waits_for_whom(house: House) -> None:
    names = [f"item{number}" for number in range(12)]
    for name in names:
        house.google.put(WORK, timed(name, f"Item {name[4:]}"))
    house.sync()
    for name in names:
        house.google.delete(WORK, name)
    house.sync()
    event = house.event("item3")

    assert answer(house, event) == (
        "held-deletions",
        f"Google deleted “Item 3” on {HERE}, and many others with it: all 12 events were deleted in Google. It "
        "stays until "
        "somebody decides.",
    )
    held = house.copy(event).id
    assert typed(house, event)[:3] == [f"review release h{held}", f"review reject h{held}", "review show d1"]


@pytest.mark.feature("E2")
def test_a_stale_copy_is_made_afresh_with_the_next_change(one_way: House) -> None:
    event = one_way.add()
    one_way.settle()
    one_way.delete_there(event)
    one_way.sync()

    assert answer(one_way, event) == (
        "stale",
        f"“Lunch” was deleted in Google on {HERE}, and lives on here, as the rule for that calendar says: it is made "
        "afresh there with its next change.",
    )


@pytest.mark.feature("E2")
def test_what_google_refused_says_why_and_how_to_try_again(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")
    house.google.fail_write(Refused("Google refuses this (forbidden)."))
    house.sync()

    assert answer(house, lunch) == (
        "held-refused",
        f"“Soup” could not be written to {HERE}: Google refuses this (forbidden).",
    )
    assert waits(house, lunch) == {
        "kept-back": f"Kept back from {HERE}: title is “Soup” here and was “Lunch” in Google last."
    }
    assert typed(house, lunch)[:2] == ["review retry h1", "review reject h1"]


@pytest.mark.feature("E2")
def test_a_dead_sign_in_stops_what_waits_until_it_is_repaired(house: House, lunch: Event) -> None:
    house.change(lunch, summary="Soup")
    with house.store.write():
        reason = "Google no longer accepts its sign-in"
        accounts.set_account_state(house.store, 1, AccountState.NEEDS_REAUTH, reason=reason, since=house.clock.now())

    assert answer(house, lunch) == (
        "needs-reauth",
        "work@example.com must sign in again since 2027-01-15 09:06 CET: Google no longer accepts its sign-in; "
        "meanwhile "
        "nothing of “Soup” comes from there or goes there.",
    )
    assert waits(house, lunch) == {
        "waiting": f"“Soup” waits for {HERE}: title is “Soup” here and was “Lunch” in Google last, once that "
        "is seen to."
    }
    assert typed(house, lunch)[0] == "connect --account work@example.com"


@pytest.mark.feature("E2")
def test_a_link_that_fails_says_that_the_others_go_on(house: House, other: Calendar) -> None:
    native = house.native()
    house.link(native, house.home(), invites=True)
    house.link(native, other)
    event = house.add(calendar=native)
    house.settle()
    house.change(event, summary="Soup")
    house.google.fail_write(Refused("Google refuses this (forbidden)."))
    house.sync()

    assert answer(house, event) == (
        "link-failed",
        f"The link from “Desk” fails here; its other copies go on: “Soup” could not be written to {HERE}: "
        "Google refuses "
        "this (forbidden).",
    )


@pytest.mark.feature("E2")
def test_an_event_that_moved_in_google_is_the_same_event(house: House, other: Calendar) -> None:
    house.google.put(WORK, timed("tea", "Tea"))
    house.sync()
    event = house.event("tea")
    there_moved(house, "tea")
    house.settle()

    assert answer(house, event) == (
        "moved",
        "“Tea” moved from “work-calendar” to “other-calendar” in Google on 2027-01-15 09:04 CET; it is the same event.",
    )


@pytest.mark.feature("E2")
def test_an_event_that_was_moved_here_says_what_waits(house: House, lunch: Event, other: Calendar) -> None:
    edit.move_event(house.store, house.means, lunch.id, house.home(OTHER))

    assert answer(house, lunch) == (
        "moved",
        "“Lunch” moved from “work-calendar” to “other-calendar” by agent:jane on 2027-01-15 09:07 CET; it is "
        "the same event.",
    )
    assert [line.text for line in explained(house, lunch).waits] == [
        f"“Lunch” waits for {HERE}: it is deleted there once it stands at its new home, with the next sync.",
        "“Lunch” waits for “other-calendar” of support@example.com: it is to be made there, with the next sync.",
    ]


@pytest.mark.feature("E2")
def test_both_halves_of_a_divided_series_name_each_other(house: House) -> None:
    event = house.add(said(recurrence=DAILY))
    house.settle()
    rest = said("Soup", start="2027-05-06T12:00:00Z", end="2027-05-06T13:00:00Z", recurrence=DAILY)
    old, new = edit.split_series(house.store, house.means, event.id, THIRD, rest)
    assert new is not None
    when = "agent:jane changed “this and the following” on 2027-01-15 09:06 CET"

    assert answer(house, old) == (
        "split",
        f"“Lunch” ends earlier since {when}; from there on it is “Soup” ({new.key[:8]}).",
    )
    assert answer(house, new) == ("split", f"“Soup” goes on where “Lunch” ({old.key[:8]}) ends, since {when}.")


@pytest.mark.feature("E2")
def test_deleted_in_google_is_deleted_here_and_can_return(house: House, lunch: Event) -> None:
    house.add(said("Tea"))
    house.settle()
    house.delete_there(lunch)
    house.sync()

    assert answer(house, lunch) == (
        "deleted-in-google",
        "“Lunch” was deleted in Google, and so it was here on 2027-01-15 09:12 CET.",
    )
    assert typed(house, lunch) == [f"events restore {lunch.key[:8]}", f"events history {lunch.key[:8]}"]


@pytest.mark.feature("E2")
def test_deleted_here_says_by_whom_and_whether_google_knows(house: House, lunch: Event) -> None:
    house.delete(lunch)
    by = "“Lunch” was deleted here by agent:jane on 2027-01-15 09:06 CET"

    assert answer(house, lunch) == ("deleted-here", f"{by}; Google has not been told yet ({HERE}).")
    house.settle()
    assert answer(house, lunch) == ("deleted-here", f"{by}.")


@pytest.mark.feature("E2")
def test_a_duplicate_that_a_person_made_says_whose_is_which(house: House, lunch: Event) -> None:
    start, end = "2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z"
    house.google.put(WORK, timed("again", "lunch", start=start, end=end))
    house.sync()
    twin = house.event("again").key[:8]

    assert answer(house, lunch) == (
        "doubled",
        "“Lunch” is there twice at the same time, made apart: they share no iCalUID, so syncing did not make "
        "one of the "
        "other.",
    )
    assert explained(house, lunch).where[-1].text == f"The other one is {twin} on {HERE}, made in Google."
    assert [(one.command, one.does) for one in explained(house, lunch).todo[:2]] == [
        (
            f"calsyncctl events delete {lunch.key[:8]}",
            "deletes the one made here by agent:jane, if that is one too many",
        ),
        (f"calsyncctl events delete {twin}", "deletes the one made in Google, if that is one too many"),
    ]
