"""Why an event is gone: who deleted it, where, and how it comes back; read off the last deletion in its history."""

from __future__ import annotations

import re

from calsyncctl.health.explaining.explanation import Asking, Finding, Todo, called, finding, told
from calsyncctl.health.explaining.gathered import EventFacts
from calsyncctl.model.copy import CopyState
from calsyncctl.model.history import Action, Version
from calsyncctl.store import runs
from calsyncctl.store.deletions import RELEASE
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.telling import SELF

_SERIES = "its series"
"""How the history begins to say why an exception went: with its series, or since that was changed."""
_FOLDED = re.compile(r"it is the event (\w+), which has moved here")


def ended(asking: Asking, facts: EventFacts) -> Finding | None:
    """Say why an event does not take place any more; None: it does."""
    if facts.event.deleted is None and facts.event.status != "cancelled":
        return None
    endings = [one for one in facts.versions if one.action in {Action.DELETED, Action.CANCELLED}]
    if not endings:
        return _untold(asking, facts)
    last = endings[-1]
    folded = _FOLDED.fullmatch(last.why)
    if folded is not None:
        text = f"{called(facts.event)} is the event {folded[1]}, which moved to its calendar; it goes on as that one."
        return finding(told("folded", text, last.at), Todo(f"calsyncctl explain {folded[1]}", "explains that one"))
    code, by = _by(asking, last)
    text = f"{called(facts.event)} was {by} on {asking.when(last.at)}{_told_google(facts)}."
    return finding(told(code, text, last.at), *_back(facts))


def _by(asking: Asking, last: Version) -> tuple[str, str]:
    """Return a code, and how it ended in a few words."""
    if last.author == GOOGLE and last.why.startswith(_SERIES):
        return "deleted-with-series", f"deleted with its series in Google ({last.why})"
    if last.author == GOOGLE:
        return "deleted-in-google", f"{_word(last)} in Google{_released(asking, last)}, and so it was here"
    if last.author == "undo":
        return "undone", f"{_word(last)} here by an undo: {last.why}"
    if last.why.startswith(_SERIES):
        return "deleted-with-series", f"deleted here with its series ({last.author}: {last.why})"
    by = "calsyncctl, by its rules" if last.author == SELF else last.author
    why = "" if last.why in {"deleted", "cancelled"} else f": {last.why}"
    return "deleted-here", f"{_word(last)} here by {by}{why}"


def _word(last: Version) -> str:
    return "cancelled" if last.action is Action.CANCELLED else "deleted"


def _released(asking: Asking, last: Version) -> str:
    """Say who let happen what waited."""
    if last.run_id is None:
        return ""
    run = runs.get_run(asking.store, last.run_id)
    return f" (with others; {run.author} released that)" if run.kind == RELEASE else ""


def _told_google(facts: EventFacts) -> str:
    """Say where Google does not know yet."""
    left = [one.place for one in facts.standings if one.copy.due is not None or one.copy.sent_version is not None]
    return f"; Google has not been told yet ({', '.join(left)})" if left else ""


def _back(facts: EventFacts) -> tuple[Todo, ...]:
    gone = facts.series is not None and facts.series.deleted is not None
    if gone and facts.series is not None:
        return (Todo(f"calsyncctl events restore {facts.series.key[:8]}", "brings its whole series back"),)
    return (Todo(f"calsyncctl events restore {facts.key}", "brings it back, on both sides"),)


def _untold(asking: Asking, facts: EventFacts) -> Finding:
    """Tell of an ending that the history does not know (any more)."""
    event, name = facts.event, called(facts.event)
    if event.deleted is None:
        text = f"{name} is one occurrence that was cancelled in Google before it came here."
        return finding(told("deleted-in-google", text), *_back(facts))
    standing = any(one.copy.state is not CopyState.DELETED for one in facts.standings)
    left = "" if standing else ", on both sides"
    text = f"{name} was deleted on {asking.when(event.deleted)}{left}; by whom is no longer kept."
    return finding(told("deleted", text, event.deleted), *_back(facts))
