"""An event that somebody moves to another calendar in Google stays the same event, whichever calendar is read first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as with_

import pytest
from msgspec.structs import replace

from calsyncctl.connections import linking
from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Body, Event, EventKind
from calsyncctl.model.fields import with_fields
from calsyncctl.model.link import WhenDeleted
from calsyncctl.store import calendars, events, runs
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import undo
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import INSTANCE, House, said

OTHER, SUPPORT = "other-calendar", "support@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"
ORDERS = ["source first", "target first", "one pass"]
OURS = Body(organizer=WORK, organizer_self=True)


@pytest.fixture(params=["same account", "other account"])
def other(house: House, request: pytest.FixtureRequest) -> Calendar:
    made = house.calendar(OTHER, email=SUPPORT if request.param == "other account" else "work@example.com")
    house.sync()
    return made


def there_moved(house: House, google_id: str, from_: str = WORK, to: str = OTHER) -> None:
    """Somebody moves an event, a series with its exceptions, in Google: same id, another organizer."""
    alive = house.google.alive(from_)
    items = [alive[google_id], *(one for one in alive.values() if one.master == google_id)]
    for item in items:
        house.google.put(to, _organized(item, to))
    house.google.delete(from_, google_id, exceptions=True)


def _organized(item: RemoteEvent, by: str) -> RemoteEvent:
    assert item.content is not None
    return replace(item, content=with_fields(item.content, {"organizer": by, "organizer_self": True}))


def read(house: House, names: Iterable[str]) -> None:
    """Sync some calendars, one after the other."""
    for name in names:
        house.clock.at += 60
        report = sync_calendars(with_(house.work(), calendars=(house.home(name),)))
        assert report.errors == ()


def read_in(house: House, order: str, from_: str = WORK, to: str = OTHER) -> None:
    if order == "one pass":
        house.sync()
    else:
        read(house, [from_, to] if order == "source first" else [to, from_])
    house.settle()


def seen(house: House) -> list[tuple[str, str]]:
    """Everything alive here: home and title."""
    rows = house.store.connection.execute(
        "SELECT k.google_id, e.summary FROM event e JOIN calendar k ON k.id = e.calendar_id "
        "WHERE e.deleted IS NULL AND e.status <> 'cancelled' ORDER BY e.summary"
    )
    return [(str(home), str(title)) for home, title in rows]


def stands(house: House, name: str) -> list[str]:
    return sorted(item.content.summary for item in house.google.alive(name).values() if item.content is not None)


@pytest.fixture
def tea(house: House, other: Calendar) -> Event:
    house.google.put(WORK, timed("tea00000", "Tea", body=OURS))
    house.settle()
    return house.event("tea00000")


@pytest.mark.parametrize("order", ORDERS)
def test_it_stays_the_same_event(house: House, tea: Event, order: str) -> None:
    there_moved(house, "tea00000")
    read_in(house, order)

    now = house.fresh(tea)
    assert (now.key, now.deleted, now.calendar_id) == (tea.key, None, house.home(OTHER).id)
    assert seen(house) == [(OTHER, "Tea")]
    assert (stands(house, WORK), stands(house, OTHER)) == ([], ["Tea"])


@pytest.mark.parametrize("order", ORDERS)
def test_an_edit_that_waits_goes_with_it(house: House, tea: Event, order: str) -> None:
    house.change(tea, summary="Green tea")
    there_moved(house, "tea00000")
    read_in(house, order)

    assert seen(house) == [(OTHER, "Green tea")]
    assert (stands(house, WORK), stands(house, OTHER)) == ([], ["Green tea"])
    assert house.fresh(tea).deleted is None


@pytest.mark.parametrize("order", ORDERS)
def test_what_was_changed_with_the_move_is_taken_beside_an_edit_that_waits(
    house: House, tea: Event, order: str
) -> None:
    house.change(tea, summary="Green tea")
    there_moved(house, "tea00000")
    item = house.google.alive(OTHER)["tea00000"]
    assert item.content is not None
    house.google.put(OTHER, replace(item, content=with_fields(item.content, {"location": "Canteen"})))
    read_in(house, order)

    assert (house.text(tea).summary, house.text(tea).body.location) == ("Green tea", "Canteen")
    assert house.there_is(tea, house.home(OTHER)).body.location == "Canteen"
    assert house.lost(tea).keys() <= {"deleted"}


@pytest.mark.parametrize("order", ORDERS)
def test_what_was_made_here_moves_as_well_and_back(house: House, other: Calendar, order: str) -> None:
    event = house.add()
    house.settle()
    name = house.copy(event).google_id
    there_moved(house, name)
    read_in(house, order)
    assert seen(house) == [(OTHER, "Lunch")]

    there_moved(house, name, OTHER, WORK)
    read_in(house, order, OTHER, WORK)

    assert seen(house) == [(WORK, "Lunch")]
    assert (stands(house, WORK), stands(house, OTHER)) == (["Lunch"], [])
    assert house.fresh(event).deleted is None
    house.change(event, summary="Soup")
    house.settle()
    assert stands(house, WORK) == ["Soup"]


@pytest.fixture
def series(house: House, other: Calendar) -> tuple[Event, Event]:
    made = house.add(said(recurrence=DAILY))
    content = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    third = edit.change_occurrence(house.store, house.means, made.id, THIRD, content)
    house.settle()
    return made, third


@pytest.mark.parametrize("order", ORDERS)
def test_a_series_takes_its_exceptions_along(house: House, series: tuple[Event, Event], order: str) -> None:
    there_moved(house, house.copy(series[0]).google_id)
    read_in(house, order)

    assert seen(house) == [(OTHER, "Lunch"), (OTHER, "Soup")]
    assert [house.fresh(one).deleted for one in series] == [None, None]
    assert [house.fresh(one).key for one in series] == [one.key for one in series]


@pytest.mark.parametrize("order", ORDERS)
def test_edits_of_an_exception_go_with_the_series(house: House, series: tuple[Event, Event], order: str) -> None:
    first = edit.cancel_occurrence(house.store, house.means, series[0].id, "20270505T120000Z")
    house.change(series[1], summary="Stew")
    there_moved(house, house.copy(series[0]).google_id)
    read_in(house, order)

    assert (house.text(series[1]).summary, house.fresh(first).status) == ("Stew", "cancelled")
    assert stands(house, OTHER) == ["Lunch", "Stew"]


def test_what_somebody_edited_of_the_newcomer_is_kept(house: House, tea: Event) -> None:
    there_moved(house, "tea00000")
    read(house, [OTHER])
    house.change(house.event("tea00000", OTHER), summary="Green tea")
    house.change(tea, description="Hot")
    read(house, [WORK])
    house.settle()

    assert (house.text(tea).summary, house.text(tea).body.description) == ("Green tea", "Hot")
    assert house.there_is(tea, house.home(OTHER)).summary == "Green tea"
    assert seen(house) == [(OTHER, "Green tea")]


def test_an_edit_comes_along_though_the_target_is_read_an_hour_later(house: House, tea: Event) -> None:
    house.change(tea, summary="Green tea")
    there_moved(house, "tea00000")
    read(house, [WORK])
    house.clock.at += 3600
    read(house, [OTHER])
    house.settle()

    assert seen(house) == [(OTHER, "Green tea")]
    assert (stands(house, WORK), stands(house, OTHER)) == ([], ["Green tea"])


@pytest.mark.parametrize("order", ORDERS)
def test_a_listing_tells_of_a_move_as_well(house: House, tea: Event, order: str) -> None:
    there_moved(house, "tea00000")
    house.google.bury(WORK)
    house.google.expire_cursors()
    read_in(house, order)

    assert house.fresh(tea).deleted is None
    assert seen(house) == [(OTHER, "Tea")]


def test_after_a_day_it_is_another_event(house: House, tea: Event) -> None:
    there_moved(house, "tea00000")
    read(house, [OTHER])
    house.clock.at += 86400
    read(house, [WORK])

    assert house.fresh(tea).deleted is not None
    assert seen(house) == [(OTHER, "Tea")]


def test_one_meeting_on_two_calendars_is_two_events_and_stays_the_organizers(house: House, tea: Event) -> None:
    invited = timed("tea00000", "Tea", body=Body(organizer=WORK))
    house.google.put(OTHER, invited)
    house.settle()
    assert sorted(seen(house)) == [(OTHER, "Tea"), (WORK, "Tea")]

    house.google.delete(OTHER, "tea00000")
    house.settle()

    assert seen(house) == [(WORK, "Tea")]
    assert house.fresh(tea).deleted is None


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("mode", [Mode.ONE_WAY, Mode.READ_ONLY, Mode.PUSH_ONLY])
def test_on_another_calendar_it_is_what_the_mode_there_says(house: House, tea: Event, mode: Mode, order: str) -> None:
    with house.store.write():
        calendars.select_calendar(house.store, house.home(OTHER).id, mode, house.clock.now())
    there_moved(house, "tea00000")
    read_in(house, order)

    now = events.get_event(house.store, tea.id)
    if mode is Mode.PUSH_ONLY:
        assert (now.deleted is not None, seen(house)) == (True, [])
    else:
        assert (now.kind, seen(house)) == (
            EventKind.BLOCK if mode is Mode.ONE_WAY else EventKind.EVENT,
            [(OTHER, "Tea")],
        )


@pytest.mark.parametrize("order", ORDERS)
def test_what_a_link_placed_lives_where_somebody_moved_it(house: House, other: Calendar, order: str) -> None:
    native, third = house.native(), house.calendar("third-calendar")
    for target in (house.home(), third):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    there_moved(house, house.copy(event, house.home()).google_id)
    read_in(house, order)

    assert (house.fresh(event).deleted, house.fresh(event).calendar_id) == (None, house.home(OTHER).id)
    assert seen(house) == [(OTHER, "Lunch")]
    assert [stands(house, name) for name in (WORK, OTHER, "third-calendar")] == [[], ["Lunch"], []]


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_ours_moves_from_a_one_way_calendar(house: House, other: Calendar, order: str) -> None:
    event = house.add()
    house.settle()
    with house.store.write():
        calendars.select_calendar(house.store, house.home().id, Mode.ONE_WAY, house.clock.now())
    there_moved(house, house.copy(event).google_id)
    read_in(house, order)

    assert seen(house) == [(OTHER, "Lunch")]
    assert (stands(house, WORK), stands(house, OTHER)) == ([], ["Lunch"])
    assert house.fresh(event).deleted is None


@pytest.mark.parametrize("order", ORDERS)
def test_exceptions_that_were_never_sent_go_along_and_stand_nowhere_else(
    house: House, other: Calendar, order: str
) -> None:
    native, third = house.native(), house.calendar("third-calendar")
    for target in (house.home(), third):
        house.link(native, target)
    series = house.add(said(recurrence=DAILY), native)
    house.settle()
    soup = said("Soup", "2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    there_moved(house, house.copy(series, house.home()).google_id)
    read_in(house, order)

    assert [stands(house, name) for name in (WORK, OTHER, "third-calendar")] == [[], ["Lunch", "Soup"], []]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("edited", ["here", "there", "nowhere"])
def test_a_links_copy_moved_to_where_its_event_stands_already_stands_there_once(
    house: House, other: Calendar, order: str, edited: str
) -> None:
    native = house.native()
    for target in (house.home(), other):
        house.link(native, target)
    event = house.add(calendar=native)
    house.settle()
    google_id = house.copy(event, house.home()).google_id
    there_moved(house, google_id)
    if edited == "here":
        house.change(event, summary="Soup")
    if edited == "there":
        item = house.google.alive(OTHER)[google_id]
        assert item.content is not None
        house.google.put(OTHER, replace(item, content=replace(item.content, summary="Soup")))
    read_in(house, order)

    said_there = "Lunch" if edited == "nowhere" else "Soup"
    assert (house.fresh(event).deleted, house.fresh(event).calendar_id) == (None, house.home(OTHER).id)
    assert (seen(house), stands(house, WORK), stands(house, OTHER)) == ([(OTHER, said_there)], [], [said_there])


@pytest.mark.parametrize("order", ORDERS)
def test_a_series_moved_to_where_it_stands_already_stands_there_once_with_its_exceptions(
    house: House, other: Calendar, order: str
) -> None:
    native = house.native()
    for target in (house.home(), other):
        house.link(native, target)
    series = house.add(said(recurrence=DAILY), native)
    soup = said("Soup", "2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()
    there_moved(house, house.copy(series, house.home()).google_id)
    read_in(house, order)

    assert (stands(house, WORK), stands(house, OTHER)) == ([], ["Lunch", "Soup"])
    assert seen(house) == [(OTHER, "Lunch"), (OTHER, "Soup")]


def test_a_links_copy_moved_to_where_its_event_is_to_stand_stands_there_once(house: House, other: Calendar) -> None:
    """Planned there and never sent: what came takes its place."""
    native = house.native()
    house.link(native, house.home())
    event = house.add(calendar=native)
    house.settle()
    link = linking.Terms(None, WhenDeleted.DELETE)
    linking.add_link(house.store, native, other, link, instance=INSTANCE, now=house.clock.now())
    house.change(event, summary="Soup")
    there_moved(house, house.copy(event, house.home()).google_id)
    house.settle()

    assert (seen(house), stands(house, WORK), stands(house, OTHER)) == ([(OTHER, "Soup")], [], ["Soup"])


def test_an_edit_that_waits_is_written_once_and_at_its_new_place_only(house: House, tea: Event) -> None:
    house.change(tea, summary="Green tea")
    there_moved(house, "tea00000")
    house.settle()

    assert [type(write).__name__ for write in house.google.writes] == ["Patch"]


def test_a_move_is_in_the_history_and_the_younger_event_says_where_it_went(house: House, tea: Event) -> None:
    there_moved(house, "tea00000")
    read(house, [OTHER])
    younger = house.event("tea00000", OTHER)
    read(house, [WORK])

    rows = runs.versions_of(house.store, tea.id)
    assert [(row.why, row.changes[0].before) for row in rows if row.changes and row.changes[0].field == "calendar"] == [
        ("moved to another calendar in Google", WORK)
    ]
    assert runs.versions_of(house.store, younger.id)[-1].why == f"it is the event {tea.key[:8]}, which has moved here"


def test_what_was_cancelled_before_its_series_moved_is_there_again_once_that_is_undone(house: House) -> None:
    """The link's copy comes back without it, and nobody here had ever told it: Google is asked, and told."""
    other, desk = house.calendar(OTHER), house.native()
    house.link(desk, other)
    series = house.add(said(recurrence=DAILY), desk)
    house.settle()
    google_id = house.copy(series, other).google_id
    third = house.google.find(OTHER, f"{google_id}_{THIRD}")
    assert third is not None
    house.google.put(OTHER, third)
    house.google.delete(OTHER, third.google_id)
    there_moved(house, google_id, OTHER, WORK)
    house.google.put(WORK, replace(third, content=None))
    house.sync()
    run = next(one.id for one in runs.last_runs(house.store) if one.kind == "sync")

    undo(house.store, house.means, facts_of_run(house.store, run, house.clock.now()))
    house.settle()

    shown = house.google.find(OTHER, third.google_id)
    assert shown is not None
    assert shown.content is not None


