"""The installed command, killed by SIGKILL in the middle of a sync; the next one ends as if nothing had happened.

The local Google stands still in the request at hand (a delay, after or before it was carried out): that is when the
process dies.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import WORK, Desk
from tests.support.run import run, start
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.feature("E5")

STANDS = 20.0
"""Seconds for which a request stands still: the process is killed long before."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=30) as started:
        yield started


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Desk:
    """A desk with an empty calendar Planning and a full one, both selected and listed once."""
    sandbox.reset()
    result = run("init", "--sandbox", "--sandbox-address", sandbox.root, "--vault", "file", home=tmp_path, warm=True)
    assert result.code == 0, result
    desk = Desk(tmp_path, sandbox)
    sandbox.add_calendar(WORK, "Planning", timeZone="Europe/Berlin")
    return desk


def kill_in(desk: Desk, name: str, *args: str, **more: str) -> None:
    """Run a command, let its first request of a name stand still, and kill it there by its pid.

    `more`: what else becomes of the request.
    """
    rule = desk.google.fault(path=name, delay=STANDS, **more)
    desk.google.reset_counters()
    with start(*args, home=desk.home, env=desk.env) as process:
        try:
            _wait_for(desk, rule, process)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    desk.google.clear_faults()


def _wait_for(desk: Desk, rule: int, process: subprocess.Popen[str]) -> None:
    """Wait until the rule has met its request, at most half a minute."""
    for _ in range(600):
        found = next((one for one in desk.google.admin("GET", "/faults")["faults"] if one["id"] == rule), None)
        if found is None or found["done"]:
            return
        assert process.poll() is None, "it ended before the request came"
        time.sleep(0.05)
    raise AssertionError("the request never came")


def planning(desk: Desk) -> str:
    return str(desk.calendar("Planning")["google_id"])


def quiet(desk: Desk) -> None:
    desk.ok("sync")
    desk.google.reset_counters()
    desk.ok("sync")
    assert desk.google.counters()["writes"] == 0


@pytest.mark.feature("E6")
@pytest.mark.long
def test_killed_in_the_first_pull_the_next_one_has_everything_once(desk: Desk) -> None:
    desk.connected("--select", WORK)
    desk.ok("calendars", "deselect", WORK, "--purge", "--yes")
    desk.ok("calendars", "select", WORK)

    kill_in(desk, "events.list", "sync")
    desk.ok("sync")

    there = [one for one in desk.google.listed(WORK) if one["status"] != "cancelled"]
    assert desk.calendar(WORK)["events"] == len({one["id"] for one in there})
    quiet(desk)


@pytest.mark.parametrize("more", [{}, {"drop": "before"}], ids=["carried out", "not carried out"])
def test_killed_while_events_are_made_they_are_there_once(desk: Desk, more: dict[str, str]) -> None:
    desk.connected("--select", "Planning")
    for number in range(3):
        desk.ok("events", "add", "Planning", f"Lunch {number}", "--start", "2030-01-07 12:00", "--for", "45m")

    kill_in(desk, "events.insert", "sync", **more)
    desk.ok("sync")

    titles = sorted(str(one["summary"]) for one in desk.google.listed(planning(desk)))
    assert titles == ["Lunch 0", "Lunch 1", "Lunch 2"]
    quiet(desk)


@pytest.mark.long
def test_killed_while_an_edit_and_a_deletion_are_sent_both_arrive(desk: Desk) -> None:
    desk.connected("--select", "Planning")
    made = [
        desk.json("events", "add", "Planning", f"Lunch {number}", "--start", "2030-01-07 12:00", "--for", "45m")
        for number in range(2)
    ]
    desk.ok("sync")
    desk.ok("events", "edit", made[0]["key"][:8], "--title", "Soup")
    desk.ok("events", "delete", made[1]["key"][:8])

    kill_in(desk, "events.patch", "sync")
    desk.ok("sync")

    assert [one["summary"] for one in desk.google.listed(planning(desk))] == ["Soup"]
    quiet(desk)


@pytest.mark.feature("E4")
@pytest.mark.long
def test_a_dry_run_that_is_killed_changed_nothing_and_its_copy_goes_with_the_next_command(desk: Desk) -> None:
    desk.connected("--select", "Planning")
    desk.ok("events", "add", "Planning", "Lunch", "--start", "2030-01-07 12:00", "--for", "45m")
    before = desk.json("runs", "list")

    for following in (("sync", "--dry-run"), ("sync",)):
        kill_in(desk, "events.list", "sync", "--dry-run")
        (left,) = desk.home.rglob("rehearsal")
        assert (left / "store.sqlite").stat().st_mode & 0o777 == 0o600
        assert (desk.json("runs", "list"), desk.google.listed(planning(desk))) == (before, [])
        desk.ok(*following)
        assert not left.exists()

    assert [one["summary"] for one in desk.google.listed(planning(desk))] == ["Lunch"]
