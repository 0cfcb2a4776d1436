"""What waits for a person is decided: released, rejected, tried again, restored; and then both sides agree."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from calsyncctl.errors import Invalid, NotAllowed, NotFound, Refused, UsageFault
from calsyncctl.model.calendar import Mode
from calsyncctl.model.event import Body, Event
from calsyncctl.model.history import Action
from calsyncctl.store import deletions, holds, runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.inbox import Detail, Entry, Kind
from calsyncctl.sync.reviewing.review import Reviewer
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import JANE, House, said


def who(house: House) -> Reviewer:
    return Reviewer(JANE, house.clock, house.engine)


def the_entry(house: House) -> Entry:
    (entry,) = inbox.entries(house.store)
    return entry


def the_detail(house: House) -> Detail:
    return inbox.detail(house.store, the_entry(house).id)


def kill(house: House, names: Iterable[str]) -> None:
    for name in names:
        house.google.delete(WORK, name)


@pytest.fixture
def emptied(house: House) -> list[str]:
    """Thirty events, of which Google deleted fifteen: they wait."""
    names = [f"item{number}" for number in range(30)]
    for name in names:
        house.google.put(WORK, timed(name, name))
    house.sync_one()
    kill(house, names[:15])
    house.sync_one()
    return names


# Deletions


def test_held_deletions_are_one_entry_with_an_entry_for_each(house: House, emptied: list[str]) -> None:
    entry = the_entry(house)
    found = inbox.detail(house.store, entry.id)

    assert (entry.kind, entry.count, entry.calendar) == (Kind.DELETIONS, 15, WORK)
    assert "15 of 30 events" in entry.reason
    assert {one.summary for one in found.members} == set(emptied[:15])
    assert inbox.entries(house.store, kind=Kind.CONFLICT) == []


def test_a_deletion_that_waits_alone_is_one_event(house: House, emptied: list[str]) -> None:
    for member in the_detail(house).members[1:]:
        review.release(house.store, who(house), inbox.detail(house.store, member.id))

    assert (the_entry(house).count, the_entry(house).summary) == (1, "1 event")


def test_released_deletions_happen_here(house: House, emptied: list[str]) -> None:
    done = review.release(house.store, who(house), the_detail(house))

    assert (done.done, done.waiting) == (15, 0)
    assert set(house.here()) == set(emptied[15:])
    assert inbox.entries(house.store) == []
    (run, *_) = runs.last_runs(house.store)
    assert (run.kind, run.author, run.counts.deleted) == (deletions.RELEASE, JANE, 15)
    house.settle()


def test_after_a_release_the_count_begins_anew(house: House, emptied: list[str]) -> None:
    review.release(house.store, who(house), the_detail(house))
    kill(house, emptied[15:20])

    outcome = house.sync_one()

    assert (outcome.held, outcome.counts.deleted) == ((), 5)


def test_one_of_many_deletions_may_be_released_alone(house: House, emptied: list[str]) -> None:
    one = the_detail(house).members[3]

    review.release(house.store, who(house), inbox.detail(house.store, one.id))

    assert the_entry(house).count == 14
    assert len(house.here()) == 29
    house.settle()


def test_rejected_deletions_return_in_google(house: House) -> None:
    made = [house.add(said(f"Ours {number}")) for number in range(15)]
    house.sync_one()
    for event in made:
        house.delete_there(event)
    house.sync_one()

    done = review.reject(house.store, who(house), the_detail(house))
    house.sync_one()

    assert (done.done, done.waiting) == (15, 15)
    assert {one.content.summary for one in house.google.alive(WORK).values() if one.content} == {
        f"Ours {number}" for number in range(15)
    }
    assert house.google.mails == []
    house.settle()


def test_a_rejected_deletion_of_a_series_returns_with_its_exceptions(house: House) -> None:
    series = house.add(said("Daily", recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    others = [house.add(said(f"Ours {number}")) for number in range(2)]
    house.sync_one()
    moved = said("Moved", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    exception = edit.change_occurrence(house.store, house.means, series.id, "20270506T120000Z", moved)
    house.sync_one()
    house.google.delete(WORK, house.copy(series).google_id, exceptions=True)
    for event in others:
        house.delete_there(event)
    house.sync_one()

    review.reject(house.store, who(house), the_detail(house))
    house.sync_one()

    assert house.there_is(series).summary == "Daily"
    assert house.there_is(exception).summary == "Moved"
    house.settle()


def test_what_google_alone_may_bring_back_cannot_be_rejected(house: House) -> None:
    house.calendar("shown", mode=Mode.READ_ONLY)
    for number in range(5):
        house.google.put("shown", timed(f"item{number}"))
    house.sync()
    for number in range(5):
        house.google.delete("shown", f"item{number}")
    house.sync()

    with pytest.raises(NotAllowed):
        review.reject(house.store, who(house), the_detail(house))

    assert len(house.here("shown")) == 5
    review.release(house.store, who(house), the_detail(house))
    assert house.here("shown") == {}


def test_released_deletions_go_on_to_the_other_copies(house: House) -> None:
    house.calendar("second")
    desk = house.native()
    for target in house.calendars:
        house.link(desk, target)
    made = [house.add(said(f"Ours {number}"), desk) for number in range(12)]
    house.sync()
    for event in made:
        house.delete_there(event, house.home())
    house.sync()
    assert len(house.google.alive("second")) == 12

    review.release(house.store, who(house), the_detail(house))
    house.sync()

    assert house.google.alive("second") == {}
    house.settle()


def test_rejected_deletions_of_one_link_leave_the_other_copies_alone(house: House) -> None:
    house.calendar("second")
    desk = house.native()
    for target in house.calendars:
        house.link(desk, target)
    made = [house.add(said(f"Ours {number}"), desk) for number in range(12)]
    house.settle()
    for event in made:
        house.delete_there(event, house.home())
    house.sync()
    sent = house.written()

    review.reject(house.store, who(house), the_detail(house))
    house.settle()

    assert len(house.google.alive(WORK)) == len(house.google.alive("second")) == 12
    assert house.written() == sent + 12


def test_rejected_cancellations_bring_the_occurrences_back(house: House) -> None:
    series = [house.add(said(f"Daily {number}", recurrence=("RRULE:FREQ=DAILY;COUNT=5",))) for number in range(11)]
    house.settle()
    moved = said("Moved", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    changed = [edit.change_occurrence(house.store, house.means, one.id, "20270506T120000Z", moved) for one in series]
    house.settle()
    for event in changed:
        house.delete_there(event)
    house.sync()
    assert the_entry(house).count == 11

    review.reject(house.store, who(house), the_detail(house))
    house.settle()

    assert {house.there_is(event).summary for event in changed} == {"Moved"}
    assert {house.fresh(event).status for event in changed} == {"confirmed"}


def test_occurrences_that_nobody_changed_before_can_be_released_and_rejected(house: House) -> None:
    names = [f"weekly{number}" for number in range(12)]
    for name in names:
        mine = Body(organizer_self=True)
        house.google.put(WORK, timed(name, name, recurrence=("RRULE:FREQ=WEEKLY;COUNT=5",), body=mine))
    house.sync_one()
    gone = [f"{name}_20260422T090000Z" for name in names]
    for name in gone:
        house.google.put(WORK, timed(name, master=name.partition("_")[0], original="20260422T090000Z"))
        house.google.delete(WORK, name)
    house.sync_one()
    members = {one.summary: one.id for one in the_detail(house).members}

    review.release(house.store, who(house), inbox.detail(house.store, members["weekly3"]))
    review.reject(house.store, who(house), the_detail(house))
    house.settle()

    assert [house.event(name).status for name in gone] == ["confirmed"] * 3 + ["cancelled"] + ["confirmed"] * 8
    assert set(gone) - set(house.google.alive(WORK)) == {gone[3]}


def test_deletions_can_be_restored_and_never_retried(house: House, emptied: list[str]) -> None:
    with pytest.raises(UsageFault):
        review.retry(house.store, who(house), the_detail(house))


# What Google refused


@pytest.fixture
def refused(house: House) -> Event:
    """An edit that Google refused."""
    event = house.add()
    house.sync_one()
    house.change(event, summary="Soup")
    house.google.fail_write(Refused("You may not change this event."))
    house.sync_one()
    return event


def test_a_refused_edit_waits_with_its_reason(house: House, refused: Event) -> None:
    entry = the_entry(house)

    assert (entry.kind, entry.event_id, entry.summary) == (Kind.REFUSED, refused.id, "Soup")
    assert "You may not change this event." in entry.reason
    assert holds.count_held(house.store) == {"refused": 1}


@pytest.mark.parametrize("act", [review.retry, review.release])
def test_a_refused_edit_is_sent_once_more(house: House, refused: Event, act: object) -> None:
    done = act(house.store, who(house), the_detail(house))  # type: ignore[operator]
    house.sync_one()

    assert (done.waiting, house.there_is(refused).summary) == (1, "Soup")
    assert inbox.entries(house.store) == []
    house.settle()


def test_a_rejected_edit_is_taken_back_and_stays_in_the_history(house: House, refused: Event) -> None:
    review.reject(house.store, who(house), the_detail(house))
    house.sync_one()

    assert (house.text(refused).summary, house.there_is(refused).summary) == ("Lunch", "Lunch")
    assert house.lost(refused) == {"summary": "Soup"}
    house.settle()


def test_a_refused_deletion_taken_back_lets_the_event_live(house: House) -> None:
    event = house.add()
    house.sync_one()
    house.delete(event)
    house.google.fail_write(Refused("You may not delete this event."))
    house.sync_one()

    review.reject(house.store, who(house), the_detail(house))

    assert house.fresh(event).deleted is None
    house.settle()


def test_a_new_event_that_google_does_not_accept_goes_when_rejected(house: House) -> None:
    event = house.add()
    house.google.fail_write(Invalid("Bad request."))
    house.sync_one()
    assert the_entry(house).kind is Kind.INVALID

    review.reject(house.store, who(house), the_detail(house))

    assert house.fresh(event).deleted is not None
    house.settle()
    assert house.google.alive(WORK) == {}


def test_what_is_held_cannot_be_restored(house: House, refused: Event) -> None:
    with pytest.raises(UsageFault):
        review.restore(house.store, who(house), the_detail(house))


# Conflicts


@pytest.fixture
def conflict(house: House) -> Event:
    """Both sides gave an event another title; Google's was chosen."""
    event = house.add()
    house.sync_one()
    house.change(event, summary="Soup")
    house.edit_there(event, summary="Salad")
    house.sync_one()
    return event


