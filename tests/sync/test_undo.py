"""Undoing: what a run or a person did returns on both sides, later edits stay, nobody is mailed."""

from __future__ import annotations

import pytest

from calsyncctl.errors import NotAllowed, NotFound
from calsyncctl.model.calendar import Mode
from calsyncctl.model.event import Attendee, Event
from calsyncctl.model.fields import with_fields
from calsyncctl.store import runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.recurrence.recur import split
from calsyncctl.sync.undoing.facts import facts_of_event, facts_of_run
from calsyncctl.sync.undoing.undo import Did, Undone, rehearse, undo
from tests.support.memory import timed
from tests.sync.house import JANE, House, said

ANN, BOB = "ann@example.com", "bob@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"


def last_run(house: House) -> int:
    return runs.last_runs(house.store)[0].id


def undo_run(house: House, run_id: int | None = None) -> Undone:
    chosen = last_run(house) if run_id is None else run_id
    return undo(house.store, house.means, facts_of_run(house.store, chosen, house.clock.now()))


def undo_last(house: House, event: Event) -> Undone:
    return undo(house.store, house.means, facts_of_event(house.store, house.fresh(event), house.clock.now()))


def settled(house: House, **content: object) -> Event:
    event = house.add(said(**content))  # type: ignore[arg-type]
    house.settle()
    return event


# What a pass brought


def test_what_a_pass_changed_goes_back_on_both_sides(house: House) -> None:
    event = settled(house)
    house.edit_there(event, summary="Salad", location="Garden")
    house.sync_one()

    done = undo_run(house)
    house.settle()

    (line,) = done.lines
    assert (line.did, {one.field for one in line.changes}) == (Did.CHANGED, {"summary", "location"})
    assert house.text(event) == house.there_is(event)
    assert (house.text(event).summary, house.text(event).body.location) == ("Lunch", "")


def test_later_edits_stay_and_are_named(house: House) -> None:
    event = settled(house)
    house.edit_there(event, summary="Salad", location="Garden")
    house.sync_one()
    run = last_run(house)
    house.change(event, location="Roof", description="Bring forks")

    (line,) = undo_run(house, run).lines
    house.settle()

    assert [(one.field, one.value) for one in line.kept] == [("location", "Roof")]
    body = house.there_is(event).body
    assert (house.there_is(event).summary, body.location, body.description) == ("Lunch", "Roof", "Bring forks")


def test_what_a_pass_deleted_comes_back_under_its_id_and_mails_nobody(house: House) -> None:
    event = settled(house, guests=(ANN,))
    google_id, mails = house.copy(event).google_id, len(house.google.mails)
    house.delete_there(event)
    house.sync_one()

    (line,) = undo_run(house).lines
    house.settle()

    assert line.did is Did.RESTORED
    assert (house.copy(event).google_id, len(house.google.mails)) == (google_id, mails)
    assert house.there_is(event).summary == "Lunch"


def test_what_a_pass_brought_is_deleted_unless_it_was_changed_since(house: House) -> None:
    house.sync_one()
    for name in ("tea", "yoga"):
        house.google.put("work-calendar", timed(name, name))
    house.sync_one()
    run, tea = last_run(house), house.event("tea")
    house.change(tea, summary="High tea")

    lines = {one.event.id: one for one in undo_run(house, run).lines}
    house.settle()

    assert (lines[tea.id].did, lines[tea.id].kept[0].field) == (Did.NOTHING, "deleted")
    assert [one.content.summary for one in house.google.alive("work-calendar").values() if one.content] == ["High tea"]


def test_replies_of_others_stay_as_they_are(house: House) -> None:
    event = settled(house, guests=(ANN, BOB))
    ann, bob = house.there_is(event).body.attendees
    house.edit_there(event, summary="Salad", attendees=(Attendee(ANN, reply="accepted"), bob))
    house.sync_one()

    undo_run(house)
    house.settle()

    assert house.there_is(event).summary == "Lunch"
    assert [one.reply for one in house.there_is(event).body.attendees] == ["accepted", "needsAction"]
    assert ann.reply == "needsAction"


def test_a_guest_comes_back_without_the_reply_which_is_named(house: House) -> None:
    event = settled(house, guests=(ANN, BOB))
    _, bob = house.there_is(event).body.attendees
    house.edit_there(event, attendees=(Attendee(ANN, reply="accepted"), bob))
    house.sync_one()
    house.edit_there(event, attendees=(bob,))
    house.sync_one()

    (line,) = undo_run(house).lines
    house.settle()

    assert line.gone == (f"the reply of {ANN}",)
    assert [one.email for one in house.there_is(event).body.attendees] == [ANN, BOB]


def test_what_may_not_be_edited_here_is_named_and_the_rest_is_done(house: House) -> None:
    house.calendar("plain", mode=Mode.ONE_WAY)
    event = settled(house)
    house.google.put("plain", timed("tea", "Tea"))
    house.sync()
    house.edit_there(event, summary="Salad")
    house.google.put("plain", timed("tea", "Coffee"))
    house.sync()

    done = undo_run(house)

    told = {one.did: one for one in done.lines}
    assert set(told) == {Did.CHANGED, Did.REFUSED}
    assert "stay as they are there" in (told[Did.REFUSED].refused or "")
    assert len(done.touched) == 1


# What a person did


def test_an_edit_is_a_run_and_is_undone_as_one(house: House) -> None:
    event = settled(house)
    house.change(event, summary="Soup")
    run = runs.get_run(house.store, last_run(house))
    assert (run.kind, run.author, run.counts.changed, run.outcome) == ("edit", JANE, 1, "done")

    undo_run(house)
    house.settle()

    assert house.there_is(event).summary == "Lunch"
    last = runs.versions_of(house.store, event.id)[-1]
    assert (last.author, last.why) == ("undo", f"{JANE} undid run {run.id}")


