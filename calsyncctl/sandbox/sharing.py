"""What one write does to other copies: guests' calendars, the organiser's, the exceptions of a series.

Shared fields belong to the organiser and spread to every copy under the same id; reminders, colour, transparency,
visibility and private properties belong to the copy. A guest's own reply travels back.
"""

from __future__ import annotations

from calsyncctl.sandbox.calls import Call
from calsyncctl.sandbox.recurrence import has_occurrence, start_of_suffix
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import Calendar, Event, World

OWN = ("colorId", "transparency", "visibility")
NOT_SHARED = frozenset((*OWN, "extendedProperties", "sequence", "creator", "organizer", "iCalUID", "hangoutLink"))
EXCEPTION_OWN = frozenset(
    ("recurrence", "start", "end", "recurringEventId", "originalStartTime", "sequence", "iCalUID")
)


def check_organizer(call: Call, calendar: Calendar, event: Event, body: Json) -> None:
    """Refuse a guest's change to what belongs to the organiser (403), unless guests may modify."""
    if event.home == calendar.id or event.body.get("guestsCanModify") or call.world.settings.guest_edits == "local":
        return
    changed = {name for name in {*body, *event.body} if body.get(name) != event.body.get(name)} - NOT_SHARED
    if "attendees" in changed and _others(calendar, body) == _others(calendar, event.body):
        changed.discard("attendees")
    shared = body.get("extendedProperties", {}).get("shared")
    if changed or shared != event.body.get("extendedProperties", {}).get("shared"):
        raise refuse("forbiddenForNonOrganizer")


def own_reply_only(calendar: Calendar, event: Event, sent: list[Json]) -> list[Json]:
    """Return the whole guest list with only this calendar's own entry taken from what was sent."""
    mine = [one for one in sent if str(one.get("email", "")).lower() == calendar.id]
    stored = event.body.get("attendees", [])
    return [{**one, **mine[0]} if mine and one["email"] == calendar.id else one for one in stored]


def carry_to_exceptions(world: World, calendar: Calendar, master: Event, before: Json) -> None:
    """Carry a series' change to its exceptions: fields they had not changed follow; those that fit no more go."""
    for exception_id in calendar.exceptions.get(master.id, []):
        exception = calendar.events[exception_id]
        start = start_of_suffix(master, exception.id.rpartition("_")[2])
        if start is None or not has_occurrence(master, start):
            if not exception.cancelled:
                exception.body = {**exception.body, "status": "cancelled"}
                world.touch(calendar, exception)
            continue
        body = dict(exception.body)
        for name in ({*master.body, *before} - EXCEPTION_OWN) - {"status"}:
            if body.get(name) == before.get(name) and master.body.get(name) != before.get(name):
                body[name] = master.body.get(name)
        kept = {name: value for name, value in body.items() if value is not None}
        if kept != exception.body and not exception.cancelled:
            exception.body = kept
            world.touch(calendar, exception)


def spread(call: Call, calendar: Calendar, event: Event, before: Json) -> None:
    """Bring a change to the other copies of the event."""
    _count_mails(call, calendar, event, before)
    if event.home == calendar.id:
        _spread_from_organizer(call.world, calendar, event, before)
    elif event.body.get("guestsCanModify") and not event.cancelled:
        _change_original(call.world, event)
    else:
        _send_reply(call.world, calendar, event)


def _spread_from_organizer(world: World, calendar: Calendar, event: Event, before: Json) -> None:
    for email in _guests(event.body) | _guests(before):
        account = world.accounts.get(email)
        target = world.calendars.get(email)
        if account is None or target is None or target.id == calendar.id:
            continue
        copy = target.events.get(event.id)
        if email not in _guests(event.body) or event.cancelled:
            if copy and not copy.cancelled:
                copy.body = {**copy.body, "status": "cancelled"}
                copy.thin = "recurringEventId" not in copy.body
                world.touch(target, copy)
            continue
        if copy is None:
            copy = Event(event.id, _shared(event.body, {}), home=calendar.id)
            world.add(target, copy)
        else:
            copy.body, copy.thin = _shared(event.body, copy.body), False
            world.touch(target, copy)


def _change_original(world: World, event: Event) -> None:
    """Take a guest's permitted change to the organiser's copy, and from there to all."""
    home = world.calendars.get(event.home)
    original = home.events.get(event.id) if home else None
    if home is None or original is None:
        return
    before, original.body = original.body, _shared(event.body, original.body)
    world.touch(home, original)
    _spread_from_organizer(world, home, original, before)


def _send_reply(world: World, calendar: Calendar, event: Event) -> None:
    """Take a guest's reply to the organiser's copy, and from there to all."""
    home = world.calendars.get(event.home)
    original = home.events.get(event.id) if home else None
    if home is None or original is None:
        return
    mine = next((one for one in event.body.get("attendees", []) if one["email"] == calendar.id), None)
    if event.cancelled and mine:
        mine = {**mine, "responseStatus": "declined"}
    guests = original.body.get("attendees", [])
    replied = [mine if mine and one["email"] == calendar.id else one for one in guests]
    if replied == guests:
        return
    original.body = {**original.body, "attendees": replied}
    world.touch(home, original)
    for email in _guests(original.body) - {calendar.id}:
        other = world.calendars.get(email)
        copy = other.events.get(event.id) if other and other.id != home.id else None
        if other and copy and not copy.cancelled:
            copy.body = {**copy.body, "attendees": replied}
            world.touch(other, copy)


def _shared(original: Json, copy: Json) -> Json:
    """Return a copy's body after the organiser's change: shared fields new, own ones kept."""
    body = {name: value for name, value in original.items() if name not in (*OWN, "extendedProperties")}
    body |= {name: copy[name] for name in OWN if name in copy}
    properties = {
        "private": copy.get("extendedProperties", {}).get("private"),
        "shared": original.get("extendedProperties", {}).get("shared"),
    }
    kept = {kind: pairs for kind, pairs in properties.items() if pairs}
    return {**body, "extendedProperties": kept} if kept else body


def _guests(body: Json) -> set[str]:
    return {one["email"] for one in body.get("attendees", [])}


def _others(calendar: Calendar, body: Json) -> list[Json]:
    return [one for one in body.get("attendees", []) if one["email"] != calendar.id]


def _count_mails(call: Call, calendar: Calendar, event: Event, before: Json) -> None:
    """Note the mails that Google would send: only where sendUpdates (or its older form) asks for them."""
    mode = call.arg("sendUpdates") or ("all" if call.flag("sendNotifications") else "none")
    if mode == "none":
        return
    for email in sorted((_guests(event.body) | _guests(before)) - {calendar.id}):
        if mode == "externalOnly" and email in call.world.accounts:
            continue
        call.world.mails.append({"to": email, "event": event.id, "calendar": calendar.id, "method": call.method})
