"""What stays on a calendar that failed: why and since when, until a success; and what a hold says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsyncctl.errors import CalsyncError, Gone, Installation, Later, NeedsReauth, Refused, VaultFault
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import GONE, Calendar, CalendarState
from calsyncctl.store import calendars
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.provider import Provider
from tests.sync.desk import WORK, Desk


def failed(desk: Desk, error: CalsyncError) -> Calendar:
    """Run a pass that fails with an error and return the calendar."""
    desk.google.fail_next(error)
    desk.sync()
    return desk.now(desk.calendars[0])


def test_a_failure_stays_with_its_reason_and_since_when_until_a_success(desk: Desk) -> None:
    desk.calendar()
    first = failed(desk, Later("The network is away."))
    again = failed(desk, Later("Google is busy."))

    assert (first.state, first.reason, first.since) == (CalendarState.SELECTED, "The network is away.", again.since)
    assert again.reason == "Google is busy."

    desk.sync_one()
    well = desk.now(again)
    assert (well.state, well.reason, well.since) == (CalendarState.SELECTED, None, desk.clock.now())


def test_passing_trouble_says_until_when_it_rests_and_other_trouble_has_no_end(desk: Desk) -> None:
    desk.calendar()
    passing = failed(desk, Later("Slow down.", retry_after=30))
    lasting = failed(desk, VaultFault("The key is gone."))

    assert (passing.until, lasting.until) == ((passing.since or 0) + 30, None)


@pytest.mark.parametrize("kind", [VaultFault, Installation])
def test_what_helps_a_vault_or_the_google_app_is_kept_with_the_reason_until_a_success(
    desk: Desk, kind: type[CalsyncError]
) -> None:
    desk.calendar()
    locked = failed(desk, kind("The keyring is locked.", "Unlock it."))

    assert (locked.why, locked.cure) == ("The keyring is locked.", "Unlock it.")
    desk.sync_one()
    assert (desk.now(locked).why, desk.now(locked).cure) == (None, None)


def test_a_failure_before_the_first_request_is_kept_on_every_calendar_of_the_account(desk: Desk) -> None:
    desk.calendar()
    desk.calendar("other")

    def provider_for(account: Account) -> Provider:
        raise VaultFault("The key is gone.")

    sync_calendars(replace(desk.work(), provider_for=provider_for))
    assert [desk.now(one).reason for one in desk.calendars] == ["The key is gone."] * 2


def test_a_dead_sign_in_is_the_accounts_affair(desk: Desk) -> None:
    desk.calendar()

    assert failed(desk, NeedsReauth("Google withdrew the permission.")).reason is None


def test_a_pass_that_was_called_off_leaves_no_reason(desk: Desk) -> None:
    desk.calendar()
    work = desk.work()
    work.stop.set()

    sync_calendars(work)
    assert desk.now(desk.calendars[0]).reason is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Gone("The calendar x is not there."), GONE),
        (
            Refused(f"Google does not allow {WORK}@example.com to do this on the calendar {WORK}: no."),
            f"Google does not allow {WORK}@example.com to do this on “{WORK}”: no",
        ),
    ],
)
def test_a_hold_says_why_in_one_sentence_with_the_calendars_name(
    desk: Desk, error: Gone | Refused, reason: str
) -> None:
    desk.calendar()
    desk.google.fail_next(error)

    (outcome,) = desk.sync().calendars
    assert outcome.calendar.reason == reason
    assert outcome.error is not None
    assert (outcome.error.kind, outcome.error.what) == ("held", f"“{WORK}” is on hold: {reason}.")


def test_what_fails_is_told_by_the_calendars_name_as_its_id_may_be_a_persons_address(desk: Desk) -> None:
    desk.calendar()
    desk.google.fail_next(Later(f"Google is having trouble with the calendar {WORK}."))

    (outcome,) = desk.sync().calendars
    assert outcome.error is not None
    assert outcome.error.what == f"Google is having trouble with “{WORK}”."


def test_whoever_deselects_a_calendar_while_it_fails_has_the_last_word(desk: Desk) -> None:
    calendar = desk.calendar()

    def deselect() -> None:
        with desk.store.write():
            calendars.set_calendar_state(desk.store, calendar.id, CalendarState.AVAILABLE, since=1)

    desk.google.before_next(deselect)
    assert failed(desk, Gone("The calendar is gone.")).state is CalendarState.AVAILABLE
