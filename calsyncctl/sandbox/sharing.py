"""What one write does to other copies: guests' calendars, the organiser's, the exceptions of a series.

Shared fields belong to the organiser and spread to every copy under the same id; reminders, colour, transparency,
visibility and private properties belong to the copy. A guest's own reply travels back, and guests that a guest added.
"""

from __future__ import annotations

from calsyncctl.sandbox.calls import Call
from calsyncctl.sandbox.finding import look
from calsyncctl.sandbox.recurrence import has_occurrence, start_of_suffix
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import Calendar, Event, World

OWN = ("colorId", "eventLabelId", "transparency", "visibility")
NOT_SHARED = frozenset((*OWN, "extendedProperties", "sequence", "creator", "organizer", "iCalUID", "hangoutLink"))
EXCEPTION_OWN = frozenset(
    ("recurrence", "start", "end", "recurringEventId", "originalStartTime", "sequence", "iCalUID")
)
MOST_TOLD = 200
LOCKED = ("summary", "description", "location", "start", "end", "recurrence")


def check_organizer(call: Call, calendar: Calendar, event: Event, body: Json) -> None:
    """Refuse changes to what is locked or belongs to the organiser (403), unless guests may modify."""
    if event.body.get("locked") and any(body.get(name) != event.body.get(name) for name in LOCKED):
        raise refuse("forbidden")
    if event.home == calendar.id or event.body.get("guestsCanModify") or call.world.settings.guest_edits == "local":
        return
    changed = {name for name in {*body, *event.body} if body.get(name) != event.body.get(name)} - NOT_SHARED
    if "attendees" in changed and _may_change_guests(calendar, event.body, body):
        changed.discard("attendees")
    shared = body.get("extendedProperties", {}).get("shared")
    if changed or shared != event.body.get("extendedProperties", {}).get("shared"):
        raise refuse("forbiddenForNonOrganizer")


def _may_change_guests(calendar: Calendar, before: Json, after: Json) -> bool:
    """Tell whether only the own reply differs, or guests were added where guests may invite others."""
    old, new = ([one for one in body.get("attendees", []) if one["email"] != calendar.id] for body in (before, after))
    return old == new or (before.get("guestsCanInviteOthers", True) and all(one in new for one in old))


def own_reply_only(calendar: Calendar, event: Event, sent: list[Json]) -> list[Json]:
    """Return the whole guest list with only this calendar's own entry taken from what was sent."""
    mine = [one for one in sent if str(one.get("email", "")).lower() == calendar.id]
    stored = event.body.get("attendees", [])
    return [{**one, **mine[0]} if mine and one["email"] == calendar.id else one for one in stored]


def carry_to_exceptions(call: Call, calendar: Calendar, master: Event, before: Json) -> None:
    """Carry a series' change to its exceptions: fields they had not changed follow; those that fit no more go."""
    mode = call.world.settings.exceptions_after_change
    moved = any(master.body.get(name) != before.get(name) for name in ("start", "recurrence"))
    for exception_id in list(calendar.exceptions.get(master.id, [])):
        exception = calendar.events[exception_id]
        if exception.cancelled:
            continue
        old = exception.body
        start = start_of_suffix(master, exception.id.rpartition("_")[2])
        fits = start is not None and has_occurrence(master, start)
        if moved and (mode == "lose-all" or (mode == "lose-unfitting" and not fits)):
            exception.body = {**old, "status": "cancelled"}
        else:
            exception.body = _following(old, before, master.body)
        if exception.body != old:
            call.world.touch(calendar, exception)
            _to_copies(call.world, calendar, exception, old)


def _following(exception: Json, before: Json, after: Json) -> Json:
    """Return an exception's fields after its series changed: what it had not changed itself follows."""
    body = dict(exception)
    for name in ({*after, *before} - EXCEPTION_OWN) - {"status"}:
        if body.get(name) == before.get(name) and after.get(name) != before.get(name):
            body[name] = after.get(name)
    return {name: value for name, value in body.items() if value is not None}


