"""What needs a person, in the order in which it should be done: pure, from the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from calsyncctl.health.snapshot import PENDING, AccountFacts, CalendarFacts, Facts
from calsyncctl.model.account import AccountState, dead_sentence
from calsyncctl.model.calendar import CalendarState
from calsyncctl.store.shades import SHADOW

WARNED_AHEAD = timedelta(hours=72)
"""A sign-in whose end is known is warned about so long before."""


PASSES_WITHIN = timedelta(hours=1)
"""Passing trouble (network, rates) that lasts longer needs a person after all."""
NAMED = 10
"""How many calendars a sentence names; the list has all of them."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person: what, and what to type."""

    kind: str
    what: str
    what_to_do: str
    account: str | None = None
    calendar: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Google asked to wait so long: not tried before, and then by itself."""


def needs(facts: Facts) -> tuple[Need, ...]:
    """List what needs a person, the most urgent first."""
    if all(account.state == AccountState.DISCONNECTED for account in facts.accounts):
        return (Need("no-account", "No account is connected.", "calsyncctl connect"),)
    return (
        *_dead(facts),
        *_restored(facts),
        *_failing(facts),
        *_on_hold(facts),
        *_to_review(facts),
        *_shadows(facts),
        *_ending(facts),
        *_parting(facts),
        *_pending(facts),
        *_unsynced(facts),
        *_silent(facts),
    )


def passing(facts: Facts) -> tuple[Need, ...]:
    """List the trouble that should pass by itself; what lasts longer than `PASSES_WITHIN` is a need."""
    return tuple(_troubles(facts, [one for one in _in_trouble(facts) if _may_pass(one, facts.now)], "passing"))


def _failing(facts: Facts) -> Iterator[Need]:
    return _troubles(facts, [one for one in _in_trouble(facts) if not _may_pass(one, facts.now)], "failing")


def _in_trouble(facts: Facts) -> Iterator[CalendarFacts]:
    """Selected calendars whose last try failed, those of accounts that take part."""
    states = {account.email: account.state for account in facts.accounts}
    for one in facts.calendars:
        if one.state == CalendarState.SELECTED and one.reason and states.get(one.account or "") == AccountState.ACTIVE:
            yield one


def _may_pass(calendar: CalendarFacts, now: datetime) -> bool:
    if calendar.until is None or calendar.since is None:
        return False
    return now - calendar.since < PASSES_WITHIN  # `until` moves with every try that fails


def _troubles(facts: Facts, calendars: list[CalendarFacts], kind: str) -> Iterator[Need]:
    """Say each reason once, with the calendars that it stops and since when the first of them."""
    by_reason: dict[str, list[CalendarFacts]] = {}
    for one in calendars:
        by_reason.setdefault(one.reason or "", []).append(one)
    for reason, stopped in by_reason.items():
        yield Need(
            kind,
            f"{_names(facts, stopped)} could not be synced: {reason}",
            stopped[0].cure or "calsyncctl sync",
            stopped[0].account if len({one.account for one in stopped}) == 1 else None,
            stopped[0].name if len(stopped) == 1 else None,
            min(filter(None, (one.since for one in stopped)), default=None),
            min((one.until for one in stopped if one.until and one.until > facts.now), default=None),
        )


def _names(facts: Facts, calendars: list[CalendarFacts]) -> str:
    """Name calendars, of very many the first ones."""
    names = ", ".join(facts.called(one) for one in calendars[:NAMED])
    return names if len(calendars) <= NAMED else f"{names} and {len(calendars) - NAMED:,} more"


def _dead(facts: Facts) -> Iterator[Need]:
    for account in _in_state(facts, AccountState.NEEDS_REAUTH):
        yield Need(
            "needs-reauth",
            dead_sentence(account.email, account.reason),
            f"calsyncctl connect --account {account.email}",
            account.email,
            since=account.since,
        )


def _restored(facts: Facts) -> Iterator[Need]:
    if facts.restored is not None:
        yield Need(
            "restored",
            "A backup was put back: triggers rest until you have looked at what differs.",
            "calsyncctl reconcile",
            since=facts.restored,
        )


def _on_hold(facts: Facts) -> Iterator[Need]:
    for calendar in facts.calendars:
        if calendar.state == CalendarState.HOLD:
            yield Need(
                "hold",
                f"{facts.called(calendar)} is on hold: {(calendar.reason or 'out of reach').rstrip('.')}.",
                f"calsyncctl calendars refresh {calendar.account or ''}".strip(),
                calendar.account,
                calendar.name,
                calendar.since,
            )


_WHY_HELD = {
    "refused": "Google refuses",
    "invalid": "Google does not accept",
    "loop": "kept changing back and forth",
}


def _to_review(facts: Facts) -> Iterator[Need]:
    for entry, calendar, count, reason in facts.review.deletions:
        yield Need(
            "deletions",
            f"{count:,} deletions wait on “{calendar}”: {reason}.",
            f"calsyncctl review show {entry}",
            calendar=calendar,
        )
    for kind, count in facts.review.held:
        if kind == SHADOW:
            continue  # said with its account
        yield Need(kind, _held(count, _WHY_HELD.get(kind, kind)), f"calsyncctl review list --kind {kind}")
    if facts.review.conflicts:
        many = f"{facts.review.conflicts:,} conflicts were" if facts.review.conflicts > 1 else "1 conflict was"
        yield Need("conflict", f"{many} decided by the rule.", "calsyncctl review list --kind conflict")


def _held(count: int, why: str) -> str:
    return f"{count:,} changes wait: {why}." if count > 1 else f"1 change waits: {why}."


def _shadows(facts: Facts) -> Iterator[Need]:
    for account in facts.accounts:
        if account.shadow and account.kept_back and account.state != AccountState.DISCONNECTED:
            many = "1 change waits" if account.kept_back == 1 else f"{account.kept_back:,} changes wait"
            yield Need(
                SHADOW,
                f"{account.email} is a shadow account: {many}, nothing is written to it.",
                f"calsyncctl review list --kind shadow, then: calsyncctl accounts trust {account.email}",
                account.email,
            )


def _ending(facts: Facts) -> Iterator[Need]:
    for account in _in_state(facts, AccountState.ACTIVE, PENDING):
        if account.sign_in_ends is not None and account.sign_in_ends - facts.now < WARNED_AHEAD:
            hours = max(0, int((account.sign_in_ends - facts.now).total_seconds() // 3600))
            yield Need(
                "sign-in-ends",
                f"The sign-in of {account.email} ends in {hours} hours (a Google app in testing: seven days).",
                f"calsyncctl connect --account {account.email} (and publish the app: calsyncctl help google-project)",
                account.email,
            )


def _parting(facts: Facts) -> Iterator[Need]:
    for account in _in_state(facts, AccountState.DISCONNECTING):
        yield Need(
            "disconnecting",
            f"{account.email} could not be revoked at Google yet; every sync tries it again.",
            f"calsyncctl disconnect {account.email} --force (forgets it at once)",
            account.email,
        )


def _pending(facts: Facts) -> Iterator[Need]:
    for account in _in_state(facts, PENDING):
        yield Need(
            "pending",
            f"{account.email} has no calendar selected.",
            "calsyncctl calendars select NAME...",
            account.email,
        )


def _unsynced(facts: Facts) -> Iterator[Need]:
    states = {account.email: account.state for account in facts.accounts}
    fresh = [one for one in facts.calendars if _waits(one, states)]
    if fresh:
        yield Need("never-synced", f"Not synced yet: {_names(facts, fresh)}.", "calsyncctl sync")


def _silent(facts: Facts) -> Iterator[Need]:
    if facts.silent:
        polled = "1 calendar is" if facts.silent == 1 else f"{facts.silent:,} calendars are"
        yield Need(
            "push-silent",
            f"Google's push messages do not arrive: {polled} polled meanwhile.",
            "calsyncctl config get daemon.public_url (and check the proxy behind that address)",
        )


def _waits(calendar: CalendarFacts, states: dict[str, str]) -> bool:
    selected = calendar.state == CalendarState.SELECTED and calendar.account is not None
    active = states.get(calendar.account or "") == AccountState.ACTIVE
    return selected and calendar.last_success is None and not calendar.reason and active


def _in_state(facts: Facts, *states: str) -> Iterator[AccountFacts]:
    return (account for account in facts.accounts if account.state in states)
