"""Edits as Google's own web pages make them, which no single API method does.

`split`: this and following (tags copied). `copy`: copy and paste (tags copied). `restore`: from the trash.
`reply`: a guest's answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

from calsyncctl.sandbox import events, sharing
from calsyncctl.sandbox.calls import Call
from calsyncctl.sandbox.finding import find
from calsyncctl.sandbox.recurrence import moments, start_of_suffix, starts, suffix_of
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.rewrite import merge_patch
from calsyncctl.sandbox.state import Calendar, Event, digest
from calsyncctl.sandbox.times import zone

COUNT = re.compile(r"COUNT=(\d+)")


def edit(call: Call, how: str) -> Json:
    """Make one such edit and return the event that came of it."""
    edits = {"split": _split, "copy": _copy, "restore": _restore, "reply": _reply}
    if how not in edits:
        raise refuse("notFound", f"No such edit: {how}.")
    calendar = call.world.writable(call.params["calendarId"], call.account.email)
    event = find(calendar, call.params["eventId"])
    made = edits[how](call, calendar, event)
    return dict(msgspec.json.decode(events.answer(call, calendar, made).encoded()))


def _split(call: Call, calendar: Calendar, occurrence: Event) -> Event:
    """End a series before an occurrence and begin a new one there, with the changes that were sent.

    The new series' id is `<old>_R<start>`; private properties come along; later exceptions are lost.
    """
    master = calendar.events.get(occurrence.body.get("recurringEventId", ""))
    if master is None:
        raise refuse("badRequest", "Only an occurrence of a series can be split.")
    start = start_of_suffix(master, occurrence.id.rpartition("_")[2])
    if start is None:
        raise refuse("badRequest")
    body = {name: value for name, value in master.body.items() if name != "sequence"}
    body["start"], body["end"] = moments(master, start)
    body["recurrence"] = _rest(master, start)
    body = merge_patch(body, call.json())
    new_id = f"{master.id}_R{start:%Y%m%d}" if "date" in body["start"] else f"{master.id}_R{start:%Y%m%dT%H%M%S}"
    body |= {"sequence": 0, "iCalUID": f"{new_id}@google.com"}
    _lose_later(call, calendar, master, suffix_of(master, start))
    before = master.body
    master.body = {**before, "recurrence": _ended(before, start_before(master, start))}
    master.remember_rule(before)
    call.world.touch(calendar, master)
    sharing.spread(call, calendar, master, before)
    made = call.world.add(calendar, Event(new_id, body, home=master.home, reminders=dict(master.reminders)))
    sharing.spread(call, calendar, made, {})
    return made


def start_before(master: Event, start: datetime) -> str:
    """Return UNTIL for a series that ends just before this wall-clock start."""
    if "date" in master.body["start"]:
        return f"{start - timedelta(days=1):%Y%m%d}"
    tz = zone(master.body["start"].get("timeZone") or "UTC")
    return f"{(start.replace(tzinfo=tz) - timedelta(seconds=1)).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _ended(body: Json, until: str) -> list[str]:
    lines = []
    for line in body["recurrence"]:
        if line.startswith("RRULE:"):
            parts = [part for part in line[6:].split(";") if not part.startswith(("UNTIL=", "COUNT="))]
            line = "RRULE:" + ";".join([parts[0], f"UNTIL={until}", *parts[1:]])
        lines.append(line)
    return lines


def _rest(master: Event, start: datetime) -> list[str]:
    """Return the rule of the new half: a COUNT is what the old half leaves of it."""
    rules = [line for line in master.body["recurrence"] if line.startswith("RRULE:")]
    bare = Event(master.id, {**master.body, "recurrence": rules})
    gone = sum(1 for one in starts(bare, None, start) if one < start)
    return [COUNT.sub(lambda found: f"COUNT={int(found.group(1)) - gone}", line) for line in master.body["recurrence"]]


def _lose_later(call: Call, calendar: Calendar, master: Event, suffix: str) -> None:
    for exception_id in calendar.exceptions.get(master.id, []):
        event = calendar.events[exception_id]
        if exception_id.rpartition("_")[2] >= suffix and not event.cancelled:
            event.body = {**event.body, "status": "cancelled"}
            call.world.touch(calendar, event)


def _copy(call: Call, calendar: Calendar, event: Event) -> Event:
    """Paste a copy: everything comes along, private properties too, under a new id."""
    new_id = digest("copy", event.id, call.world.clock.next_micros())
    dropped = ("recurringEventId", "originalStartTime", "conferenceData", "hangoutLink")
    body = {name: value for name, value in event.body.items() if name not in dropped}
    body = merge_patch(body, call.json())
    body |= {"sequence": 0, "iCalUID": f"{new_id}@google.com", "organizer": events.organizer_of(calendar)}
    made = call.world.add(calendar, Event(new_id, body, home=calendar.id, reminders=dict(event.reminders)))
    sharing.spread(call, calendar, made, {})
    return made


def _restore(call: Call, calendar: Calendar, event: Event) -> Event:
    """Bring an event back from the trash."""
    if not event.cancelled or event.thin:
        raise refuse("badRequest", "There is nothing to restore.")
    before = event.body
    event.body = {**before, "status": "confirmed"}
    call.world.touch(calendar, event)
    sharing.spread(call, calendar, event, before)
    return event


def _reply(call: Call, calendar: Calendar, event: Event) -> Event:
    """Answer an invitation: {"responseStatus", "comment"?}."""
    sent = call.json()
    people = sharing.own_reply_only(calendar, event, [{**sent, "email": calendar.id}])
    before = event.body
    event.body = {**before, "attendees": people}
    call.world.touch(calendar, event)
    sharing.spread(call, calendar, event, before)
    return event
