"""Repairs and adoptions beside either world: the Google in memory, and a local one over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_

from calsyncctl.errors import Unknown
from calsyncctl.model.event import When
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.repairing.differences import Drift
from calsyncctl.sync.repairing.reconcile import Reconciling
from calsyncctl.sync.repairing.survey import Findings
from calsyncctl.sync.report import SyncReport
from tests.proofs.lab import Lab
from tests.support.worlds import World
from tests.sync.house import INSTANCE, said

OTHER = "another00000"
DAILY = ("RRULE:FREQ=DAILY;COUNT=6",)
THIRD = "20270506T120000Z"


@pytest.fixture
def lab(world: World, tmp_path: Path) -> Iterator[Lab]:
    """A profile with an event, a series and one changed occurrence, on both sides."""
    made = Lab(tmp_path, world)
    made.add(said("Lunch"), ref="one")
    series = made.add(said("Daily", recurrence=DAILY), ref="series")
    content = with_(inherited(made.store, series, THIRD), summary="Moved")
    edit.change_occurrence(made.store, made.means, series.id, THIRD, content)
    made.sync_one()
    made.quiet()
    yield made
    made.close()


def reconcile(lab: Lab, *adopt: str, check: bool = False) -> tuple[SyncReport, Findings]:
    lab.clock.at += 60
    run = Reconciling(check=check, adopt=frozenset(adopt))
    report = sync_calendars(replace(lab.work(), kind="reconcile"), run.step)
    return report, run.found.get(lab.home().id, Findings())


def another(lab: Lab, folder: Path, instance: str) -> Lab:
    """A profile that lost its store, or another installation, on the same calendar."""
    fresh = Lab(folder, lab.world)
    fresh.engine = with_(fresh.engine, instance=instance)
    return fresh


def test_two_equal_sides_have_no_difference(lab: Lab) -> None:
    report, findings = reconcile(lab, check=True)

    assert report.errors == ()
    assert findings.differences == []


def test_a_lost_store_inserts_nothing_and_differs_in_nothing(lab: Lab, tmp_path: Path) -> None:
    sent = len(lab.world.arrived())
    folder = tmp_path / "again"
    folder.mkdir()
    fresh = another(lab, folder, INSTANCE)

    report, findings = reconcile(fresh)

    assert report.errors == ()
    assert findings.differences == []
    assert len(lab.world.arrived()) == sent
    assert fresh.titles() == ["Daily", "Lunch", "Moved"]
    fresh.close()


def test_what_the_store_forgot_is_named_and_known_again(lab: Lab) -> None:
    event = lab.of_ref("one")
    with lab.store.write():
        for table in ("version", "copy"):
            lab.store.connection.execute(f"DELETE FROM {table} WHERE event_id = ?", (event.id,))
        lab.store.connection.execute("DELETE FROM event WHERE id = ?", (event.id,))

    _, found = reconcile(lab, check=True)
    reconcile(lab)

    assert found.counts == {Drift.ORPHAN: 1}
    assert reconcile(lab, check=True)[1].differences == []
    assert lab.titles() == ["Daily", "Lunch", "Moved"]


@pytest.mark.parametrize("applied", [True, False], ids=["carried-out", "not-carried-out"])
def test_marks_whose_answers_are_lost_are_taken_over_by_the_next_reconcile(
    lab: Lab, tmp_path: Path, applied: bool
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = another(lab, folder, OTHER)
    other.sync_one()
    lab.world.lose("patch", applied=applied, part=True)

    report, _ = reconcile(other, INSTANCE)
    assert [type(error) for error in report.errors] == [Unknown]
    assert reconcile(other, INSTANCE)[0].errors == ()

    marks = {item.tag.instance for item in other.alive().values() if item.tag is not None and item.master is None}
    assert marks == {OTHER}
    assert reconcile(other, INSTANCE, check=True)[1].differences == []
    assert other.titles() == ["Daily", "Lunch", "Moved"]
    other.quiet()
    other.close()


NEW_TIMES = {
    "no more": When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC"),
    "later": When("2027-05-04T15:00:00Z", "2027-05-04T16:00:00Z", "UTC", DAILY),
    "all day": When("2027-05-04", "2027-05-05", "UTC", DAILY),
    "shorter": When("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "UTC", ("RRULE:FREQ=DAILY;COUNT=2",)),
}


@pytest.mark.parametrize("when", NEW_TIMES.values(), ids=NEW_TIMES.keys())
def test_a_series_that_changed_its_times_leaves_no_difference(lab: Lab, when: When) -> None:
    edit.cancel_occurrence(lab.store, lab.means, lab.of_ref("series").id, "20270507T120000Z")
    lab.sync_one()
    lab.change(lab.of_ref("series"), when=when)
    lab.sync_one()
    lab.quiet()

    report, findings = reconcile(lab, check=True)

    assert report.errors == ()
    assert findings.differences == []
    assert "Moved" in lab.titles() or when in (NEW_TIMES["no more"], NEW_TIMES["shorter"])
