"""The store is lost, or an old one is in its place: everything of ours is known again, and nothing is doubled."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_

from calsyncctl.connections import linking
from calsyncctl.connections.linking import Terms
from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.copy import Tag
from calsyncctl.model.event import Event, EventKind
from calsyncctl.store import events
from calsyncctl.store.db import open_store
from calsyncctl.store.purge import purge_calendar
from calsyncctl.sync.editing import edit
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.provider import Insert
from calsyncctl.sync.repairing.reconcile import Reconciling
from calsyncctl.sync.repairing.survey import Findings
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import INSTANCE, House, said

DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"


def lose(house: House, *, modes: dict[str, Mode] | None = None) -> None:
    """Begin with an empty store; the same calendars are selected again, the installation's id stays."""
    house.store.close()
    for file in house.path.parent.glob(f"{house.path.name}*"):
        file.unlink()
    house.store = open_store(house.path)
    names = [str(one.google_id) for one in house.calendars]
    house.calendars = []
    for name in names:
        again(house, name, (modes or {}).get(name, Mode.TWO_WAY))


def again(house: House, google_id: str, mode: Mode) -> Calendar:
    """Select a calendar that is in the service already."""
    kept = house.google._calendars[google_id]
    made = house.calendar(google_id, mode=mode)
    house.google._calendars[google_id] = kept
    return made


def inserts(house: House) -> int:
    return sum(isinstance(write, Insert) for write in house.google.writes)


def only(house: House, title: str) -> Event:
    """The one event of that title that stands here."""
    (row,) = house.store.connection.execute(
        "SELECT id FROM event WHERE summary = ? AND deleted IS NULL", (title,)
    ).fetchall()
    return events.get_event(house.store, row[0])


def reconcile(house: House, *, adopt: frozenset[str] = frozenset()) -> Findings:
    house.clock.at += 60
    run = Reconciling(adopt=adopt)
    report = sync_calendars(replace(house.work(), kind="reconcile"), run.step)
    assert report.errors == ()
    return run.found[house.home().id]


def test_a_lost_store_knows_its_events_again_and_inserts_nothing(house: House) -> None:
    made = [house.add(said(f"Ours {number}")) for number in range(6)]
    house.google.put(WORK, timed("theirs", "Theirs"))
    house.settle()
    sent = house.written()

    lose(house)
    house.settle()

    assert house.written() == sent
    assert len(house.here()) == len(house.google.alive(WORK)) == 7
    found = only(house, "Ours 3")
    assert (found.key, found.origin, found.kind) == (made[3].key, "here", EventKind.EVENT)
    assert only(house, "Theirs").origin == "google"


def test_an_event_known_again_is_edited_and_deleted_like_before(house: House) -> None:
    house.add(said("Ours"))
    house.settle()
    lose(house)
    house.settle()

    house.change(only(house, "Ours"), summary="Ours again")
    house.settle()
    assert [one.content.summary for one in house.google.alive(WORK).values() if one.content] == ["Ours again"]

    house.delete(only(house, "Ours again"))
    house.settle()
    assert house.google.alive(WORK) == {}
    assert inserts(house) == 1


def test_a_series_comes_back_with_its_exceptions(house: House) -> None:
    series = house.add(said("Daily", recurrence=DAILY))
    house.settle()
    moved = said("Moved", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, moved)
    house.cancel_occurrence(series, "20270507T120000Z")
    house.settle()
    sent = house.written()

    lose(house)
    house.settle()

    assert house.written() == sent
    again_ = only(house, "Daily")
    assert again_.key == series.key
    assert {one.original: one.status for one in events.exceptions_of(house.store, again_.id)} == {
        THIRD: "confirmed",
        "20270507T120000Z": "cancelled",
    }
    assert {one.origin for one in events.exceptions_of(house.store, again_.id) if one.content} == {"here"}


