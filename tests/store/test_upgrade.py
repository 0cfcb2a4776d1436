"""From every earlier version to this one, with rows: nothing lost, saved before, all or nothing, never backwards."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlite_utils import Database

from calsyncctl.errors import StoreFault
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState, Mode
from calsyncctl.model.channel import Channel
from calsyncctl.model.people import AssigneeKind
from calsyncctl.store import channels, migrations, upgrade
from calsyncctl.store.accounts import list_accounts
from calsyncctl.store.calendars import delete_calendar, list_calendars
from calsyncctl.store.db import open_store
from calsyncctl.store.people import assignees_of, list_assignees
from tests.store.build import NOW, look, old_store

SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


class Noon:
    """A clock that stands still."""

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


def fill_m001(old: Database) -> None:
    """Rows as the first schema had them."""
    old.execute("INSERT INTO meta VALUES ('instance', 'abc')")
    old.execute(
        "INSERT INTO account (id, provider, sub, email, state, reason, since, scopes, client, vault) VALUES "
        "(1, 'google', 's1', 'work@example.com', 'needs-reauth', 'invalid_grant', 5, 'openid', 'c', 'file')"
    )
    old.execute(
        "INSERT INTO calendar "
        "(id, account_id, google_id, kind, name, zone, access, mode, state, cursor, query, listing) VALUES "
        "(1, 1, 'g1', 'google', 'Team', 'Europe/Berlin', 'owner', 'two-way', 'selected', 'token', 'q', 3)"
    )


def fill_m002(old: Database) -> None:
    """Rows as the second schema had them."""
    fill_m001(old)
    old.execute("INSERT INTO assignee (id, kind, name) VALUES (1, 'agent', 'jane'), (2, 'team', 'support')")
    old.execute("INSERT INTO membership VALUES (2, 1)")
    old.execute("INSERT INTO assignment VALUES (2, 1)")


def made_by_m001(path: Path) -> None:
    old = old_store(path, "m001_accounts")
    fill_m001(old)
    old.close()


def made_by_m002(path: Path) -> None:
    old = old_store(path, "m002_people")
    fill_m002(old)
    old.close()


def test_a_store_of_the_first_schema_keeps_its_accounts_and_calendars(path: Path) -> None:
    made_by_m001(path)

    with open_store(path) as store:
        (account,), (calendar,) = list_accounts(store), list_calendars(store)

    assert (account.email, account.state, account.reason) == (
        "work@example.com",
        AccountState.NEEDS_REAUTH,
        "invalid_grant",
    )
    assert (calendar.name, calendar.state, calendar.mode) == ("Team", CalendarState.SELECTED, Mode.TWO_WAY)
    assert (calendar.cursor, calendar.query, calendar.listing) == ("token", "q", 3)


def test_a_store_of_the_second_schema_keeps_its_people(path: Path) -> None:
    made_by_m002(path)

    with open_store(path) as store:
        jane, support = list_assignees(store)
        assert (jane.kind, jane.name) == (AssigneeKind.AGENT, "jane")
        assert support.members == ("jane",)
        assert assignees_of(store, 1) == [support]


def test_a_store_of_the_sixth_schema_gets_channels_that_go_with_their_calendar(path: Path) -> None:
    old = old_store(path, "m006_spend")
    fill_m002(old)
    old.close()

    with open_store(path) as store:
        with store.write():
            channels.add_channel(store, Channel("c1", 1, 1, "hash", "https://calendars.example.com/push", 1, 2))
            delete_calendar(store, 1)
        assert [one.email for one in list_accounts(store)] == ["work@example.com"]
        assert channels.list_channels(store) == []


@pytest.mark.parametrize("last", migrations.NAMES[:-1])
def test_every_earlier_schema_ends_up_equal_to_a_fresh_one(tmp_path: Path, last: str) -> None:
    old_store(tmp_path / "old.sqlite", last).close()

    open_store(tmp_path / "old.sqlite").close()
    open_store(tmp_path / "fresh.sqlite").close()

    assert look(tmp_path / "old.sqlite", SCHEMA) == look(tmp_path / "fresh.sqlite", SCHEMA)


def test_every_table_is_strict(path: Path) -> None:
    with open_store(path) as store:
        tables = store.connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()

    assert [name for name, strict in tables if not strict and name != "sqlite_schema"] == []


def test_an_upgrade_is_preceded_by_a_private_sound_backup(path: Path) -> None:
    made_by_m001(path)

    open_store(path, clock=Noon()).close()

    backup = path.parent / "backups" / "store-20260412T132000Z-m001.sqlite"
    assert list(backup.parent.iterdir()) == [backup]
    assert [stat.S_IMODE(made.stat().st_mode) for made in (backup.parent, backup)] == [0o700, 0o600]
    assert look(backup, "SELECT name FROM _sqlite_migrations") == [("m001_accounts",)]
    assert look(backup, "SELECT email FROM account") == [("work@example.com",)]


def test_backups_go_where_they_are_told(path: Path, tmp_path: Path) -> None:
    made_by_m001(path)

    open_store(path, backups=tmp_path / "elsewhere").close()

    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_a_fresh_store_and_a_current_one_need_no_backup(path: Path) -> None:
    open_store(path).close()
    open_store(path).close()

    assert not (path.parent / "backups").exists()


def test_a_store_is_not_upgraded_if_no_backup_can_be_made(path: Path, tmp_path: Path) -> None:
    made_by_m001(path)
    (tmp_path / "full").write_text("a file where the folder should be")

    with pytest.raises(StoreFault, match="No backup"):
        open_store(path, backups=tmp_path / "full")

    assert look(path, "SELECT name FROM _sqlite_migrations") == [("m001_accounts",)]


def test_a_step_that_fails_leaves_the_store_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def m999_half(db: Database) -> None:
        db.execute("ALTER TABLE account ADD COLUMN colour TEXT")
        db.execute("INSERT INTO nowhere VALUES (1)")

    made_by_m001(path)
    before = look(path, SCHEMA)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, m999_half))
    monkeypatch.setattr(migrations, "NAMES", (*migrations.NAMES, "m999_half"))

    with pytest.raises(StoreFault, match="could not be brought to this version") as raised:
        open_store(path)

    assert "It is as it was" in raised.value.what_to_do
    assert look(path, SCHEMA) == before


def test_a_step_that_breaks_a_reference_is_not_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def m999_breaks(db: Database) -> None:
        db.execute("DELETE FROM account")

    made_by_m001(path)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, m999_breaks))
    monkeypatch.setattr(migrations, "NAMES", (*migrations.NAMES, "m999_breaks"))

    with pytest.raises(StoreFault, match="a row of calendar points to nothing in account"):
        open_store(path)

    assert look(path, "SELECT email FROM account") == [("work@example.com",)]


def test_a_step_may_rebuild_a_table_that_others_refer_to(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def m999_rebuild(db: Database) -> None:
        db.execute("CREATE TABLE new_assignee (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL) STRICT")
        db.execute("INSERT INTO new_assignee SELECT id, kind, name FROM assignee")
        db.execute("DROP TABLE assignee")
        db.execute("ALTER TABLE new_assignee RENAME TO assignee")

    made_by_m002(path)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, m999_rebuild))
    monkeypatch.setattr(migrations, "NAMES", (*migrations.NAMES, "m999_rebuild"))

    open_store(path).close()

    assert look(path, "SELECT name FROM assignee ORDER BY id") == [("jane",), ("support",)]
    assert look(path, "SELECT * FROM assignment") == [(2, 1)]


def test_a_store_of_a_newer_program_is_refused_and_left_alone(path: Path) -> None:
    open_store(path).close()
    newer = old_store(path, migrations.NAMES[-1])
    newer.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('calsyncctl', 'm998_tomorrow')")
    newer.close()
    before = path.read_bytes()

    with pytest.raises(StoreFault, match=r"newer calsyncctl \(it has m998_tomorrow\)") as raised:
        open_store(path)

    assert "Upgrade calsyncctl" in raised.value.what_to_do
    assert path.read_bytes() == before


def test_what_is_pending_is_told_without_changing_anything(path: Path) -> None:
    old = old_store(path, "m001_accounts")

    assert upgrade.applied(old.conn) == ("m001_accounts",)
    assert upgrade.pending(old.conn) == migrations.NAMES[1:]
    old.close()
