"""What happens between planning and sending, and deletions that a push reads: no decision outlives its reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from calsyncctl.model.calendar import Mode
from calsyncctl.store import calendars
from calsyncctl.sync.editing import edit
from calsyncctl.sync.provider import EventsPage, Insert, Provider
from calsyncctl.sync.pushing import push as pushing
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said

OTHER = "other-calendar"


def before_once(monkeypatch: pytest.MonkeyPatch, name: str, action: Callable[[], object]) -> None:
    """Do something once, after a push has planned and before it goes on."""
    real, waiting = getattr(pushing, name), [action]

    def wrapped(run: object, plans: object) -> object:
        if plans and waiting:
            waiting.pop()()
        return real(run, plans)

    monkeypatch.setattr(pushing, name, wrapped)


def test_an_edit_made_while_another_is_given_back_stays(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    event = house.add()
    house.settle()
    house.change(event, summary="Soup")
    set_mode(house, Mode.READ_ONLY)

    def allow() -> None:
        set_mode(house, Mode.TWO_WAY)
        house.change(event, location="Room 9")

    before_once(monkeypatch, "_settle", allow)
    house.settle()

    assert (house.there_is(event).summary, house.there_is(event).body.location) == ("Soup", "Room 9")


def set_mode(house: House, mode: Mode) -> None:
    with house.store.write():
        calendars.set_mode(house.store, house.home().id, mode)


def test_an_event_that_moves_away_before_it_is_sent_is_there_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = house.calendar(OTHER)
    house.sync()
    event = house.add()
    before_once(monkeypatch, "_write", lambda: edit.move_event(house.store, house.means, event.id, house.now(other)))

    house.settle()

    assert (len(house.google.alive(WORK)), len(house.google.alive(OTHER))) == (0, 1)


class Late:
    """A provider whose listings still tell old states as alive."""

    def __init__(self, house: House) -> None:
        self.real: Provider = house.google.provider(ME)
        items = {name: house.google.read(WORK, name) for name in list(house.google.alive(WORK))}
        self.old = {name: replace(item, updated="2026-01-01T00:00:00.000Z") for name, item in items.items() if item}

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> EventsPage:
        told = self.real.list_events(calendar, cursor=cursor, page=page)
        return changed(told, items=tuple(self.old.get(item.google_id, item) for item in told.items))


def test_many_deletions_found_by_asking_again_for_stale_items_wait(house: House) -> None:
    for number in range(30):
        house.google.put(WORK, timed(f"a{number}"))
    house.settle()
    late = Late(house)
    for name in list(house.google.alive(WORK)):
        house.google.delete(WORK, name)
    house.wrap[ME] = late  # type: ignore[assignment]

    outcome = house.sync_one()

    assert len(house.here()) == 30
    assert len(outcome.held) == 30


@pytest.mark.parametrize(("count", "alive"), [(30, 30), (2, 0)])
def test_deletions_that_a_push_reads_pass_the_guard(house: House, count: int, alive: int) -> None:
    for number in range(3):
        house.google.put(WORK, timed(f"a{number}"))
    house.settle()
    made = [house.add(said(f"Lunch {number}")) for number in range(count)]
    house.google.lose_answer(kind=Insert, times=count)
    house.sync()
    names = [house.copy(event).google_id for event in made]
    house.google.cut(WORK, *names)
    enter, waiting = house.google._enter, [True]

    def delete_first(method: str) -> None:
        if method == "get_events" and waiting:
            waiting.pop()
            for name in names:
                house.google.delete(WORK, name)
        enter(method)

    house.google._enter = delete_first  # type: ignore[method-assign]
    house.sync()

    assert sum(house.fresh(event).deleted is None for event in made) == alive


def test_a_calendar_that_is_gone_says_nothing_of_an_id_to_be_brought_back(house: House) -> None:
    event = house.add()
    house.settle()
    house.delete_there(event)
    house.change(event, summary="Soup")
    enter = house.google._enter

    def unshared(method: str) -> None:
        if method == "write_events":
            house.google.share(WORK, ME, None)
        enter(method)

    house.google._enter = unshared  # type: ignore[method-assign]
    house.sync()

    assert house.copy(event).generation == 0