def test_a_native_calendar_linked_again_gets_its_events_back_from_every_target(house: House) -> None:
    house.calendar("second")
    desk = house.native()
    for target in house.calendars:
        house.link(desk, target)
    made = [house.add(said(f"Ours {number}"), desk) for number in range(3)]
    series = house.add(said("Daily", recurrence=DAILY), desk)
    house.settle()
    edit.change_occurrence(
        house.store, house.means, series.id, THIRD, said("Moved", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    )
    house.settle()
    sent = house.written()

    lose(house)
    desk = house.native()
    for target in house.calendars:
        house.link(desk, target)
    house.settle()

    assert house.written() == sent
    found = only(house, "Ours 1")
    assert (found.key, found.calendar_id) == (made[1].key, desk.id)
    house.change(found, summary="Changed")
    house.change(only(house, "Moved"), summary="Moved again")
    house.settle()
    for target in house.calendars:
        titles = {one.content.summary for one in house.google.alive(str(target.google_id)).values() if one.content}
        assert titles == {"Ours 0", "Changed", "Ours 2", "Daily", "Moved again"}


@pytest.mark.parametrize("mode", [Mode.ONE_WAY, Mode.PUSH_ONLY])
def test_what_is_ours_is_taken_on_calendars_that_take_nothing_else(house: House, mode: Mode) -> None:
    house.calendar("given", mode=mode)
    house.sync()
    event = house.add(said("Ours"), house.home("given"))
    house.settle()
    sent = house.written()

    lose(house, modes={"given": mode})
    house.settle()

    assert (only(house, "Ours").key, only(house, "Ours").kind) == (event.key, EventKind.EVENT)
    house.edit_there(only(house, "Ours"), house.home("given"), summary="Theirs")
    house.settle()
    assert house.there_is(only(house, "Ours"), house.home("given")).summary == "Ours"
    assert house.written() == sent + 1


def test_an_event_pasted_by_hand_is_a_new_one_also_after_the_store_was_lost(house: House) -> None:
    event = house.add(said("Ours"))
    house.settle()
    item = house.remote(event)
    assert item is not None
    house.google.put(WORK, with_(timed("pasted", "Pasted"), tag=item.tag))

    lose(house)
    house.settle()

    assert (only(house, "Ours").origin, only(house, "Pasted").origin) == ("here", "google")
    assert only(house, "Pasted").key != event.key


def test_two_events_of_one_mark_are_two_events_and_said(house: House) -> None:
    event = house.add(said("Ours"))
    house.settle()
    house.google.put(WORK, with_(timed("second", "Second"), tag=Tag("instance0000", event.key, "second")))

    lose(house)
    house.settle()

    assert len(house.here()) == 2
    assert dict(reconcile(house).counts) == {"doubled": 1}


def test_an_old_backup_in_place_of_the_store_doubles_nothing(house: House, tmp_path: Path) -> None:
    kept = house.add(said("Kept"))
    waits = house.add(said("Waits"))
    gone = house.add(said("Gone"))
    backup = tmp_path / "backup.sqlite"
    house.sync_one()
    house.store.connection.execute("VACUUM INTO ?", (str(backup),))
    house.change(kept, summary="Kept, changed")
    house.delete(gone)
    later = house.add(said("Later"))
    house.delete(waits)
    house.settle()
    house.add(said("Latest"))
    house.settle()
    sent, standing = inserts(house), len(house.google.alive(WORK))

    house.store.close()
    for file in house.path.parent.glob(f"{house.path.name}*"):
        file.unlink()
    shutil.copy(backup, house.path)
    house.store = open_store(house.path)
    house.settle()

    assert inserts(house) == sent
    assert len(house.google.alive(WORK)) == standing == len(house.here())
    assert only(house, "Later").key == later.key
    assert house.text(kept).summary == "Kept, changed"
    assert dict(reconcile(house).counts) == {}


def test_what_another_installation_made_is_mirrored_and_not_ours(house: House) -> None:
    house.google.put(WORK, with_(timed("foreign", "Foreign"), tag=Tag("another00000", "k" * 26, "foreign")))
    house.settle()

    assert only(house, "Foreign").origin == "google"
    findings = reconcile(house)
    assert (dict(findings.counts), dict(findings.others)) == ({}, {"another00000": 1})


def test_another_installations_events_are_taken_over_when_told_so(house: House) -> None:
    for number in range(3):
        name = f"foreign{number}"
        house.google.put(WORK, with_(timed(name, name), tag=Tag("another00000", f"key{number}", name)))
    house.settle()
    house.google.put(WORK, with_(timed("late", "late"), tag=Tag("another00000", "keylate", "late")))

    reconcile(house, adopt=frozenset({"another00000"}))

    found = only(house, "foreign1")
    assert (found.key, found.origin) == ("key1", "here")
    assert only(house, "late").key == "keylate"
    marks = {one.tag for one in house.google.alive(WORK).values()}
    assert {tag.instance for tag in marks if tag} == {"instance0000"}
    assert inserts(house) == 0
    sent = house.written()
    assert dict(reconcile(house, adopt=frozenset({"another00000"})).others) == {}
    assert house.written() == sent
    house.settle()


def test_what_is_taken_over_is_taken_on_a_calendar_that_takes_nothing_else(house: House) -> None:
    chosen = house.calendar("push-only-calendar", mode=Mode.PUSH_ONLY)
    foreign = with_(timed("foreign", "Foreign"), tag=Tag("another00000", "key", "foreign"))
    house.google.put("push-only-calendar", foreign)
    house.settle()
    assert events.by_keys(house.store, ["key"]) == {}

    reconcile(house, adopt=frozenset({"another00000"}))

    found = only(house, "Foreign")
    assert (found.key, found.origin, found.calendar_id) == ("key", "here", chosen.id)
    house.settle()


def test_taken_over_an_edit_that_waits_is_still_sent(house: House) -> None:
    house.google.put(WORK, with_(timed("foreign", "Foreign"), tag=Tag("another00000", "key", "foreign")))
    house.settle()
    house.google.provider(ME)
    house.change(only(house, "Foreign"), summary="Edited")

    reconcile(house, adopt=frozenset({"another00000"}))
    house.settle()

    assert house.there_is(only(house, "Edited")).summary == "Edited"


@pytest.mark.parametrize("edited", [WORK, "second"])
def test_copies_of_a_native_calendar_that_is_not_there_again_stay_where_they_are(house: House, edited: str) -> None:
    house.calendar("second")
    desk = house.native()
    for target in house.calendars:
        house.link(desk, target)
    house.add(said("Ours"), desk)
    house.settle()
    sent = house.written()

    lose(house)
    house.settle()
    (item,) = house.google.alive(edited).values()
    assert item.content is not None
    house.google.put(edited, with_(item, content=with_(item.content, summary="Ours, edited there")))
    house.settle()
    reconcile(house)
    reconcile(house)
    house.settle()

    assert [len(house.google.alive(str(one.google_id))) for one in house.calendars] == [1, 1]
    assert house.written() == sent


@pytest.mark.parametrize("linked", [WORK, "second", "third"])
def test_whichever_link_is_made_again_the_others_copies_stay(house: House, linked: str) -> None:
    house.calendar("second")
    house.calendar("third")
    desk = house.native()
    for target in house.calendars:
        house.link(desk, target, invites=target is house.calendars[0])
    series = house.add(said("Daily", recurrence=DAILY, guests=("ann@example.org",)), desk)
    house.settle()
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()
    sent = house.written()

    lose(house)
    desk = house.native()
    house.link(desk, house.home(linked), invites=linked == WORK)
    house.settle()
    for kept in (one for one in house.calendars if one.google_id != linked):
        house.edit_there(only(house, "Daily"), kept, location="Room")
    house.settle()
    reconcile(house)
    house.settle()

    assert house.written() == sent
    assert [len(house.google.alive(str(one.google_id))) for one in house.calendars] == [2, 2, 2]
    assert only(house, "Daily").calendar_id == desk.id


@pytest.mark.parametrize("occurrence", [False, True])
def test_what_was_deleted_here_stays_so_though_a_copy_comes_into_sight_that_no_link_holds(
    house: House, occurrence: bool
) -> None:
    second, desk = house.calendar("second"), house.native()
    for target in house.calendars:
        house.link(desk, target)
    series = house.add(said("Daily", recurrence=DAILY), desk)
    house.settle()
    if occurrence:
        soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
        edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
        house.settle()
    purge_calendar(house.store, second.id)
    house.calendars = [house.home()]
    house.delete(series)
    house.settle()
    sent, kept = house.written(), house.google.alive("second")

    again(house, "second", Mode.TWO_WAY)
    house.settle()
    house.edit_there(series, house.home("second"), location="Room")
    house.settle()
    reconcile(house)
    house.settle()

    assert (house.written(), house.google.alive("second").keys(), house.google.alive(WORK)) == (sent, kept.keys(), {})
    assert house.fresh(series).deleted is not None
    linking.add_link(house.store, desk, house.home("second"), Terms(), instance=INSTANCE, now=house.clock.now())
    house.settle()
    reconcile(house)
    house.settle()
    assert (house.google.alive("second"), house.google.alive(WORK)) == ({}, {})
