"""The jobs, on a real profile and without their scheduler: who is told what, and when."""

from __future__ import annotations

import resource
import socket
import threading
import time
from pathlib import Path

import pytest

from calsyncctl.connections.keeping import StoredLedger
from calsyncctl.connections.sync_now import Outcome
from calsyncctl.daemon.crew import Stop
from calsyncctl.daemon.hints import FIRST_PAUSE
from calsyncctl.daemon.housekeeping import housekeeping
from calsyncctl.daemon.jobs import STUCK
from calsyncctl.daemon.parts import STEADY
from calsyncctl.daemon.run import Daemon
from calsyncctl.daemon.wishes import Kind, Task
from calsyncctl.daemon.work import AFTER_BUG, waiting_marks
from calsyncctl.errors import Later, Refused, StoreFault
from calsyncctl.model.calendar import Mode
from calsyncctl.model.channel import LIFETIME, Channel
from calsyncctl.model.quota import Cost, Used, day_of, slot_of
from calsyncctl.store import accounts, calendars, copies, runs, spend
from calsyncctl.store.channels import add_channel, list_channels
from calsyncctl.store.due import due_calendars, set_due
from calsyncctl.sync.outcome import CalendarOutcome
from calsyncctl.sync.report import SyncReport
from tests.daemon.listening import held, said
from tests.store.build import NOW, connected, seen
from tests.store.events_build import event, keep
from tests.support.clocks import Stopwatch
from tests.support.run import run


def test_the_watchdog_is_fed_only_while_the_others_advance(daemon: Daemon, line: socket.socket) -> None:
    daemon.jobs.heartbeat()
    assert "WATCHDOG=1" in said(line)
    for name in ("silent_for", "waker_silent_for", "watch_silent_for"):
        setattr(daemon.jobs, name, lambda *_: STUCK + 1)
        daemon.jobs.heartbeat()
        assert "WATCHDOG=1" not in said(line)
        setattr(daemon.jobs, name, lambda *_: 0.0)


def test_a_job_that_cannot_do_its_work_is_told_by_the_daemons_status_until_it_can(daemon: Daemon) -> None:
    assert "pace" in [one.name for one in daemon.jobs.all()]
    daemon._job_failed("pace", Later("Another calsyncctl is writing to the store.", ""))
    daemon.jobs.heartbeat()
    assert list(daemon.stand.told.notes) == ["pace: Another calsyncctl is writing to the store. Try again later."]
    daemon.once.well("pace")
    daemon.jobs.heartbeat()
    assert list(daemon.stand.told.notes) == []


def test_with_nothing_to_do_it_is_ready_at_its_first_tick_and_says_so_once(daemon: Daemon, line: socket.socket) -> None:
    daemon.jobs.heartbeat()
    assert any(one.startswith("EXTEND_TIMEOUT_USEC=") for one in said(line))
    daemon.jobs.tick()
    daemon.jobs.tick()
    assert said(line).count("READY=1") == 1


def test_every_job_can_run_on_an_empty_profile(daemon: Daemon) -> None:
    jobs = daemon.jobs.all()
    for job in jobs:
        job.act()
    assert len({job.name for job in jobs}) == len(jobs)
    assert daemon.crew.idle


@pytest.fixture
def home(daemon: Daemon) -> int:
    """A selected calendar of an account, with two events on it."""
    store = daemon.parts.store()
    calendar = seen(store, connected(store, "work@example.com"), "Work")
    with store.write():
        calendars.select_calendar(store, calendar.id, Mode.TWO_WAY, NOW)
    keep(store, event(calendar.id, 1), event(calendar.id, 2))
    return calendar.id


def planned(daemon: Daemon, home: int, seconds: int) -> int:
    """Return in how many seconds a calendar that was planned for so many is due, once the pace was looked at."""
    store = daemon.parts.store()
    with store.write():
        set_due(store, {home: NOW + seconds})
    daemon.jobs.pace()
    return int(store.connection.execute("SELECT due FROM calendar WHERE id = ?", (home,)).fetchone()[0]) - NOW


def test_what_a_short_day_has_planned_far_away_comes_soon_once_a_new_day_begins(daemon: Daemon, home: int) -> None:
    daemon.clock.now = lambda: NOW  # type: ignore[method-assign]
    store, run_, day = daemon.parts.store(), daemon.parts.run, day_of(NOW)
    assert planned(daemon, home, 4 * 3600) < 375  # planned by an earlier life
    with store.write():
        polls = {"poll": Cost(0, run_.limits.per_day)}
        spend.settle(store, run_.client_key, [Used("nobody", slot_of(NOW), 0, polls)])
    assert planned(daemon, home, 4 * 3600) == 4 * 3600
    daemon.clock.now = lambda: day.ends  # type: ignore[method-assign]
    assert planned(daemon, home, day.ends - NOW + 4 * 3600) < day.ends - NOW + 375


