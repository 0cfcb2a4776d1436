"""What needs you, in the order in which it should be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calsyncctl.health.needs import needs, passing
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
    cure=None,
    since=NOW,
    until=None,
    listing=False,
    unreadable=(),
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


HOUR = timedelta(hours=1)
FAILING = replace(CALENDAR, reason="The key is gone.", since=NOW - HOUR)


def test_what_a_person_must_see_to_says_the_cure_where_it_is_known() -> None:
    cured = replace(FAILING, cure="Restore it from a backup.")

    assert [need.what_to_do for need in needs(Facts(NOW, (ACCOUNT,), (cured,)))] == ["Restore it from a backup."]
    assert [need.what_to_do for need in needs(Facts(NOW, (ACCOUNT,), (FAILING,)))] == ["calsyncctl sync"]


def facts(*calendars: CalendarFacts, account: AccountFacts = ACCOUNT) -> Facts:
    return Facts(NOW, (account,), calendars)


def test_what_stops_calendars_is_said_once_with_their_names_and_since_when() -> None:
    (need,) = needs(facts(FAILING, replace(FAILING, id=2, name="Desk", since=NOW)))

    assert (need.kind, need.since) == ("failing", NOW - HOUR)
    assert need.what == "“Team”, “Desk” could not be synced: The key is gone."


@pytest.mark.parametrize(("minutes", "kinds"), [(59, ("", "passing")), (61, ("failing", ""))])
def test_trouble_that_should_pass_needs_nobody_for_an_hour(minutes: int, kinds: tuple[str, str]) -> None:
    since = NOW - timedelta(minutes=minutes)
    found = facts(replace(CALENDAR, reason="Nothing answers.", since=since, until=since))

    assert tuple("".join(one.kind for one in some) for some in (needs(found), passing(found))) == kinds


@pytest.mark.parametrize("wait", [0, 30, 600])
def test_trouble_met_anew_every_five_minutes_for_two_hours_needs_somebody(wait: int) -> None:
    until = NOW + timedelta(seconds=wait)
    found = facts(replace(CALENDAR, reason="Nothing answers.", since=NOW - 2 * HOUR, until=until))

    assert ([one.kind for one in needs(found)], passing(found)) == (["failing"], ())


def test_where_google_asked_to_wait_it_is_said_at_once_when_it_is_tried_again() -> None:
    later = replace(CALENDAR, reason="A use limit.", since=NOW, until=NOW + 3 * HOUR)
    sooner = replace(later, id=2, name="Desk", until=NOW + HOUR)
    over = replace(later, until=NOW)

    assert [one.until for one in passing(facts(later, sooner))] == [NOW + HOUR]
    assert [one.until for one in passing(facts(over))] == [None]


@pytest.mark.parametrize("state", ["paused", "needs-reauth"])
def test_of_an_account_that_takes_no_part_nothing_fails(state: str) -> None:
    assert "failing" not in [one.kind for one in needs(facts(FAILING, account=replace(ACCOUNT, state=state)))]


def test_a_hold_is_one_sentence_that_tells_calendars_of_one_name_apart() -> None:
    held = replace(CALENDAR, state="hold", reason="no longer shared.")

    (need,) = needs(facts(held, replace(CALENDAR, id=2, account="b@example.com")))
    assert need.what == "“Team” of work@example.com is on hold: no longer shared."


def test_a_restore_waits_for_a_look_before_anything_else_but_dead_sign_ins() -> None:
    trouble = replace(CALENDAR, state="hold", reason="gone")
    facts = Facts(NOW, (ACCOUNT,), (trouble,), restored=NOW)

    assert [need.kind for need in needs(facts)] == ["restored", "hold"]
    assert needs(facts)[0].what_to_do == "calsyncctl reconcile"


class Counted(str):
    """A name that counts how often it is looked at."""

    looks = 0

    def casefold(self) -> str:
        Counted.looks += 1
        return super().casefold()


@pytest.mark.parametrize(
    "trouble",
    [replace(CALENDAR, reason="No network."), replace(CALENDAR, state="hold"), replace(CALENDAR, last_success=None)],
)
def test_naming_many_calendars_looks_at_each_a_few_times_and_names_some(trouble: CalendarFacts) -> None:
    Counted.looks = 0
    many = [replace(trouble, id=number, name=Counted(f"Room {number}")) for number in range(1000)]
    found = needs(facts(*many))
    assert Counted.looks <= 3000
    assert len(found) in {1, 1000}
    if len(found) == 1:
        assert found[0].what.count("“Room") == 10
        assert "and 990 more" in found[0].what


def test_two_of_one_name_are_told_apart_by_their_accounts() -> None:
    failing = replace(CALENDAR, reason="No network.")
    other = replace(failing, id=2, account="desk@example.com", name="TEAM")
    found = needs(Facts(NOW, (ACCOUNT, replace(ACCOUNT, id=2, email="desk@example.com")), (failing, other)))
    assert [one.what for one in found] == [
        "“Team” of work@example.com, “TEAM” of desk@example.com could not be synced: No network."
    ]
