"""What an event is called in lists of changes: its title; a cancelled occurrence has none but its series' and a day."""

from __future__ import annotations

from datetime import UTC, datetime

from calsyncctl.model.event import Event
from calsyncctl.model.when import local, series_zone


def called(event: Event, series: Event | None) -> str:
    """Return its title; of an occurrence that Google says nothing of, its series' title and its original day.

    The day is that in the series' zone. Empty if nothing is known of either.
    """
    if event.content is not None:
        return event.content.summary
    if series is None or series.content is None or not series.content.summary or event.original is None:
        return ""
    return f"{series.content.summary}, {_day(event.original, series)}"


def _day(original: str, series: Event) -> str:
    """`original` is a date, or a UTC instant as `20261109T090000Z`."""
    if "T" not in original or series.content is None:
        return original
    moment = int(datetime.strptime(original, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
    return local(moment, series_zone(series.content.when, "UTC")).date().isoformat()
