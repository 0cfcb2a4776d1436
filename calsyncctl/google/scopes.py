"""The permissions that are asked for, which of them are needed, and what people call them.

Long names only: Google answers the short `email` with the long one, and the two would not compare. The three of the
calendar are boxes on the consent page that a person can leave un-ticked (Google: "granular permissions").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_AUTH: Final = "https://www.googleapis.com/auth/"

EMAIL: Final = _AUTH + "userinfo.email"
CALENDAR_LIST: Final = _AUTH + "calendar.calendarlist.readonly"
EVENTS: Final = _AUTH + "calendar.events"
FREE_BUSY: Final = _AUTH + "calendar.freebusy"

SCOPES: Final = ("openid", EMAIL, CALENDAR_LIST, EVENTS, FREE_BUSY)
"""Asked for at every sign-in: installed apps cannot add to an earlier grant."""

REQUIRED: Final = (CALENDAR_LIST, EVENTS)
"""Without these an account is of no use; without free/busy only live availability is missing."""

BOXES: Final = (*REQUIRED, FREE_BUSY)
"""What a person can leave un-ticked."""

WORDS: Final = {
    "openid": "who you are",
    EMAIL: "your e-mail address",
    CALENDAR_LIST: "see the list of your calendars",
    EVENTS: "view and edit events on your calendars",
    FREE_BUSY: "view your availability",
}
"""The permissions in words, near to those of Google's consent page."""

_WIDER: Final = {
    CALENDAR_LIST: frozenset({_AUTH + "calendar", _AUTH + "calendar.readonly", _AUTH + "calendar.calendarlist"}),
    EVENTS: frozenset({_AUTH + "calendar"}),
    FREE_BUSY: frozenset({_AUTH + "calendar", _AUTH + "calendar.readonly"}),
}
"""Scopes that include another; an account handed over from elsewhere may carry them (discovery document)."""


def missing(granted: Iterable[str], needed: Iterable[str] = REQUIRED) -> list[str]:
    """Name in words, in the consent page's order, what is needed and was not granted."""
    have = frozenset(granted)
    return [WORDS[scope] for scope in needed if scope not in have and not have & _WIDER.get(scope, frozenset())]
