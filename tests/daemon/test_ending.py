"""The main thread: it hears signals soon whoever holds the store, and a bug of its own ends the daemon as failed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from calsyncctl.daemon.run import PATIENCE, Daemon
from calsyncctl.model.calendar import Mode
from calsyncctl.model.quota import Cost, day_of
from calsyncctl.store import calendars, spend
from calsyncctl.store.due import set_due
from tests.daemon.listening import held, said
from tests.store.build import NOW, connected, seen
from tests.support.run import environment

POLL = {"poll": Cost(1, 1)}
HOUR = 3600


def readiness(line: socket.socket) -> list[str]:
    """Return what systemd was told of being ready and of reloads."""
    first = [one.split("\n")[0] for one in said(line)]
    return [one for one in first if one in {"READY=1", "RELOADING=1"}]


def test_a_bug_in_the_main_thread_ends_the_daemon_as_failed_and_leaves_its_traceback(daemon: Daemon) -> None:
    def broken() -> bool:
        raise ZeroDivisionError

    daemon.parts.config_changed = broken  # type: ignore[method-assign]
    assert daemon.run() == 1
    text = daemon.parts.paths.log_file.read_text(encoding="utf-8")
    assert "bug in the main thread" in text
    assert "ZeroDivisionError" in text


HANGING = """
import logging, os, signal, sys, threading
from calsyncctl.clock import SystemClock
from calsyncctl.daemon import jobs, pulse, run
from calsyncctl.daemon.scheduler import Job
from calsyncctl.errors import Later
from calsyncctl.flags import Flags
from calsyncctl.runtime import Runtime

run.GRACE = 0.2
daemon = run.Daemon(Runtime(Flags(), os.environ, SystemClock()))
begun, before = threading.Event(), daemon.jobs.all

def hang(*any):
    begun.set()
    threading.Event().wait()

def have_it_hang():
    daemon.jobs.all = lambda: [*before(), Job("hang", 60.0, hang)]

"""
ENDED = """
def end():
    begun.wait()
    daemon.end(Later("The program was replaced.", "Start it again."))

have_it_hang()
threading.Thread(target=end).start()
daemon.run()
"""
HANGS_SOON = """
pulse.BOUND = jobs.STUCK = run.HANGS_FOR = 1.0
jobs.HEARTBEAT = 0.5
run.WATCH = 0.1
"""
A_JOB_HANGS = """
have_it_hang()
daemon.run()
"""
THE_MAIN_THREAD_HANGS = """
daemon.parts.config_changed = hang
daemon.run()
"""
THE_LOG_HANGS = """
class Deaf(logging.Handler):
    def emit(self, record):
        if record.getMessage().startswith("ready"):
            os.kill(os.getpid(), signal.SIGTERM)
        elif record.getMessage() == "ends":
            hang()

