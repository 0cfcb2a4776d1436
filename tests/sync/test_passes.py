"""A pass over several accounts: failures stay apart, clocks move on success only."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from calsyncctl.errors import CalsyncError, Installation, Invalid, Later, MuchLater, NeedsReauth, NotAllowed
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarState
from calsyncctl.model.history import Counts
from calsyncctl.store import accounts, calendars, runs
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.progress import Silent
from calsyncctl.sync.provider import Provider
from calsyncctl.sync.report import CalendarOutcome, SyncReport
from tests.support.memory import timed
from tests.sync.desk import Desk

ONE, TWO = "one@example.com", "two@example.com"


def two_accounts(desk: Desk, each: int = 2) -> None:
    for email in (ONE, TWO):
        for number in range(each):
            name = f"{email[:3]}-{number}"
            desk.calendar(name, email=email)
            for event in range(4):
                desk.google.put(name, timed(f"event{event}"))


def errors(report: SyncReport) -> list[type[CalsyncError] | None]:
    return [None if outcome.error is None else type(outcome.error) for outcome in report.calendars]


class Failing:
    """A provider all of whose listings fail."""

    def __init__(self, inner: Provider, error: CalsyncError) -> None:
        self._inner = inner
        self._error = error

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> None:
        raise self._error


def fail(desk: Desk, email: str, error: CalsyncError) -> None:
    desk.wrap[email] = Failing(desk.google.provider(email), error)  # type: ignore[assignment]


@pytest.mark.feature("C14", "C15")
def test_an_account_that_must_sign_in_again_does_not_stop_the_others(desk: Desk) -> None:
    two_accounts(desk)
    fail(desk, ONE, NeedsReauth("Google withdrew the permission."))

    report = desk.sync()

    assert errors(report) == [NeedsReauth, NeedsReauth, None, None]
    account = desk.account(ONE)
    assert (account.state, account.reason) == (AccountState.NEEDS_REAUTH, "Google withdrew the permission.")
    assert desk.account(TWO).last_success == desk.clock.now()
    assert account.last_success is None


def test_an_account_that_needs_signing_in_is_not_asked_again(desk: Desk) -> None:
    two_accounts(desk)
    fail(desk, ONE, NeedsReauth("Google withdrew the permission."))
    desk.sync()
    desk.wrap.clear()
    calls = desk.google.calls["list_events"]

    report = desk.sync()

    assert errors(report) == [NeedsReauth, NeedsReauth, None, None]
    assert desk.google.calls["list_events"] - calls == 2


def test_a_calendar_with_trouble_does_not_stop_its_neighbours(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.fail_next(Invalid("Google does not accept it."))

    report = desk.sync()

    assert errors(report) == [Invalid, None, None, None]
    assert report.counts == Counts(new=12)
    assert desk.account(ONE).last_success is None


def test_a_calendar_that_is_gone_leaves_its_account_successful(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.share("one-0", ONE, None)

    desk.sync()

    assert desk.account(ONE).last_success == desk.clock.now()
    assert desk.now(desk.calendars[0]).last_success is None


def test_passing_trouble_twice_in_a_row_leaves_the_rest_of_the_account_for_later(desk: Desk) -> None:
    two_accounts(desk, each=4)
    fail(desk, ONE, Later("The network is away."))

    report = desk.sync()

    assert errors(report) == [Later] * 4 + [None] * 4
    assert desk.account(ONE).state is AccountState.ACTIVE


def test_a_used_up_limit_ends_the_account_at_once(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.fail_next(MuchLater("The account's limit is used up."))

    assert errors(desk.sync()) == [MuchLater, MuchLater, None, None]


def test_a_project_that_is_not_set_up_ends_the_pass_and_holds_nothing(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.fail_next(Installation("The API is not switched on."))

    report = desk.sync()

    assert errors(report)[:2] == [Installation, Installation]
    assert all(error is not None for error in errors(report))
    assert all(desk.now(one).state is CalendarState.SELECTED for one in desk.calendars)


def test_a_sign_in_refused_before_the_first_request_counts_alike(desk: Desk) -> None:
    two_accounts(desk)

    def provider_for(account: Account) -> Provider:
        if account.email == ONE:
            raise NeedsReauth("Its refresh token is not in the vault.")
        return desk.google.provider(account.email)

    report = sync_calendars(replace(desk.work(), provider_for=provider_for))

    assert errors(report) == [NeedsReauth, NeedsReauth, None, None]
    assert desk.account(ONE).state is AccountState.NEEDS_REAUTH


def test_accounts_sync_side_by_side_with_the_same_result(desk: Desk) -> None:
    two_accounts(desk)

    report = sync_calendars(desk.work(workers=4))

    assert report.counts == Counts(new=16)
    assert [outcome.calendar.id for outcome in report.calendars] == [one.id for one in desk.calendars]
    assert len(report.runs) == 2


def test_an_account_held_by_another_process_is_left_for_later(desk: Desk) -> None:
    two_accounts(desk)

    @contextmanager
    def lock_for(account: Account) -> Iterator[None]:
        if account.email == ONE:
            raise Later("Another calsyncctl is working on it.")
        yield

    report = sync_calendars(replace(desk.work(), lock_for=lock_for))

    assert errors(report) == [Later, Later, None, None]


def test_a_bug_in_one_account_lets_the_others_finish_and_shows_itself(desk: Desk) -> None:
    two_accounts(desk)

    def provider_for(account: Account) -> Provider:
        if account.email == ONE:
            raise ZeroDivisionError
        return desk.google.provider(account.email)

    with pytest.raises(ZeroDivisionError):
        sync_calendars(replace(desk.work(workers=2), provider_for=provider_for))


def test_a_stopped_pass_ends_after_the_page_in_hand_and_goes_on_later(desk: Desk) -> None:
    two_accounts(desk)
    stop = threading.Event()
    desk.google.before_next(stop.set)

    report = sync_calendars(replace(desk.work(), stop=stop))
    assert report.counts == Counts(new=3)
    assert errors(report) == [Later] * 4
    assert runs.last_runs(desk.store)[0].outcome == "interrupted"

    assert desk.sync().counts == Counts(new=13)


def test_paused_calendars_and_accounts_say_that_they_take_no_part(desk: Desk) -> None:
    two_accounts(desk)
    resting = desk.account(TWO)
    with desk.store.write():
        calendars.set_calendar_state(desk.store, desk.calendars[0].id, CalendarState.PAUSED, since=1)
        accounts.set_account_state(desk.store, resting.id, AccountState.PAUSED, since=1)

    assert errors(desk.sync()) == [NotAllowed, None, NotAllowed, NotAllowed]


def test_progress_tells_of_each_page(desk: Desk) -> None:
    desk.calendar("one-0", email=ONE)
    for event in range(7):
        desk.google.put("one-0", timed(f"event{event}"))
    told: list[object] = []

    class Watching(Silent):
        def started(self, calendar: Calendar) -> None:
            told.append(calendar.name)

        def page(self, calendar: Calendar, items_so_far: int) -> None:
            told.append(items_so_far)

        def finished(self, calendar: Calendar, outcome: CalendarOutcome) -> None:
            told.append(outcome.counts.new)

    sync_calendars(replace(desk.work(), progress=Watching()))

    assert told == ["one-0", 3, 6, 7, 7]


def test_a_failed_run_says_why(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.before_next(lambda: None)
    desk.google.before_next(lambda: desk.google.fail_next(Later("The network is away.")))

    desk.sync()

    run = runs.last_runs(desk.store)[-1]
    assert (run.outcome, run.error) == ("failed", "The network is away.")


class Broken:
    """A provider whose listings of some calendars fail, with errors or bugs."""

    def __init__(self, inner: Provider, faults: dict[str, Exception]) -> None:
        self._inner = inner
        self._faults = faults

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> object:
        if calendar in self._faults:
            raise self._faults[calendar]
        return self._inner.list_events(calendar, cursor=cursor, page=page)


def break_some(desk: Desk, error: Exception, names: Sequence[str]) -> None:
    desk.wrap[ONE] = Broken(desk.google.provider(ONE), dict.fromkeys(names, error))  # type: ignore[assignment]


def test_trouble_that_is_the_calendars_own_never_ends_the_account(desk: Desk) -> None:
    two_accounts(desk, each=4)
    break_some(desk, Later("Its tokens are refused.", scope="calendar"), ["one-0", "one-1"])

    assert errors(desk.sync()) == [Later, Later] + [None] * 6


def test_calendars_in_trouble_come_last_and_keep_no_other_from_its_turn(desk: Desk) -> None:
    two_accounts(desk, each=4)
    break_some(desk, Later("Google is having trouble."), ["one-0", "one-1"])

    assert errors(desk.sync())[:4] == [Later] * 4
    assert [desk.now(one).reason is None for one in desk.calendars[:4]] == [False, False, True, True]
    assert errors(desk.sync())[:4] == [Later, Later, None, None]


def test_a_bug_met_by_one_calendar_stops_that_one_only(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    two_accounts(desk)
    break_some(desk, ZeroDivisionError("division"), ["one-0"])

    report = desk.sync()

    assert errors(report) == [CalsyncError, None, None, None]
    assert report.errors[0].what == "An error in calsyncctl (ZeroDivisionError) stopped the sync of “one-0”."
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert desk.now(desk.calendars[0]).reason == report.errors[0].what


def test_a_calendar_rests_as_long_as_google_asked_unless_it_is_named(desk: Desk) -> None:
    desk.calendar("one-0", email=ONE)
    desk.google.fail_next(Later("Slow down.", retry_after=600))
    desk.sync()
    calls, first = desk.google.calls["list_events"], desk.now(desk.calendars[0])

    (skipped,) = desk.sync().calendars
    assert skipped.error is not None
    assert (skipped.error.what, skipped.error.exit_code) == ("Slow down.", 75)
    assert desk.google.calls["list_events"] == calls
    assert desk.now(first) == first

    named = replace(desk.work(), named=frozenset({first.id}))
    assert errors(sync_calendars(named)) == [None]


def test_a_calendar_is_tried_again_when_the_wait_is_over(desk: Desk) -> None:
    desk.calendar("one-0", email=ONE)
    desk.google.fail_next(Later("Slow down.", retry_after=600))
    desk.sync()
    desk.clock.at += 600

    assert errors(desk.sync()) == [None]


def test_a_used_up_limit_rests_the_whole_account_for_as_long_as_google_says(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.fail_next(MuchLater("The account's limit is used up.", retry_after=7200))
    desk.sync()
    calls = desk.google.calls["list_events"]

    assert errors(desk.sync()) == [Later, Later, None, None]
    assert desk.google.calls["list_events"] - calls == 2


def test_what_ends_the_pass_is_said_of_every_calendar_that_was_not_reached(desk: Desk) -> None:
    two_accounts(desk)
    desk.google.fail_next(Installation("The API is not switched on."))

    assert {error.what for error in desk.sync().errors} == {"The API is not switched on."}
