"""Copies: the placing of one event on one google calendar, and what a provider says of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from calsyncctl.model.event import Content, Event

MANAGED_BY = "managed_by"
"""The private extended property with the brand's mark; the tag's own ones follow, one for each field of `Tag`."""
TAG_INSTANCE = "calsyncctl_instance"
TAG_KEY = "calsyncctl_key"
TAG_GOOGLE_ID = "calsyncctl_id"
TAG_HOME = "calsyncctl_home"
TAG_BOOKING = "calsyncctl_booking"


class Tag(msgspec.Struct, frozen=True, gc=False):
    """The mark on events that a calsyncctl made; it counts only if its Google id is the item's own."""

    instance: str
    key: str
    google_id: str
    home: str = ""
    booking: str = ""


class RemoteEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item as the provider tells it, in canonical form.

    `content` is None for a cancelled item: of those only the id is sure, and for a cancelled occurrence of a living
    series also `master` and `original`. `extra` is JSON text of the writable fields that the model does not name,
    nearly always empty. `updated` is RFC 3339 in UTC with milliseconds, comparable as text; empty when Google left it
    out.
    """

    google_id: str
    etag: str
    updated: str
    content: Content | None
    ical_uid: str | None = None
    master: str | None = None
    """The Google id of the series that this item is an exception of."""
    original: str | None = None
    """Its original start: a date `2026-11-09`, or a UTC instant `20261109T090000Z`."""
    tag: Tag | None = None
    extra: str = ""
    hidden: bool = False
    """Its details are kept from this account (free/busy access, or somebody's private event): never taken over known
    ones. Only id, time and status are real then."""


class CopyState(StrEnum):
    """Where a copy stands at the provider."""

    PLANNED = "planned"
    """It has its id and is not known to be there yet."""
    LIVE = "live"
    STALE = "stale"
    """Gone there while the event lives here: made afresh at the event's next change."""
    LEAVING = "leaving"
    """The event lives on elsewhere; here it is to be deleted."""
    DELETED = "deleted"
    """Both sides agree that it is gone."""


class Base(msgspec.Struct, frozen=True):
    """An agreement that grew out of the one on `version`; it counts as long as that is the copy's base version."""

    version: int
    content: Content


class Copy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is remembered of one event on one google calendar (docs/architecture.md, What a copy remembers)."""

    id: int
    event_id: int
    calendar_id: int
    google_id: str
    master_google_id: str | None = None
    etag: str | None = None
    updated: str | None = None
    base_version: int | None = None
    there: str | None = None
    """Google's last answer in canonical form; None while it equals what the event said at `base_version`."""
    extra: str | None = None
    base: Base | None = None
    """What both sides agreed on, where no version of the event says it: Google's changes were taken in while edits made
    here still wait."""
    heard: int | None = None
    """The number of the listing that last named it."""
    state: CopyState = CopyState.LIVE
    generation: int = 0
    """How often its id had to be computed anew: only where a deleted event holds the one before."""
    sent_version: int | None = None
    """The version that a write under way carries; while it stands, nobody knows what became of the write."""
    due: int | None = None
    """UTC seconds from which on it waits to be pushed; None: it does not."""
    tries: int = 0
    writes: int = 0
    """Writes caused by Google since `writes_since` without a local author's version between (the loop breaker's)."""
    writes_since: int | None = None
    hold: str | None = None
    reason: str | None = None
    since: int | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an item when it is read again: its copy, its event, and whether its series is deleted."""

    copy: Copy
    event: Event
    series_deleted: bool = False