def test_an_edit_that_changes_nothing_leaves_no_run(house: House) -> None:
    event = settled(house)
    before = last_run(house)

    house.change(event, summary="Lunch")

    assert last_run(house) == before


def test_undoing_an_undo_does_it_again(house: House) -> None:
    event = settled(house)
    house.change(event, summary="Soup")
    undo_last(house, event)
    assert house.text(event).summary == "Lunch"

    undo_last(house, event)
    house.settle()

    assert house.there_is(event).summary == "Soup"


def test_undoing_twice_changes_nothing_more(house: House) -> None:
    event = settled(house)
    house.change(event, summary="Soup")
    run = last_run(house)
    undo_run(house, run)

    again = undo_run(house, run)

    assert (again.run, again.touched, [one.kept for one in again.lines]) == (None, (), [()])
    assert runs.undone_by(house.store, run) == [last_run(house)]
    assert house.text(event).summary == "Lunch"


def test_a_deleted_series_comes_back_with_its_exceptions(house: House) -> None:
    series = settled(house, recurrence=DAILY)
    moved = said("Late", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, moved)
    house.cancel_occurrence(series, "20270507T120000Z")
    house.settle()
    before = house.there()
    house.delete(series)
    house.settle()

    undo_last(house, series)
    house.settle()

    assert house.there() == before


@pytest.mark.parametrize("sent", [False, True])
def test_a_divided_series_is_one_again(house: House, sent: bool) -> None:
    series = settled(house, recurrence=DAILY)
    late = said("Late", "2027-05-07T15:00:00Z", "2027-05-07T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, "20270507T120000Z", late)
    house.settle()
    before, content = house.there(), house.text(series)
    halves = split(content.when, THIRD, calendar_zone="UTC")
    rest = with_fields(content, {"when": halves.after, "summary": "After"})
    edit.split_series(house.store, house.means, series.id, THIRD, rest)
    if sent:
        house.settle()

    done = undo_last(house, series)
    house.settle()

    assert {one.did for one in done.touched} == {Did.CHANGED, Did.DELETED, Did.RESTORED}
    assert {name: one[0] for name, one in house.there().items()} == {name: one[0] for name, one in before.items()}


def test_one_changed_occurrence_says_again_what_its_series_says(house: House) -> None:
    series = settled(house, recurrence=DAILY)
    late = said("Late", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    exception = edit.change_occurrence(house.store, house.means, series.id, THIRD, late)
    house.settle()

    undo_last(house, exception)
    house.settle()

    assert house.there_is(exception).summary == "Lunch"
    assert house.there_is(exception).when.start == "2027-05-06T12:00:00Z"


def test_a_cancelled_occurrence_takes_place_again(house: House) -> None:
    series = settled(house, recurrence=DAILY)
    exception = house.cancel_occurrence(series, THIRD)
    house.settle()

    (line,) = undo_last(house, exception).lines
    house.settle()

    assert line.did is Did.RESTORED
    assert house.there_is(exception).summary == "Lunch"


def test_an_event_moves_back_to_its_calendar(house: House) -> None:
    side = house.calendar("side-calendar")
    event = settled(house)
    edit.move_event(house.store, house.means, event.id, house.now(side))
    house.settle()

    (line,) = undo_last(house, event).lines
    house.settle()

    assert line.did is Did.MOVED
    assert list(house.google.alive("side-calendar")) == []
    assert house.there_is(event).summary == "Lunch"


def test_an_added_event_is_taken_away_and_comes_back(house: House) -> None:
    event = settled(house, guests=(ANN,))
    mails = len(house.google.mails)
    undo_last(house, event)
    house.settle()
    assert house.google.alive("work-calendar") == {}

    undo_last(house, event)
    house.settle()

    assert (house.there_is(event).summary, len(house.google.mails)) == ("Lunch", mails)


# What cannot be undone, and what would be


def test_a_rehearsal_says_what_would_happen_and_changes_nothing(house: House) -> None:
    event = settled(house)
    house.edit_there(event, summary="Salad")
    house.sync_one()
    facts, before = facts_of_run(house.store, last_run(house), house.clock.now()), house.snapshot()

    rehearsed = rehearse(house.store, house.means, facts)
    assert house.snapshot() == before
    done = undo(house.store, house.means, facts)

    assert (rehearsed.run, rehearsed.lines) == (None, done.lines)


def test_a_run_that_only_sent_names_what_it_sent(house: House) -> None:
    event = settled(house)
    house.change(event, summary="Soup")
    edited = last_run(house)
    house.sync_one()

    assert [one.run_id for one in runs.versions_sent_by(house.store, last_run(house))] == [edited]
    with pytest.raises(NotFound, match="sent to Google") as raised:
        undo_run(house)
    assert f"undo {edited}" in raised.value.what_to_do


def test_only_the_last_thirty_days_can_be_undone(house: House) -> None:
    event = settled(house)
    house.change(event, summary="Soup")
    run = last_run(house)
    house.clock.at += 31 * 86400

    with pytest.raises(NotAllowed, match="only the last 30 days"):
        undo_run(house, run)
    with pytest.raises(NotAllowed, match="only the last 30 days"):
        undo_last(house, event)


def test_a_first_listing_is_no_change(house: House) -> None:
    house.calendar("side")
    house.google.put("side", timed("tea", "Tea"))
    house.sync()

    with pytest.raises(NotFound, match="for the first time"):
        undo_run(house)
    with pytest.raises(NotFound, match="has changed since it came"):
        undo_last(house, house.event("tea", "side"))