def make_due(daemon: Daemon, event_id: int) -> None:
    store = daemon.parts.store()
    with store.write():
        copies.make_due(store, [event_id], NOW)


def test_an_edit_is_worth_a_push_and_what_just_failed_is_not_until_the_next_edit(daemon: Daemon, home: int) -> None:
    store, works = daemon.parts.store(), daemon.works
    assert works.unsent(store, NOW) == []
    make_due(daemon, 1)
    assert works.unsent(store, NOW) == [(1, [home])]
    works.note_left(store, waiting_marks(store, NOW), [home], NOW)
    assert works.unsent(store, NOW) == []
    make_due(daemon, 2)
    assert works.unsent(store, NOW) == [(1, [home])]


def test_an_edit_that_comes_in_while_its_calendar_has_its_turn_is_not_left_for_later(daemon: Daemon, home: int) -> None:
    store, works = daemon.parts.store(), daemon.works
    make_due(daemon, 1)
    before = waiting_marks(store, NOW)
    make_due(daemon, 2)
    works.note_left(store, before, [home], NOW)
    assert works.unsent(store, NOW) == [(1, [home])]


def test_who_works_with_the_old_configuration_leaves_no_provider_to_the_new_one(daemon: Daemon, home: int) -> None:
    (account,) = accounts.list_accounts(daemon.parts.store())
    old, ledger = daemon.parts.means(), StoredLedger(daemon.parts.run.open_store, account.id)
    daemon.parts.reread()
    made = old.provider_for(account, ledger)
    assert daemon.parts.means().provider_for(account, ledger) is not made


@pytest.fixture
def steady(daemon: Daemon) -> Stopwatch:
    """The daemon's clock, which nobody has set for long."""
    daemon.parts.clock = clock = Stopwatch()
    clock.ahead = STEADY
    return clock


def test_nothing_is_forgotten_by_a_clock_that_was_just_set(daemon: Daemon, steady: Stopwatch) -> None:
    store = daemon.parts.store()
    with store.write():
        runs.begin_run(store, kind="sync", author="sync", account_id=None, now=1)
    steady.forward = 3 * 365 * 86_400
    housekeeping(daemon.parts, daemon.stop)
    assert len(runs.last_runs(store)) == 1
    steady.ahead += STEADY
    housekeeping(daemon.parts, daemon.stop)
    assert runs.last_runs(store) == []


def test_housekeeping_ends_with_the_daemon(daemon: Daemon, steady: Stopwatch) -> None:
    store = daemon.parts.store()
    with store.write():
        runs.begin_run(store, kind="sync", author="sync", account_id=None, now=1)
    daemon.stop.set()
    housekeeping(daemon.parts, daemon.stop)
    assert len(runs.last_runs(store)) == 1
    daemon.stop.clear()
    housekeeping(daemon.parts, daemon.stop)
    assert runs.last_runs(store) == []


def test_a_log_that_cannot_be_opened_does_not_keep_from_tidying(daemon: Daemon, steady: Stopwatch) -> None:
    store = daemon.parts.store()
    with store.write():
        runs.begin_run(store, kind="sync", author="sync", account_id=None, now=1)
    daemon.parts.paths.log_file.unlink(missing_ok=True)
    daemon.parts.paths.log_file.mkdir()
    housekeeping(daemon.parts, daemon.stop)
    assert runs.last_runs(store) == []


