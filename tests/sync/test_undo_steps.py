"""Undoing very much at once: others write in between, and what is cut off is a run that is finished by the next."""

from __future__ import annotations

import contextlib

from calsyncctl.errors import Later
from calsyncctl.model.calendar import Mode
from calsyncctl.store import calendars, runs
from calsyncctl.store.db import open_store
from calsyncctl.sync.editing import edit
from calsyncctl.sync.provider import Delete
from calsyncctl.sync.undoing.facts import Facts, facts_of_run
from calsyncctl.sync.undoing.undo import Did, rehearse, undo
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said

NAMES = [f"item{number}" for number in range(7)]


def retitled(house: House) -> Facts:
    """Seven events whose titles a pass changed."""
    for title in ("Before", "After"):
        for name in NAMES:
            house.google.put(WORK, timed(name, title))
        house.sync_one()
    return facts_of_run(house.store, runs.last_runs(house.store)[0].id, house.clock.now())


def titles(house: House) -> list[str]:
    return [house.text(house.event(name)).summary for name in NAMES]


def test_others_write_between_the_steps_of_a_large_one_and_of_its_rehearsal(house: House) -> None:
    facts, written = retitled(house), list[int]()

    def write() -> None:
        with open_store(house.path) as other:
            other.connection.execute("PRAGMA busy_timeout = 0")
            with other.write():
                written.append(1)

    would = rehearse(house.store, house.means, facts, at_once=3, rest=write)
    assert (len(written), set(titles(house))) == (2, {"After"})
    done = undo(house.store, house.means, facts, at_once=3, rest=write)

    assert (len(written), set(titles(house)), would.lines) == (4, {"Before"}, done.lines)
    run = runs.get_run(house.store, done.run or 0)
    assert (run.undoes, run.counts.changed, run.outcome, len(done.lines)) == (facts.run, 7, "done", 7)


def test_what_is_cut_off_in_the_middle_is_a_run_and_is_finished_by_undoing_the_same_again(house: House) -> None:
    facts = retitled(house)

    def cut_off() -> None:
        raise Later("The store is busy.", "Try again in a moment.")

    with contextlib.suppress(Later):
        undo(house.store, house.means, facts, at_once=3, rest=cut_off)
    assert sorted(titles(house)) == ["After"] * 4 + ["Before"] * 3
    rest = undo(house.store, house.means, facts)
    house.settle()

    assert ([one.did for one in rest.lines].count(Did.NOTHING), set(titles(house))) == (3, {"Before"})
    both = [runs.get_run(house.store, one) for one in runs.undone_by(house.store, facts.run or 0)]
    assert [one.counts.changed for one in both] == [3, 4]


def test_a_series_is_taken_back_with_its_exceptions_in_one_step(house: House) -> None:
    series = house.add(said("Class", recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    for day in (5, 6, 7):
        late = said("Late", f"2027-05-0{day}T15:00:00Z", f"2027-05-0{day}T16:00:00Z")
        edit.change_occurrence(house.store, house.means, series.id, f"2027050{day}T120000Z", late)
    house.settle()
    house.delete_there(series)
    house.sync_one()
    facts, rests = facts_of_run(house.store, runs.last_runs(house.store)[0].id, house.clock.now()), list[int]()

    done = undo(house.store, house.means, facts, at_once=1, rest=lambda: rests.append(1))

    assert (rests, [one.did for one in done.lines]) == ([], [Did.RESTORED] + [Did.NOTHING] * 3)


def test_a_cancelled_occurrence_of_which_google_says_nothing_is_called_by_its_series_and_its_day(house: House) -> None:
    series = house.add(said("Class", recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    house.settle()
    third = Delete(google_id=f"{house.copy(series).google_id}_20270506T120000Z", etag=None)
    house.google.provider(ME).write_events(WORK, (third,))
    house.sync_one()
    facts = facts_of_run(house.store, runs.last_runs(house.store)[0].id, house.clock.now())
    with house.store.write():
        calendars.set_mode(house.store, house.home().id, Mode.READ_ONLY)

    (line,) = undo(house.store, house.means, facts).lines

    assert (line.did, line.title) == (Did.REFUSED, "Class, 2027-05-06")
