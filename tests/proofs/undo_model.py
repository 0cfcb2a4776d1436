"""The model test's machine with one more hand, which takes runs back: whatever was done, it can be undone.

Twice it is asked what that means: at any moment, one of the last runs is taken back amid everything else, and both
sides must agree as ever; and from a calm moment on, all runs of whatever was done are taken back, the latest first,
and every event must say again what it said then.
"""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.structs import replace

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.event import Content, Event
from calsyncctl.store import events, runs
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.sync.canonical import alike
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.takeback import FIELDS, Life, life_of
from calsyncctl.sync.undoing.facts import facts_of_run
from calsyncctl.sync.undoing.undo import Did, Undone, rehearse, undo
from tests.proofs.model import DAYS, THERE, WHICH, TwoWayMachine

ACTS = (
    "add",
    "rename",
    "describe",
    "invite",
    "move_in_time",
    "delete",
    "change_one",
    "cancel_one",
    "divide",
    "move_home",
    "make_there",
    "rename_there",
    "reply_there",
    "move_there",
    "delete_there",
    "change_one_there",
    "cancel_one_there",
)
DONE = st.lists(st.tuples(st.sampled_from(ACTS), WHICH, THERE, DAYS), min_size=1, max_size=3)


class UndoMachine(TwoWayMachine):
    """Everything that happens to a profile, and what was done taken back."""

    undone = 0
    """Runs taken back in all lives."""

    @rule(back=st.integers(0, 5))
    def take_back(self, back: int) -> None:
        """Somebody takes one of the last runs back, whatever else is under way."""
        last = runs.last_runs(self.house.store, 6)
        if back < len(last):
            self._undo(last[back].id)

    @rule(acts=DONE, later=st.booleans())
    def there_and_back(self, acts: list[tuple[str, int, str, int]], later: bool) -> None:
        """From calm to calm: what was done meanwhile is taken back, the latest first, but for an edit after it."""
        self.settle()
        before, begun = self._said(), runs.last_runs(self.house.store, 1)[0].id
        for name, which, calendar, day in acts:
            self._act(name, which, calendar, day)
        self.settle()
        done = [one.id for one in runs.last_runs(self.house.store, 100) if one.id > begun]
        edited = self._later() if later else {}
        mails = len(self.house.google.mails)
        refused = set[int]()
        for run_id in done:
            undone = self._undo(run_id)
            refused |= {one.event.id for one in undone.lines if one.did is Did.REFUSED} if undone else set()
        self.settle()
        assert len(self.house.google.mails) == mails, "undoing mailed somebody"
        self._is_as_before(before, edited, refused)

    def _act(self, name: str, which: int, calendar: str, day: int) -> None:
        values: dict[str, dict[str, Any]] = {
            "add": {"home": calendar, "day": day, "series": day % 2 == 0, "guests": day % 3},
            "invite": {"which": which, "guests": day % 4},
            "move_in_time": {"which": which, "day": day},
            "change_one": {"which": which, "nth": day - 4},
            "cancel_one": {"which": which, "nth": day - 4},
            "divide": {"which": which, "nth": max(day - 5, 1)},
            "move_home": {"which": which, "home": calendar},
            "make_there": {"calendar": calendar, "day": day, "series": day % 2 == 0, "guests": day % 3},
            "rename_there": {"calendar": calendar, "which": which},
            "reply_there": {"calendar": calendar, "which": which, "reply": "accepted"},
            "move_there": {"calendar": calendar, "which": which, "day": day},
            "delete_there": {"calendar": calendar, "which": which},
            "change_one_there": {"calendar": calendar, "which": which, "nth": day - 4, "cancel": False},
            "cancel_one_there": {"calendar": calendar, "which": which, "nth": day - 4, "cancel": True},
        }
        getattr(self, name.replace("cancel_one_there", "change_one_there"))(**values.get(name, {"which": which}))

    def _later(self) -> dict[int, str]:
        """Somebody says where the first event takes place, after all that is to be taken back; nobody is mailed yet."""
        event = self._event(0)
        if event is None:
            return {}
        text = self.text()
        self._do(event, lambda: self.house.change(event, location=text))
        self.settle()
        now = events.get_event(self.house.store, event.id).content
        return {event.id: text} if now is not None and now.body.location == text else {}

    def _undo(self, run_id: int) -> Undone | None:
        """Take a run back; a rehearsal before it says the same."""
        store, means = self.house.store, self.house.means
        with contextlib.suppress(NotFound, UsageFault):
            facts = facts_of_run(store, run_id, means.now)
            would = rehearse(store, means, facts)
            done = undo(store, means, facts)
            assert would.lines == done.lines
            type(self).undone += 1
            return done
        return None

    def _said(self) -> dict[int, Event]:
        rows = self.house.store.connection.execute(f"SELECT {COLUMNS} FROM event e").fetchall()
        return {event.id: event for event in map(read_event, rows)}

    def _is_as_before(self, before: dict[int, Event], edited: dict[int, str], refused: set[int]) -> None:
        now = self._said()
        for id_, event in now.items():
            if id_ in refused or event.series_id in refused:
                continue
            was = before.get(id_)
            if was is None or (life_of(was) is not Life.ALIVE and event.original is not None):
                assert self._is_no_news(event, now) or id_ in edited, ("stays", event)
            elif life_of(was) is Life.ALIVE:
                assert life_of(event) is Life.ALIVE, ("is gone", was, event)
                assert self._differing(was, event, edited) == [], (was, event)
            else:
                assert life_of(event) is not Life.ALIVE, ("is back", event)

    def _is_no_news(self, event: Event, now: dict[int, Event]) -> bool:
        """What was not there before is gone, or an occurrence that says what its series says."""
        series = now.get(event.series_id or 0)
        if life_of(event) is not Life.ALIVE or event.content is None or series is None or event.original is None:
            return life_of(event) is not Life.ALIVE
        if life_of(series) is not Life.ALIVE:
            return True
        return _fields(inherited(self.house.store, series, event.original), event.content) == []

    def _differing(self, was: Event, event: Event, edited: dict[int, str]) -> list[str]:
        if was.content is None or event.content is None:
            return []
        found = [field for field in _fields(was.content, event.content) if field != "location"]
        there = event.content.body.location
        text = edited.get(event.id) or edited.get(event.series_id or 0) or was.content.body.location
        return found + ([] if there == text else ["location"])


def _fields(one: Content, other: Content) -> list[str]:
    """Name the fields in which two contents differ, as far as they can return: nobody replies for others."""
    pairs = ((name, _value(one, name), _value(other, name)) for name in FIELDS)
    return [name for name, was, now in pairs if not alike(name, was, now)]


def _value(content: Content, field: str) -> object:
    if field == "attendees":
        guests = content.body.attendees
        return tuple(replace(one, reply="needsAction", comment="", organizer=False, self=False) for one in guests)
    return getattr(content, field) if field in {"summary", "status", "when"} else getattr(content.body, field)
