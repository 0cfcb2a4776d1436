"""Whatever happens in Google and to the pull: once things settle, both sides say the same, and nothing is doubled.

A hypothesis state machine edits, deletes, cuts answers, kills tokens, lets reads be stale, and ends passes in the
middle: by an error, by a crash at any request, by a commit that never happens.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from calsyncctl.errors import Later
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.store.db import Store, connect
from calsyncctl.sync.passes import sync_calendars
from tests.support.memory import timed
from tests.sync.desk import WORK, Desk

SINGLES = ("a", "b", "c", "d", "e")
SERIES = ("m", "n", "never")
"""`never` never comes: its exceptions stand alone."""
DAYS = ("13", "14", "15")
SUMMARIES = st.sampled_from(["Tea", "Coffee", "Water"])
ERRORS = st.sampled_from(["fail", "crash", "expire pages", "expire cursors"])


class Killed(Exception):
    """The process died here."""


class Mortal(Store):
    """A store whose process dies just before a commit."""

    commits_left = 1_000_000

    @contextlib.contextmanager
    def write(self) -> Iterator[None]:
        with super().write():
            yield
            self.commits_left -= 1
            if self.commits_left < 0:
                raise Killed


class PullMachine(RuleBasedStateMachine):
    """One calendar, edited in Google and pulled."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.desk = Desk(self.folder, page_size=2)
        self.desk.calendar()
        self.google = self.desk.google
        self.current: dict[str, RemoteEvent] = {}
        self.dead: set[str] = set()
        self.stale: set[str] = set()
        self.needs_listing = False
        """Something happened that no token tells of: an item vanished, or an answer was cut."""

    def teardown(self) -> None:
        self.settle()
        self.desk.close()
        shutil.rmtree(self.folder)

    # What happens in Google

    @rule(google_id=st.sampled_from(SINGLES), summary=SUMMARIES)
    def edit(self, google_id: str, summary: str) -> None:
        self._put(timed(google_id, summary))

    @rule(google_id=st.sampled_from(SERIES[:2]), summary=SUMMARIES)
    def edit_series(self, google_id: str, summary: str) -> None:
        self._put(timed(google_id, summary, "2026-04-12T09:00:00Z", recurrence=("RRULE:FREQ=DAILY",)))

    @rule(master=st.sampled_from(SERIES), day=st.sampled_from(DAYS), summary=SUMMARIES)
    def edit_exception(self, master: str, day: str, summary: str) -> None:
        if master in self.dead:
            return  # Google keeps no living exceptions of a deleted series
        original = f"202604{day}T090000Z"
        self._put(timed(f"{master}_{original}", summary, master=master, original=original))

    @rule(google_id=st.sampled_from(SINGLES + SERIES[:2]))
    def delete(self, google_id: str) -> None:
        for one in self._with_exceptions(google_id):
            self.google.delete(WORK, one)
            self._forget(one)

    @rule(master=st.sampled_from(SERIES), day=st.sampled_from(DAYS))
    def cancel(self, master: str, day: str) -> None:
        google_id = f"{master}_202604{day}T090000Z"
        if google_id in self.current:
            self.google.delete(WORK, google_id)
            self._forget(google_id)

    @rule(google_id=st.sampled_from(SINGLES + SERIES[:2]))
    def lose(self, google_id: str) -> None:
        for one in self._with_exceptions(google_id):
            self.google.lose(WORK, one)
            self._forget(one)
            self.needs_listing = True

    @rule()
    def bury(self) -> None:
        self.google.bury(WORK)
        self.needs_listing = True

    @rule(google_id=st.sampled_from(SINGLES), summary=SUMMARIES)
    def read_stale(self, google_id: str, summary: str) -> None:
        if google_id in self.current:
            old = timed(google_id, f"Old {summary}")
            self.google.put_as_is(WORK, _dated(old, "2020-01-01T00:00:00.000Z"))
            self.stale.add(google_id)

    @rule()
    def expire_cursors(self) -> None:
        self.google.expire_cursors()

    @rule(google_ids=st.sets(st.sampled_from(SINGLES), min_size=1))
    def cut_listing(self, google_ids: set[str]) -> None:
        self.google.cut(WORK, *(google_ids & self.current.keys()))
        self.google.expire_cursors()
        self.needs_listing = True

    # What happens to the pull

    @rule()
    def sync(self) -> None:
        self.desk.sync()

    @rule(how=ERRORS, after=st.integers(0, 5))
    def sync_with_trouble(self, how: str, after: int) -> None:
        for _ in range(after):
            self.google.before_next(lambda: None)
        self.google.before_next(self._trouble(how))
        with contextlib.suppress(Killed):
            self.desk.sync()
        self._calm()

    @rule(after=st.integers(0, 4), summary=SUMMARIES, google_id=st.sampled_from(SINGLES))
    def sync_while_somebody_edits(self, after: int, summary: str, google_id: str) -> None:
        for _ in range(after):
            self.google.before_next(lambda: None)
        self.google.before_next(lambda: self._put(timed(google_id, summary)))
        self.desk.sync()
        self._calm()

    @rule(commits=st.integers(0, 6))
    def die_before_a_commit(self, commits: int) -> None:
        def open_mortal() -> Store:
            connection = connect(self.desk.path)
            connection.execute("PRAGMA foreign_keys = ON")
            store = Mortal(connection, self.desk.path)
            store.commits_left = commits
            return store

        with contextlib.suppress(Killed):
            sync_calendars(replace(self.desk.work(), open_store=open_mortal))

    # What must hold

    @rule()
    def settle(self) -> None:
        self._calm()
        self.google.mend(WORK)
        for google_id in sorted(self.stale):
            self.google.put_as_is(WORK, self.current[google_id])
        self.stale.clear()
        self.desk.sync()  # ends a listing under way; what was edited meanwhile comes with the next
        if self.needs_listing:
            self.google.expire_cursors()
            self.needs_listing = False
        self.desk.sync_one()

        assert self.desk.here() == self.desk.there()
        self._joined()
        before = self.desk.snapshot()
        self.desk.sync_one()
        assert self.desk.snapshot() == before

    @invariant()
    def every_event_stands_on_its_calendar_once(self) -> None:
        assert self.desk.rows("event") == self.desk.rows("copy")
        assert self.desk.store.connection.execute("PRAGMA foreign_key_check").fetchall() == []

    def _joined(self) -> None:
        """Every living exception of a living series belongs to it."""
        for item in self.current.values():
            if item.master in self.current:
                assert self.desk.event(item.google_id).series_id == self.desk.event(item.master or "").id

    # Helpers

    def _put(self, item: RemoteEvent) -> None:
        kept = self.google.put(WORK, item)
        assert isinstance(kept, RemoteEvent)
        self.current[item.google_id] = kept
        self.dead.discard(item.google_id)
        self.stale.discard(item.google_id)

    def _forget(self, google_id: str) -> None:
        self.current.pop(google_id, None)
        self.dead.add(google_id)
        self.stale.discard(google_id)

    def _with_exceptions(self, google_id: str) -> list[str]:
        """Return an item with its exceptions: Google deletes them together. Tombstones of occurrences stay."""
        exceptions = [one for one, item in self.current.items() if item.master == google_id]
        return [*exceptions, google_id] if google_id in self.current else []

    def _trouble(self, how: str) -> Callable[[], None]:
        def crash() -> None:
            raise Killed

        return {
            "fail": lambda: self.google.fail_next(Later("Away.")),
            "crash": crash,
            "expire pages": self.google.expire_pages,
            "expire cursors": self.google.expire_cursors,
        }[how]

    def _calm(self) -> None:
        """Let planned trouble that was not reached happen to nobody."""
        self.google._before.clear()
        self.google._failures.clear()


def _dated(item: RemoteEvent, updated: str) -> RemoteEvent:
    import msgspec

    return msgspec.structs.replace(item, updated=updated, etag='"old"')


def test_after_whatever_happened_both_sides_say_the_same() -> None:
    run_state_machine_as_test(
        PullMachine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None, print_blob=True)
    )
