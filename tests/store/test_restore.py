"""A backup in the store's place: the old one or the new one, whenever it ends, and never a mixture."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.errors import NotFound, StoreFault
from calsyncctl.store import migrations
from calsyncctl.store.backup import Note, back_up, examine
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.meta import get_meta, set_meta
from calsyncctl.store.restore import check_known, put_aside, put_back
from tests.store.build import NOW, connected, look, old_store

NOTE = Note("one", NOW)


def nothing(store: Store) -> None:
    """Prepare nothing."""


def say(store: Store, word: str) -> None:
    with store.write():
        set_meta(store, "word", word)


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    """A backup that says `old`, of a store that says `new` by now."""
    with open_store(path) as store:
        say(store, "old")
        made = back_up(path, tmp_path / "backups", label="asked", now=NOW, note=NOTE)
        say(store, "new")
    return made


def word(path: Path) -> str | None:
    with open_store(path) as store:
        assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return get_meta(store, "word")


def test_a_backup_says_what_it_is(store: Store, tmp_path: Path) -> None:
    connected(store, "work@example.com")
    found = examine(back_up(store.path, tmp_path, label="asked", now=NOW, note=NOTE))

    assert (found.instance, found.made, found.step) == ("one", NOW, migrations.NAMES[-1])
    assert (found.counts["account"], found.counts["event"]) == (1, 0)
    assert get_meta(store, "backup") is None


def test_an_automatic_backup_is_known_by_the_id_that_init_noted(store: Store, tmp_path: Path) -> None:
    with store.write():
        set_meta(store, "instance", "one")

    found = examine(back_up(store.path, tmp_path, label="m001", now=NOW))
    assert (found.instance, found.made) == ("one", None)


def test_what_is_put_back_is_prepared_and_no_backup_any_more(path: Path, backup: Path) -> None:
    put_back(examine(backup), path, SystemClock(), lambda store: say(store, "prepared"))

    assert word(path) == "prepared"
    assert look(path, "SELECT count(*) FROM meta WHERE name = 'backup'") == [(0,)]
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_log_of_the_old_store_is_not_read_into_the_new_one(path: Path, backup: Path) -> None:
    with open_store(path) as left_open:  # as after a crash: its log lies beside it
        say(left_open, "newer")
        put_back(examine(backup), path, SystemClock(), nothing)
        assert word(path) == "old"


def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(path: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.sqlite"
    old_store(older, "m001_accounts").conn.close()
    put_back(examine(older), path, SystemClock(), nothing)
    with open_store(path) as store:
        assert store.connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
        store.connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('calsyncctl', 'm999_later', '')"
        )
        newer = back_up(path, tmp_path, label="asked", now=NOW)

    with pytest.raises(StoreFault, match="newer calsyncctl"):
        check_known(examine(newer))


def test_a_preparation_that_fails_leaves_the_store_as_it_was(path: Path, backup: Path) -> None:
    def fail(store: Store) -> None:
        raise StoreFault("no")

    with pytest.raises(StoreFault):
        put_back(examine(backup), path, SystemClock(), fail)
    assert word(path) == "new"


def test_what_was_there_is_put_aside_whole_or_as_it_is(path: Path, backup: Path, tmp_path: Path) -> None:
    kept = put_aside(path, tmp_path / "kept", NOTE)
    assert kept is not None
    assert (kept.name, word(kept)) == ("store-20260412T132000Z-before-restore.sqlite", "new")

    path.write_bytes(b"nonsense" * 2000)
    damaged = put_aside(path, tmp_path / "kept", NOTE)
    assert damaged is not None
    assert damaged.name == "store-20260412T132000Z-damaged.sqlite"
    assert damaged.read_bytes() == path.read_bytes()
    assert put_aside(tmp_path / "nothing", tmp_path / "kept", NOTE) is None


def test_what_is_no_backup_is_refused(tmp_path: Path, path: Path, backup: Path) -> None:
    with pytest.raises(NotFound):
        examine(tmp_path / "nothing")
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(backup.read_bytes()[:-8192])
    with pytest.raises(StoreFault):
        examine(cut)


def dies_at(event: int, act: Callable[[], None]) -> bool:
    """Do something in a process of its own that dies at its n-th dealing with the machine; tell whether it did."""
    child = os.fork()
    if child == 0:
        left = [event]

        def count(name: str, _: object) -> None:
            if name.startswith(("open", "os.", "shutil.", "sqlite3.", "tempfile.")):
                left[0] -= 1
                if left[0] == 0:
                    os._exit(9)

        sys.addaudithook(count)
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_killed_anywhere_the_old_store_or_the_new_one_stands(path: Path, backup: Path) -> None:
    found, seen, event = examine(backup), [], 0
    while event < 300:
        event += 1
        with open_store(path) as store:
            say(store, "new")
        killed = dies_at(event, lambda: put_back(found, path, SystemClock(), nothing))
        seen.append(word(path))
        if not killed:
            break

    assert seen[0] == "new"
    assert seen[-1] == "old"
    assert set(seen) == {"old", "new"}
    assert event > 20
