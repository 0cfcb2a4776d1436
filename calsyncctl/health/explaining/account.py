"""Why an account is as it is: its sign-in, its calendars, what waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calsyncctl.health.explaining.explanation import Asking, Explanation, Finding, Line, Todo, assembled, finding, told
from calsyncctl.health.explaining.resting import recent, resting, restored
from calsyncctl.health.explaining.trouble import account_trouble, trouble_of
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, CalendarState
from calsyncctl.store import calendars, holds, linked, shades
from calsyncctl.store.deletions import DELETIONS
from calsyncctl.store.shades import SHADOW

DAY = 86400
ENDS_SOON = 3 * DAY
"""A sign-in that ends within so many seconds is the answer, if nothing worse is."""


def explain_account(asking: Asking, account: Account) -> Explanation:
    """Explain an account."""
    known = calendars.list_calendars(asking.store, account_id=account.id)
    chosen = [one for one in known if one.state is not CalendarState.AVAILABLE]
    return assembled(
        ("account", f"#{account.id}", account.email),
        list(_findings(asking, account, chosen)),
        where=[*_where(asking, account, known), *(_calendar(asking, one, account) for one in chosen)],
        happened=recent(asking, account),
        waits=[],
        todo=[Todo("calsyncctl status", "tells what needs you, in all accounts"), *_deeper(chosen)],
    )


def _deeper(chosen: Sequence[Calendar]) -> list[Todo]:
    return [Todo(f"calsyncctl explain '#{one.id}'", f"explains “{one.name}”") for one in chosen[:1]]


def _findings(asking: Asking, account: Account, chosen: Sequence[Calendar]) -> Iterator[Finding]:
    """Yield what may be the answer, the gravest first; there is always one."""
    trouble = account_trouble(asking, account)
    if trouble is not None:
        text = f"{trouble.text}. Nothing of it is asked for or sent meanwhile, and what is here stays."
        yield finding(told(trouble.code, text, trouble.since), *trouble.todo, waits=True)
    else:
        yield from restored(asking)
        yield from resting(asking, account)
        yield from _in_trouble(asking, account, chosen)
    yield from _kept_back(asking, account)
    yield from _ending(asking, account)
    yield from _waiting(asking, account, chosen)
    yield _well(asking, account, chosen)


def _in_trouble(asking: Asking, account: Account, chosen: Sequence[Calendar]) -> Iterator[Finding]:
    for one in chosen:
        trouble = trouble_of(asking, one, account)
        if trouble is not None:
            yield finding(told(trouble.code, trouble.sentences(asking), trouble.since), *trouble.todo, waits=True)


def _kept_back(asking: Asking, account: Account) -> Iterator[Finding]:
    if not account.shadow:
        return
    count = shades.count_kept_back(asking.store).get(account.id, 0)
    many = {0: "nothing waits", 1: "1 change waits"}.get(count, f"{count:,} changes wait")
    text = (
        f"{account.email} is a shadow account: all comes, and nothing goes there until it is trusted; {many} for that."
    )
    todo = (
        Todo("calsyncctl review list --kind shadow", "shows what would be written"),
        Todo(f"calsyncctl accounts trust {account.email}", "lets it go"),
    )
    yield finding(told("held-shadow", text), *todo, waits=True)


def _ending(asking: Asking, account: Account) -> Iterator[Finding]:
    ends = account.grant_expires
    if account.state is AccountState.ACTIVE and ends is not None and ends - asking.now < ENDS_SOON:
        text = f"The sign-in of {account.email} ends on {asking.when(ends)} (a Google app in testing: seven days)."
        again = Todo(f"calsyncctl connect --account {account.email}", "signs in again")
        yield finding(told("sign-in-ends", text, ends), again, waits=True)


def _waiting(asking: Asking, account: Account, chosen: Sequence[Calendar]) -> Iterator[Finding]:
    held = holds.count_held(asking.store, {one.id for one in chosen})
    others = sum(count for kind, count in held.items() if kind != SHADOW)
    if others:
        what = "deletions of Google" if set(held) <= {DELETIONS, SHADOW} else "changes and deletions"
        text = f"{others:,} {what} on its calendars wait for somebody to decide."
        yield finding(told("held", text), Todo("calsyncctl review list", "shows them"), waits=True)
    due = sum(linked.waiting_copies(asking.store, one.id) for one in chosen)
    if due:
        many = "1 change made here waits" if due == 1 else f"{due:,} changes made here wait"
        text = f"{many} to be sent, {asking.soon}."
        todo = Todo(f"calsyncctl sync --account {account.email}", "sends them, and asks what changed")
        yield finding(told("waiting", text), todo, waits=True)


def _well(asking: Asking, account: Account, chosen: Sequence[Calendar]) -> Finding:
    if not chosen:
        text = f"{account.email} is connected, but none of its calendars is selected, so nothing syncs."
        return finding(told("pending", text), Todo("calsyncctl calendars select NAME...", "lets calendars take part"))
    successes = [one.last_success for one in chosen if one.last_success is not None]
    last = f"last on {asking.when(max(successes))}" if successes else "not once yet"
    many = "its 1 calendar" if len(chosen) == 1 else f"its {len(chosen)} calendars"
    text = f"{account.email} is well: {many} took part, {last}."
    return finding(told("well", text, max(successes, default=None)))


# Where it is


def _where(asking: Asking, account: Account, known: Sequence[Calendar]) -> Iterator[Line]:
    owner = f", of {account.owner}" if account.owner else ""
    many = "1 calendar is" if len(known) == 1 else f"{len(known):,} calendars are"
    yield told("connected", f"It is {account.state}{owner}; {many} known of it.", account.since)
    permitted = ", ".join(sorted(scope.rpartition("/")[2] for scope in account.scopes)) or "nothing"
    yield told("permitted", f"It permitted: {permitted}. Its tokens are in the vault “{account.vault}”.")
    if account.grant_expires is not None:
        days = max(0, (account.grant_expires - asking.now) // DAY)
        text = f"Its sign-in ends on {asking.when(account.grant_expires)}, in {days} days."
        yield told("sign-in-ends", text, account.grant_expires)
    else:
        yield told("sign-in-stays", "Google tells no end of its sign-in.")


def _calendar(asking: Asking, calendar: Calendar, account: Account) -> Line:
    mode = f"{calendar.mode}, " if calendar.mode is not None else ""
    went = f"went well last on {asking.when(calendar.last_success)}" if calendar.last_success else "not synced yet"
    text = f"“{calendar.name}” ({mode}{calendar.state}): {went}."
    return told("calendar", text, calendar.last_success)