def test_a_conflict_waits_with_both_values(house: House, conflict: Event) -> None:
    found = the_detail(house)

    assert (found.entry.kind, found.entry.event_id) == (Kind.CONFLICT, conflict.id)
    assert [(one.field, one.value, one.chosen) for one in found.lost] == [("summary", "Soup", "Salad")]


def test_a_released_conflict_stands_as_it_is(house: House, conflict: Event) -> None:
    done = review.release(house.store, who(house), the_detail(house))

    assert (done.waiting, house.text(conflict).summary) == (0, "Salad")
    assert inbox.entries(house.store) == []


@pytest.mark.parametrize("act", [review.reject, review.restore])
def test_a_restored_conflict_lets_the_other_value_stand_on_both_sides(
    house: House, conflict: Event, act: object
) -> None:
    done = act(house.store, who(house), the_detail(house))  # type: ignore[operator]
    house.sync_one()

    assert done.waiting == 1
    assert (house.text(conflict).summary, house.there_is(conflict).summary) == ("Soup", "Soup")
    assert inbox.entries(house.store) == []
    house.settle()


def test_a_later_edit_stays_when_a_conflict_is_restored(house: House, conflict: Event) -> None:
    house.change(conflict, summary="Cake")

    done = review.restore(house.store, who(house), the_detail(house))

    assert (done.left, house.text(conflict).summary) == (("summary",), "Cake")


def test_a_deletion_that_an_edit_prevented_can_still_happen(house: House) -> None:
    event = house.add()
    house.sync_one()
    house.change(event, summary="Soup")
    house.delete_there(event)
    house.sync_one()
    assert house.there_is(event).summary == "Soup"

    review.restore(house.store, who(house), the_detail(house))
    house.sync_one()

    assert house.fresh(event).deleted is not None
    assert house.google.alive(WORK) == {}
    house.settle()


def test_a_life_that_a_deletion_here_ended_can_return(house: House) -> None:
    event = house.add()
    house.sync_one()
    house.delete(event)
    house.edit_there(event, summary="Salad")
    house.sync_one()

    versions = runs.versions_of(house.store, event.id)

    assert versions[-1].action is Action.RESTORED
    assert house.fresh(event).deleted is None


@pytest.mark.parametrize("name", ["", "x", "d", "h99", "c99", "d99", "c1"])
def test_a_name_under_which_nothing_waits_is_not_found(house: House, name: str) -> None:
    with pytest.raises(NotFound):
        inbox.detail(house.store, name)
