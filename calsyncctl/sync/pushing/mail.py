"""Whom Google mails about a write: one function decides, so that it does not matter which process sends. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.model.event import Content, Event
from calsyncctl.model.history import Version
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.telling import SELF
from calsyncctl.sync.recurrence.recur import starts_of

FRESH = 86400
"""A version older than so many seconds mails nobody any more."""

_NOBODY = {GOOGLE, SELF, "reconcile", "undo", "restore"}
"""Authors that are no people: what they write is no news to guests."""
_AHEAD = 800 * 86400
"""How far ahead a series is looked through, in seconds."""
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
    if _is_over(event, others, now):
        return "it is over"
    if first and made is not None and now - made >= FRESH:
        return "it was made more than 24 hours ago, and is only placed there now"
    return None


def _since_brought_back(sent: Sequence[Version]) -> Sequence[Version]:
    return sent[max((at for at, one in enumerate(sent, 1) if one.author in _BROUGHT_BACK), default=0) :]


def _is_over(event: Event, others: Content | None, now: int) -> bool:
    """Tell whether it has ended; a series has if nothing of it ends later, as it is here and as it was there."""
    if event.ends is None or event.ends > now or event.starts is None:
        return False
    if event.content is None or not event.content.when.recurrence:
        return True
    begin = now - (event.ends - event.starts)
    said = [content.when for content in (event.content, others) if content is not None]
    return not any(starts_of(when, calendar_zone="UTC", from_=begin, to=begin + _AHEAD) for when in said)