def test_a_greeting_that_comes_while_the_store_cannot_be_written_is_noted_later(
    daemon: Daemon, home: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, now = daemon.parts.store(), daemon.clock.now()
    with store.write():
        add_channel(store, Channel("c1", 1, home, "", "", now, now + LIFETIME, resource_id="r"))
    daemon.channels.look(daemon.crew)
    daemon.channels.greeted("c1")
    store.connection.execute("PRAGMA busy_timeout = 1")
    with held(daemon), pytest.raises(Later):
        daemon.channels.look(daemon.crew)
    daemon.channels.look(daemon.crew)
    assert [one.heard is not None for one in list_channels(store)] == [True]


def test_while_an_account_s_channels_pause_after_trouble_nothing_is_compared_until_their_turn(
    daemon: Daemon, home: int, tmp_path: Path
) -> None:
    assert run("config", "set", "daemon.public_url", "https://x.example", home=tmp_path, warm=True).code == 0
    daemon.parts.reread()
    daemon.parts.run.key_file.unlink()
    daemon.channels.listening = True
    daemon.channels.look(daemon.crew)
    assert not daemon.crew.wait_idle(0)
    daemon.crew.call_off()
    daemon.works(Task(Kind.WATCH, 1, ()), Stop())
    assert "push channels of work@example.com" in daemon.once.wrongs

    asked = list[str]()
    daemon.channels.look(daemon.crew)
    daemon.parts.store().connection.set_trace_callback(asked.append)
    daemon.channels.look(daemon.crew)
    assert not [one for one in asked if "token_hash" in one]
    assert daemon.crew.wait_idle(0)
    daemon.clock.monotonic = lambda: time.monotonic() + 16  # type: ignore[method-assign]
    daemon.channels.look(daemon.crew)
    assert not daemon.crew.wait_idle(0)
    daemon.crew.call_off()


def test_work_on_an_account_that_a_command_holds_is_left_for_the_next_tick(daemon: Daemon, home: int) -> None:
    store = daemon.parts.store()
    (account,) = accounts.list_accounts(store)
    daemon.clock.now = lambda: NOW  # type: ignore[method-assign]
    with daemon.parts.run.hold_account(account, "sync"):
        daemon.works(Task(Kind.SYNC, account.id, (home,)), Stop())
    assert due_calendars(store, NOW) == [(account.id, home)]
    assert daemon.stand.told.passes == 0


def test_an_account_without_secrets_is_told_and_is_due_again_later(
    daemon: Daemon, home: int, caplog: pytest.LogCaptureFixture
) -> None:
    daemon.works(Task(Kind.SYNC, 1, (home,)), Stop())
    now = daemon.clock.now()
    assert due_calendars(daemon.parts.store(), now) == []
    assert daemon.stand.told.passes == 1


def test_in_a_pass_that_makes_way_only_what_was_not_reached_is_due_at_once(daemon: Daemon, home: int) -> None:
    store, now = daemon.parts.store(), daemon.clock.now()
    refused = seen(store, accounts.get_account(store, 1), "Refused")
    with store.write():
        calendars.select_calendar(store, refused.id, Mode.TWO_WAY, NOW)
    errors = {refused.id: Refused("You may not read it."), home: Later("It was not reached in this pass.")}
    ends = tuple(CalendarOutcome(calendars.get_calendar(store, one), error=error) for one, error in errors.items())
    stop = Stop()
    stop.makes_way = True
    stop.set()
    outcome = Outcome(SyncReport(ends, (), now, now), (), (), 0)
    daemon.works._follow_up(Task(Kind.SYNC, 1, (refused.id, home)), outcome, stop, {})
    assert due_calendars(store, now) == [(1, home)]
    assert daemon.once.wrongs == {f"“Refused” (#{refused.id})": "refused"}


def test_a_push_that_fails_puts_no_poll_off(daemon: Daemon, home: int) -> None:
    make_due(daemon, 1)
    daemon.parts.run.key_file.unlink()
    soon = daemon.clock.now() + 5
    assert planned_after_a_push(daemon, home, soon) == soon
    assert planned_after_a_push(daemon, home, soon + 3600) < soon + 900


def planned_after_a_push(daemon: Daemon, home: int, due: int) -> int:
    """Return when a calendar is due that was due at that time, after a push."""
    with daemon.parts.store().write():
        set_due(daemon.parts.store(), {home: due})
    daemon.works(Task(Kind.PUSH, 1, (home,)), Stop())
    return calendars.get_calendar(daemon.parts.store(), home).due or 0


def test_a_thread_that_opens_the_store_of_a_newer_program_first_ends_the_daemon_to_be_started_anew(
    daemon: Daemon,
) -> None:
    with daemon.parts.store().write():
        daemon.parts.store().connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('calsyncctl', 'm999_later', '')"
        )
    daemon.parts.drop_store()
    daemon.jobs.heartbeat()
    assert daemon._ending is not None
    assert (daemon._ending.exit_code, daemon.stand.told.trouble) == (75, None)


def test_nothing_is_asked_again_for_what_is_gone(daemon: Daemon) -> None:
    daemon.works(Task(Kind.SYNC, 77, (1,)), Stop())
    assert daemon.stand.told.passes == 0


