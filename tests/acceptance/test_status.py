"""Status: small but true, and what needs you first."""

from __future__ import annotations

from tests.support.desk import SUPPORT, WORK, Desk


def kinds(desk: Desk) -> list[str]:
    return [one["kind"] for one in desk.json("status")["needs"]]


def test_it_leads_from_nothing_to_nothing_to_do(desk: Desk) -> None:
    assert kinds(desk) == ["no-account"]
    desk.connected()
    assert kinds(desk) == ["pending"]
    desk.ok("calendars", "select", "Team", "--no-sync")
    assert kinds(desk) == ["never-synced"]
    desk.ok("sync")
    assert kinds(desk) == []
    assert "Needs you: nothing." in desk.ok("status").out


def test_the_most_urgent_comes_first(desk: Desk) -> None:
    desk.connected("--select", "Team")
    desk.connected(email=SUPPORT)
    desk.google.revoke(WORK)
    desk.run("sync")

    assert kinds(desk) == ["needs-reauth", "pending"]
    said = desk.ok("status").out
    assert said.index("connect --account") < said.index("calendars select")


def test_it_shows_accounts_calendars_and_the_last_success(desk: Desk) -> None:
    desk.connected("--select", "Team")
    status = desk.json("status")

    assert status["schema"] == "calsyncctl/status/1"
    assert [(one["email"], one["selected"]) for one in status["accounts"]] == [(WORK, 1)]
    (team,) = [one for one in status["calendars"] if one["name"] == "Team"]
    assert (team["state"], team["events"]) == ("selected", 11)
    assert status["last_success"] == team["last_success"] is not None


def test_json_may_stand_anywhere_and_is_one_value(desk: Desk) -> None:
    desk.connected("--select", "Team")

    for line in ("accounts list", "calendars list", "events list", "status", "sync", "accounts show work"):
        first, *rest = line.split()
        for words in (["--json", first, *rest], [first, "--json", *rest], [first, *rest, "--json"]):
            value = desk.ok(*words).json()
            assert isinstance(value, list) or value["schema"].startswith("calsyncctl/")


def test_quiet_sync_says_nothing_when_all_is_well(desk: Desk) -> None:
    desk.connected("--select", "Team")

    result = desk.ok("-q", "sync")
    assert (result.out, result.err) == ("", "")
