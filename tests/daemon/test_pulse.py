"""Work that hangs is noticed though every job goes on: it gives no sign of life for longer than it may."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.daemon import presence
from calsyncctl.daemon.answers import Answers
from calsyncctl.daemon.crew import Crew
from calsyncctl.daemon.pulse import BOUND, FRAMES, Pulse, bound_for
from calsyncctl.daemon.run import Daemon
from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.flags import Flags
from calsyncctl.runtime import Runtime
from tests.support.clocks import Stopwatch
from tests.support.run import environment, run


@pytest.mark.parametrize(("watchdog", "seconds"), [(None, BOUND), (90.0, 900.0), (30.0, 300.0), (3600.0, BOUND)])
def test_the_bound_is_ten_watchdogs_and_never_more_than_a_quarter_of_an_hour(
    watchdog: float | None, seconds: float
) -> None:
    assert bound_for(watchdog) == seconds


def test_what_works_is_known_from_its_begin_to_its_end_also_if_that_is_an_error() -> None:
    pulse = Pulse()
    assert pulse.longest() is None
    with suppress(ZeroDivisionError), pulse.working("sync of account #1"):
        longest = pulse.longest()
        _ = 1 / 0
    assert longest is not None
    assert longest.what == "sync of account #1"
    assert "test_pulse.py" in longest.where
    assert pulse.longest() is None


def test_a_sign_of_life_is_of_the_thread_that_gives_it() -> None:
    pulse, go_on, done = Pulse(), threading.Event(), threading.Event()

    def hang() -> None:
        with pulse.working("sync of account #1"):
            go_on.wait(10)
        done.set()

    threading.Thread(target=hang).start()
    with pulse.working("sync of account #2"):
        for _ in range(3):
            pulse.beat()
        longest = pulse.longest()
        assert longest is not None
        assert longest.what == "sync of account #1"
        go_on.set()
        assert done.wait(10)
        assert [one[0] for one in pulse._signs.values()] == ["sync of account #2"]
    pulse.beat()  # of a thread that works on nothing: nothing
    assert pulse.longest() is None


def test_of_deep_work_the_innermost_lines_are_told() -> None:
    def deeper(levels: int) -> str:
        longest = pulse.longest()
        return deeper(levels - 1) if levels else (longest.where if longest else "")

    pulse = Pulse()
    with pulse.working("sync of account #1"):
        assert deeper(30).count("File ") == FRAMES


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    assert run("init", "--vault", "file", home=tmp_path, warm=True).code == 0
    watched = {"WATCHDOG_USEC": "10000"}  # so that a tenth of a second is too long
    made = Daemon(Runtime(Flags(), environment(tmp_path, watched), SystemClock()))
    yield made
    made.crew.stop()
    made.parts.drop_store()
    made.parts.run.close()


def test_a_process_that_stood_still_as_a_whole_does_not_hang_for_that(tmp_path: Path) -> None:
    assert run("init", "--vault", "file", home=tmp_path, warm=True).code == 0
    clock = Stopwatch()
    daemon = Daemon(Runtime(Flags(), environment(tmp_path), clock))
    daemon.parts.clock = daemon.jobs._parts.clock = clock
    daemon.jobs.heartbeat()
    clock.ahead = 3600.0
    daemon.jobs.silent_for = lambda name: 3600.0
    daemon.jobs.heartbeat()
    assert daemon.stand.told.wrong is None
    clock.ahead += 31.0  # awake, and still nothing moves
    daemon.jobs._beat = clock.monotonic()
    daemon.jobs.heartbeat()
    assert "Nothing has moved for 31 seconds" in (daemon.stand.told.wrong or "")
    daemon.parts.drop_store()
    daemon.parts.run.close()


def test_work_that_hangs_is_told_everywhere_once_and_is_over_when_it_is(
    daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    caplog.set_level(logging.INFO)

    def hang(task: Task, stop: threading.Event) -> None:
        begun.set()
        go_on.wait(30)

    answers = Answers(daemon.parts, daemon.stand, daemon.once, daemon.jobs, daemon.webhook)
    crew = Crew(hang, daemon.parts.pulse)
    crew.resize(1)
    crew.want(Kind.SYNC, 7, [1])
    assert begun.wait(10)
    threading.Event().wait(0.2)
    for _ in range(3):
        daemon.jobs.heartbeat()

    assert "The sync of account #7 gives no sign of life" in (daemon.stand.told.wrong or "")
    assert answers.healthz({}).status == answers.readyz({}).status == 503
    daemon.jobs.tick()
    assert "The sync of account #7" in answers.readyz({}).body
    assert "The daemon cannot work" in answers.status_page({}).body
    assert "calsyncctl_trouble 1.0" in answers.metrics({}).body
    with presence.hold(daemon.parts.paths):
        presence.tell(daemon.parts.paths, daemon.stand.told)
        assert "The sync of account #7" in (presence.in_words(daemon.parts.paths, daemon.clock.now()) or "")
    assert caplog.text.count("gives no sign of life") == 1
    assert "go_on.wait(30)" in caplog.text  # where it hangs

    go_on.set()
    assert crew.wait_idle(10)
    daemon.jobs.heartbeat()
    assert (daemon.stand.told.wrong, answers.healthz({}).status) == (None, 200)
    assert "the daemon hangs: well again" in caplog.text
    crew.stop()