def cancel_exceptions(world: World, calendar: Calendar, master: Event) -> None:
    """Cancel what is left of a series that was deleted, here and at its guests."""
    for exception_id in list(calendar.exceptions.get(master.id, [])):
        exception = calendar.events[exception_id]
        if not exception.cancelled:
            before, exception.body = exception.body, {**exception.body, "status": "cancelled"}
            world.touch(calendar, exception)
            _to_copies(world, calendar, exception, before)


def spread(call: Call, calendar: Calendar, event: Event, before: Json) -> None:
    """Bring a change to the other copies of the event, and count the mails that Google would send."""
    _count_mails(call, calendar, event, before)
    _to_copies(call.world, calendar, event, before)


def _to_copies(world: World, calendar: Calendar, event: Event, before: Json) -> None:
    if event.home == calendar.id:
        _from_organizer(world, calendar, event, before)
        return
    home = world.calendars.get(event.home)
    original = look(home, event.id) if home else None
    if home is None or original is None:
        return
    if event.body.get("guestsCanModify") and not event.cancelled:
        body = _shared(event.body, original.body)
    else:
        body = {**original.body, "attendees": _replied(calendar, event, original)}
    if body == original.body:
        return
    old, original.body = original.body, body
    original.remember_rule(old)
    world.keep(home, original)
    if len(body.get("attendees", [])) > MOST_TOLD:
        return  # Of so many guests' replies only the organiser hears.
    _from_organizer(world, home, original, old, but=calendar.id)


def _replied(calendar: Calendar, event: Event, original: Event) -> list[Json]:
    """Return the organiser's guest list with this guest's reply and the guests that this guest added."""
    sent = event.body.get("attendees", [])
    mine = next((one for one in sent if one["email"] == calendar.id), None)
    if event.cancelled and mine:
        mine = {**mine, "responseStatus": "declined"}
    guests = original.body.get("attendees", [])
    known = _guests(original.body)
    added = [] if event.cancelled else [one for one in sent if one["email"] not in known]
    return [mine if mine and one["email"] == calendar.id else one for one in guests] + added


def _from_organizer(world: World, calendar: Calendar, event: Event, before: Json, but: str = "") -> None:
    """Write the organiser's event into the calendar of every guest who has an account here."""
    for email in _guests(event.body) | _guests(before):
        target = world.calendars.get(email) if email in world.accounts else None
        if target is None or target.id in (calendar.id, but):
            continue
        if email in _guests(event.body) and not event.cancelled:
            _put_copy(world, calendar, target, event)
        else:
            _drop_copy(world, target, event)


def _put_copy(world: World, calendar: Calendar, target: Calendar, event: Event) -> None:
    copy = target.events.get(event.id)
    if copy is None:
        world.add(target, Event(event.id, _shared(event.body, {}), home=calendar.id))
        return
    if copy.cancelled and not copy.thin and "recurringEventId" not in copy.body:
        return  # This guest took the event off the own calendar; changes do not bring it back.
    before = copy.body
    copy.body, copy.thin, copy.home = _shared(event.body, before), False, calendar.id
    copy.remember_rule(before)
    world.touch(target, copy)


def _drop_copy(world: World, target: Calendar, event: Event) -> None:
    """Cancel a guest's copy; an occurrence of a living series becomes a cancelled exception."""
    copy = look(target, event.id)
    if copy is None or copy.cancelled:
        return
    copy.body = {**copy.body, "status": "cancelled"}
    copy.thin = "recurringEventId" not in copy.body
    world.keep(target, copy)


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


def _count_mails(call: Call, calendar: Calendar, event: Event, before: Json) -> None:
    """Note the mails that Google would send: only where sendUpdates (or its older form) asks for them."""
    mode = call.arg("sendUpdates") or ("all" if call.flag("sendNotifications") else "none")
    if mode == "none":
        return
    for email in sorted((_guests(event.body) | _guests(before)) - {calendar.id}):
        if mode == "externalOnly" and email in call.world.accounts:
            continue
        call.world.mails.append({"to": email, "event": event.id, "calendar": calendar.id, "method": call.method})
