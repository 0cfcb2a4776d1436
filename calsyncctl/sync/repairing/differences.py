"""What reconcile calls a difference: the merge's own decision on an item, put into one of seven classes. Pure.

Nothing here compares this side with Google's: a decision compares Google with what Google said last, and this side
with what was agreed. So whatever Google rewrites is no difference.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from calsyncctl.model.copy import CopyState, Known, RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.sync.provider import Delete, Insert, Patch
from calsyncctl.sync.pulling.incoming import Incoming, Verdict
from calsyncctl.sync.pulling.moved import organizes
from calsyncctl.sync.pushing.outgoing import Outgoing, Step


class Drift(StrEnum):
    """What kind of difference."""

    MISSING_HERE = "missing-here"
    """It lives in Google, and not here; or it is back there where its event had left, or stands beside its event."""
    MISSING_THERE = "missing-there"
    """It lives here, or a link promises it, and it is not in Google."""
    DIFFERING = "differing"
    DOUBLED = "doubled"
    """Two living events in Google are the same: by our mark, or by iCalUID."""
    STALE = "stale"
    """Its copy was deleted in Google where that means the copy alone: made afresh at the event's next change."""
    ORPHAN = "orphan"
    """It bears our mark, and nothing here knows it: the store was lost, or is older than it."""
    HELD = "held"


LEFT = frozenset({Drift.DOUBLED, Drift.STALE, Drift.HELD})
"""What reconcile does not repair: a person decides, or the rule says to wait."""
NEEDS_A_PERSON = frozenset({Drift.DOUBLED, Drift.HELD})


class Difference(Struct, frozen=True, kw_only=True):
    """One event that is not the same on both sides. `event_key` is None for what is not known here."""

    kind: Drift
    google_id: str
    event_key: str | None
    summary: str
    fields: tuple[str, ...] = ()


_MEANS = {
    Verdict.TAKE: Drift.DIFFERING,
    Verdict.WRITE_BACK: Drift.DIFFERING,
    Verdict.RESTORE: Drift.MISSING_HERE,
    Verdict.DELETE: Drift.MISSING_THERE,
    Verdict.CANCEL: Drift.MISSING_THERE,
    Verdict.REVIVE: Drift.MISSING_THERE,
    Verdict.LAPSE: Drift.STALE,
}


def of_item(decision: Incoming, *, ours: bool, wanted: bool, moved: bool = False) -> Difference | None:
    """Class what an item of Google's means.

    `ours`: it bears our mark; `wanted`: the mode takes what Google made; `moved`: its event lives elsewhere by now.
    """
    item, known = decision.item, decision.known
    if known is None:
        if item.content is None or not (ours or wanted):
            return None
        return _difference(Drift.ORPHAN if ours else Drift.MISSING_HERE, item, None)
    kind = Drift.HELD if known.copy.hold is not None else _MEANS.get(decision.verdict)
    kind = Drift.MISSING_HERE if kind is None and moved and _is_back_where_it_was(decision) else kind
    if kind is None:
        return None
    return _difference(kind, item, known.event, tuple(change.field for change in decision.changes))


def beside_its_event(item: RemoteEvent) -> Difference:
    """Make the difference of an item that stands beside the event which its mark names."""
    return _difference(Drift.MISSING_HERE, item, None)


def _is_back_where_it_was(decision: Incoming) -> bool:
    """Tell whether somebody brought back what was deleted when its event went elsewhere.

    Once it was read its copy is live, though nothing holds it there; until then it is newer than what was deleted.
    """
    known, stand, item = decision.known, decision.stand, decision.item
    if known is None or stand is None or stand.rules.held or item.content is None or item.master is not None:
        return False
    if known.event.deleted is not None or known.event.status == "cancelled" or not organizes(item):
        return False
    back = known.copy.state is CopyState.DELETED and item.updated > (known.copy.updated or "")
    return back or known.copy.state is CopyState.LIVE


def of_waiting(outgoing: Outgoing) -> Difference | None:
    """Class what waits to be written to Google."""
    known, write = outgoing.duty.known, outgoing.write
    if outgoing.step is Step.READ:
        return of_copy(known, Drift.DIFFERING)
    if isinstance(write, Insert) or (isinstance(write, Patch) and write.revive):
        return of_copy(known, Drift.MISSING_THERE)
    if isinstance(write, Delete):
        return of_copy(known, Drift.MISSING_HERE)
    if isinstance(write, Patch):
        return of_copy(known, Drift.DIFFERING, tuple(sorted(write.fields)))
    return None


def of_copy(known: Known, kind: Drift, fields: tuple[str, ...] = ()) -> Difference:
    """Make a difference about a copy that is known."""
    return Difference(
        kind=kind,
        google_id=known.copy.google_id,
        event_key=known.event.key,
        summary=title_of(known.event),
        fields=fields,
    )


def of_promise(event: Event) -> Difference:
    """Make the difference of an event that a link promises and that has no copy."""
    return Difference(kind=Drift.MISSING_THERE, google_id="", event_key=event.key, summary=title_of(event))


def resting(known: Known) -> Difference | None:
    """Class a copy that is neither sent nor heard of: on hold, or stale by the rule."""
    if known.copy.hold is not None:
        return of_copy(known, Drift.HELD)
    return of_copy(known, Drift.STALE) if known.copy.state is CopyState.STALE else None


def title_of(event: Event) -> str:
    """Return what an event is called."""
    return event.content.summary if event.content is not None else ""


def _difference(kind: Drift, item: RemoteEvent, event: Event | None, fields: tuple[str, ...] = ()) -> Difference:
    said = item.content.summary if item.content is not None else title_of(event) if event is not None else ""
    return Difference(
        kind=kind, google_id=item.google_id, event_key=event.key if event else None, summary=said, fields=fields
    )


class Doubles:
    """Finds living events that are there twice: fed page by page, remembers one id for each mark and iCalUID."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._by_key: dict[str, str] = {}
        self._by_uid: dict[str, str] = {}

    def is_double(self, item: RemoteEvent) -> bool:
        """Tell whether an item is a second one; exceptions share their series' iCalUID and are none."""
        if item.content is None or item.master is not None:
            return False
        tag = item.tag
        ours = tag is not None and tag.instance == self._instance and tag.google_id == item.google_id
        twice = ours and tag is not None and self._by_key.setdefault(tag.key, item.google_id) != item.google_id
        same_uid = bool(item.ical_uid) and self._by_uid.setdefault(item.ical_uid or "", item.google_id)
        return twice or same_uid not in {False, item.google_id}
