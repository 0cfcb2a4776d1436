"""A thread's store: kept from one piece of work to the next, and never when it may not be the right one any more."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.daemon.crew import Stop
from calsyncctl.daemon.parts import ASK_AGAIN, Parts
from calsyncctl.daemon.run import Daemon
from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.errors import Later, StoreFault
from calsyncctl.flags import Flags
from calsyncctl.model.calendar import Mode
from calsyncctl.model.secrets import CLIENT_SECRET
from calsyncctl.runtime import Runtime
from calsyncctl.store import calendars
from calsyncctl.store.db import open_store
from calsyncctl.sync.provider import Provider
from tests.store.build import NOW, connected, seen
from tests.support.clocks import Stopwatch


@pytest.fixture
def parts(daemon: Daemon) -> Parts:
    return daemon.parts


def test_a_thread_works_on_one_connection_whoever_closes_what_he_was_lent(parts: Parts) -> None:
    kept = parts.store()
    with closing(parts.lend_store()) as lent:
        assert lent.connection is kept.connection
    assert parts.store() is kept
    assert kept.connection.execute("SELECT 1").fetchone() == (1,)


def test_every_thread_has_a_connection_of_its_own(parts: Parts) -> None:
    found = [parts.store().connection]

    def other() -> None:
        found.append(parts.lend_store().connection)
        parts.drop_store()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(10)
    assert found[0] is not found[1]


def test_a_store_that_a_newer_program_has_upgraded_is_not_worked_on_any_more(parts: Parts) -> None:
    parts.store()
    with closing(sqlite3.connect(parts.paths.store_file)) as newer, newer:
        newer.execute("CREATE TABLE something_new (id INTEGER)")
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "SELECT migration_set, 'm999_new', applied_at FROM _sqlite_migrations LIMIT 1"
        )
    with pytest.raises(StoreFault, match="newer calsyncctl"):
        parts.store()


def test_a_store_whose_schema_somebody_changed_by_hand_is_worked_on(parts: Parts) -> None:
    before = parts.store()
    with closing(sqlite3.connect(parts.paths.store_file)) as other:
        other.execute("CREATE INDEX by_hand ON event (summary)")
        other.execute("VACUUM")
    assert parts.store() is before
    assert before.connection.execute("SELECT count(*) FROM event").fetchone() == (0,)


def test_another_file_in_the_stores_place_is_not_worked_on(parts: Parts, tmp_path: Path) -> None:
    parts.store()
    other = tmp_path / "other.db"
    open_store(other).close()
    other.replace(parts.paths.store_file)
    with pytest.raises(Later, match="Another file lies in the place"):
        parts.store()


def test_a_store_that_is_gone_is_not_worked_on(parts: Parts) -> None:
    parts.store()
    parts.paths.store_file.unlink()
    with pytest.raises(StoreFault, match="is gone"):
        parts.store()


def test_a_google_app_that_is_refused_is_read_again_now_and_then_and_costs_no_provider_while_it_is_the_same(
    parts: Parts,
) -> None:
    parts.clock = clock = Stopwatch()
    account = connected(parts.store(), "work@example.com")
    ledger = StoredLedger(parts.open_store, account.id)
    vault = Runtime(Flags(), parts.run.environ, SystemClock()).secrets

    def provider() -> Provider:
        parts.doubt_client()
        return parts.means().provider_for(account, ledger)

    first = provider()
    clock.ahead += ASK_AGAIN
    assert provider() is first
    vault.set(CLIENT_SECRET, "another")
    assert provider() is first  # not asked for yet
    clock.ahead += ASK_AGAIN
    other = provider()
    assert other is not first
    assert parts.run.client.client_secret == "another"
    assert parts.means().provider_for(account, ledger) is other


def test_what_goes_wrong_in_a_pass_costs_the_connection(daemon: Daemon) -> None:
    store = daemon.parts.store()
    account = connected(store, "work@example.com")
    calendar = seen(store, account, "Work")
    with store.write():
        calendars.select_calendar(store, calendar.id, Mode.TWO_WAY, NOW)
    daemon.works(Task(Kind.SYNC, account.id, (calendar.id,)), Stop())
    assert daemon.once.wrongs
    assert daemon.parts.store() is not store
