"""What needs you, in the order in which it should be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calsyncctl.health.needs import needs
from calsyncctl.health.snapshot import AccountFacts, CalendarFacts, Facts

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WORK = "work@example.com"

ACCOUNT = AccountFacts(
    id=1,
    email=WORK,
    owner=None,
    state="active",
    reason=None,
    since=NOW,
    calendars=2,
    selected=1,
    last_success=NOW,
    sign_in_ends=None,
    vault="file",
)
CALENDAR = CalendarFacts(
    id=1,
    name="Team",
    account=WORK,
    kind="google",
    primary=False,
    writable=True,
    access="owner",
    state="selected",
    mode="two-way",
    assignees=(),
    last_success=NOW,
    events=3,
    zone="UTC",
    google_id="team",
    reason=None,
    since=NOW,
    listing=False,
)


def kinds(*things: AccountFacts | CalendarFacts) -> list[str]:
    accounts = tuple(one for one in things if isinstance(one, AccountFacts))
    calendars = tuple(one for one in things if isinstance(one, CalendarFacts))
    return [need.kind for need in needs(Facts(NOW, accounts, calendars))]


def test_all_is_well() -> None:
    assert kinds(ACCOUNT, CALENDAR) == []


@pytest.mark.parametrize("accounts", [(), (replace(ACCOUNT, state="disconnected"),)])
def test_without_an_account_the_first_step_is_to_connect_one(accounts: tuple[AccountFacts, ...]) -> None:
    assert kinds(*accounts) == ["no-account"]


def test_the_order_is_that_of_urgency() -> None:
    found = kinds(
        replace(ACCOUNT, email="a@example.com", state="pending"),
        replace(ACCOUNT, email="b@example.com", state="disconnecting"),
        replace(ACCOUNT, email="c@example.com", sign_in_ends=NOW + timedelta(hours=10)),
        replace(ACCOUNT, email="d@example.com", state="needs-reauth"),
        replace(ACCOUNT),
        replace(CALENDAR, last_success=None),
        replace(CALENDAR, state="hold"),
    )

    assert found == ["needs-reauth", "hold", "sign-in-ends", "disconnecting", "pending", "never-synced"]


@pytest.mark.parametrize(("hours", "told"), [(71, True), (73, False), (-1, True)])
def test_the_end_of_a_sign_in_is_told_three_days_ahead(hours: int, told: bool) -> None:
    account = replace(ACCOUNT, sign_in_ends=NOW + timedelta(hours=hours))

    assert (kinds(account, CALENDAR) == ["sign-in-ends"]) is told


def test_a_dead_sign_in_is_said_once_with_its_reason_and_what_to_type() -> None:
    (need,) = needs(Facts(NOW, (replace(ACCOUNT, state="needs-reauth", reason=f"Withdrawn ({WORK})"),), ()))

    assert (need.what, need.what_to_do) == (f"Withdrawn ({WORK}).", f"calsyncctl connect --account {WORK}")


def test_calendars_of_an_account_at_rest_wait_without_a_word() -> None:
    assert kinds(replace(ACCOUNT, state="paused"), replace(CALENDAR, last_success=None)) == []
