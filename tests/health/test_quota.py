"""The quota's facts: names instead of keys, and every account that is connected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.connections.connect import Wish as Asked
from calsyncctl.connections.connect import connect
from calsyncctl.health.quota import GONE, KindFacts, not_polls, take_quota
from calsyncctl.model.quota import Cost, Limits, Priority, Used, Wish, slot_of, user_key
from calsyncctl.store import accounts, spend
from tests.support.authority import Office, grant

LIMITS = Limits(8_000, 480, 800_000)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    connect(made.means, Asked(), grant())
    yield made
    made.store.close()


def spent(office: Office, user: str, **costs: Cost) -> None:
    now = office.clock.now()
    with office.store.write():
        given = spend.lease(office.store, "client", Wish(user, 10, 10, Priority.PEOPLE), LIMITS, now)
        spend.settle(office.store, "client", [Used(user, slot_of(now), given.units, costs)])


def test_accounts_have_names_and_kinds_their_costs(office: Office) -> None:
    (account,) = accounts.list_accounts(office.store)
    spent(office, user_key(account.sub), poll=Cost(4, 4), patch=Cost(2, 6))
    facts = take_quota(office.store, "client", LIMITS, office.clock.now())

    (one,) = facts.accounts
    assert (one.account, one.requests, one.units, one.minute) == (account.email, 6, 10, 10)
    assert facts.kinds == one.kinds == (KindFacts("patch", 2, 6), KindFacts("poll", 4, 4))
    assert (facts.today.spent, facts.today.left, not_polls(facts)) == (10, 799_990, 6)


def test_who_spent_nothing_is_there_and_who_was_removed_has_no_name(office: Office) -> None:
    spent(office, user_key("removed since"), poll=Cost(1, 1))
    facts = take_quota(office.store, "client", LIMITS, office.clock.now())

    gone, known = facts.accounts
    assert (gone.account, gone.units, known.units) == (GONE, 1, 0)


def test_what_is_leased_and_not_accounted_for_is_in_hand(office: Office) -> None:
    with office.store.write():
        spend.lease(office.store, "client", Wish("jane", 7, 7, Priority.POLL), LIMITS, office.clock.now())

    facts = take_quota(office.store, "client", LIMITS, office.clock.now())
    assert (facts.in_hand, facts.minute.spent) == (7, 7)


def test_rests_are_told_where_they_hold(office: Office) -> None:
    (account,) = accounts.list_accounts(office.store)
    now = office.clock.now()
    with office.store.write():
        for user in (user_key(account.sub), ""):
            spend.rest(office.store, "client", user, asked=60, jitter=0, reason="Slow down.", now=now)

    facts = take_quota(office.store, "client", LIMITS, now)
    assert facts.resting_until == facts.accounts[0].resting_until is not None
