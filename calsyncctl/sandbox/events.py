"""events.get, insert, patch, update, delete: single events, series, occurrences, tombstones.

An occurrence without an event of its own is made up when it is read; the first write to it makes it an exception.
"""

from __future__ import annotations

from calsyncctl.sandbox import labels, sharing
from calsyncctl.sandbox.calls import Answer, Call, single
from calsyncctl.sandbox.finding import find
from calsyncctl.sandbox.meet import ask_for_meet, ripen
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.render import View, render, view_of
from calsyncctl.sandbox.rewrite import check_id, merge_patch, rewrite, rewrite_reminders
from calsyncctl.sandbox.state import Calendar, Event, digest
from calsyncctl.sandbox.times import is_zone, zone

KEPT_ON_UPDATE = (
    "iCalUID",
    "creator",
    "organizer",
    "recurringEventId",
    "originalStartTime",
    "eventType",
    "sequence",
    "locked",
    "privateCopy",
    "hangoutLink",
    "conferenceData",
)
TIMES = ("start", "end", "recurrence")


def get(call: Call) -> Answer:
    """Answer one event or occurrence; cancelled ones too. 304 where If-None-Match names its etag."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email)
    event = find(calendar, call.params["eventId"])
    ripen(call.world, calendar, event)
    if call.headers.get("If-None-Match") == event.etag:
        return Answer(304, headers={"ETag": event.etag})
    return answer(call, calendar, event)


def insert(call: Call) -> Answer:
    """Make an event; 409 when its id or iCalUID is taken, also by a tombstone."""
    calendar = _writable(call)
    return answer(call, calendar, make(call, calendar, call.json()))


def make(call: Call, calendar: Calendar, sent: Json) -> Event:
    """Check a new event and put it into the calendar."""
    event_id = check_id(sent["id"]) if sent.get("id") else digest(calendar.id, "new", call.world.clock.next_micros())
    body = rewrite({**sent, "status": sent.get("status") or "confirmed"}, calendar.zone, call.world.settings)
    uid = str(sent.get("iCalUID") or f"{event_id}@google.com")
    if event_id in calendar.events or uid in calendar.uids:
        raise refuse("duplicate")
    _check_type(call, calendar, body)
    if not call.flag("supportsAttachments"):
        body.pop("attachments", None)
    body["iCalUID"] = uid
    body["sequence"] = int(sent.get("sequence") or 0)
    body["creator"] = {"email": call.account.email}
    body["organizer"] = organizer_of(calendar)
    labels.put(call, calendar, body, sent, {})
    ask_for_meet(call, body, sent)
    event = Event(event_id, body, home=calendar.id)
    set_reminders(call, calendar, event, sent.get("reminders"))
    call.world.add(calendar, event)
    sharing.spread(call, calendar, event, {})
    return event


def patch(call: Call) -> Answer:
    """Change the fields that were sent: objects merged deeply, arrays replaced, null deletes."""
    calendar, event = _find_to_write(call)
    sent = call.json()
    _refuse_gone(call, event, sent)
    full = {**event.body, "reminders": event.reminders.get(call.account.email)}
    if sent.get("reminders") and "useDefault" in sent["reminders"]:
        full.pop("reminders")
    merged = merge_patch(full, {name: value for name, value in sent.items() if name not in KEPT_ON_UPDATE})
    if sent.get("attendeesOmitted") is True:
        merged["attendees"] = sharing.own_reply_only(calendar, event, sent.get("attendees") or [])
    return answer(call, calendar, _write(call, calendar, event, merged, sent))


def update(call: Call) -> Answer:
    """Replace the event: what is missing is cleared or reset."""
    calendar, event = _find_to_write(call)
    sent = call.json()
    _refuse_gone(call, event, {**sent, "status": sent.get("status", "confirmed")})
    return answer(call, calendar, _write(call, calendar, event, sent, sent))


def delete(call: Call) -> Answer:
    """Cancel an event, a series or one occurrence; 410 the second time."""
    calendar, event = _find_to_write(call)
    if event.cancelled:
        raise refuse("deleted")
    cancel(call, calendar, event)
    return Answer(204)


def cancel(call: Call, calendar: Calendar, event: Event) -> None:
    """Turn an event into a tombstone, its exceptions with it, and tell the guests' copies."""
    before = event.body
    event.body = {**event.body, "status": "cancelled", "sequence": event.body.get("sequence", 0) + 1}
    call.world.keep(calendar, event)
    sharing.spread(call, calendar, event, before)
    sharing.cancel_exceptions(call.world, calendar, event)


def answer(call: Call, calendar: Calendar, event: Event) -> Answer:
    """Answer an event as this caller may see it, in the zone asked for."""
    most = call.number("maxAttendees", 0, 10_000)
    view = view_of(calendar, call.account.email, zone(answer_zone(call, calendar)), max_attendees=most)
    return single(render(event, view), event.etag)


