"""calendarList, calendars, colors and settings: what an account's list shows, and the calendars themselves."""

from __future__ import annotations

from typing import Any

import msgspec

from calsyncctl.sandbox import labels
from calsyncctl.sandbox.calls import PRIVATE, Answer, Call, single
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import ROLES, Account, Calendar, Entry, World, digest
from calsyncctl.sandbox.times import is_zone
from calsyncctl.sandbox.tokens import (
    PageToken,
    SyncToken,
    bad_page,
    read_page_token,
    read_sync_token,
    restricted,
    write_token,
)

_SHADES = (
    "#ac725e #d06b64 #f83a22 #fa573c #ff7537 #ffad46 #42d692 #16a765 #7bd148 #b3dc6c #fbe983 #fad165 "
    "#92e1c0 #9fe1e7 #9fc6e7 #4986e7 #9a9cff #b99aff #c2c2c2 #cabdbf #cca6ac #f691b2 #cd74e6 #a47ae2"
)
CALENDAR_COLORS = {str(number): shade for number, shade in enumerate(_SHADES.split(), 1)}
EVENT_COLORS = {
    "1": "#a4bdfc", "2": "#7ae7bf", "3": "#dbadff", "4": "#ff887c", "5": "#fbd75b", "6": "#ffb878",
    "7": "#46d6db", "8": "#e1e1e1", "9": "#5484ed", "10": "#51b749", "11": "#dc2127",
}  # fmt: skip
USER_FIELDS = ("summaryOverride", "colorId", "backgroundColor", "foregroundColor", "hidden", "selected")
NOTICES = ("eventCreation", "eventChange", "eventCancellation", "eventResponse")
NOT_WITH_TOKEN = ("minAccessRole", "showOwnOrganizationOnly")
SETTINGS = {
    "autoAddHangouts": "false",
    "dateFieldOrder": "DMY",
    "defaultEventLength": "60",
    "format24HourTime": "true",
    "hideInvitations": "false",
    "hideWeekends": "false",
    "locale": "en",
    "showDeclinedEvents": "true",
    "useKeyboardShortcuts": "true",
    "weekStart": "1",
}


def list_entries(call: Call) -> Answer:
    """Answer one page of the signed-in user's calendar list."""
    account, source = call.account, f"list:{call.account.email}"
    token = _sync_token(call, source)
    rows = [entry for entry in account.entries.values() if _listed(call, entry, token)]
    page = read_page_token(call.arg("pageToken")) if call.arg("pageToken") else None
    if page and (page.source != source or page.epoch != account.log.page_epoch):
        raise bad_page()
    page = page or PageToken(source, account.email, "", 0, account.log.serial, account.log.page_epoch)
    limit = call.number("maxResults", 100, 250)
    end = page.position + min(limit, call.world.settings.page_size or limit)
    body: Json = {"kind": "calendar#calendarList", "etag": f'"p3{digest(source, account.log.serial, length=14)}"'}
    if end < len(rows):
        body["nextPageToken"] = write_token(msgspec.structs.replace(page, position=end, pages=page.pages + 1))
    else:
        following = SyncToken(source, account.email, page.serial, account.log.epoch, call.world.clock.seconds(), {})
        body["nextSyncToken"] = write_token(following)
    body["items"] = [show_entry(call.world, account, entry) for entry in rows[page.position : end]]
    return Answer(body=body, headers={"Cache-Control": PRIVATE})


def _sync_token(call: Call, source: str) -> SyncToken | None:
    text = call.arg("syncToken")
    if not text:
        return None
    hides = any(call.arg(name).lower() == "false" for name in ("showDeleted", "showHidden"))
    if hides or any(call.arg(name) for name in NOT_WITH_TOKEN):
        raise restricted(call.world)
    token = read_sync_token(text, call.world, source)
    if token.epoch != call.account.log.epoch:
        raise refuse("fullSyncRequired")
    return token


def _listed(call: Call, entry: Entry, token: SyncToken | None) -> bool:
    if token is not None:
        return entry.serial > token.serial
    if entry.deleted and not call.flag("showDeleted"):
        return False
    if entry.fields.get("hidden") and not call.flag("showHidden"):
        return False
    least = call.arg("minAccessRole") or "none"
    if least not in ROLES:
        raise refuse("invalid", location="minAccessRole")
    calendar = call.world.calendars[entry.calendar_id]
    return entry.deleted or ROLES.index(calendar.role(call.account.email)) >= ROLES.index(least)


