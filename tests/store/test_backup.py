"""Backups: one consistent state, private, believed only after a check, and a store again when put back."""

from __future__ import annotations

import itertools
import stat
import threading
from pathlib import Path

import pytest

from calsyncctl.errors import StoreFault
from calsyncctl.store.backup import back_up
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.meta import get_meta, set_meta
from tests.store.build import NOW, connected, look


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def test_a_backup_is_named_by_moment_and_label_and_is_private(store: Store, folder: Path) -> None:
    made = back_up(store.path, folder, label="hand", now=NOW)

    assert made == folder / "store-20260412T132000Z-hand.sqlite"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, made)] == [0o700, 0o600]
    assert list(folder.iterdir()) == [made]


def test_a_backup_holds_what_was_committed_and_nothing_under_way(store: Store, folder: Path) -> None:
    connected(store, "work@example.com")
    with store.write():
        set_meta(store, "half", "done")
        made = back_up(store.path, folder, label="hand", now=NOW)

    assert look(made, "SELECT email FROM account") == [("work@example.com",)]
    assert look(made, "SELECT * FROM meta") == []


def test_backups_beside_a_busy_writer_hold_each_one_state(store: Store, folder: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with open_store(store.path) as busy:
            for number in itertools.takewhile(lambda _: not stop.is_set(), itertools.count()):
                with busy.write():
                    set_meta(busy, f"first {number}", "x" * 500)
                    set_meta(busy, f"second {number}", "x" * 500)

    writer = threading.Thread(target=write)
    writer.start()
    made = [back_up(store.path, folder, label=str(number), now=NOW) for number in range(5)]
    stop.set()
    writer.join()

    halves = "SELECT count(*) FILTER (WHERE name LIKE 'first%') - count(*) FILTER (WHERE name LIKE 'second%') FROM meta"
    assert [look(one, halves) for one in made] == [[(0,)]] * 5


def test_a_backup_is_one_whole_file(store: Store, folder: Path) -> None:
    made = back_up(store.path, folder, label="hand", now=NOW)

    assert look(made, "PRAGMA journal_mode") == [("delete",)]


def test_a_backup_put_back_is_the_store_again(store: Store, folder: Path, tmp_path: Path) -> None:
    with store.write():
        set_meta(store, "a", "b")
    made = back_up(store.path, folder, label="hand", now=NOW)

    restored = made.rename(tmp_path / "restored.sqlite")
    with open_store(restored) as again:
        assert get_meta(again, "a") == "b"
        assert again.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_unsound_store_yields_no_backup_and_no_remains(path: Path, folder: Path) -> None:
    with open_store(path) as store, store.write():
        for number in range(300):
            set_meta(store, f"name {number}", "x" * 100)
    damaged = bytearray(path.read_bytes())
    damaged[-8192:] = b"\xff" * 8192
    path.write_bytes(damaged)

    with pytest.raises(StoreFault):
        back_up(path, folder, label="hand", now=NOW)

    assert list(folder.iterdir()) == []


def test_what_is_no_store_cannot_be_backed_up(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "notes").write_text("not a database, but long enough to be taken for one " * 40)

    with pytest.raises(StoreFault, match="is not a calsyncctl store"):
        back_up(tmp_path / "notes", folder, label="hand", now=NOW)
    with pytest.raises(StoreFault, match="cannot be opened"):
        back_up(tmp_path / "nothing", folder, label="hand", now=NOW)


def test_a_second_one_in_the_same_second_never_takes_the_place_of_the_first(store: Store, tmp_path: Path) -> None:
    first = back_up(store.path, tmp_path, label="before-restore", now=NOW)
    second = back_up(store.path, tmp_path, label="before-restore", now=NOW)
    assert first != second
    assert first.exists()
    assert second.name.endswith("-before-restore-2.sqlite")