def answer_zone(call: Call, calendar: Calendar) -> str:
    """Return the zone that times are answered in: the request's `timeZone`, or the calendar's."""
    name = call.arg("timeZone") or calendar.zone
    if not is_zone(name):
        raise refuse("invalid", "Invalid time zone.", location="timeZone")
    return name


def organizer_of(calendar: Calendar) -> Json:
    """Return the organiser of events made here: the account on a primary calendar, else the calendar itself."""
    if calendar.primary:
        return {"email": calendar.id}
    return {"email": calendar.id, "displayName": calendar.summary}


def set_reminders(call: Call, calendar: Calendar, event: Event, sent: object) -> None:
    """Keep one user's own reminders."""
    email = call.account.email
    kept = rewrite_reminders(sent)
    spelled_out = call.world.settings.default_reminders_form == "overrides"
    if kept is None and spelled_out and "date" in event.body["start"]:
        entry = call.account.entries.get(calendar.id)
        kept = {"useDefault": False, "overrides": entry.fields.get("defaultReminders", []) if entry else []}
    others = {key: value for key, value in event.reminders.items() if key != email}
    event.reminders = others if kept is None else {**others, email: kept}


def _writable(call: Call) -> Calendar:
    return call.world.writable(call.params["calendarId"], call.account.email)


def _find_to_write(call: Call) -> tuple[Calendar, Event]:
    calendar = _writable(call)
    event = find(calendar, call.params["eventId"])
    if calendar.role(call.account.email) == "writerWithoutPrivateAccess":
        _refuse_private(event)
    wanted = call.headers.get("If-Match")
    if wanted and wanted != "*" and event.etag not in [one.strip() for one in wanted.split(",")]:
        raise refuse("conditionNotMet")
    return calendar, event


def _refuse_private(event: Event) -> None:
    """Refuse a private event to writers who may not see it."""
    if event.body.get("visibility") in ("private", "confidential"):
        raise refuse("requiredAccessLevel")


def _refuse_gone(call: Call, event: Event, sent: Json) -> None:
    """Refuse to write to a tombstone, unless it is brought back and may be."""
    if not event.cancelled:
        return
    if event.thin or "start" not in event.body:
        raise refuse("notFound" if call.world.settings.write_gone == "404" else "deleted")
    if sent.get("status") in ("confirmed", "tentative") and not call.world.settings.undelete:
        raise refuse("forbidden")


def _write(call: Call, calendar: Calendar, event: Event, full: Json, sent: Json) -> Event:
    """Check and store a changed event; `full` is the whole new event, `sent` what the caller wrote."""
    if full.get("status") == "cancelled" and not event.cancelled:
        cancel(call, calendar, event)
        return event
    body = rewrite(full, calendar.zone, call.world.settings)
    kept = KEPT_ON_UPDATE if call.flag("supportsAttachments") else (*KEPT_ON_UPDATE, "attachments")
    body |= {name: event.body[name] for name in kept if name in event.body}
    if "recurringEventId" in body:
        body.pop("recurrence", None)
    _check_type(call, calendar, body)
    sharing.check_organizer(call, calendar, event, body)
    _set_sequence(event, body, sent)
    labels.put(call, calendar, body, sent, event.body)
    ask_for_meet(call, body, sent)
    before, reminders = event.body, event.reminders
    event.body = body
    event.remember_rule(before)
    set_reminders(call, calendar, event, full.get("reminders"))
    quiet = event.reminders != reminders and _without_sequence(body) == _without_sequence(before)
    call.world.keep(calendar, event, quiet=quiet)
    if "recurrence" in before or "recurrence" in body:
        sharing.carry_to_exceptions(call, calendar, event, before)
    sharing.spread(call, calendar, event, before)
    return event


def _set_sequence(event: Event, body: Json, sent: Json) -> None:
    stored = event.body.get("sequence", 0)
    wanted = sent.get("sequence")
    if isinstance(wanted, int) and wanted < stored:
        raise refuse("invalid", "Invalid sequence value.")
    moved = any(body.get(name) != event.body.get(name) for name in TIMES)
    body["sequence"] = max(wanted if isinstance(wanted, int) else 0, stored + (1 if moved else 0))


def _without_sequence(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "sequence"}


def _check_type(call: Call, calendar: Calendar, body: Json) -> None:
    """Refuse what an event type does not permit (400 `eventTypeRestriction`)."""
    kind = body.get("eventType", "default")
    if kind == "default":
        return
    if kind == "workingLocation" and call.part:
        raise refuse("eventTypeRestriction")
    timed = "dateTime" in body["start"]
    wrong = {
        "birthday": timed,
        "focusTime": not timed or not calendar.primary,
        "outOfOffice": not timed or not calendar.primary,
        "workingLocation": not calendar.primary or body.get("transparency") != "transparent",
        "fromGmail": call.verb == "POST",
    }
    if wrong.get(kind, True):
        raise refuse("eventTypeRestriction")


def plain_view(calendar: Calendar, email: str) -> View:
    """Return how an account sees a calendar in the calendar's own zone."""
    return view_of(calendar, email, zone(calendar.zone))
