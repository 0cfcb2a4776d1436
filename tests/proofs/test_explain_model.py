"""Whatever happened, everything can be explained: nothing is written by it, and what waits is told, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.stateful import invariant

from calsyncctl.health.explaining.explanation import Explanation
from calsyncctl.health.explaining.meant import find_meant
from calsyncctl.model.event import Event
from calsyncctl.store import accounts, copies
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.sync.pushing.duties import duties
from calsyncctl.sync.pushing.outgoing import Step, plan
from tests.health.asked import explained
from tests.proofs.lives import run_machine
from tests.proofs.model import TwoWayMachine, beginning

WAIT = {"waiting", "unanswered", "calendar-later", "held-undecided"}
NOTHING = {Step.SETTLE, Step.REST}


class CuriousMachine(TwoWayMachine):
    """Everything that happens to a profile, and somebody who asks at every moment why all is as it is."""

    @invariant()
    def explain_everything(self) -> None:
        for event in self._events():
            found = explained(self.house, event)
            assert find_meant(self.house.store, event.key) == event
            assert found.answer.text.endswith(".")
            if self._sends(event):
                assert codes(found) & WAIT, found

    @invariant()
    def explain_the_others(self) -> None:
        for calendar in self.house.calendars:
            assert explained(self.house, calendar).answer.text
        for account in accounts.list_accounts(self.house.store):
            assert explained(self.house, account).answer.text

    def settle(self) -> None:
        """Once it is calm nothing waits, and nothing is told to wait."""
        super().settle()
        for event in self._events():
            found = explained(self.house, event)
            assert not codes(found) & WAIT, found
            assert (found.answer.code in GONE) == (event.deleted is not None or event.status == "cancelled"), found

    def _events(self) -> list[Event]:
        rows = self.house.store.connection.execute(f"SELECT {COLUMNS} FROM event e")
        return [read_event(row) for row in rows.fetchall()]

    def _sends(self, event: Event) -> bool:
        """Tell whether the next push has something to do about an event."""
        store, now = self.house.store, self.house.clock.now()
        due = [one for one in copies.copies_of(store, event.id) if one.due is not None and one.hold is None]
        for copy in due:
            calendar = next(one for one in self.house.calendars if one.id == copy.calendar_id)
            (duty,) = duties(store, self.house.now(calendar), self.house.engine, [copy.id], now)
            if copy.state != "deleted" and plan(duty).step not in NOTHING:
                return True
        return False


GONE = {"deleted-in-google", "deleted-here", "deleted-with-series", "undone", "folded", "deleted"}


def codes(found: Explanation) -> set[str]:
    return {found.answer.code, *(line.code for line in found.waits)}


def run(folder: Path, examples: int, steps: int, *, seeded: bool) -> None:
    CuriousMachine.start = beginning(folder)
    run_machine(CuriousMachine, examples, steps, seeded=seeded)


def test_whatever_happened_can_be_explained(tmp_path: Path) -> None:
    run(tmp_path, 6, 12, seeded=True)


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_very_much_that_happened_can_be_explained(tmp_path: Path) -> None:
    run(tmp_path, 200, 30, seeded=False)
