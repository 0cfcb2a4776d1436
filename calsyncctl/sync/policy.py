"""What a calendar's mode lets happen to one event's copy on it (docs/architecture.md, Modes). Pure.

An event made in Google follows Google; one made here belongs to this side, the more so where the mode says so. Under
`smart` the event's kind tells which of two modes it is treated by.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.event import Content, Event, EventKind
from calsyncctl.model.link import Link, WhenDeleted
from calsyncctl.sync.canonical import fields_for
from calsyncctl.sync.choice import Policy

GOOGLE = "google"
"""Origin of events made there, and author of changes that came from there."""
HERE = "here"


class WhenGone(StrEnum):
    """What it means that a copy was deleted in Google."""

    DELETE = "delete"
    """The event is deleted here, and on every other copy."""
    STALE = "stale"
    """The copy is gone, the event lives on: made afresh at its next change."""


class Rules(Struct, frozen=True, kw_only=True):
    """What holds for one copy."""

    pushes: bool
    """Whether local changes go to Google."""
    policy: Policy
    when_gone: WhenGone
    fields: tuple[str, ...]
    """What is merged with it."""
    home: bool
    guests: bool
    """Whether the guest list is on it."""
    refused: str | None = None
    """Why nothing goes to Google; None: it does."""
    waits: bool = False
    """Whether what is made here waits for a right that may return, rather than giving way to what Google says."""
    held: bool = True
    """Whether it is the home copy, or a link holds it there; one that is neither says nothing to its event."""


def rules_for(event: Event, calendar: Calendar, link: Link | None, policy: Policy) -> Rules:
    """Return what holds for an event's copy on a google calendar.

    `link` is the one that placed it there, None for the home copy (and for one that no link holds any more).
    """
    home = event.calendar_id == calendar.id
    mode = _mode_of(event, calendar)
    ours = event.origin == HERE or not home  # what links bring there lives here
    pushes = mode is not None and mode is not Mode.READ_ONLY and (ours or mode is Mode.TWO_WAY)
    guests = home or (link is not None and link.invites and event.origin == HERE)
    held = home or link is not None
    # An edit of an event that has another home is not undone for one copy that cannot take it.
    waits = not pushes and held and (not home or not calendar.writable)
    return Rules(
        pushes=pushes,
        policy=_policy(policy, mode, ours=ours, counts=pushes or waits),
        when_gone=_when_gone(mode, link, home=home, ours=ours),
        fields=fields_for(home=home, guests=guests),
        home=home,
        guests=guests,
        refused=None if pushes else _refusal(calendar),
        waits=waits,
        held=held,
    )


def _refusal(calendar: Calendar) -> str:
    if not calendar.writable:
        return f"“{calendar.name}” cannot be written to (role {calendar.access})"
    return f"“{calendar.name}” syncs {calendar.mode}"


def _mode_of(event: Event, calendar: Calendar) -> Mode | None:
    if calendar.mode is not Mode.SMART:
        return calendar.mode
    return Mode.ONE_WAY if event.kind is EventKind.BLOCK else Mode.TWO_WAY


def _policy(policy: Policy, mode: Mode | None, *, ours: bool, counts: bool) -> Policy:
    if not counts:
        return Policy.THEIRS
    if ours and mode in {Mode.ONE_WAY, Mode.PUSH_ONLY}:
        return Policy.OURS
    return policy


def _when_gone(mode: Mode | None, link: Link | None, *, home: bool, ours: bool) -> WhenGone:
    if ours and mode in {Mode.ONE_WAY, Mode.PUSH_ONLY}:
        return WhenGone.STALE
    if home:
        return WhenGone.DELETE
    deletes = link is not None and link.when_deleted is WhenDeleted.DELETE and mode is Mode.TWO_WAY
    return WhenGone.DELETE if deletes else WhenGone.STALE


def comes_back(content: Content | None, event: Event, rules: Rules, *, series_deleted: bool) -> bool:
    """Tell whether an event that Google deleted while it was edited here may come back there.

    Only where that calendar organises it and it is an ordinary event; otherwise Google's deletion wins.
    """
    if content is None or series_deleted or not (rules.pushes or rules.waits):
        return False
    organised = event.origin == HERE or content.body.organizer_self
    return organised and content.body.event_type == "default" and not content.body.locked