logging.getLogger("calsyncctl").addHandler(Deaf())
sys.exit(daemon.run())
"""


def ended(tmp_path: Path, *program: str, within: float = 30, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "".join((HANGING, *program))],
        env=environment(tmp_path, env),
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


def test_an_end_with_an_error_does_not_wait_for_a_job_that_hangs(daemon: Daemon, tmp_path: Path) -> None:
    done = ended(tmp_path, ENDED)
    assert done.returncode == 75
    assert "The program was replaced. Start it again." in done.stderr


@pytest.mark.parametrize("what", [A_JOB_HANGS, THE_MAIN_THREAD_HANGS])
def test_what_hangs_for_long_ends_the_daemon_to_be_started_again_also_without_systemd(
    daemon: Daemon, tmp_path: Path, what: str
) -> None:
    done = ended(tmp_path, HANGS_SOON, what)
    assert done.returncode == 75
    assert "The daemon is to be started again; it ends by itself soon" in done.stderr
    assert "in hang\n" in done.stderr  # where it hangs


def test_under_systemd_the_watchdog_ends_what_hangs(daemon: Daemon, tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        ended(tmp_path, HANGS_SOON, A_JOB_HANGS, within=6, WATCHDOG_USEC="100000")


def test_it_ends_in_time_though_its_log_takes_no_line_any_more(daemon: Daemon, tmp_path: Path) -> None:
    began = time.monotonic()
    assert ended(tmp_path, THE_LOG_HANGS).returncode == 0
    assert time.monotonic() - began < 6


def test_the_end_does_not_wait_for_a_store_that_somebody_holds(daemon: Daemon) -> None:
    daemon.parts.store()
    daemon.parts.run.governor.take("jane", "work@example.com", POLL)
    began = time.monotonic()
    with held(daemon):
        daemon.parts.close(within=0.1)
    assert time.monotonic() - began < 2


def test_a_clock_that_was_set_back_while_somebody_holds_the_store_is_made_up_for_without_waiting(
    daemon: Daemon,
) -> None:
    store = daemon.parts.store()
    calendar = seen(store, connected(store, "work@example.com"), "Work")
    with store.write():
        calendars.select_calendar(store, calendar.id, Mode.TWO_WAY, NOW)
        set_due(store, {calendar.id: NOW + HOUR})
    began = time.monotonic()
    with held(daemon):
        daemon._clock_set(-HOUR)
        daemon._catch_up()
    assert time.monotonic() - began < 4 * PATIENCE
    daemon._catch_up()
    daemon._catch_up()
    (due,) = store.connection.execute("SELECT due FROM calendar WHERE id = ?", (calendar.id,)).fetchone()
    assert due == NOW


def test_a_reload_before_the_first_pass_does_not_say_that_it_is_done(daemon: Daemon, line: socket.socket) -> None:
    daemon._reload()
    assert readiness(line) == []
    daemon.jobs.tick()
    daemon._reload()
    assert readiness(line) == ["READY=1", "RELOADING=1", "READY=1", "READY=1"]  # one is a sign of life


def test_ready_is_said_again_with_each_sign_of_life(daemon: Daemon, line: socket.socket) -> None:
    daemon.jobs.heartbeat()
    assert readiness(line) == []
    daemon.jobs.tick()
    daemon.jobs.heartbeat()
    daemon.jobs.heartbeat()
    assert readiness(line) == ["READY=1"] * 3


def open_stores() -> int:
    count = 0
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the handle of the folder itself
            count += one.readlink().name == "calsyncctl.db"
    return count


def spent(daemon: Daemon) -> int:
    daemon.parts.run.governor.close()
    return spend.spent_in_day(daemon.parts.store(), daemon.parts.run.client_key, day_of(daemon.clock.now()).name)


def test_twenty_reloads_lose_no_quota_no_counts_and_no_handles(daemon: Daemon) -> None:
    handles = []
    for _ in range(20):
        for _ in range(2):
            daemon.parts.run.governor.take("jane", "work@example.com", POLL)
        daemon.parts.run.governor.answered(POLL, "200")
        daemon.parts.reread()
        handles.append(open_stores())
    assert handles[-1] == handles[1]
    assert daemon.parts.answers == {("poll", "200"): 20}
    assert spent(daemon) == 40


def test_a_configuration_that_lost_its_instance_is_not_taken(daemon: Daemon) -> None:
    text = daemon.parts.paths.config_file.read_text(encoding="utf-8")
    daemon.parts.paths.config_file.write_text(text.replace("instance =", "# instance ="), encoding="utf-8")
    daemon._reread()
    assert daemon.parts.settings.instance != ""
    assert "does not say which installation" in daemon.once.sentences("the configuration")[0]


def test_a_reload_takes_other_limits_at_once(daemon: Daemon) -> None:
    before = daemon.parts.run.governor
    with daemon.parts.paths.config_file.open("a", encoding="utf-8") as file:
        file.write("\n[quota]\nper_user = 100\nshare = 0.5\npatience = 3\n")
    daemon.parts.reread()
    assert daemon.parts.run.governor is before
    assert (before.budget.limits.per_user, before.patience) == (50, 3)


def test_another_google_app_counts_anew_and_what_was_answered_still_counts(daemon: Daemon) -> None:
    before = daemon.parts.run.governor
    before.answered(POLL, "200")
    text = daemon.parts.paths.config_file.read_text(encoding="utf-8")
    daemon.parts.paths.config_file.write_text(text.replace('client_id = "id"', 'client_id = "other"'), encoding="utf-8")
    daemon.parts.reread()
    assert daemon.parts.run.governor is not before
    daemon.parts.run.governor.answered(POLL, "200")
    assert daemon.parts.answers == {("poll", "200"): 2}