def show_entry(world: World, account: Account, entry: Entry) -> Json:
    """Return an entry of an account's list; a removed one is little more than its id."""
    calendar = world.calendars[entry.calendar_id]
    shown: Json = {"kind": "calendar#calendarListEntry", "etag": f'"{2 * entry.version}"', "id": calendar.id}
    if entry.deleted:
        return {**shown, "deleted": True}
    color = entry.fields.get("colorId", "14")
    shown |= _common(calendar)
    shown |= {
        "colorId": color,
        "backgroundColor": CALENDAR_COLORS.get(color, "#9fe1e7"),
        "foregroundColor": "#000000",
        "accessRole": calendar.role(account.email),
        "defaultReminders": entry.fields.get("defaultReminders", []),
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    shown |= {name: entry.fields[name] for name in USER_FIELDS if entry.fields.get(name)}
    if calendar.primary and calendar.owner == account.email:
        notices = [{"type": kind, "method": "email"} for kind in NOTICES]
        shown |= {"primary": True, "notificationSettings": {"notifications": notices}}
    elif calendar.owner:
        shown["dataOwner"] = calendar.owner
    return shown


def _common(calendar: Calendar) -> Json:
    shown: Json = {"summary": calendar.summary, "timeZone": calendar.zone}
    for name in ("description", "location"):
        if getattr(calendar, name):
            shown[name] = getattr(calendar, name)
    return shown


def _entry(call: Call) -> Entry:
    calendar_id = call.params["calendarId"]
    entry = call.account.entries.get(call.account.email if calendar_id == "primary" else calendar_id)
    if entry is None or entry.deleted:
        raise refuse("notFound")
    return entry


def _answer_entry(call: Call, entry: Entry) -> Answer:
    shown = show_entry(call.world, call.account, entry)
    return single(shown, shown["etag"])


def get_entry(call: Call) -> Answer:
    """Answer one entry of the list."""
    return _answer_entry(call, _entry(call))


def insert_entry(call: Call) -> Answer:
    """Put an existing calendar into the list."""
    sent = call.json()
    if not sent.get("id"):
        raise refuse("required", "Required")
    calendar = call.world.calendar(str(sent["id"]), call.account.email)
    fields = _entry_fields(call, sent, {})
    return _answer_entry(call, call.world.subscribe(call.account, calendar, **fields))


def write_entry(call: Call) -> Answer:
    """Change the user's own fields of an entry (patch and update)."""
    entry = _entry(call)
    entry.fields = _entry_fields(call, call.json(), entry.fields if call.verb == "PATCH" else {})
    call.world.list_changed(call.account, entry)
    return _answer_entry(call, entry)


def _entry_fields(call: Call, sent: Json, stored: Json) -> Json:
    fields = dict(stored)
    for name in (*USER_FIELDS, "defaultReminders"):
        if name in sent and ("Color" not in name or call.flag("colorRgbFormat")):
            fields[name] = sent[name]
    return {name: value for name, value in fields.items() if value is not None}


def delete_entry(call: Call) -> Answer:
    """Take a calendar out of the list; the calendar lives on."""
    entry = _entry(call)
    entry.deleted = True
    call.world.list_changed(call.account, entry)
    return Answer(204)


def get(call: Call) -> Answer:
    """Answer a calendar, without anything that is a user's own."""
    return _answer(call.world.calendar(call.params["calendarId"], call.account.email))


def _answer(calendar: Calendar) -> Answer:
    shown: Json = {"kind": "calendar#calendar", "etag": f'"{2 * calendar.version}"', "id": calendar.id}
    shown |= _common(calendar)
    if calendar.owner and not calendar.primary:
        shown["dataOwner"] = calendar.owner
    if calendar.labels:
        shown["labelProperties"] = {"eventLabels": calendar.labels}
    return single(shown, shown["etag"])


def insert(call: Call) -> Answer:
    """Make a secondary calendar, owned by the caller and in the caller's list."""
    return _answer(create(call.world, call.account, call.json(), by_app=True))


def create(world: World, account: Account, sent: Json, *, by_app: bool = False) -> Calendar:
    """Make a secondary calendar; 400 `required` without a title."""
    if not sent.get("summary"):
        raise refuse("required", "Required")
    micros = world.clock.next_micros()
    calendar = Calendar(
        id=f"{digest('calendar', account.email, micros)}@group.calendar.google.com",
        summary=str(sent["summary"]),
        zone=_zone(sent.get("timeZone")) or account.zone,
        owner=account.email,
        description=str(sent.get("description") or ""),
        location=str(sent.get("location") or ""),
        created_by_app=by_app,
        acl={account.email: "owner"},
        updated=micros,
        version=micros,
        labels=labels.read(sent) or [],
    )
    world.calendars[calendar.id] = calendar
    world.subscribe(account, calendar, selected=True)
    return calendar


def write(call: Call) -> Answer:
    """Change a calendar's title, text or zone (patch and update)."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email, "owner")
    sent: dict[str, Any] = call.json()
    if call.verb == "PUT" and not sent.get("summary"):
        raise refuse("required", "Required")
    for name in ("summary", "description", "location"):
        if name in sent or call.verb == "PUT":
            setattr(calendar, name, str(sent.get(name) or ""))
    calendar.zone = _zone(sent.get("timeZone")) or calendar.zone
    wanted = labels.read(sent)
    calendar.labels = calendar.labels if wanted is None else wanted
    calendar.version = calendar.updated = call.world.clock.next_micros()
    for event in calendar.order:
        event.rendered.clear()
    return _answer(calendar)


def _zone(name: object) -> str:
    if name and not is_zone(str(name)):
        raise refuse("invalid", "Invalid time zone.")
    return str(name or "")


def delete(call: Call) -> Answer:
    """Delete a secondary calendar, for everybody."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email, "owner")
    if calendar.primary:
        raise refuse("forbidden", "Cannot delete a primary calendar.")
    remove(call.world, calendar)
    return Answer(204)


def remove(world: World, calendar: Calendar) -> None:
    """Delete a calendar and take it out of every list."""
    calendar.deleted = True
    world.touched.append(calendar.id)
    for account in world.accounts.values():
        entry = account.entries.get(calendar.id)
        if entry and not entry.deleted:
            entry.deleted = True
            world.list_changed(account, entry)


def clear(call: Call) -> Answer:
    """Delete every event of a primary calendar."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email, "owner")
    if not calendar.primary:
        raise refuse("invalid", "Invalid calendar: only a primary calendar can be cleared.", status=400)
    for event in list(calendar.events.values()):
        if not event.cancelled:
            event.body = {**event.body, "status": "cancelled"}
            event.thin = "recurringEventId" not in event.body
            call.world.touch(calendar, event)
    return Answer(204)


def transfer(call: Call) -> Answer:
    """Hand a secondary calendar to another data owner, as an administrator."""
    calendar = call.world.calendar(call.params["calendarId"], call.account.email, "owner")
    new_owner = call.arg("newDataOwner")
    if calendar.primary or new_owner not in call.world.accounts or not call.flag("useAdminAccess"):
        raise refuse("badRequest")
    calendar.owner = new_owner
    call.world.share(calendar, new_owner, "owner")
    call.world.subscribe(call.world.accounts[new_owner], calendar)
    return Answer(204)


def colors(call: Call) -> Answer:
    """Answer the palette."""
    palette = {
        kind: {key: {"background": shade, "foreground": "#1d1d1d"} for key, shade in shades.items()}
        for kind, shades in (("calendar", CALENDAR_COLORS), ("event", EVENT_COLORS))
    }
    return Answer(body={"kind": "calendar#colors", "updated": "2012-02-14T00:00:00.000Z", **palette})


def list_settings(call: Call) -> Answer:
    """Answer the user's settings, the zone among them."""
    items = [_setting(name, value) for name, value in _settings(call.account).items()]
    token = SyncToken(f"settings:{call.account.email}", call.account.email, 0, 0, 0, {})
    body = {"kind": "calendar#settings", "etag": '"p3settings"', "nextSyncToken": write_token(token), "items": items}
    return Answer(body=body)


def get_setting(call: Call) -> Answer:
    """Answer one setting; 404 for an unknown one."""
    values = _settings(call.account)
    name = call.params["setting"]
    if name not in values:
        raise refuse("notFound")
    return Answer(body=_setting(name, values[name]))


def _settings(account: Account) -> dict[str, str]:
    return {**SETTINGS, "timezone": account.zone}


def _setting(name: str, value: str) -> Json:
    return {"kind": "calendar#setting", "etag": f'"{digest(name, value, length=10)}"', "id": name, "value": value}
