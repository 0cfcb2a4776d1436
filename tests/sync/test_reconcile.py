"""Reconcile names every kind of difference, repairs what it may, and finds nothing the second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from msgspec.structs import replace as with_

from calsyncctl.errors import Invalid, Refused
from calsyncctl.model.calendar import Mode
from calsyncctl.model.copy import Tag
from calsyncctl.model.event import Event
from calsyncctl.model.fields import with_fields
from calsyncctl.store import calendars, deletions, events
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.provider import EventsPage, Provider
from calsyncctl.sync.repairing.differences import Drift
from calsyncctl.sync.repairing.reconcile import Reconciling
from calsyncctl.sync.repairing.survey import Findings
from calsyncctl.sync.report import SyncReport
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import INSTANCE, House, said


def reconcile(house: House, *, check: bool = False, target: str = WORK) -> Findings:
    findings, report = reconciled(house, check=check, target=target)
    assert report.errors == ()
    return findings


def reconciled(house: House, *, check: bool = False, target: str = WORK) -> tuple[Findings, SyncReport]:
    house.clock.at += 60
    run = Reconciling(check=check)
    report = sync_calendars(replace(house.work(), kind="reconcile"), run.step)
    return run.found.get(house.home(target).id, Findings()), report


def kinds(findings: Findings) -> dict[str, int]:
    return {str(kind): count for kind, count in findings.counts.items()}


def alter(house: House, sql: str, *values: object) -> None:
    """Damage the store behind the engine's back."""
    with house.store.write():
        house.store.connection.execute(sql, values)


def sound(house: House) -> None:
    """Nothing differs any more, and finding that out writes nothing."""
    sent = house.written()
    assert kinds(reconcile(house)) == {}
    assert house.written() == sent


def test_two_equal_sides_differ_in_nothing_and_nothing_is_written(house: House) -> None:
    for number in range(7):
        house.google.put(WORK, timed(f"item{number}"))
    house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=3",)))
    house.sync_one()
    before, sent = house.snapshot(), house.written()

    findings = reconcile(house)

    assert (kinds(findings), findings.items) == ({}, 8)
    assert (house.snapshot(), house.written()) == (before, sent)
    assert house.home().last_reconcile == house.clock.now()


def missing_here(house: House) -> None:
    event = house.event("item1")
    alter(house, "DELETE FROM copy WHERE event_id = ?", event.id)
    alter(house, "DELETE FROM event WHERE id = ?", event.id)


def forgotten_deletion(house: House) -> None:
    """Google forgot an event without telling."""
    house.google.lose(WORK, "item1")


def differing(house: House) -> None:
    alter(house, "UPDATE event SET summary = 'Damaged' WHERE id = ?", house.event("item1").id)


def unheard(house: House) -> None:
    """Google changed an event, and the cursor moved past it."""
    house.edit_there(house.event("item1"), summary="Changed")
    cursor = house.google.provider("work@example.com").list_events(WORK, cursor=None, page=None).cursor
    alter(house, "UPDATE calendar SET cursor = ? WHERE id = ?", cursor, house.home().id)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (missing_here, Drift.MISSING_HERE),
        (forgotten_deletion, Drift.MISSING_THERE),
        (differing, Drift.DIFFERING),
        (unheard, Drift.DIFFERING),
    ],
)
def test_a_difference_is_named_by_a_check_and_repaired_by_a_reconcile(
    house: House, damage: Callable[[House], None], kind: Drift
) -> None:
    for number in range(5):
        house.google.put(WORK, timed(f"item{number}"))
    house.sync_one()
    damage(house)
    before = house.snapshot()

    assert kinds(reconcile(house, check=True)) == {kind: 1}
    assert house.snapshot() == before
    assert kinds(reconcile(house)) == {kind: 1}

    assert {name: told[0] for name, told in house.here().items()} == {
        name: item.content for name, item in house.google.alive(WORK).items()
    }
    assert house.written() == 0
    sound(house)