def test_a_bug_is_told_once_and_its_calendar_waits_until_it_is_tried_again(daemon: Daemon, home: int) -> None:
    make_due(daemon, 1)
    daemon.parts.run.key_file.unlink()
    daemon.works.stretch = lambda: 1 / 0
    task = Task(Kind.SYNC, 1, (home,))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            daemon.works(task, Stop())
    store, now = daemon.parts.store(), daemon.clock.now()
    assert (due_calendars(store, now), daemon.works.unsent(store, now)) == ([], [])
    assert due_calendars(store, now + AFTER_BUG) == [(1, home)]
    assert daemon.once.wrongs["sync of account #1"] == "failed"
    daemon.works.stretch = lambda: 1.0
    daemon.works(task, Stop())
    assert "sync of account #1" not in daemon.once.wrongs


def test_a_bug_in_a_job_is_told_once_until_the_job_is_well(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        daemon._job_failed("pace", ZeroDivisionError())
    assert sum(one.levelname == "WARNING" for one in caplog.records) == 1
    assert daemon.once.wrongs == {"pace": "failed"}


def test_while_the_store_is_in_trouble_work_that_was_wished_for_waits_and_is_not_lost(
    daemon: Daemon, home: int
) -> None:
    file, stop = daemon.parts.paths.store_file, Stop()
    daemon.parts.store()
    aside = file.rename(file.with_name("aside"))
    daemon.works(Task(Kind.LIST, 1, ()), stop)
    aside.rename(file)
    assert daemon.works.resting
    gone = Task(Kind.RECONCILE, 77, (home,))  # nothing is quicker to do
    waiting = threading.Thread(target=daemon.works, args=(gone, stop), daemon=True)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    stop.set()
    waiting.join(10)
    assert daemon.stand.told.passes == 0


def test_a_weekly_refresh_of_an_account_that_a_command_holds_is_left_for_later(daemon: Daemon, home: int) -> None:
    (account,) = accounts.list_accounts(daemon.parts.store())
    with daemon.parts.run.hold_account(account, "sync"):
        daemon.works(Task(Kind.REFRESH, account.id, ()), Stop())
    assert (daemon.once.wrongs, dict(daemon.once.counts)) == ({}, {})


def test_a_store_that_cannot_be_used_is_said_and_work_rests(daemon: Daemon) -> None:
    daemon.failed_store(StoreFault("The store x cannot grow: the disk is full."))
    assert daemon.stand.told.trouble == "The store x cannot grow: the disk is full."
    assert daemon.once.wrongs == {"store": "store"}


def trouble(daemon: Daemon) -> str | None:
    return daemon.stand.told.trouble


def test_a_store_that_is_well_again_is_told_by_the_next_heartbeat_whether_or_not_a_pass_comes(daemon: Daemon) -> None:
    daemon.failed_store(Later("Another calsyncctl is writing to the store x."))
    with held(daemon):
        daemon.jobs.heartbeat()
        assert trouble(daemon)
    daemon.jobs.heartbeat()
    assert trouble(daemon) is None
    assert daemon.once.wrongs == {}


def test_a_disk_without_room_is_not_well_although_a_small_write_succeeds(daemon: Daemon) -> None:
    daemon.failed_store(StoreFault("The store x cannot grow: the disk is full."))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, hard))
    try:
        daemon.jobs.heartbeat()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert trouble(daemon)
    daemon.jobs.heartbeat()
    assert trouble(daemon) is None


def test_a_list_that_could_not_be_read_is_read_again_and_without_a_channel_daily(daemon: Daemon, home: int) -> None:
    wished: list[Task] = []
    daemon.crew.want = lambda kind, account_id, ids=(), **_: wished.append(  # type: ignore[method-assign]
        Task(kind, account_id, tuple(ids))
    )
    now = iter((NOW, NOW + 3600))
    daemon.clock.now = lambda: next(now)  # type: ignore[method-assign]
    daemon.jobs.lists()
    daemon.jobs.lists()
    daemon.clock.now = lambda: NOW + 3600  # type: ignore[method-assign]
    daemon.jobs.hints(flood=True)
    assert wished == [Task(Kind.LIST, 1, ())]
    daemon.parts.run.key_file.unlink()
    daemon.works(wished[0], Stop())
    assert set(daemon.once.wrongs) == {"the calendars of work@example.com"}
    daemon.hints._monotonic = lambda: time.monotonic() + FIRST_PAUSE
    daemon.jobs.hints()
    assert len(wished) == 2
