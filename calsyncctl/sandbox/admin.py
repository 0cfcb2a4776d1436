"""The admin endpoint, /sandbox: what a person would do in Google's web pages, and what only a test would do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from urllib.parse import unquote

import msgspec

from calsyncctl.sandbox import calendars, events, listing, ui
from calsyncctl.sandbox.calls import Answer, Call, query_pairs
from calsyncctl.sandbox.data import add_account
from calsyncctl.sandbox.finding import find
from calsyncctl.sandbox.refusals import Json, Refusal, refuse
from calsyncctl.sandbox.render import render
from calsyncctl.sandbox.router import Incoming
from calsyncctl.sandbox.service import Service
from calsyncctl.sandbox.state import Account, Calendar, Event, digest

AdminHandler = Callable[[Service, Incoming, list[str]], Json]


def administer(service: Service, incoming: Incoming) -> Answer:
    """Answer one admin request; everything is JSON, refusals have Google's form."""
    path = incoming.path.removeprefix("/sandbox")
    for verb, pattern, handler in ADMIN:
        match = re.fullmatch(pattern, path) if verb == incoming.verb else None
        if match:
            try:
                return Answer(body=handler(service, incoming, [unquote(part) for part in match.groups()]))
            except Refusal as refusal:
                return Answer(refusal.status, content=refusal.content())
            except (TypeError, ValueError, re.error) as fault:
                return Answer(400, body={"error": {"code": 400, "message": str(fault)}})
    return Answer(404, body={"error": {"code": 404, "message": f"No {incoming.verb} {path} here."}})


def info(service: Service, incoming: Incoming | None = None, parts: list[str] | None = None) -> Json:
    """Return addresses, client and accounts: what the server prints when it is ready."""
    root = service.root
    return {
        "api_root": root,
        "auth_uri": f"{root}/o/oauth2/v2/auth",
        "token_uri": f"{root}/token",
        "revoke_uri": f"{root}/revoke",
        "userinfo_uri": f"{root}/v1/userinfo",
        "admin": f"{root}/sandbox",
        "client_file": service.client_file,
        "client": client(service),
        "accounts": [_account(service, account) for account in service.world.accounts.values()],
    }


def client(service: Service) -> Json:
    """Return the content of the client file."""
    known, root = service.oauth.client, service.root
    return {
        "installed": {
            "client_id": known.client_id,
            "project_id": known.project,
            "auth_uri": f"{root}/o/oauth2/v2/auth",
            "token_uri": f"{root}/token",
            "auth_provider_x509_cert_url": f"{root}/oauth2/v1/certs",
            "client_secret": known.secret,
            "redirect_uris": ["http://localhost"],
        }
    }


def _account(service: Service, account: Account) -> Json:
    world = service.world
    listed = [world.calendars[entry.calendar_id] for entry in account.entries.values() if not entry.deleted]
    shown = [
        {
            "id": one.id,
            "summary": one.summary,
            "accessRole": one.role(account.email),
            "primary": one.primary and one.owner == account.email,
        }
        for one in listed
    ]
    return {"email": account.email, "sub": account.sub, "calendars": shown}


def _json(incoming: Incoming) -> Json:
    if not incoming.content:
        return {}
    try:
        body = msgspec.json.decode(incoming.content)
    except msgspec.DecodeError:
        raise refuse("parseError") from None
    if not isinstance(body, dict):
        raise refuse("parseError")
    return body


def _find_account(service: Service, email: str) -> Account:
    account = service.world.accounts.get(email)
    if account is None:
        raise refuse("notFound", f"No account {email}.")
    return account


def _find_calendar(service: Service, calendar_id: str) -> Calendar:
    calendar = service.world.calendars.get(calendar_id)
    if calendar is None:
        raise refuse("notFound", f"No calendar {calendar_id}.")
    return calendar


def as_user(service: Service, incoming: Incoming, calendar_id: str, event_id: str = "") -> Call:
    """Make the call that a calendar's owner, or `?account=`, would make in Google's web pages."""
    calendar = _find_calendar(service, calendar_id)
    query = query_pairs(incoming.query)
    email = dict(query).get("account") or calendar.owner or "google@sandbox.invalid"
    if not calendar.owner:
        calendar.acl.setdefault(email, "owner")
    account = service.world.accounts.get(email) or Account(email, "0", email)
    return Call(
        service.world,
        account,
        verb=incoming.verb,
        method="web",
        params={"calendarId": calendar.id, "eventId": event_id},
        query=[pair for pair in query if pair[0] != "account"],
        content=incoming.content,
    )