def test_a_check_tells_what_a_sync_would_do_and_does_none_of_it(house: House) -> None:
    kept, changed, gone = (house.add(said(title)) for title in ("Kept", "Changed", "Gone"))
    house.sync_one()
    house.change(changed, summary="Changed here")
    house.delete(gone)
    house.add(said("New here"))
    house.google.put(WORK, timed("new", "New there"))
    house.edit_there(kept, location="Canteen")
    before, sent, cursor = house.snapshot(), house.written(), house.home().cursor

    findings = reconcile(house, check=True)

    assert {(one.summary, str(one.kind)) for one in findings.differences} == {
        ("Changed here", "differing"),
        ("Gone", "missing-here"),
        ("New here", "missing-there"),
        ("New there", "missing-here"),
        ("Kept", "differing"),
    }
    assert (house.snapshot(), house.written(), house.home().cursor) == (before, sent, cursor)


def test_what_is_merely_new_is_synced_and_no_difference(house: House) -> None:
    house.add(said("New here"))
    house.google.put(WORK, timed("new", "New there"))

    assert kinds(reconcile(house)) == {}
    assert len(house.here()) == len(house.google.alive(WORK)) == 2


def test_a_copy_that_a_link_promises_and_nobody_planned_is_made(house: House) -> None:
    desk = house.native()
    event = house.add(said("Ours"), desk)
    house.link(desk, house.home())
    assert house.google.alive(WORK) == {}

    assert kinds(reconcile(house, check=True)) == {"missing-there": 1}
    assert kinds(reconcile(house)) == {"missing-there": 1}

    assert house.there_is(event, house.home()).summary == "Ours"
    sound(house)


def test_a_copy_that_was_planned_and_waits_for_nothing_is_woken(house: House) -> None:
    desk = house.native()
    house.link(desk, house.home())
    event = house.add(said("Ours"), desk)
    alter(house, "UPDATE copy SET due = NULL WHERE event_id = ?", event.id)

    assert kinds(reconcile(house)) == {"missing-there": 1}

    assert house.there_is(event, house.home()).summary == "Ours"
    sound(house)


def test_a_link_does_not_miss_what_it_does_not_promise(house: House) -> None:
    desk = house.native()
    house.add(said("Before"), desk)
    house.link(desk, house.home(), from_=house.clock.now() + 10**9)

    assert kinds(reconcile(house)) == {}
    assert house.google.alive(WORK) == {}


def test_an_event_that_is_there_twice_is_named_and_left_alone(house: House) -> None:
    house.google.put(WORK, timed("one", ical_uid="same@google.com"))
    house.google.put(WORK, timed("two", ical_uid="same@google.com"))
    house.sync_one()

    assert kinds(reconcile(house)) == {"doubled": 1}
    assert len(house.google.alive(WORK)) == 2


def test_an_event_copied_by_hand_is_no_double(house: House) -> None:
    event = house.add()
    house.sync_one()
    item = house.remote(event)
    assert item is not None
    assert item.tag is not None
    pasted = timed("pasted", "Lunch")
    house.google.put(WORK, with_(pasted, tag=item.tag))

    assert kinds(reconcile(house)) == {}
    sound(house)


def test_two_events_of_one_mark_are_a_double(house: House) -> None:
    event = house.add()
    house.sync_one()
    tag = Tag(INSTANCE, event.key, "second", home=WORK)
    house.google.put(WORK, with_(timed("second", "Lunch"), tag=tag))
    house.sync_one()

    assert kinds(reconcile(house)) == {"doubled": 1}


def test_held_deletions_and_refused_edits_are_named_and_left(house: House) -> None:
    for number in range(20):
        house.google.put(WORK, timed(f"item{number}"))
    event = house.add()
    house.sync_one()
    for number in range(12):
        house.google.delete(WORK, f"item{number}")
    house.change(event, summary="Soup")
    house.google.fail_write(Refused("No."))
    house.sync()

    assert kinds(reconcile(house, check=True)) == {"held": 13}
    assert kinds(reconcile(house)) == {"held": 13}
    assert len(deletions.waiting(house.store, house.home().id)) == 12


