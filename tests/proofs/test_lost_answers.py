"""A write whose answer is lost, carried out or not: never a second event, never a second mail, and both sides agree.

Every kind of write, alone and as one of a batch of three, in memory and over HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from msgspec.structs import replace

from calsyncctl.model.event import Attendee
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.editing.restoring import restore_event
from tests.proofs.lab import Lab
from tests.support.worlds import World
from tests.sync.house import said

GUEST = "guest@example.org"
THIRD = "20270506T120000Z"
DAILY = ("RRULE:FREQ=DAILY;COUNT=6",)

Do = Callable[[Lab, str], object]
Record = Callable[[str, object], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of write: what is there before, what is done, what it sends, and which titles stand afterwards."""

    name: str
    kind: str
    before: tuple[Do, ...]
    do: Do
    titles: tuple[str, ...]
    mails: int = 1
    """Mails about each event."""


def add(lab: Lab, ref: str) -> None:
    lab.add(said(f"Lunch {ref}", guests=(GUEST,)), ref=ref)


def add_with_meet(lab: Lab, ref: str) -> None:
    lab.add(said(f"Lunch {ref}", guests=(GUEST,)), ref=ref, meet=True)


def add_series(lab: Lab, ref: str) -> None:
    lab.add(said(f"Lunch {ref}", guests=(GUEST,), recurrence=DAILY), ref=ref)


def add_old(lab: Lab, ref: str) -> None:
    """An event that is over: nobody is told of it."""
    lab.add(said(f"Lunch {ref}", "2026-05-04T12:00:00Z", "2026-05-04T13:00:00Z", guests=(GUEST,)), ref=ref)


def rename(lab: Lab, ref: str) -> None:
    lab.change(lab.of_ref(ref), summary=f"Soup {ref}")


def invite(lab: Lab, ref: str) -> None:
    lab.change(lab.of_ref(ref), attendees=(Attendee(GUEST), Attendee("more@example.org")))


def move(lab: Lab, ref: str) -> None:
    event = lab.of_ref(ref)
    assert event.content is not None
    later = replace(event.content.when, start="2027-05-05T12:00:00Z", end="2027-05-05T13:00:00Z")
    lab.change(event, when=later)


def delete(lab: Lab, ref: str) -> None:
    lab.delete(lab.of_ref(ref))


def restore(lab: Lab, ref: str) -> None:
    restore_event(lab.store, lab.means, lab.of_ref(ref).id)


def rename_one(lab: Lab, ref: str) -> None:
    series = lab.of_ref(ref)
    content = replace(inherited(lab.store, series, THIRD), summary=f"Soup {ref}")
    edit.change_occurrence(lab.store, lab.means, series.id, THIRD, content)


def cancel_one(lab: Lab, ref: str) -> None:
    edit.cancel_occurrence(lab.store, lab.means, lab.of_ref(ref).id, THIRD)


CASES = (
    Case("insert", "insert", (), add, ("Lunch",)),
    Case("insert with a Meet", "insert", (), add_with_meet, ("Lunch",)),
    Case("insert of a series", "insert", (), add_series, ("Lunch",)),
    Case("insert of what is over", "insert", (), add_old, ("Lunch",), 0),
    Case("patch", "patch", (add,), rename, ("Soup",)),
    Case("patch of the guests", "patch", (add,), invite, ("Lunch",), 2),
    Case("patch of the time", "patch", (add,), move, ("Lunch",)),
    Case("patch of a series", "patch", (add_series,), rename, ("Soup",)),
    Case("patch of an occurrence", "patch", (add_series,), rename_one, ("Lunch", "Soup")),
    Case("delete", "delete", (add,), delete, ()),
    Case("delete of a series", "delete", (add_series,), delete, ()),
    Case("cancelling an occurrence", "delete", (add_series,), cancel_one, ("Lunch",)),
    Case("bringing back", "patch", (add, delete), restore, ("Lunch",), mails=0),
)


def ways() -> Iterator[ParameterSet]:
    """Give every case in every way; by default two ways of each, by turns, so that every pair of ways is met often."""
    for (number, case), part, applied in product(enumerate(CASES), (False, True), (True, False)):
        name = f"{case.name}-{'in a batch' if part else 'alone'}-{'' if applied else 'not '}carried out"
        later = (part == applied) == (number % 2 == 0)
        marks = (pytest.mark.long,) if later else ()
        yield pytest.param(case, part, applied, id=name.replace(" ", "-"), marks=marks)


@pytest.mark.parametrize(("case", "part", "applied"), [*ways()])
def test_a_lost_answer_doubles_neither_event_nor_mail(
    world: World, tmp_path: Path, case: Case, part: bool, applied: bool, record_property: Record
) -> None:
    lab = Lab(tmp_path, world)
    names = ["one", "two", "three"] if part else ["one"]
    for before in case.before:
        for name in names:
            before(lab, name)
        lab.sync_one()
    lab.quiet()
    mailed = Counter(world.mails())

    for name in names:
        case.do(lab, name)
    world.lose(case.kind, applied=applied, part=part)
    (outcome,) = lab.sync().calendars
    assert outcome.error is not None, "the answer was not lost"
    lab.sync_one()

    assert lab.titles() == sorted(f"{title} {name}" for title in case.titles for name in names)
    told = Counter(world.mails()) - mailed
    assert set(told.values()) <= {1}
    assert len(told) == case.mails * len(names)
    lab.quiet()
    lab.close()
    record_property("lost", 1)
