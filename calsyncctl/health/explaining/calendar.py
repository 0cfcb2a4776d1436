"""Why a calendar is as it is, for somebody to whom updates stopped arriving: what is in the way, when it went well."""

from __future__ import annotations

from collections.abc import Iterator

from calsyncctl.health.explaining.explanation import (
    Asking,
    Explanation,
    Finding,
    Line,
    Todo,
    assembled,
    finding,
    place,
    told,
)
from calsyncctl.health.explaining.resting import recent, resting, restored
from calsyncctl.health.explaining.trouble import trouble_of
from calsyncctl.model.account import Account, shadow_sentence
from calsyncctl.model.calendar import TAKING_PART, Calendar, CalendarKind, Mode
from calsyncctl.model.link import Link
from calsyncctl.store import accounts, calendars, holds, linked, links, oddities
from calsyncctl.store.deletions import DELETIONS
from calsyncctl.store.shades import SHADOW

MODES = {
    Mode.TWO_WAY: "changes go both ways",
    Mode.SMART: "blocks stay as they are in Google, everything else goes both ways",
    Mode.ONE_WAY: "what is made here goes to Google and stands there, what is made there comes as blocks",
    Mode.PUSH_ONLY: "what is made here goes to Google, nothing comes from there",
    Mode.READ_ONLY: "what is in Google comes here, nothing goes there",
}
_HELD = {"refused": "that Google refuses", "invalid": "that Google does not accept", "loop": "that kept changing"}


def explain_calendar(asking: Asking, calendar: Calendar) -> Explanation:
    """Explain a calendar."""
    account = accounts.get_account(asking.store, calendar.account_id) if calendar.account_id is not None else None
    return assembled(
        ("calendar", f"#{calendar.id}", calendar.name),
        list(_findings(asking, calendar, account)),
        where=[*_where(asking, calendar, account), *_links(asking, calendar)],
        happened=recent(asking, account) if account is not None else [],
        waits=[],
        todo=_always(calendar),
    )


def _findings(asking: Asking, calendar: Calendar, account: Account | None) -> Iterator[Finding]:
    """Yield what may be the answer, the gravest first; there is always one."""
    trouble = trouble_of(asking, calendar, account)
    if trouble is not None:
        kept = " Its events stay here as they are." if trouble.code in {"not-selected", "calendar-hold"} else ""
        text = f"{trouble.sentences(asking)}{kept}"
        yield finding(told(trouble.code, text, trouble.since), *trouble.todo, waits=True)
    if account is not None:
        yield from restored(asking)
        yield from resting(asking, account)
    yield from _waits(asking, calendar, account)
    yield _well(asking, calendar, account)


def _waits(asking: Asking, calendar: Calendar, account: Account | None) -> Iterator[Finding]:
    held = holds.count_held(asking.store, {calendar.id})
    for one in holds.held_deletions(asking.store):
        if one.calendar_id == calendar.id:
            many = _many(one.count, "deletion", "of Google")
            text = f"{many} on “{calendar.name}”: {one.reason}. They stay here until somebody decides."
            look = Todo(f"calsyncctl review show d{calendar.id}", "shows them, and what may be decided")
            yield finding(told("held-deletions", text, one.since), look, waits=True)
    if held.get(SHADOW) and account is not None:
        text = f"{_many(held[SHADOW], 'change', 'for it')}: {shadow_sentence(account)}."
        trust = Todo(f"calsyncctl accounts trust {account.email}", "lets them go")
        yield finding(told("held-shadow", text), trust, waits=True)
    for kind, count in sorted(held.items()):
        if kind not in {SHADOW, DELETIONS}:
            text = f"{_many(count, 'change', 'for somebody')}: {_HELD.get(kind, kind)}."
            show = Todo(f"calsyncctl review list --calendar {calendar.typed} --kind {kind}", "shows them")
            yield finding(told(f"held-{kind}", text), show, waits=True)
    yield from _due(asking, calendar)
    yield from _unread(asking, calendar)


def _many(count: int, thing: str, what: str) -> str:
    return f"1 {thing} {what} waits" if count == 1 else f"{count:,} {thing}s {what} wait"


def _due(asking: Asking, calendar: Calendar) -> Iterator[Finding]:
    due = linked.waiting_copies(asking.store, calendar.id)
    if due:
        text = f"{_many(due, 'change', 'made here')} to be sent to “{calendar.name}”, {asking.soon}."
        sync = Todo(f"calsyncctl sync --calendar {calendar.typed}", "sends what waits, and asks what changed there")
        yield finding(told("waiting", text), sync, waits=True)
    if calendar.page is not None:
        text = f"“{calendar.name}” is being listed whole; {asking.next_sync} goes on where the last one stopped."
        sync = Todo(f"calsyncctl sync --calendar {calendar.typed}", "goes on with it")
        yield finding(told("listing", text), sync, waits=True)