def test_a_mass_loss_found_by_reconcile_goes_through_the_guard(house: House) -> None:
    for number in range(20):
        house.google.put(WORK, timed(f"item{number}"))
    house.sync_one()
    for number in range(15):
        house.google.lose(WORK, f"item{number}")

    findings, report = reconciled(house)

    assert kinds(findings) == {"missing-there": 15}
    assert len(report.calendars[0].held) == 15
    assert len(house.here()) == 20


def test_a_cut_listing_makes_no_difference(house: House) -> None:
    for number in range(20):
        house.google.put(WORK, timed(f"item{number}"))
    house.sync_one()
    house.google.cut(WORK, *(f"item{number}" for number in range(15)))

    assert kinds(reconcile(house)) == {}
    assert len(house.here()) == 20


def test_a_stale_copy_is_named_and_waits_for_its_events_next_change(house: House) -> None:
    house.calendar("one-way", mode=Mode.ONE_WAY)
    home = house.home("one-way")
    house.sync()
    event = house.add(said("Ours"), home)
    house.sync()
    house.delete_there(event, home)
    house.sync()

    assert kinds(reconcile(house, target="one-way")) == {"stale": 1}
    house.change(event, summary="Ours again")
    house.sync()
    assert house.there_is(event, home).summary == "Ours again"
    assert kinds(reconcile(house, target="one-way")) == {}


def test_many_unchanged_events_need_a_listing_and_no_write(house: House) -> None:
    for number in range(600):
        house.google.put(WORK, timed(f"item{number}", f"Item {number}"))
    house.google.page_size = 250
    house.sync_one()
    house.google.calls.clear()

    findings = reconcile(house)

    assert findings.items == 600
    assert house.google.calls == {"list_events": 4}
    assert house.written() == 0


def test_one_calendars_failure_stays_its_own(house: House) -> None:
    house.calendar("second")
    house.sync()
    house.google.put("second", timed("item1"))
    house.google.delete_calendar(WORK)

    findings, report = reconciled(house, target="second")

    assert len(report.errors) == 1
    assert set(house.here("second")) == {"item1"}
    assert kinds(findings) == {}


def test_what_google_rewrites_is_no_difference(house: House) -> None:
    event = house.add(said("Lunch  ", description="<b>With Ann</b>"))
    house.sync_one()
    item = house.remote(event)
    assert item is not None
    assert item.content is not None
    house.google.put(WORK, with_(item, content=with_fields(item.content, {"description": "With Ann"})))
    house.sync_one()

    sound(house)


class Circling:
    """A provider whose listing of a whole calendar never ends: the pages of a ring follow each other."""

    def __init__(self, provider: Provider, ring: str) -> None:
        self._provider = provider
        self._ring = ring

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> EventsPage:
        answer = self._provider.list_events(calendar, cursor=cursor, page=None)
        following = self._ring[(self._ring.index(page) + 1) % len(self._ring)] if page else self._ring[0]
        return answer if cursor is not None else replace(answer, next_page=following, cursor=None)

    def __getattr__(self, name: str) -> object:
        return getattr(self._provider, name)


@pytest.mark.parametrize("ring", ["a", "ab", "abc"])
def test_a_listing_that_goes_round_in_circles_ends(house: House, ring: str) -> None:
    house.wrap[ME] = cast("Provider", Circling(house.google.provider(ME), ring))
    _, report = reconciled(house, check=True)
    assert [type(error) for error in report.errors] == [Invalid]


@pytest.mark.parametrize("ring", ["a", "ab", "abc"])
def test_a_first_listing_that_goes_round_in_circles_ends(house: House, ring: str) -> None:
    house.wrap[ME] = cast("Provider", Circling(house.google.provider(ME), ring))
    with house.store.write():
        house.store.connection.execute("UPDATE calendar SET cursor = NULL, page = NULL")
    report = sync_calendars(house.work())
    assert [type(error) for error in report.errors] == [Invalid]


