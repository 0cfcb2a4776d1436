"""A profile looked at, exported, its secrets moved, its history forgotten, and deleted whole."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_secrets import TOKEN
from tests.acceptance.test_terminal import ended
from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.terminal import terminal

Json = dict[str, Any]
YEARS_AGO = 1_500_000_000


def profile(desk: Desk) -> Path:
    return desk.home / "calsyncctl" / "default"


def change(desk: Desk, *statements: str) -> None:
    """Change the store behind the program's back."""
    with sqlite3.connect(profile(desk) / "calsyncctl.db") as store:
        for statement in statements:
            store.execute(statement)
    store.close()


def kept(desk: Desk) -> set[tuple[str, str]]:
    shown = desk.json("profile", "secrets")
    return {(one["whose"], one["what"]) for one in shown["entries"] if one["kept"]}


EVERY = {("Google app", "client secret"), (WORK, "refresh token"), (WORK, "access token")}


def test_show_tells_how_large_a_profile_is_and_how_far_its_history_goes(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("profile", "backup")
    shown = desk.json("profile", "show")

    size = shown["size"]
    assert (size["accounts"], size["backup_files"]) == (1, 1)
    assert size["events"] > 0
    assert min(size["store"], size["backups"]) > 8192
    text = desk.ok("profile", "show").out
    assert "kept for 365 days" in text
    assert f"{size['events']:,} events" in text


def test_an_export_tells_everything_but_secrets(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.ok("assignees", "add", "agent:jane", "--email", "jane@example.com")
    desk.ok("calendars", "assign", "Team", "agent:jane")
    desk.ok("calendars", "add", "Rooms")
    desk.ok("links", "add", "Rooms", "Team")
    key = desk.json("events", "add", "Rooms", "Lunch", "--start", "2030-01-07T12:00")["key"]
    desk.ok("events", "edit", key, "--title", "Dinner")

    desk.ok("profile", "export", "all.jsonl")
    file = desk.home / "all.jsonl"
    lines: list[Json] = [json.loads(line) for line in file.read_text().splitlines()]
    told = {name: [one for one in lines if one["line"] == name] for name in ("assignee", "calendar", "link", "event")}
    (event,) = [one for one in told["event"] if one["key"] == key]
    assert (lines[0]["schema"], lines[-1]["counts"]["event"]) == ("calsyncctl/export/1", len(told["event"]))
    assert event["content"]["summary"] == "Dinner"
    assert event["history"][-1]["changes"] == {"summary": ["Lunch", "Dinner"]}
    assert ["agent:jane"] in [one["assignees"] for one in told["calendar"]]
    assert (len(told["link"]), len(told["assignee"]), file.stat().st_mode & 0o777) == (1, 1, 0o600)
    assert not TOKEN.search(file.read_bytes())


def test_reconcile_forgets_what_is_older_than_it_is_kept(desk: Desk) -> None:
    desk.connected("--select", "Team")
    key = desk.json("events", "add", "Team", "Lunch", "--start", "2030-01-07T12:00", "--push")["key"]
    gone = desk.json("events", "add", "Team", "Gone", "--start", "2030-01-08T12:00", "--push")["key"]
    desk.ok("events", "edit", key, "--title", "Dinner", "--push")
    desk.ok("events", "delete", gone)
    desk.ok("sync")
    change(
        desk,
        f"UPDATE version SET at = {YEARS_AGO}",
        f"UPDATE event SET deleted = {YEARS_AGO} WHERE deleted IS NOT NULL",
    )

    change(desk, f"UPDATE run SET started = {YEARS_AGO}")
    desk.ok("reconcile")
    assert desk.json("events", "history", key) == []
    assert "is forgotten" in desk.run("events", "restore", key, "--version", "1").err
    assert desk.run("events", "show", gone).code == 3
    assert desk.json("events", "show", key)["summary"] == "Dinner"
    desk.google.reset_counters()
    desk.google.expire_sync_tokens()
    assert desk.json("reconcile", "--check")["calendars"][0]["counts"] == []
    assert desk.google.counters()["writes"] == 0


@pytest.mark.feature("A16")
def test_where_secrets_live_is_shown_and_never_what_they_are(desk: Desk) -> None:
    desk.connected("--select", "Team")
    assert kept(desk) == EVERY

    said = desk.ok("profile", "secrets")
    assert "encrypted file in" in said.out
    assert not TOKEN.search((said.out + said.err).encode())
    assert desk.ok("profile", "secrets", "--move-to", "file").err.endswith("They are there already.\n")


@pytest.mark.feature("A16")
def test_the_file_is_sealed_anew_with_the_key_that_systemd_hands_over(desk: Desk) -> None:
    desk.connected("--select", "Team")
    handed = desk.home / "credentials"
    handed.mkdir(0o700)
    (handed / "calsyncctl-key").write_bytes(os.urandom(32))
    env = {"CREDENTIALS_DIRECTORY": str(handed)}

    assert desk.run("sync", env=env).code != 0
    moved = desk.run("profile", "secrets", "--move-to", "systemd", "--json", env=env)
    assert moved.code == 0, moved
    assert {one["kept"] for one in moved.json()["entries"]} == {True}
    assert desk.run("sync", env=env).code == 0
    assert desk.run("sync").code == 1
    assert not (profile(desk) / "vault.key").exists()
    assert not (profile(desk) / ".vault-moving").exists()


@pytest.mark.feature("A16")
def test_for_systemd_the_key_file_is_told_to_be_handed_over(desk: Desk) -> None:
    said = desk.ok("profile", "secrets", "--move-to", "systemd")

    assert f"daemon install --system --key {profile(desk) / 'vault.key'}" in said.err


@pytest.mark.feature("A16")
def test_a_vault_that_does_not_work_here_moves_nothing(desk: Desk) -> None:
    desk.connected("--select", "Team")
    env = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}

    assert desk.run("profile", "secrets", "--move-to", "service", env=env).code == 1
    assert kept(desk) == EVERY
    desk.ok("sync")


def test_a_deleted_profile_leaves_nothing_behind(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected("--no-sync", email=SUPPORT)
    desk.ok("events", "add", "Team", "Only here", "--start", "2030-01-07T12:00")
    desk.ok("profile", "backup")

    refused = desk.run("profile", "delete", "default")
    assert refused.code == 2
    assert f"To be taken back at Google, the access to: {WORK}" in refused.err
    assert "lost for good: 1" in refused.err
    deleted = desk.json("profile", "delete", "default", "--yes")

    assert (deleted["revoked"], deleted["only_here"], len(deleted["backups"])) == ([WORK, SUPPORT], 1, 1)
    assert list((desk.home / "calsyncctl").iterdir()) == []
    assert desk.google.requests()["POST revoke"] == 2
    assert desk.run("status").code == 6
    assert desk.run("profile", "delete", "default", "--yes").code == 3


def test_at_a_terminal_the_name_is_typed_to_delete_a_profile(desk: Desk) -> None:
    for typed, code in (("other", 1), ("default", 0)):
        with terminal("profile", "delete", "default", home=desk.home) as child:
            child.expect("Type the profile's name")
            child.sendline(typed)
            assert ended(child) == code
        assert profile(desk).exists() is (code == 1)


def test_without_google_a_profile_is_deleted_only_with_its_access_left(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.google.fault(path="/revoke", status=503, count=0)

    later = desk.run("profile", "delete", "default", "--yes")
    assert (later.code, "--no-revoke" in later.err) == (75, True)
    assert (profile(desk) / "config.toml").exists()
    desk.google.reset_counters()
    assert desk.json("profile", "delete", "default", "--yes", "--no-revoke")["revoked"] == []
    assert desk.google.requests() == {}
    assert not profile(desk).exists()
