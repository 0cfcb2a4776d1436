"""events.import, move and quickAdd: the ways into a calendar beside insert."""

from __future__ import annotations

from calsyncctl.sandbox import events, labels, sharing
from calsyncctl.sandbox.calls import Answer, Call
from calsyncctl.sandbox.finding import find
from calsyncctl.sandbox.quickadd import read_line
from calsyncctl.sandbox.refusals import refuse
from calsyncctl.sandbox.rewrite import rewrite
from calsyncctl.sandbox.state import Calendar, Event, digest
from calsyncctl.sandbox.times import zone


def bring_in(call: Call) -> Answer:
    """Import a private copy by its iCalUID: no mails, the organiser kept as sent."""
    calendar = call.world.writable(call.params["calendarId"], call.account.email)
    sent = call.json()
    uid = sent.get("iCalUID")
    if not uid:
        raise refuse("required", "Missing iCalUID.")
    if sent.get("eventType", "default") != "default":
        raise refuse("eventTypeRestriction")
    body = rewrite(sent, calendar.zone, call.world.settings)
    organizer = sent.get("organizer") or {}
    own = not organizer.get("email") or organizer["email"] in (calendar.id, call.account.email)
    body |= {
        "iCalUID": str(uid),
        "sequence": int(sent.get("sequence") or 0),
        "creator": {"email": call.account.email},
        "organizer": events.organizer_of(calendar) if own else {"email": str(organizer["email"])},
    }
    labels.put(call, calendar, body, sent, {})
    known = calendar.uids.get(str(uid))
    if known:
        return events.answer(call, calendar, _again(call, calendar, known, body))
    event = Event("_" + digest("import", calendar.id, uid), body, home=calendar.id if own else "")
    events.set_reminders(call, calendar, event, sent.get("reminders"))
    return events.answer(call, calendar, call.world.add(calendar, event))


def _again(call: Call, calendar: Calendar, event_id: str, body: dict[str, object]) -> Event:
    """Import an iCalUID that is there already: reports differ, so a switch decides."""
    event = calendar.events[event_id]
    if call.world.settings.import_existing == "refuse" or event.cancelled:
        raise refuse("duplicate")
    before = event.body
    event.body = {**body, "creator": before.get("creator"), "organizer": before.get("organizer")}
    event.remember_rule(before)
    call.world.touch(calendar, event)
    return event


def move(call: Call) -> Answer:
    """Move an event to another calendar: the same id there, a cancelled stub here."""
    calendar = call.world.writable(call.params["calendarId"], call.account.email)
    if not call.arg("destination"):
        raise refuse("required", "Required parameter: destination", location="destination")
    target = call.world.writable(call.arg("destination"), call.account.email)
    event = find(calendar, call.params["eventId"])
    if event.cancelled:
        raise refuse("notFound")
    if event.body.get("eventType", "default") != "default":
        raise refuse("eventTypeRestriction")
    if "recurringEventId" in event.body:
        raise refuse("cannotChangeOrganizer")
    if event.home != calendar.id:
        raise refuse("forbiddenForNonOrganizer")
    known = target.events.get(event.id)
    if known and not known.cancelled:
        raise refuse("duplicate")
    moved = _carry(call, calendar, target, event)
    for exception_id in calendar.exceptions.get(event.id, []):
        _carry(call, calendar, target, calendar.events[exception_id])
    return events.answer(call, target, moved)


def _carry(call: Call, source: Calendar, target: Calendar, event: Event) -> Event:
    body = {**event.body, "organizer": events.organizer_of(target)}
    event.body = {**event.body, "status": "cancelled"}
    event.thin = True
    call.world.touch(source, event)
    new_id = _new_id(call, target, event)
    back = target.events.get(new_id)
    if back is not None:
        back.body, back.thin, back.home = body, False, target.id
        call.world.touch(target, back)
    else:
        if "recurringEventId" in body:
            body["recurringEventId"] = new_id.rpartition("_")[0]
        moved = Event(new_id, body, created=event.created, home=target.id, reminders=event.reminders)
        back = call.world.add(target, moved)
    if new_id == event.id:
        sharing.spread(call, target, back, {})
    return back


def _new_id(call: Call, target: Calendar, event: Event) -> str:
    """Return the id in the new calendar: unconfirmed, so a switch decides."""
    if call.world.settings.move_id == "keep":
        return event.id
    master, sign, suffix = event.id.rpartition("_") if "recurringEventId" in event.body else (event.id, "", "")
    return digest("moved", target.id, master) + sign + suffix


def quick_add(call: Call) -> Answer:
    """Make an event of a line of text."""
    calendar = call.world.writable(call.params["calendarId"], call.account.email)
    text = call.arg("text")
    if not text:
        raise refuse("required", "Required parameter: text", location="text")
    made = read_line(text, call.world.clock.now(), zone(calendar.zone))
    return events.answer(call, calendar, events.make(call, calendar, made))