def test_an_occurrence_cancelled_in_google_while_its_series_is_deleted_here_is_no_difference(house: House) -> None:
    series = house.add(said(recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    house.settle()
    name, second = house.copy(series).google_id, "20270505T120000Z"
    house.google.put(WORK, with_(timed(f"{name}_{second}", master=name, original=second), content=None))
    house.delete(series)
    house.settle()

    assert kinds(reconcile(house, check=True)) == {}
    restore_event(house.store, house.means, series.id)
    house.settle()
    at = events.exception_at(house.store, series.id, second)
    assert at is not None
    assert (events.get_event(house.store, at).status, kinds(reconcile(house, check=True))) == ("cancelled", {})


def test_what_is_back_where_its_event_had_moved_away_is_named_and_moves_back(house: House) -> None:
    """As an earlier version left it: read, and taken for nothing."""
    other = house.calendar("other-calendar")
    event = house.add()
    house.settle()
    item = house.remote(event)
    assert item is not None
    edit.move_event(house.store, house.means, event.id, house.now(other))
    house.settle()
    assert kinds(reconcile(house)) == {}
    house.google.put_as_is(WORK, item)
    house.settle()

    assert kinds(reconcile(house, check=True)) == {"missing-here": 1}
    assert kinds(reconcile(house)) == {"missing-here": 1}
    house.settle()
    assert kinds(reconcile(house)) == {}
    assert (len(house.google.alive(WORK)), len(house.google.alive("other-calendar"))) == (1, 0)


def test_what_a_link_that_was_removed_left_in_google_is_no_difference(house: House) -> None:
    native = house.native()
    house.link(native, house.home())
    house.add(calendar=native)
    house.settle()
    alter(house, "DELETE FROM link")

    assert len(house.google.alive(WORK)) == 1
    assert kinds(reconcile(house)) == {}


def stand_beside(house: House, event: Event) -> None:
    """As versions before left it: moved in Google, its mark's event is known elsewhere, and it as another one."""
    house.settle()
    marked = house.remote(event)
    assert marked is not None
    pasted = with_(marked, google_id="beside0000", ical_uid="beside@google.com", tag=None)
    house.google.put("other-calendar", pasted)
    house.settle()
    mark = Tag(INSTANCE, event.key, "beside0000", home=WORK)
    house.google.put("other-calendar", with_(pasted, tag=mark))
    house.settle()


def test_what_stands_beside_its_own_event_goes_and_what_was_edited_of_it_is_taken_in(house: House) -> None:
    other = house.calendar("other-calendar")
    event = house.add()
    stand_beside(house, event)
    house.change(house.event("beside0000", "other-calendar"), summary="Soup")
    house.settle()

    named = reconcile(house, check=True, target="other-calendar")
    assert kinds(named) == {"missing-here": 1}
    reconcile(house)
    house.settle()

    assert house.google.alive("other-calendar") == {}
    assert (house.there_is(event).summary, house.fresh(event).deleted) == ("Soup", None)
    assert kinds(reconcile(house, target=str(other.google_id))) == {}


@pytest.mark.parametrize("mode", [Mode.ONE_WAY, Mode.PUSH_ONLY, Mode.READ_ONLY])
def test_what_stands_beside_its_own_event_stays_where_it_cannot_go_from(house: House, mode: Mode) -> None:
    """Else it went here and was taken back in every night, and was named as a difference for good."""
    other = house.calendar("other-calendar")
    stand_beside(house, house.add())
    with house.store.write():
        calendars.set_mode(house.store, other.id, mode)
    house.settle()
    before = house.versions_on("other-calendar", "beside0000")

    assert kinds(reconcile(house, target="other-calendar")) == {}
    house.settle()

    assert house.versions_on("other-calendar", "beside0000") == before
    assert house.event("beside0000", "other-calendar").deleted is None
