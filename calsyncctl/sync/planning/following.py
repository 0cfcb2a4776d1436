"""What becomes of a series' occurrences in Google when a rehearsal writes the series. Pure.

Google drops the exceptions for which the series has no place any more, lets the others follow in what they had as the
series, and knows every occurrence by an id of its own, changed or not.
"""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.errors import UsageFault
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Body, When
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.sync.canonical import GOOGLES
from calsyncctl.sync.recurrence.recur import occurrence

_FOLLOWS = ("summary", *(name for name in Body.__struct_fields__ if name not in {*GOOGLES, "reminders"}))


def following(
    series: RemoteEvent, before: RemoteEvent | None, google_id: str, item: RemoteEvent | None
) -> RemoteEvent | None:
    """Return an occurrence as it is after its series was written; `before` and `item` are both as they were.

    None: there is no such occurrence.
    """
    if series.content is None:
        return None if item is None else replace(item, content=None, etag=series.etag, updated="")
    original = item.original if item is not None and item.original else original_of(google_id)
    when = _when(series.content.when, original)
    if when is None:
        untouched = before is not None and item is not None and item.etag == before.etag
        return None if item is None or untouched else replace(item, content=None, etag=series.etag, updated="")
    if item is None:
        content = replace(series.content, when=when)
        return replace(series, google_id=google_id, content=content, master=series.google_id, original=original)
    if item.content is None or before is None:
        return item
    alike = [name for name in _FOLLOWS if value_of(item.content, name) == value_of(before.content, name)]
    return replace(item, content=with_fields(item.content, {name: value_of(series.content, name) for name in alike}))


def original_of(google_id: str) -> str:
    """Return the original start that an occurrence's id ends with: an instant, or a date."""
    text = google_id.rpartition("_")[2]
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == len("20261109") else text


def _when(series: When, original: str) -> When | None:
    if not series.recurrence or series.all_day is not (len(original) == len("2026-11-09")):
        return None
    try:
        return occurrence(series, original, calendar_zone=series.zone or "UTC")
    except (UsageFault, ValueError):
        return None
