"""An old backup in place of the store: what was moved to another calendar here since then is where it was moved to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from calsyncctl.errors import Later
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.store.db import open_store
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said
from tests.sync.test_moved_there import there_moved

OTHER, SIDE, SUPPORT = "other-calendar", "side-calendar", "support@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"

Restore = Callable[[], None]


@pytest.fixture(params=["first", "last"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[House, Calendar]]:
    """A house with two calendars of two accounts: the other one is read first, or last."""
    house = House(tmp_path)
    order = [(OTHER, SUPPORT), (WORK, "work@example.com")]
    for google_id, email in order if request.param == "first" else reversed(order):
        house.calendar(google_id, email=email)
    house.sync()
    yield house, house.home(OTHER)
    house.close()


def backed_up(house: House, folder: Path) -> Restore:
    """Back the store up; what is returned puts it back."""
    backup = folder / "backup.sqlite"
    house.store.connection.execute("VACUUM INTO ?", (str(backup),))

    def put_back() -> None:
        house.store.close()
        for file in house.path.parent.glob(f"{house.path.name}*"):
            file.unlink()
        shutil.copy(backup, house.path)
        house.store = open_store(house.path)

    return put_back


def move(house: House, event: Event, calendar: Calendar) -> None:
    edit.move_event(house.store, house.means, event.id, house.now(calendar))


def alive(house: House) -> dict[str, dict[str, RemoteEvent]]:
    return {str(one.google_id): house.google.alive(str(one.google_id)) for one in house.calendars}


def settles_unchanged(house: House, put_back: Restore) -> None:
    """Put the backup back: nothing is written, nothing changes in Google."""
    before, sent = alive(house), house.written()
    put_back()
    house.settle()
    assert house.google.writes[sent:] == []
    assert alive(house) == before


def test_it_lives_where_it_was_moved_to(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, there = other
    event = house.add(said(guests=("ann@example.com",)))
    house.settle()
    put_back = backed_up(house, tmp_path)
    move(house, event, there)
    house.change(event, description="Taken along")
    house.settle()

    settles_unchanged(house, put_back)

    assert (house.fresh(event).calendar_id, house.fresh(event).deleted) == (there.id, None)
    assert house.text(event).body.description == "Taken along"


def test_what_google_made_and_was_moved_here_lives_where_it_was_moved_to(
    other: tuple[House, Calendar], tmp_path: Path
) -> None:
    house, there = other
    house.google.put(WORK, timed("tea00000", "Tea"))
    house.settle()
    event, put_back = house.event("tea00000"), backed_up(house, tmp_path)
    move(house, event, there)
    house.settle()

    settles_unchanged(house, put_back)

    assert (house.fresh(event).calendar_id, house.fresh(event).origin) == (there.id, "here")


def test_a_series_keeps_its_exceptions(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, there = other
    series = house.add(said("Daily", recurrence=DAILY))
    changed = said("Late", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    exception = edit.change_occurrence(house.store, house.means, series.id, THIRD, changed)
    house.settle()
    put_back = backed_up(house, tmp_path)
    move(house, series, there)
    house.settle()

    settles_unchanged(house, put_back)

    assert (house.fresh(exception).calendar_id, house.fresh(exception).deleted) == (there.id, None)
    assert house.text(exception).summary == "Late"


def test_moved_away_before_the_backup_and_back_after_it(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, there = other
    event = house.add()
    house.settle()
    move(house, event, there)
    house.settle()
    put_back = backed_up(house, tmp_path)
    move(house, event, house.home())
    house.settle()

    settles_unchanged(house, put_back)

    assert house.fresh(event).calendar_id == house.home().id


def test_a_move_that_was_cut_off_is_finished(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, there = other
    event = house.add()
    house.settle()
    put_back = backed_up(house, tmp_path)
    item = house.remote(event)
    assert item is not None
    assert item.tag is not None
    name = "moved000"
    house.google.put(OTHER, replace(item, google_id=name, tag=replace(item.tag, google_id=name, home=OTHER)))

    put_back()
    house.settle()

    assert [list(standing) for standing in alive(house).values() if standing] == [[name]]
    assert house.fresh(event).calendar_id == there.id


def linked(house: House, there: Calendar) -> Event:
    """A native calendar's event on both calendars."""
    desk = house.native()
    house.link(desk, house.home(), invites=True)
    house.link(desk, there)
    event = house.add(said(guests=("ann@example.com",)), desk)
    house.settle()
    return event


