"""The quota budget: one for every process of the profile, so that Google never has to refuse."""

from __future__ import annotations

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.flags import Flags
from calsyncctl.model.quota import Cost, Used, day_of, slot_of
from calsyncctl.runtime import Runtime
from calsyncctl.store import spend
from tests.support.daemon import DaemonProcess
from tests.support.desk import WORK, Desk
from tests.support.run import environment, start

SMALL = {"CALSYNCCTL_QUOTA_SHARE": "1", "CALSYNCCTL_QUOTA_PER_USER": "14", "CALSYNCCTL_QUOTA_PATIENCE": "0"}
THREE = ("--select", "primary", "--select", "Team", "--select", "Shared (read only)")


def statuses(desk: Desk) -> list[int]:
    """Return the status of every request to the API, as Google's side saw them."""
    return [one["status"] for one in desk.google.log() if one["path"].startswith("/calendar/")]


def syncs(desk: Desk, many: int, env: dict[str, str]) -> list[int]:
    lines = [start("sync", home=desk.home, env=env) for _ in range(many)]
    for line in lines:
        line.communicate(timeout=60)
    return sorted(line.returncode for line in lines)


@pytest.mark.feature("E16")
def test_processes_side_by_side_never_meet_googles_limit(desk: Desk) -> None:
    desk.google.settings(rate_limit_per_user=14)
    desk.connected(*THREE)

    assert syncs(desk, 4, SMALL)[-1] == 75
    assert set(statuses(desk)) == {200}
    assert 12 <= len(statuses(desk)) <= 14

    careless = {"CALSYNCCTL_QUOTA_PATIENCE": "0"}  # the same without the setting: Google refuses
    assert desk.run("sync", "--account", "work", env=careless).code == 75
    assert 403 in statuses(desk)


@pytest.mark.feature("E16")
def test_whoever_finds_no_room_says_so_and_when_it_goes_on(desk: Desk) -> None:
    desk.connected(*THREE)
    tiny = {**SMALL, "CALSYNCCTL_QUOTA_PER_USER": "5"}

    result = desk.run("sync", env=tiny)
    assert result.code == 75
    assert f"The quota of {WORK} is spent for this minute." in result.out + result.err
    desk.ok("sync", "--account", "work")  # with room, whoever is asked for by name does not wait


@pytest.mark.feature("E16")
def test_what_google_refuses_to_one_process_the_next_does_not_ask(desk: Desk) -> None:
    desk.connected(*THREE)
    desk.google.fault(path="events.list", status=403, reason="userRateLimitExceeded", retry_after=900)
    assert desk.run("sync", "--calendar", "Team").code == 75
    asked = len(statuses(desk))

    result = desk.run("sync", "--calendar", WORK)
    assert (result.code, len(statuses(desk))) == (75, asked)
    (account,) = desk.json("status", "--quota")["accounts"]
    assert account["resting_until"] is not None


@pytest.mark.feature("E16")
def test_the_daemon_lets_go_of_an_account_before_commands_give_up_on_it(desk: Desk) -> None:
    desk.connected(*THREE)
    tiny = {"CALSYNCCTL_QUOTA_SHARE": "1", "CALSYNCCTL_QUOTA_PER_USER": "5"}
    with DaemonProcess(desk.home, env=tiny, ready=False) as daemon:
        daemon.wait_log(f"The quota of {WORK} is spent for this minute.")
        result = desk.run("sync", "--account", "work", env={**tiny, "CALSYNCCTL_QUOTA_PATIENCE": "0"})
        assert f"The quota of {WORK} is spent" in result.out + result.err  # it had the account, and asked itself
        assert daemon.end() == 0


@pytest.mark.feature("E16")
def test_what_people_write_is_sent_though_the_polls_have_spent_their_part_of_the_day(desk: Desk) -> None:
    desk.connected("--select", "Team")
    few = {"CALSYNCCTL_QUOTA_SHARE": "1", "CALSYNCCTL_QUOTA_PER_DAY": "40"}
    assert 75 in (desk.run("sync", env=few).code for _ in range(40))
    with DaemonProcess(desk.home, env=few) as daemon:
        daemon.wait_log("The quota of this installation is spent for today.")
        desk.ok("events", "add", "Lunch", "--start", "tomorrow 12:00", "--for", "45m")
        daemon.wait_log("push: 1 new in Google")


def spend_polls_part(desk: Desk, env: dict[str, str]) -> None:
    """Spend nine tenths of the day as if it had been many polls."""
    run = Runtime(Flags(), environment(desk.home, {**desk.env, **env}), SystemClock())
    now = run.clock.now()
    with run.open_store() as store, store.write():
        polls = int(0.9 * run.limits.per_day) - spend.spent_in_day(store, run.client_key, day_of(now).name)
        spend.settle(store, run.client_key, [Used("nobody", slot_of(now), 0, {"poll": Cost(polls, polls)})])


@pytest.mark.feature("E16")
def test_a_series_and_what_google_has_changed_are_written_to_though_the_polls_have_spent_their_part(desk: Desk) -> None:
    desk.connected("--select", "Team")
    series = desk.json("events", "add", "Stand-up", "--start", "2030-01-07 09:00", "--repeat", "weekly", "--push")
    lunch = desk.json("events", "add", "Lunch", "--start", "2030-01-08 12:00", "--push")
    team = desk.google.calendar("Team")
    (there,) = [one for one in desk.google.listed(team) if one.get("summary") == "Lunch"]
    desk.google.patch(team, there["id"], {"location": "Roof"})
    spend_polls_part(desk, env := {"CALSYNCCTL_QUOTA_PER_DAY": "200"})
    assert "is spent for today" in desk.run("sync", env=env).err
    with DaemonProcess(desk.home, env=env) as daemon:
        desk.ok("events", "edit", series["key"], "--title", "Weekly", "--all")
        daemon.wait_log("push: .*changed in Google")
        said = len(daemon.heard())
        desk.ok("events", "edit", lunch["key"], "--title", "Long lunch")  # Google answers 412 first
        daemon.wait_log("push: .*changed in Google", after=said)
        assert not [one for one in daemon.heard() if "well again" in one]  # the polls are not


@pytest.mark.feature("E7", "E16")
def test_the_daemon_stretches_its_polls_where_the_day_would_not_last_and_says_so(desk: Desk) -> None:
    desk.connected(*THREE)
    small = {"CALSYNCCTL_QUOTA_PER_DAY": "100"}
    with DaemonProcess(desk.home, env=small) as daemon:
        daemon.wait_log("polls are stretched")
        desk.ok("sync", env=small)
        quota = desk.ok("status", "--quota", "--json", env=small).json()
        passing = desk.ok("status", "--json", env=small).json()["passing"]
        daemon.end()

    assert ["stretched" in one["what"] for one in passing if one["kind"] == "stretched"] == [True]
    assert (quota["polling"], quota["why"], quota["stretch"] > 2) == (True, "day", True)
    assert quota["today"]["spent"] >= len(statuses(desk)) - 3
    settled = desk.ok("status", "--quota", "--json", env=small).json()
    assert (settled["today"]["spent"], settled["in_hand"]) == (len(statuses(desk)), 0)
