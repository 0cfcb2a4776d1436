"""Opening and writing: modes, pragmas, the lock, and what a user reads when the file is in trouble."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from calsyncctl.errors import CalsyncError, Later, StoreFault
from calsyncctl.store import db
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.faults import fault, spoken
from calsyncctl.store.meta import drop_meta, get_meta, set_meta


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pragma(store: Store, name: str) -> object:
    return store.connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_store_and_what_sqlite_puts_beside_it_are_only_for_their_owner(path: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(path) as store, store.write():
            set_meta(store, "a", "b")

            files = {file.name: mode(file) for file in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert files == {"store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600}


def test_the_folder_that_is_made_for_a_store_is_private(path: Path) -> None:
    open_store(path).close()

    assert mode(path.parent) == 0o700


def test_a_store_that_others_could_read_is_made_private_again(path: Path) -> None:
    open_store(path).close()
    path.chmod(0o644)

    open_store(path).close()

    assert mode(path) == 0o600


def test_the_pragmas_suit_several_processes_and_a_replicator(store: Store) -> None:
    """Litestream reads the log (WAL), takes the lock for its checkpoints, and must never meet an exclusive one."""
    names = ("journal_mode", "synchronous", "foreign_keys", "auto_vacuum", "recursive_triggers", "busy_timeout")

    assert [pragma(store, name) for name in names] == ["wal", 1, 1, 2, 0, 5000]
    assert [pragma(store, name) for name in ("locking_mode", "wal_autocheckpoint")] == ["normal", 1000]


def test_the_pragmas_are_the_same_when_a_current_store_is_opened_again(path: Path) -> None:
    open_store(path).close()

    with open_store(path) as again:
        assert [pragma(again, name) for name in ("journal_mode", "synchronous", "foreign_keys")] == ["wal", 1, 1]


def test_opening_a_current_store_does_not_import_sqlite_utils(path: Path) -> None:
    open_store(path).close()
    program = (
        "import sys, pathlib; from calsyncctl.store.db import open_store; "
        "open_store(pathlib.Path(sys.argv[1])).close(); print('sqlite_utils' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "False"


def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    def write_half() -> None:
        with store.write():
            set_meta(store, "half", "done")
            raise KeyError("half")

    with pytest.raises(KeyError):
        write_half()
    assert get_meta(store, "half") is None
    assert not store.writing()


def test_blocks_do_not_nest(store: Store) -> None:
    with store.write(), pytest.raises(RuntimeError, match="does not nest"), store.write():
        pass


def test_a_change_outside_a_block_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="call it inside"):
        set_meta(store, "a", "b")


def test_named_values_are_replaced_and_forgotten(store: Store) -> None:
    with store.write():
        set_meta(store, "instance", "one")
        set_meta(store, "instance", "two")
        set_meta(store, "other", "x")
        drop_meta(store, "other")
        drop_meta(store, "never was")

    assert (get_meta(store, "instance"), get_meta(store, "other")) == ("two", None)


def test_readers_go_on_while_somebody_writes(store: Store, path: Path) -> None:
    with store.write():
        set_meta(store, "a", "b")

        with open_store(path) as reader:
            assert get_meta(reader, "a") is None


def test_a_lock_that_is_not_let_go_is_for_later(store: Store, path: Path) -> None:
    with open_store(path) as other, store.write():
        other.connection.execute("PRAGMA busy_timeout = 1")

        with pytest.raises(Later, match="Another calsyncctl is writing") as raised, other.write():
            pass

    assert raised.value.exit_code == 75


def test_a_text_file_is_not_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, this is longer than a header of SQLite. " * 40)

    with pytest.raises(StoreFault, match="is not a calsyncctl store"):
        open_store(path)

    assert path.read_text().startswith("Dear diary")


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmark (url TEXT)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(StoreFault, match="another program"):
        open_store(path)

    assert path.read_bytes() == before


def test_a_damaged_store_says_so_and_names_the_cure(path: Path) -> None:
    with open_store(path) as store, store.write():
        for number in range(300):
            set_meta(store, f"name {number}", "x" * 100)
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    path.write_bytes(damaged)

    with pytest.raises(StoreFault, match="is damaged") as raised, open_store(path) as opened:
        get_meta(opened, "name 7")

    assert "Put a backup in its place" in raised.value.what_to_do


def test_a_folder_in_its_place_is_a_fault_not_a_traceback(path: Path) -> None:
    path.mkdir(parents=True, mode=0o700)

    with pytest.raises(StoreFault, match="cannot be opened"):
        open_store(path)


def test_a_path_through_a_file_is_a_fault_not_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreFault, match="cannot be reached"):
        open_store(tmp_path / "file" / "store.sqlite")


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "profile").symlink_to(tmp_path / "nowhere")

    with pytest.raises(StoreFault, match="cannot be made"):
        open_store(tmp_path / "profile" / "store.sqlite")


def test_a_store_that_may_not_be_written_is_a_fault(store: Store) -> None:
    store.connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreFault, match="cannot be written"), store.write():
        set_meta(store, "a", "b")


def test_a_full_disk_is_a_fault_and_nothing_is_half_written(store: Store) -> None:
    pages = pragma(store, "page_count")
    store.connection.execute(f"PRAGMA max_page_count = {pages}")

    def write_much() -> None:
        with store.write():
            for number in range(1000):
                set_meta(store, f"name {number}", "x" * 1000)

    with pytest.raises(StoreFault, match="disk is full"):
        write_much()
    assert get_meta(store, "name 0") is None
    assert not store.writing()


def test_a_mistake_of_ours_keeps_its_traceback(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.connection.execute("SELECT * FROM nowhere")
    with pytest.raises(sqlite3.IntegrityError), store.write():
        store.connection.executemany("INSERT INTO meta VALUES (?, 'x')", [("a",), ("a",)])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, Later),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Later),
        (sqlite3.SQLITE_LOCKED, Later),
        (sqlite3.SQLITE_NOTADB, StoreFault),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreFault),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreFault),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreFault),
        (sqlite3.SQLITE_CANTOPEN, StoreFault),
        (sqlite3.SQLITE_FULL, StoreFault),
    ],
)
def test_every_kind_of_trouble_with_the_file_has_a_sentence(code: int, expected: type[CalsyncError]) -> None:
    error = sqlite3.OperationalError("text of SQLite")
    error.sqlite_errorcode = code

    sentence = fault(error, Path("store.sqlite"))

    assert type(sentence) is expected
    assert sentence.what.endswith(".")
    assert sentence.what_to_do


@pytest.mark.skipif(not hasattr(os, "ST_RDONLY"), reason="not known on this system")
def test_a_read_only_file_system_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = list(os.statvfs(tmp_path))
    real[8] |= os.ST_RDONLY
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(real))
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN

    sentence = fault(error, tmp_path / "store.sqlite")

    assert sentence is not None
    assert "read-only file system" in sentence.what


def test_other_errors_pass_the_translation_as_they_are() -> None:
    with pytest.raises(sqlite3.ProgrammingError), spoken(Path("store.sqlite")):
        raise sqlite3.ProgrammingError("ours")


def test_the_time_out_for_the_lock_is_five_seconds() -> None:
    assert db.BUSY_TIMEOUT_SECONDS == 5.0