def _unread(asking: Asking, calendar: Calendar) -> Iterator[Finding]:
    odd = oddities.of_calendar(asking.store, calendar.id)
    if odd:
        named = ", ".join(f"{google_id} ({why})" for google_id, why in odd[:3])
        text = f"{_many(len(odd), 'item', 'of Google')} to become readable: {named}. The rest came in."
        show = Todo(f"calsyncctl calendars show {calendar.typed}", "names all of them")
        yield finding(told("unreadable", text), show, waits=True)


def _well(asking: Asking, calendar: Calendar, account: Account | None) -> Finding:
    """Say that nothing is in the way."""
    name = place(calendar, account)
    if calendar.kind is not CalendarKind.GOOGLE:
        return finding(told("native", f"{name} lives only here: it is never asked for in Google."))
    sync = Todo(f"calsyncctl sync --calendar {calendar.typed}", "asks Google now")
    if calendar.last_success is None:
        return finding(told("never-synced", f"{name} has not been synced yet."), sync)
    changed = asking.when(calendar.last_change) if calendar.last_change is not None else None
    last = f"the last change came on {changed}" if changed else "no change has come from there since it was listed"
    text = f"{name} is kept equal: it went well last on {asking.when(calendar.last_success)}, and {last}."
    return finding(told("well", text, calendar.last_success), sync)


# Where it is


def _where(asking: Asking, calendar: Calendar, account: Account | None) -> Iterator[Line]:
    if calendar.kind is not CalendarKind.GOOGLE:
        yield told("native", f"“{calendar.name}” is a calendar of this installation only ({calendar.zone}).")
        return
    mode = f"{calendar.mode}: {MODES[calendar.mode]}" if calendar.mode is not None else "not chosen yet"
    yield told("mode", f"It syncs {mode}. Your access role there is {calendar.access}.")
    if calendar.last_success is None:
        yield told("last-success", "It never was synced to the end.")
    else:
        yield told("last-success", f"It went well last on {asking.when(calendar.last_success)}.", calendar.last_success)
    if calendar.last_change is not None:
        text = f"The last change that came from there: {asking.when(calendar.last_change)}."
        yield told("last-change", text, calendar.last_change)
    if calendar.last_reconcile is not None:
        text = f"It was compared with Google as a whole on {asking.when(calendar.last_reconcile)}."
        yield told("last-reconcile", text, calendar.last_reconcile)
    if calendar.state in TAKING_PART:
        yield _next(asking, calendar)


def _next(asking: Asking, calendar: Calendar) -> Line:
    """Say when Google is asked next, and for what."""
    what = "what changed since" if calendar.cursor is not None and calendar.page is None else "all that is there"
    if not asking.daemon:
        text = f"Google is asked for {what} whenever calsyncctl sync runs: no daemon is at work."
    elif calendar.due is not None and calendar.due > asking.now:
        text = f"The daemon asks Google for {what}, next on {asking.when(calendar.due)}."
    else:
        text = f"The daemon asks Google for {what} in a moment."
    return told("next", text, calendar.due if asking.daemon else None)


def _links(asking: Asking, calendar: Calendar) -> Iterator[Line]:
    for link in links.list_links(asking.store, source_id=calendar.id):
        yield _link(asking, link, "Its events are kept on", link.target_id)
    for link in links.list_links(asking.store, target_id=calendar.id):
        yield _link(asking, link, "It also holds the events of", link.source_id)


def _link(asking: Asking, link: Link, how: str, other_id: int) -> Line:
    other = calendars.get_calendar(asking.store, other_id)
    owner = accounts.get_account(asking.store, other.account_id) if other.account_id is not None else None
    figures = linked.link_figures(asking.store, link.source_id, link.target_id)
    trouble = trouble_of(asking, other, owner)
    why = "; ".join(filter(None, (link.reason, trouble.text if trouble is not None else None, *figures.reasons)))
    copies = "1 copy" if figures.copies == 1 else f"{figures.copies:,} copies"
    stand = f"{link.state}, {copies}, {figures.waiting:,} waiting, {figures.held:,} held"
    return told("link", f"{how} {place(other, owner)} by a link ({stand}){f': {why}' if why else ''}.", link.since)


def _always(calendar: Calendar) -> list[Todo]:
    if calendar.kind is not CalendarKind.GOOGLE or calendar.state not in TAKING_PART:
        return []
    return [
        Todo(f"calsyncctl reconcile --check --calendar {calendar.typed}", "asks Google whether anything differs"),
        Todo("calsyncctl runs list", "tells what the last passes changed"),
    ]
