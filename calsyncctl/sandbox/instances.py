"""events.instances: the occurrences of one series, exceptions among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec

from calsyncctl.sandbox.calls import PRIVATE, Answer, Call
from calsyncctl.sandbox.events import answer_zone
from calsyncctl.sandbox.finding import find
from calsyncctl.sandbox.matching import ENDLESS_DAYS, occurrences, read_filter
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.render import render, view_of
from calsyncctl.sandbox.state import Event, digest
from calsyncctl.sandbox.times import parse_instant, stamp, zone
from calsyncctl.sandbox.tokens import PageToken, bad_page, read_page_token, write_token


def list_instances(call: Call) -> Answer:
    """Answer one page of a series' occurrences in order of their original start."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email)
    master = find(calendar, call.params["eventId"])
    rows = _rows(call, master)
    source = f"{calendar.id}/{master.id}"
    page = PageToken(source, call.account.email, "", 0, calendar.log.serial, calendar.log.page_epoch)
    if call.arg("pageToken"):
        page = read_page_token(call.arg("pageToken"))
        if page.source != source or page.epoch != calendar.log.page_epoch:
            raise bad_page()
    limit = call.number("maxResults", 250, 2500)
    end = page.position + min(limit, call.world.settings.page_size or limit)
    view = view_of(calendar, call.account.email, zone(answer_zone(call, calendar)))
    body: Json = {
        "kind": "calendar#events",
        "etag": f'"p3{digest(source, calendar.log.serial, length=14)}"',
        "summary": calendar.summary,
        **({"description": calendar.description} if calendar.description else {}),
        "updated": stamp(calendar.updated),
        "timeZone": answer_zone(call, calendar),
        "accessRole": calendar.role(call.account.email),
        "defaultReminders": [],
    }
    if end < len(rows):
        body["nextPageToken"] = write_token(msgspec.structs.replace(page, position=end))
    body["items"] = [render(event, view) for event in rows[page.position : end]]
    return Answer(body=body, headers={"Cache-Control": PRIVATE})


def _rows(call: Call, master: Event) -> list[Event]:
    """Return the wanted occurrences: those made up, and the series' own exceptions."""
    if "recurrence" not in master.body:
        return []
    wanted = read_filter(call, {})
    if wanted.low and wanted.low.year > 1:
        # Here timeMin is inclusive (the method's reference), in a list it is exclusive; times are whole seconds.
        wanted = replace(wanted, low=wanted.low - timedelta(seconds=1))
    calendar = call.world.calendar(call.params["calendarId"], call.account.email)
    high = wanted.high or call.world.clock.now() + timedelta(days=ENDLESS_DAYS)
    rows = list(occurrences(calendar, master, wanted, high)) if not master.cancelled else []
    for exception_id in calendar.exceptions.get(master.id, []):
        event = calendar.events[exception_id]
        if (not event.cancelled or call.flag("showDeleted")) and wanted.in_window(event):
            rows.append(event)
    rows.sort(key=lambda event: event.id)
    original = call.arg("originalStart")
    return [event for event in rows if _begins_at(event, original)] if original else rows


def _begins_at(event: Event, original: str) -> bool:
    moment = event.body.get("originalStartTime", {})
    if "date" in moment or "T" not in original:
        return bool(moment.get("date") == original)
    try:
        return parse_instant(moment["dateTime"]) == parse_instant(original)
    except ValueError:
        raise refuse("badRequest", location="originalStart") from None
