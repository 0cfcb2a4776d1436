"""What a request to the Calendar API is, and costs: pure, read from its method, address and, for batches, body.

A PATCH of an event is three quota units, everything else one; each part of a batch counts for itself (Google's quota
and batch guides). Asking for tokens is no part of the Calendar API and costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from calsyncctl.model.quota import PATCH_UNITS, Cost, Costs, Priority

_PART: Final = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.1\r?$", re.MULTILINE)
"""The request line of a part. No event's text can look like it: JSON has no line breaks inside its strings."""
_WRITES: Final = {"POST": "insert", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def costs_of(method: str, uri: str, body: str | bytes | None = None) -> dict[str, Cost]:
    """Return what a request costs, by kind."""
    costs: dict[str, Cost] = {}
    for verb, address in _requests(method, uri, body):
        kind = _kind(verb, address)
        costs[kind] = costs.get(kind, Cost()) + Cost(1, PATCH_UNITS if kind == "patch" else 1)
    return costs


def priority_of(costs: Costs, *, urgent: bool = False) -> Priority:
    """Return who asks: writes come from people, a full listing can wait, everything else is in between.

    What is `urgent`, because a write waits for it, comes from people too; a full listing never does.
    """
    if any(kind in costs for kind in _WRITES.values()):
        return Priority.PEOPLE
    if "listing" in costs:
        return Priority.BACKFILL
    return Priority.PEOPLE if urgent else Priority.POLL


def _requests(method: str, uri: str, body: str | bytes | None) -> Iterator[tuple[str, str]]:
    if "/batch/" not in urlsplit(uri).path:
        yield method, uri
        return
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body or ""
    yield from _PART.findall(text)


def _kind(method: str, address: str) -> str:
    parts = urlsplit(address)
    steps = parts.path.rstrip("/").split("/")
    if "calendars" not in steps:
        return "calendars" if "calendarList" in steps else "other"
    after = steps[steps.index("calendars") + 2 :]
    if after[:1] != ["events"] or after[-1] == "watch":
        return "other"
    if method != "GET":
        return _WRITES.get(method, "other")
    if len(after) > 1 or "maxResults=1&" in f"{parts.query}&":
        return "read"
    return "poll" if "syncToken=" in parts.query else "listing"