def test_what_left_a_link_and_comes_to_another_one_stands_on_both_again(house: House) -> None:
    """Moved in Google from a link's calendar to one without, then to another link's: each with an id of its own."""
    side, team, desk = house.calendar(OTHER), house.calendar("team-calendar"), house.native()
    house.link(desk, side)
    house.link(desk, team)
    series = house.add(said(recurrence=DAILY), desk)
    house.settle()
    google_id = house.copy(series, side).google_id
    there_moved(house, google_id, OTHER, WORK)
    house.settle()

    there_moved(house, google_id, WORK, "team-calendar")
    house.settle()

    assert house.fresh(series).calendar_id == desk.id
    assert [len(house.google.alive(name)) for name in (WORK, OTHER, "team-calendar")] == [0, 1, 1]
    assert house.copy(series, side).google_id != google_id


@pytest.mark.parametrize("brought_back", [False, True])
@pytest.mark.parametrize("series", [False, True])
def test_what_somebody_restored_here_after_it_had_left_in_google_lives_where_it_went(
    house: House, other: Calendar, brought_back: bool, series: bool
) -> None:
    event = house.add(said(recurrence=DAILY if series else ()))
    house.settle()
    there_moved(house, house.copy(event).google_id)
    read(house, [WORK])
    assert house.fresh(event).deleted is not None

    restore_event(house.store, house.means, event.id)
    house.change(event, description="Hot")
    read(house, [WORK, OTHER] if brought_back else [OTHER])
    house.settle()

    assert (house.fresh(event).calendar_id, house.there_is(event, other).body.description) == (other.id, "Hot")
    assert (stands(house, WORK), stands(house, OTHER)) == ([], ["Lunch"])
