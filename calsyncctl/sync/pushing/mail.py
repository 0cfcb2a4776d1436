"""Whom Google mails about a write: one function decides, so that it does not matter which process sends. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.model.event import Content, Event
from calsyncctl.model.history import Version
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.telling import SELF

FRESH = 86400
"""A version older than so many seconds mails nobody any more."""

_NOBODY = {GOOGLE, SELF, "reconcile", "undo", "restore"}
"""Authors that are no people: what they write is no news to guests."""
_BROUGHT_BACK = {"undo", "restore"}


def why_nobody(
    event: Event,
    sent: Sequence[Version],
    *,
    now: int,
    made: int | None,
    first: bool,
    whole: bool = False,
    others: Content | None = None,
) -> str | None:
    """Return why a write mails nobody, None if it is news to guests.

    `sent` are the versions that the write carries, `made` when the event was made (UTC seconds), `first` whether it was
    never placed there before, `whole` whether it brings all that the event says, `others` what it says there now.
    """
    guests = [content.body.attendees for content in (event.content, others) if content is not None]
    if not any(guests):
        return "it has no guests"
    if whole:  # what brought it back is no news, nor is what was told before: guests knew it already
        sent = _since_brought_back(sent)
    if not any(version.author not in _NOBODY and now - version.at < FRESH for version in sent):
        return "no person changed it within the last 24 hours"
    if event.ends is not None and event.ends <= now and not _repeats(event):
        return "it is over"
    if first and made is not None and now - made >= FRESH:
        return "it was made more than 24 hours ago, and is only placed there now"
    return None


def _since_brought_back(sent: Sequence[Version]) -> Sequence[Version]:
    return sent[max((at for at, one in enumerate(sent, 1) if one.author in _BROUGHT_BACK), default=0) :]


def _repeats(event: Event) -> bool:
    return event.content is not None and bool(event.content.when.recurrence)
