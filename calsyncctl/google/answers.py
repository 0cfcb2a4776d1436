"""What a refusing answer of Google says, whichever of its three error envelopes it came in."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

LONGEST_WAIT: Final = 24 * 3600.0
"""Seconds: what asks for a longer wait than a day is a proxy's mistake, or the clock's."""


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a request is about: for the sentence, and because one status means two things."""

    email: str
    thing: str = "Google Calendar"
    cursor: bool = False
    """The request carried a sync token."""
    page: bool = False
    """The request carried a page token."""
    writing: bool = False
    """The request changes something: where no answer of Google's came, it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a refusing answer says, whichever of Google's envelopes it came in."""

    status: int
    reason: str = ""
    message: str = ""
    location: str = ""
    retry_after: float | None = None
    from_google: bool = True
    """False: the body was not one of Google's error bodies."""


class _Item(msgspec.Struct):
    reason: str = ""
    message: str = ""
    location: str = ""


class _Fault(msgspec.Struct):
    message: str = ""
    status: str = ""
    errors: list[_Item] = []
    details: list[_Item] = []


class _Envelope(msgspec.Struct):
    error: _Fault | str
    error_description: str = ""


_decode = msgspec.json.Decoder(_Envelope).decode


def read_answer(status: int, headers: Mapping[str, str], content: bytes, *, now: int = 0) -> Answer:
    """Read a refusing answer: the Calendar envelope, the front end's, or OAuth's flat one.

    `headers` have lower-case names; `now` is UTC seconds, for a `Retry-After` given as a date.
    """
    wait = read_retry_after(headers.get("retry-after", ""), now)
    try:
        body = _decode(content)
    except (msgspec.DecodeError, ValueError):
        return Answer(status, retry_after=wait, from_google=False)
    if isinstance(body.error, str):
        return Answer(status, body.error, body.error_description, retry_after=wait)
    fault = body.error
    first = fault.errors[0] if fault.errors else _Item()
    reason = first.reason or next((item.reason for item in fault.details if item.reason), "") or fault.status
    return Answer(status, reason, fault.message or first.message, first.location, wait)


def read_retry_after(text: str, now: int) -> float | None:
    """Read `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3). None for anything else.

    At most `LONGEST_WAIT`.
    """
    text = text.strip()
    if text.isdecimal():
        return min(float(text), LONGEST_WAIT)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, until.timestamp() - now), LONGEST_WAIT)