@pytest.mark.parametrize("to", [WORK, OTHER])
def test_moved_off_a_native_calendar_onto_a_linked_one(other: tuple[House, Calendar], tmp_path: Path, to: str) -> None:
    house, there = other
    event = linked(house, there)
    put_back = backed_up(house, tmp_path)
    move(house, event, house.home(to))
    house.settle()
    assert [item.tag.home for one in alive(house).values() for item in one.values() if item.tag] == [to]

    settles_unchanged(house, put_back)

    assert house.fresh(event).calendar_id == house.home(to).id


def test_renamed_and_moved_at_once_it_still_bears_its_new_homes_mark(
    other: tuple[House, Calendar], tmp_path: Path
) -> None:
    house, there = other
    event = linked(house, there)
    put_back = backed_up(house, tmp_path)
    house.change(event, summary="Renamed")
    house.sync()
    move(house, event, there)  # before the echo of the renaming is read
    house.settle()

    settles_unchanged(house, put_back)

    assert (house.fresh(event).calendar_id, house.text(event).summary) == (there.id, "Renamed")


def test_moved_from_google_onto_a_linked_native_calendar(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, there = other
    desk = house.native()
    house.link(desk, there)
    event = house.add()
    house.settle()
    put_back = backed_up(house, tmp_path)
    edit.move_event(house.store, house.means, event.id, desk)
    house.settle()

    settles_unchanged(house, put_back)

    assert house.fresh(event).calendar_id == desk.id


def test_a_mark_older_than_a_known_move_moves_nothing_back(other: tuple[House, Calendar]) -> None:
    house, there = other
    desk = house.native()
    house.link(desk, there)
    event = house.add(calendar=there)
    house.settle()
    edit.move_event(house.store, house.means, event.id, desk)

    house.edit_there(event, there, summary="Renamed there")
    house.google.fail_next(Later("Away."), method="write_events")
    house.settle()

    assert (house.fresh(event).calendar_id, house.text(event).summary) == (desk.id, "Renamed there")


def test_what_was_pasted_on_a_linked_calendar_is_not_doubled(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, there = other
    event = linked(house, there)
    put_back = backed_up(house, tmp_path)
    item = house.remote(event, there)
    assert item is not None
    house.google.put(OTHER, replace(item, google_id="pasted00", ical_uid="pasted00@google.com"))
    house.settle()
    assert [len(standing) for standing in alive(house).values()] == [2, 2]

    settles_unchanged(house, put_back)


def test_what_was_brought_back_since_the_backup_stays(other: tuple[House, Calendar], tmp_path: Path) -> None:
    house, _ = other
    event = house.add()
    house.delete(event)  # before it was ever in Google
    house.settle()
    put_back = backed_up(house, tmp_path)
    restore_event(house.store, house.means, event.id)
    house.settle()
    assert len(house.google.alive(WORK)) == 1

    settles_unchanged(house, put_back)

    assert house.fresh(event).deleted is None


def test_a_links_copy_moved_in_google_onto_a_calendar_where_it_stood(
    other: tuple[House, Calendar], tmp_path: Path
) -> None:
    house, there = other
    event = linked(house, there)
    put_back = backed_up(house, tmp_path)
    there_moved(house, house.copy(event, house.home()).google_id)
    house.settle()
    assert [len(standing) for standing in alive(house).values() if standing] == [1]

    settles_unchanged(house, put_back)

    assert house.fresh(event).calendar_id == there.id