def _body(answer: Answer) -> Json:
    return dict(msgspec.json.decode(answer.encoded() or b"{}"))


def _list_events(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    call = as_user(service, incoming, parts[0])
    if not call.arg("maxResults"):
        call = replace(call, query=[*call.query, ("maxResults", "2500")])
    return _body(listing.list_events(call))


def _insert_event(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    call = as_user(service, incoming, parts[0])
    return _insert_raw(service, call) if call.flag("raw") else _body(events.insert(call))


def _insert_raw(service: Service, call: Call) -> Json:
    """Put an event in as it is sent, unchecked: what old or foreign programs left in real calendars."""
    calendar, sent = _find_calendar(service, call.params["calendarId"]), call.json()
    event_id = str(sent.pop("id", "") or digest("raw", calendar.id, service.world.clock.next_micros()))
    person = {"email": calendar.owner}
    usual = {"status": "confirmed", "creator": person, "organizer": events.organizer_of(calendar), "sequence": 0}
    body = {**usual, "iCalUID": f"{event_id}@google.com", **sent}
    own = body["organizer"].get("email") == calendar.id
    event = Event(event_id, body, home=calendar.id if own else "")
    try:
        render(event, events.plain_view(calendar, calendar.owner))
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise refuse("invalid", f"Not even odd data looks like this: {fault}") from None
    made = service.world.add(calendar, event)
    return _body(events.answer(call, calendar, made))


def _get_event(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return _body(events.get(as_user(service, incoming, *parts)))


def _patch_event(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return _body(events.patch(as_user(service, incoming, *parts)))


def _delete_event(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return _body(events.delete(as_user(service, incoming, *parts)))


def _stale(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    """Let the next listing show an event as it was: with the fields that are sent, updated a minute earlier."""
    calendar = _find_calendar(service, parts[0])
    event = find(calendar, parts[1])
    event.older = _json(incoming) or {"summary": "(as it was)"}
    event.serial = calendar.log.note(event.id)
    return {}


def _ui_edit(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    call = as_user(service, incoming, parts[0], parts[1])
    return ui.edit(call, parts[2])


def _add_calendar(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    account = _find_account(service, parts[0])
    calendar = calendars.create(service.world, account, _json(incoming))
    return calendars.show_entry(service.world, account, account.entries[calendar.id])


def _delete_calendar(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    calendars.remove(service.world, _find_calendar(service, parts[0]))
    return {}


def _share(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    sent = _json(incoming)
    calendar, email, role = _find_calendar(service, parts[0]), str(sent["email"]), sent.get("role")
    service.world.share(calendar, email, role)
    account = service.world.accounts.get(email)
    if account and role and calendar.id not in account.entries:
        service.world.subscribe(account, calendar, selected=True)
    return {"acl": calendar.acl}


def _set_account(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    account = _find_account(service, parts[0])
    sent = _json(incoming)
    if sent.get("consent", "ask") not in ("ask", "allow", "deny"):
        raise refuse("badRequest", "consent is ask, allow or deny.")
    for name in ("consent", "grant", "calendar_enabled", "zone"):
        if name in sent:
            setattr(account, name, sent[name])
    return asdict_account(account)


def asdict_account(account: Account) -> Json:
    """Return an account's switches."""
    return {name: getattr(account, name) for name in ("email", "sub", "consent", "grant", "calendar_enabled", "zone")}


def _add_account(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    email = str(_json(incoming).get("email") or "")
    if "@" not in email or email in service.world.accounts:
        raise refuse("badRequest", "An e-mail address that is not there yet is needed.")
    account = add_account(service.world, email, len(service.world.accounts))
    return _account(service, account)


def _set_group(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    """Make, change or (without members) drop a group of addresses, for free/busy queries."""
    sent = _json(incoming)
    email, members = str(sent.get("email") or ""), [str(one) for one in sent.get("members") or []]
    if "@" not in email:
        raise refuse("badRequest", "A group needs an e-mail address.")
    service.world.groups.pop(email, None)
    service.world.groups |= {email: members} if members else {}
    return {"groups": service.world.groups}


def _revoke(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    service.oauth.revoke_account(_find_account(service, parts[0]).email)
    return {}


def _expire_access(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    service.oauth.expire_access_tokens(_find_account(service, parts[0]).email)
    return {}


def _settings(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    settings = service.world.settings
    settings.change(_json(incoming))
    service.world.clock.offset = settings.clock_offset_seconds
    return asdict(settings)


def _expire_tokens(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    """Kill sync tokens: of a calendar, of an account's calendar list (`list`), or of all calendars."""
    sent, world = _json(incoming), service.world
    if sent.get("list"):
        logs = [_find_account(service, str(sent["list"])).log]
    elif sent.get("calendar"):
        logs = [_find_calendar(service, str(sent["calendar"])).log]
    else:
        logs = [one.log for one in world.calendars.values()] + [one.log for one in world.accounts.values()]
    for log in logs:
        log.epoch += sent.get("sync", True) is True
        log.page_epoch += bool(sent.get("pages"))
    return {}


def _purge(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    """Let Google forget a calendar's tombstones, as it does some time later."""
    gone = [one for one in _find_calendar(service, parts[0]).order if one.cancelled and not one.purged]
    for event in gone:
        event.purged = "recurringEventId" not in event.body
    return {"purged": sum(one.purged for one in gone)}


def _counters(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    more = {"mails": len(service.world.mails), "cpu_seconds": time.process_time()}
    return {**service.log.counters(), **more}


def _reset_counters(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    service.log.reset()
    service.world.mails.clear()
    return {}


def _log(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return {"requests": service.log.listed(), "mails": service.world.mails}


def _lint(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return {"suspicious": service.log.lint()}


def _add_fault(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return {"id": service.faults.add(_json(incoming))}


def _clear_faults(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    service.faults.rules.clear()
    return {}


def _list_faults(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return {"faults": [asdict(fault) for fault in service.faults.rules]}


def _list_channels(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    return {"channels": [asdict(one) for one in service.world.channels.living.values()]}


def _certificate(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    """Issue a certificate for a push receiver on this machine."""
    return service.authority.issue([str(host) for host in _json(incoming).get("hosts") or ["127.0.0.1", "localhost"]])


def _reset(service: Service, incoming: Incoming, parts: list[str]) -> Json:
    service.reset()
    return info(service)


CALENDAR = "/calendars/([^/]+)"
ACCOUNT = "/accounts/([^/]+)"
ADMIN: tuple[tuple[str, str, AdminHandler], ...] = (
    ("GET", "/info", info),
    ("POST", "/reset", _reset),
    ("GET", "/counters", _counters),
    ("POST", "/counters/reset", _reset_counters),
    ("GET", "/log", _log),
    ("GET", "/lint", _lint),
    ("GET", f"{CALENDAR}/events", _list_events),
    ("POST", f"{CALENDAR}/events", _insert_event),
    ("GET", f"{CALENDAR}/events/([^/]+)", _get_event),
    ("PATCH", f"{CALENDAR}/events/([^/]+)", _patch_event),
    ("DELETE", f"{CALENDAR}/events/([^/]+)", _delete_event),
    ("POST", f"{CALENDAR}/events/([^/]+)/stale", _stale),
    ("POST", f"{CALENDAR}/events/([^/]+)/([a-z-]+)", _ui_edit),
    ("PUT", f"{CALENDAR}/acl", _share),
    ("POST", f"{CALENDAR}/purge", _purge),
    ("DELETE", CALENDAR, _delete_calendar),
    ("POST", "/accounts", _add_account),
    ("POST", "/groups", _set_group),
    ("POST", f"{ACCOUNT}/calendars", _add_calendar),
    ("POST", f"{ACCOUNT}/revoke", _revoke),
    ("POST", f"{ACCOUNT}/expire-access-tokens", _expire_access),
    ("POST", ACCOUNT, _set_account),
    ("POST", "/settings", _settings),
    ("POST", "/tokens/expire", _expire_tokens),
    ("POST", "/faults", _add_fault),
    ("GET", "/faults", _list_faults),
    ("DELETE", "/faults", _clear_faults),
    ("GET", "/channels", _list_channels),
    ("POST", "/certificates", _certificate),
)
