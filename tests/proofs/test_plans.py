"""A plan is what the pass then does: over the model machine's histories, each pass is rehearsed first and compared."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis.stateful import rule

from calsyncctl.store import events, runs
from calsyncctl.store.db import Store
from calsyncctl.store.rehearsal import copied, open_copy
from calsyncctl.store.titles import title_of
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.planning.applying import Applying
from calsyncctl.sync.planning.applying import Told as Became
from calsyncctl.sync.planning.judging import Fate
from calsyncctl.sync.planning.notebook import step_of
from calsyncctl.sync.planning.plan import Decision, Plan, Scope, Side
from calsyncctl.sync.planning.rehearsal import rehearse
from calsyncctl.sync.planning.stage import sent
from calsyncctl.sync.provider import Delete, Insert, Patch, Write
from tests.proofs.lives import run_machine
from tests.proofs.model import TwoWayMachine, beginning
from tests.sync.house import House

Record = Callable[[str, object], None]
Told = Counter[tuple[object, ...]]


def planned(house: House) -> tuple[Plan, int]:
    """Rehearse the pass that the house would do a minute from now; tell also how much it leaves for the next one."""
    house.clock.at += 60
    with tempfile.TemporaryDirectory() as folder, copied(house.path, Path(folder) / "copy") as path:
        work = replace(house.work(), open_store=lambda: open_copy(path))
        rehearsal = rehearse(work, Scope(kind="sync"), profile="default")
        with open_copy(path) as copy:
            (left,) = copy.connection.execute("SELECT count(*) FROM copy WHERE due IS NOT NULL").fetchone()
    house.clock.at -= 60
    assert rehearsal.report.errors == (), rehearsal.report.errors
    return rehearsal.plan, left


def happened_here(store: Store, since: int) -> Told:
    """Say what the history says since a row."""
    told: Told = Counter()
    for row in runs.versions_since(store, since):
        event = events.get_event(store, row.event_id)
        title = title_of(store, event)
        told["here", str(row.action), title, row.version, row.author, row.why, _said(row.changes), _said(row.lost)] += 1
    return told


def planned_here(plan: Plan) -> Told:
    return Counter(_here(one) for one in plan.decisions if one.side is Side.HERE and one.step != "lapsed")


def _here(one: Decision) -> tuple[object, ...]:
    return ("here", one.step, one.title, one.after, one.author, one.why, _said(one.changes), _said(one.lost))


def _said(values: object) -> bytes:
    return msgspec.json.encode(values)


def happened_there(writes: list[Write], alive: set[str]) -> Told:
    whole = _whole(writes)
    return Counter((step_of(one), _text(one, alive), _fields(one, whole), one.mail) for one in writes)


def _whole(writes: list[Write]) -> set[str]:
    """Name what is written whole: which of its fields are news is not told by the write."""
    return {one.google_id for one in writes if isinstance(one, Patch) and one.before is None}


def _text(write: Write, alive: set[str]) -> str:
    return write.content.summary if isinstance(write, Insert) else _name(write.google_id, alive)


def _name(google_id: str, alive: set[str]) -> str:
    """Name an item; what is new in a pass bears an id that is drawn in it, but for the occurrence."""
    series, _, original = google_id.rpartition("_")
    return google_id if not series or series in alive else f"new {original}"


def _fields(write: Write, whole: set[str]) -> tuple[str, ...]:
    if not isinstance(write, Patch) or write.google_id in whole:
        return ()
    return tuple(sent(write))


def planned_there(plan: Plan, writes: list[Write], alive: set[str]) -> Told:
    whole = _whole(writes)
    return Counter(
        (
            one.step,
            one.title if one.step == "insert" else _name(one.google_id, alive),
            tuple(change.field for change in one.changes) if one.step == "patch" and one.google_id not in whole else (),
            one.mail,
        )
        for one in plan.decisions
        if one.side is Side.GOOGLE
    )


def in_vain(write: Write, writes: list[Write], alive: set[str]) -> bool:
    """Tell a deletion of what is not there by then, or went as its series was written: a plan need not name it."""
    series = write.google_id.rpartition("_")[0]
    written = {one.google_id for one in writes}
    return isinstance(write, Delete) and (series in written if series else write.google_id not in alive)


def _differing(planned: Told, done: Told) -> tuple[Told, Told]:
    """Return what was planned and not done, and done and not planned.

    What an occurrence follows its series in is no news by the time that it is written itself: the plan names no field.
    """
    bare = {one[:2] for one in planned if one[0] == "patch" and not one[2]}
    planned, done = _without_fields(planned, bare), _without_fields(done, bare)
    return planned - done, _but_again(done - planned, planned)


def _without_fields(told: Told, bare: set[tuple[object, ...]]) -> Told:
    found: Told = Counter()
    for one, count in told.items():
        found[(*one[:2], (), one[3]) if one[:2] in bare else one] += count
    return found


def _but_again(more: Told, planned: Told) -> Told:
    """Leave out what is asked for once more: what Google refused for its condition, and what went behind a move."""
    return Counter(
        {
            one: count
            for one, count in more.items()
            if (one[0], one[-1]) != ("delete", "none") and not (one[0] == "patch" and one in planned)
        }
    )


class PlanningMachine(TwoWayMachine):
    """The model machine, in which each pass is rehearsed before it is done, in a calm moment.

    Events that move between calendars in Google are left out: their parts hang together across accounts.
    """

    compared = 0
    skips = 0

    @rule()
    def move_between(self) -> None:
        """Do nothing."""

    @rule()
    def sync(self) -> None:
        self.house.google._failures.clear()
        self.house.google.habits.faults.clear()
        before, sent_before = self.house.snapshot(), len(self.house.google.writes)
        alive = self._alive()
        (plan, _), since = planned(self.house), runs.last_version(self.house.store)
        assert self.house.snapshot() == before
        assert len(self.house.google.writes) == sent_before

        assert self.house.sync().errors == ()

        writes = self.house.google.writes[sent_before:]
        vain = {one.google_id for one in writes if in_vain(one, writes, alive)}
        ids = {one.google_id for one in plan.decisions if one.side is Side.GOOGLE}
        vain |= {one for one in ids if one.rpartition("_")[0] in ids}
        kept = tuple(one for one in plan.decisions if one.step != "delete" or one.google_id not in vain)
        plan = msgspec.structs.replace(plan, decisions=kept)
        writes = [one for one in writes if not (isinstance(one, Delete) and one.google_id in vain)]
        pairs = (
            (planned_here(plan), happened_here(self.house.store, since)),
            (planned_there(plan, writes, alive), happened_there(writes, alive)),
        )
        differing = [_differing(said, done) for said, done in pairs]
        assert not any(lacking or more for lacking, more in differing), differing
        type(self).compared += len(plan.decisions)

    def _alive(self) -> set[str]:
        google = self.house.google
        return {name for calendar in google._calendars for name in google.alive(calendar)}

    @rule()
    def settle(self) -> None:
        """Let everything come to rest, each pass rehearsed; that both sides agree then is proven elsewhere."""
        for _ in range(3):
            self.sync()
            self._decide()


def run(machine: type[PlanningMachine], folder: Path, examples: int, steps: int, *, seeded: bool) -> int:
    machine.start = beginning(folder)
    machine.compared = 0
    run_machine(machine, examples, steps, seeded=seeded)
    return machine.compared


def test_a_plan_is_what_the_pass_then_does(tmp_path: Path) -> None:
    assert run(PlanningMachine, tmp_path, 6, 20, seeded=True) > 20


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_a_plan_is_what_the_pass_then_does_in_many_histories(tmp_path: Path) -> None:
    assert run(PlanningMachine, tmp_path, 150, 40, seeded=False) > 500


class ApplyingMachine(PlanningMachine):
    """The model machine, in which each pass is planned, the plan applied, and the pass then finds nothing to do.

    What one decision brings about in another's event may have to wait for a sync: it is skipped, and that is rare.
    """

    @rule()
    def sync(self) -> None:
        google = self.house.google
        google._failures.clear()
        google.habits.faults.clear()
        plan, left = planned(self.house)
        self.house.clock.at += 60

        became = applied(self.house, plan)
        skipped = [one for one in became if one.fate is Fate.MOVED_ON]

        sent = len(google.writes)
        alive = self._alive()
        assert self.house.sync().errors == ()
        writes = google.writes[sent:]
        if not left and not skipped:  # what one pass leaves for the next is none of the plan's
            assert [one for one in writes if not in_vain(one, writes, alive)] == [], writes
            again = [one for one in applied(self.house, plan) if one.fate is not Fate.ALREADY]
            assert again == [], again
        type(self).skips += len(skipped)
        type(self).compared += len(plan.decisions)


def applied(house: House, plan: Plan) -> list[Became]:
    """Apply a plan, and once more what waited for another calendar."""
    applying = Applying(plan)
    for _ in range(2):
        report = sync_calendars(replace(house.work(), kind="apply"), applying.step)
        assert report.errors == (), report.errors
    return [applying.told[at] for at in range(len(plan.decisions))]


def test_an_applied_plan_leaves_the_pass_nothing_to_do(tmp_path: Path) -> None:
    assert run(ApplyingMachine, tmp_path, 6, 20, seeded=True) > 20
    assert ApplyingMachine.skips <= 5


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_an_applied_plan_leaves_the_pass_nothing_to_do_in_many_histories(tmp_path: Path) -> None:
    compared = run(ApplyingMachine, tmp_path, 150, 40, seeded=False)
    assert compared > 500
    assert ApplyingMachine.skips * 20 < compared


def test_an_occurrence_that_goes_with_its_series_is_not_planned_to_come_back(tmp_path: Path) -> None:
    """The answer to its own deletion, in the same batch, says nothing new; what it waited for was planned as well."""
    PlanningMachine.start = beginning(tmp_path)
    state = PlanningMachine()
    state.change_one(nth=0, which=0)
    state.make_there(calendar="work-calendar", day=6, guests=1, series=True)
    state.die(at=48)
    state.move_home(home="team-calendar", which=7)
    state.paste_there(calendar="team-calendar", which=6)

    state.teardown()
