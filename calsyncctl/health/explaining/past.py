"""Where an event came from and what happened to it since, in sentences: read off its history."""

from __future__ import annotations

from datetime import datetime

from calsyncctl.health.explaining.explanation import Asking, Line, called, told
from calsyncctl.health.explaining.gathered import EventFacts
from calsyncctl.model.event import Event
from calsyncctl.model.history import Action, Version
from calsyncctl.model.wording import what_changed
from calsyncctl.store import runs
from calsyncctl.store.db import Store
from calsyncctl.store.events import get_event
from calsyncctl.sync.editing.record import DIVIDED
from calsyncctl.sync.policy import GOOGLE, HERE
from calsyncctl.sync.pulling.telling import SELF

SHOWN = 3
"""So many of the latest changes are told; `events history` tells all."""

_DID = {
    Action.ADDED: "made it",
    Action.CHANGED: "changed it",
    Action.CANCELLED: "cancelled it",
    Action.DELETED: "deleted it",
    Action.RESTORED: "brought it back",
}
_SPOKEN = {GOOGLE: "Google", SELF: "calsyncctl, by its rules,", "undo": "an undo", "restore": "a restore"}


def who(author: str) -> str:
    """Name who did something; behind `google` stands somebody who is not known here."""
    return _SPOKEN.get(author, author)


def happened(asking: Asking, facts: EventFacts) -> list[Line]:
    """Tell the latest changes, the latest first, and how many more there are."""
    latest = facts.versions[-SHOWN:]
    lines = [_change(one) for one in reversed(latest)]
    if len(facts.versions) > len(latest):
        many = len(facts.versions) - len(latest)
        more = "1 more change" if many == 1 else f"{many:,} more changes"
        lines.append(told("more", f"Before that {more}, which events history tells."))
    return lines


def _change(version: Version) -> Line:
    arrived = version.author == GOOGLE and version.action is Action.ADDED
    did = "it came from Google" if arrived else f"{who(version.author)} {_DID[version.action]}"
    text = what_changed(version.changes, version.lost, why=version.why, author=version.author)
    what = "" if arrived or text == str(version.action) else f": {text}"
    noted = [f"run {version.run_id}"] if version.run_id is not None else []
    noted += [f"sent to Google with run {version.sent_run}"] if version.sent_run is not None else []
    told_in = f" ({', '.join(noted)})" if noted else ""
    return told(str(version.action), f"{did}{what}{told_in}", version.at)


def origin(asking: Asking, facts: EventFacts) -> Line:
    """Tell where an event came from."""
    event = facts.event
    if facts.series is not None:
        series = f"{called(facts.series)} ({facts.series.key[:8]})"
        text = f"It is one occurrence of the series {series}, the one of {original_start(asking, event)}."
        return told("occurrence", text)
    first = facts.versions[0] if facts.versions and facts.versions[0].version == 1 else None
    if first is None:
        return _before_history(facts)
    if first.author != GOOGLE:
        return _made_here(asking, facts, first)
    if event.origin == HERE and not _moved_here(facts):
        return _known_again(f"on {asking.when(first.at)}", first.at)
    text = f"Made in Google{_by(facts)}; it came here {asking.when(first.at)}{_run(first.run_id)}."
    return told("from-google", text, first.at)


def original_start(asking: Asking, event: Event) -> str:
    """Show an exception's original start: a date as it is, an instant in the zone asked for."""
    original = event.original or ""
    return asking.when(int(datetime.fromisoformat(original).timestamp())) if "T" in original else original


def _before_history(facts: EventFacts) -> Line:
    """Tell of an event whose first version is not in the history: of a first listing there is none."""
    event = facts.event
    listed = event.version == 1
    if event.origin == HERE and listed:
        return _known_again("with a full listing", None)
    if event.origin == HERE:
        return told("made-here", "Made here; by whom and when is no longer kept.")
    how = f"with the first listing of its calendar{_run(facts.run)}" if listed else "longer ago than history is kept"
    return told("from-google", f"Made in Google{_by(facts)}; it came here {how}.")


def _known_again(when: str, at: int | None) -> Line:
    text = (
        f"Made here once (or by an installation that was taken over), and known again by its mark in Google {when}: "
        "the store did not know it, so it was taken for what it is, and not made a second time."
    )
    return told("adopted", text, at)


def _made_here(asking: Asking, facts: EventFacts, first: Version) -> Line:
    ref = f" under the caller's id “{facts.ref}”" if facts.ref else ""
    divided = other_half(asking.store, facts, first)
    how = ""
    if divided is not None:
        how = f", when “this and the following” of {called(divided)} ({divided.key[:8]}) were changed"
    text = f"Made here by {first.author} {asking.when(first.at)}{ref}{_run(first.run_id)}{how}."
    return told("made-here", text, first.at)


def other_half(store: Store, facts: EventFacts, version: Version) -> Event | None:
    """Return the other half of a series that was divided by the run of a version: the old one, or the new one."""
    if version.run_id is None:
        return None
    others = [one for one in runs.versions_in(store, version.run_id) if one.event_id != facts.event.id]
    ended = version.why == DIVIDED
    fitting = [one for one in others if (one.action is Action.ADDED if ended else one.why == DIVIDED)]
    return get_event(store, fitting[0].event_id) if fitting else None


def _moved_here(facts: EventFacts) -> bool:
    """Tell whether somebody here gave it another calendar: since then it counts as made here."""
    return any(one.author != GOOGLE and _moves(one) for one in facts.versions)


def _moves(version: Version) -> bool:
    return any(change.field == "calendar" for change in version.changes)


def _by(facts: EventFacts) -> str:
    body = facts.event.content.body if facts.event.content is not None else None
    return f", organized by {body.organizer}" if body is not None and body.organizer and not body.organizer_self else ""


def _run(run: int | None) -> str:
    return f" (run {run})" if run is not None else ""
