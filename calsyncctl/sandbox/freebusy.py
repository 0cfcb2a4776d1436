"""freebusy.query: busy times per calendar; a calendar's trouble comes inside a 200."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from calsyncctl.sandbox.calls import Answer, Call
from calsyncctl.sandbox.matching import Filter, expand
from calsyncctl.sandbox.refusals import Json, Refusal, refuse
from calsyncctl.sandbox.state import Calendar
from calsyncctl.sandbox.times import is_zone, moment_instant, parse_instant, show_instant, stamp, zone

MOST_CALENDARS = 50
MOST_MEMBERS = 100
FREE = ("declined",)


def query(call: Call) -> Answer:
    """Answer the busy times of up to fifty calendars."""
    sent = call.json()
    low, high = _instant(sent, "timeMin"), _instant(sent, "timeMax")
    if low >= high:
        raise refuse("timeRangeEmpty")
    if high - low > timedelta(days=call.world.settings.freebusy_days):
        raise refuse("timeRangeTooLong")
    name = sent.get("timeZone") or "UTC"
    if not is_zone(str(name)):
        raise refuse("invalid", "Invalid time zone.")
    most = min(int(sent.get("calendarExpansionMax") or MOST_CALENDARS), MOST_CALENDARS)
    groups = _groups(call, sent)
    found: Json = {}
    for number, wanted in enumerate(_calendars(sent, groups)):
        if number >= most:
            found[wanted] = _error("tooManyCalendarsRequested")
            continue
        try:
            calendar = call.world.calendar(wanted, call.account.email)
        except Refusal:
            found[wanted] = _error("notFound")
            continue
        found[wanted] = {"busy": _busy(call, calendar, low, high, str(name))}
    body: Json = {"kind": "calendar#freeBusy", "timeMin": _shown(low), "timeMax": _shown(high)}
    if groups:
        body["groups"] = groups
    return Answer(body={**body, "calendars": found})


def _asked(sent: Json) -> list[str]:
    return [str(item.get("id")) if isinstance(item, dict) else "" for item in sent.get("items") or []]


def _groups(call: Call, sent: Json) -> Json:
    """Return the groups among what was asked for, with their members or with why they are not expanded."""
    most = min(int(sent.get("groupExpansionMax") or MOST_MEMBERS), MOST_MEMBERS)
    known = {one: call.world.groups[one] for one in _asked(sent) if one in call.world.groups}
    too_big = {"errors": [{"domain": "global", "reason": "groupTooBig"}]}
    return {one: {"calendars": members} if len(members) <= most else too_big for one, members in known.items()}


def _calendars(sent: Json, groups: Json) -> list[str]:
    """Return the calendars to look at: those asked for, and the members of groups, each once."""
    lists = [groups[one].get("calendars", []) if one in groups else [one] for one in _asked(sent)]
    return list(dict.fromkeys(one for members in lists for one in members))


def _shown(value: datetime) -> str:
    return stamp(int(value.timestamp() * 1e6))


def _error(reason: str) -> Json:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _instant(sent: Json, name: str) -> datetime:
    if not sent.get(name):
        raise refuse("required", f"Missing {name}.")
    try:
        return parse_instant(str(sent[name])).astimezone(UTC)
    except ValueError:
        raise refuse("badRequest") from None


def _busy(call: Call, calendar: Calendar, low: datetime, high: datetime, zone_name: str) -> list[Json]:
    """Return the merged busy spans, cut to the window, in the zone asked for."""
    window = Filter(
        calendar.zone, low, high, (), "", frozenset(), expanded=True, order="", show_deleted=False,
        updated_min=None, private=(), shared=(), remembered={},
    )  # fmt: skip
    taken = (event for event in calendar.order if window.takes(event))
    spans = []
    for event in expand(calendar, taken, window, call.world.clock.now()):
        replies = [one["responseStatus"] for one in event.body.get("attendees", []) if one["email"] == calendar.id]
        if event.body.get("transparency") == "transparent" or (replies and replies[0] in FREE):
            continue
        begin = moment_instant(event.body["start"], calendar.zone)
        spans.append((max(begin, low), min(moment_instant(event.body["end"], calendar.zone), high)))
    shown_in = zone(zone_name)
    return [{"start": show_instant(a, shown_in), "end": show_instant(b, shown_in)} for a, b in _merged(sorted(spans))]


def _merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged
