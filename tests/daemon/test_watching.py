"""The small parts: clock watch, nights, trouble once, systemd's line, the lock, the waker, the scheduler."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.daemon import nights, presence
from calsyncctl.daemon.clockwatch import ClockWatch
from calsyncctl.daemon.notify import Notify
from calsyncctl.daemon.once import Once
from calsyncctl.daemon.scheduler import Every, Job, Scheduler
from calsyncctl.daemon.signals import Signals
from calsyncctl.daemon.waking import Waker
from calsyncctl.errors import Later
from calsyncctl.paths import Paths, paths_of
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.meta import set_meta

BERLIN = ZoneInfo("Europe/Berlin")


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_step_is_seen_once_and_a_steady_clock_never(step: float, passed: float) -> None:
    watch = ClockWatch(1000.0, 50.0)
    assert watch.step(1000.0 + passed, 50.0 + passed) == 0.0
    seen = watch.step(1000.0 + passed + step, 50.0 + passed)
    assert seen == pytest.approx(step, abs=1e-3) if abs(step) > 6 else abs(seen) <= 6
    assert watch.step(1001.0 + passed + step, 51.0 + passed) == 0.0


def test_calendars_are_compared_at_their_own_minutes_of_the_night() -> None:
    minutes = Counter(nights.minute_of(f"x:{number}") // 60 for number in range(600))
    assert set(minutes) == set(range(6))
    assert max(minutes.values()) < 150


@given(st.integers(0, 400), st.integers(0, 24 * 60 - 1))
def test_a_calendar_is_compared_once_a_night(day: int, asked: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=BERLIN) + timedelta(days=day)
    last, times = int(begin.timestamp()) - 20 * 3600, 0
    for minute in range(0, 24 * 60, 7):
        now = int(begin.timestamp()) + 60 * minute
        if nights.is_due(f"c{asked}", last, now, BERLIN):
            last, times = now, times + 1
    assert times == 1


def test_a_comparison_that_fails_is_tried_again_by_the_hour_not_by_the_minute() -> None:
    night = range(0, 6 * 3600, 60)
    begun: list[int] = []
    for now in night:
        if nights.is_due("broken", None, now, UTC, begun=begun[-1] if begun else None):
            begun.append(now)
    assert 1 <= len(begun) <= 6


def test_a_machine_that_is_off_at_night_makes_up_for_it_by_day() -> None:
    noon = int(datetime(2026, 5, 5, 12, tzinfo=UTC).timestamp())
    assert nights.is_due("a", noon - 40 * 3600, noon, UTC)
    assert not nights.is_due("a", noon - 30 * 3600, noon, UTC)
    assert not nights.is_due("a", None, noon, UTC)


def test_trouble_is_told_once_per_state(caplog: pytest.LogCaptureFixture) -> None:
    once = Once(logging.getLogger("tests.once"))
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            once.wrong("“Team”", Later("Google is out of reach."))
        once.well("“Team”")
        once.well("“Team”")
    assert [record.message for record in caplog.records] == [
        "“Team”: Google is out of reach. Try again later.",
        "“Team”: well again",
    ]


@pytest.mark.parametrize("abstract", [True, False])
def test_systemd_is_told_by_datagrams(tmp_path: Path, abstract: bool) -> None:
    name = f"calsyncctl-{time.monotonic_ns()}" if abstract else str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as line:
        line.bind(f"\0{name}" if abstract else name)
        line.settimeout(5)
        notify = Notify({"NOTIFY_SOCKET": f"@{name}" if abstract else name})
        notify.ready()
        notify.status("two\nlines")
        notify.reloading()
        assert line.recv(100) == b"READY=1"
        assert line.recv(100) == b"STATUS=two lines"
        reloading, monotonic = line.recv(100).split(b"\n")
        assert reloading == b"RELOADING=1"
        assert abs(int(monotonic.split(b"=")[1]) - time.monotonic_ns() // 1000) < 5_000_000


def test_systemd_is_asked_for_time_while_the_start_takes_long_and_not_for_ever(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(10)
        notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        with notify.patient(every=0.01, at_most=0.05):
            asked = [line.recv(100) for _ in range(3)]
            line.settimeout(0.5)
            with suppress(TimeoutError):
                asked += [line.recv(100) for _ in range(100)]
    assert asked[:3] == [b"EXTEND_TIMEOUT_USEC=30000"] * 3
    assert len(asked) < 20


def test_nobody_listening_is_no_trouble(tmp_path: Path) -> None:
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"NOTIFY_SOCKET": "vsock:2:1"}):
        Notify(environ).ready()


def test_the_watchdog_is_another_process_s_if_it_says_so() -> None:
    assert Notify({"WATCHDOG_USEC": "3000000"}).watchdog == 3.0
    assert Notify({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}).watchdog is None
    assert Notify({}).watchdog is None


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = paths_of("default", {"CALSYNCCTL_HOME": str(tmp_path)})
    made.make()
    return made


def test_one_daemon_holds_a_profile_and_says_how_it_stands(paths: Paths) -> None:
    assert not presence.running(paths)
    with presence.hold(paths):
        assert presence.running(paths)
        assert presence.told(paths) is None
        presence.tell(paths, presence.Told(pid=7, version="1", since=1, at=2, waiting=3))
        told = presence.told(paths)
        assert told is not None
        assert told.waiting == 3
        with (
            pytest.raises(Later, match=r"A daemon runs already for the profile “default” \(pid "),
            presence.hold(paths),
        ):
            pass
        assert presence.told(paths) == told
    assert not presence.running(paths)
    assert presence.told(paths) is None


def test_a_daemon_that_stands_still_is_not_called_at_work(paths: Paths) -> None:
    with presence.hold(paths):
        presence.tell(paths, presence.Told(pid=7, version="1", since=1, at=1000, ready=True))
        assert presence.in_words(paths, 1060) == "at work"
        assert presence.in_words(paths, 1061) == "has said nothing for 61 seconds (see daemon status)"


def test_what_cannot_be_put_in_its_place_is_written_over(paths: Paths) -> None:
    with presence.hold(paths):
        presence.tell(paths, presence.Told(pid=1, version="1", since=1, at=1, trouble="A long sentence of trouble."))
        text = paths.state_dir / "daemon.json"
        presence._write_over(text, '{"pid":1,"version":"1","since":1,"at":2}')
        assert (told := presence.told(paths)) is not None
        assert (told.at, told.trouble) == (2, None)
        assert text.stat().st_mode & 0o777 == 0o600


def test_every_commit_of_somebody_else_wakes(paths: Paths) -> None:
    woken, stop, failed = threading.Semaphore(0), threading.Event(), list[Exception]()

    def note(store: Store) -> None:
        woken.release()

    with closing(open_store(paths.store_file)) as store:
        waker = Waker(lambda: open_store(paths.store_file), note, failed.append, stop)
        waker.start()
        assert woken.acquire(timeout=10), "at the start"
        begun = time.monotonic()
        with store.write():
            set_meta(store, "x", "1")
        assert woken.acquire(timeout=10), "after a commit"
        assert time.monotonic() - begun < 2
        assert not woken.acquire(timeout=0.3), "not without one"
        stop.set()
    assert failed == []


def test_a_burst_of_commits_wakes_once_or_twice(paths: Paths) -> None:
    woken, stop = list[float](), threading.Event()
    begun = threading.Event()

    def note(store: Store) -> None:
        woken.append(time.monotonic())
        begun.set()

    with closing(open_store(paths.store_file)) as store:
        Waker(lambda: open_store(paths.store_file), note, lambda error: None, stop).start()
        assert begun.wait(10)
        woken.clear()
        begun.clear()
        for number in range(30):
            with store.write():
                set_meta(store, "x", str(number))
        last = time.monotonic()
        while not woken or woken[-1] < last:
            assert begun.wait(10)
            begun.clear()
        stop.set()
    assert len(woken) <= 3


def test_a_waker_in_trouble_tells_and_goes_on(paths: Paths) -> None:
    woken, stop, failed = threading.Event(), threading.Event(), list[Exception]()
    answers = iter([Later("busy")])

    def opened() -> Store:
        for error in answers:
            raise error
        return open_store(paths.store_file)

    Waker(opened, lambda store: woken.set(), failed.append, stop).start()
    assert woken.wait(10)
    stop.set()
    assert [str(error) for error in failed] == ["busy"]


def test_a_job_that_fails_stops_neither_itself_nor_others() -> None:
    failed, others, stop = threading.Semaphore(0), threading.Semaphore(0), threading.Event()

    def break_down() -> None:
        raise ZeroDivisionError

    scheduler = Scheduler(
        [Job("bad", 0.05, break_down), Job("good", 0.05, others.release)],
        stop,
        failed=lambda name, error: failed.release(),
    )
    scheduler.start()
    for _ in range(3):
        assert failed.acquire(timeout=10)
        assert others.acquire(timeout=10)
    assert scheduler.silent_for("good") < 10
    stop.set()
    scheduler.stop()


def test_realigning_runs_a_job_that_waits_for_a_time_that_went_away() -> None:
    ran, stop = threading.Semaphore(0), threading.Event()
    scheduler = Scheduler([Job("late", 3600.0, ran.release, first=3600.0)], stop, failed=lambda name, error: None)
    scheduler.start()
    scheduler.realign()
    assert ran.acquire(timeout=10)
    stop.set()
    scheduler.stop()


def test_a_jump_over_months_is_one_late_run_not_millions() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert Every(2.0).get_next_fire_time(now - timedelta(days=200), now) == now + timedelta(seconds=2)


def test_the_bell_ends_the_wait() -> None:
    signals = Signals()
    threading.Timer(0.05, signals.ring).start()
    begun = time.monotonic()
    assert signals.wait(30) == []
    assert time.monotonic() - begun < 20
