"""Several processes at once on one store: daemon, command and cron job."""

from __future__ import annotations

from pathlib import Path

import pytest

from calsyncctl.store import migrations
from calsyncctl.store.backup import back_up
from calsyncctl.store.db import open_store
from calsyncctl.store.meta import get_meta
from tests.store.build import NOW, look, old_store
from tests.store.racer import TURNS, race


def test_four_processes_that_read_and_then_write_lose_nothing(path: Path) -> None:
    open_store(path).close()

    said = race("count", path)

    assert said == ["fine"] * 4
    with open_store(path) as store:
        assert get_meta(store, "count") == str(4 * TURNS)


@pytest.mark.parametrize("attempt", range(3))
def test_four_processes_may_make_the_same_store(path: Path, attempt: int) -> None:
    said = race("open", path)

    assert said == ["fine"] * 4
    assert [name for (name,) in look(path, "SELECT name FROM _sqlite_migrations ORDER BY id")] == [*migrations.NAMES]
    assert not list(path.parent.glob(f".{path.name}.*"))


def test_four_processes_may_open_a_restored_backup(path: Path) -> None:
    open_store(path).close()
    for _ in range(3):
        path.write_bytes(back_up(path, path.parent / "backups", label="now", now=NOW).read_bytes())

        assert race("open", path) == ["fine"] * 4


def test_four_processes_may_upgrade_the_same_store_and_one_backup_is_made(path: Path) -> None:
    old = old_store(path, "m001_accounts")
    old.execute("INSERT INTO meta VALUES ('a', 'b')")
    old.close()

    said = race("open", path)

    assert said == ["fine"] * 4
    assert len(list((path.parent / "backups").iterdir())) == 1
    assert look(path, "SELECT value FROM meta") == [("b",)]
