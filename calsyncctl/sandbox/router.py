"""From a Calendar request to the method that answers it: route, faults, token, permission, limits, log.

A request that came alone and a part of a batch take the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from calsyncctl.sandbox import acl, calendars, channels, events, freebusy, instances, listing, moving
from calsyncctl.sandbox.calls import Answer, Call, query_pairs
from calsyncctl.sandbox.discovery import mask_for
from calsyncctl.sandbox.faults import Fault, spoil
from calsyncctl.sandbox.limits import units_of
from calsyncctl.sandbox.lint import remarks
from calsyncctl.sandbox.oauth import Access
from calsyncctl.sandbox.refusals import Refusal, insufficient_scope, not_enabled, refuse
from calsyncctl.sandbox.requestlog import Record
from calsyncctl.sandbox.scopes import PREFIX, allows
from calsyncctl.sandbox.service import Service

Handler = Callable[[Call], Answer]
BASE = "/calendar/v3/"
MOST_BODY_KEPT = 16_384

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "users/me/calendarList", "calendarList.list", calendars.list_entries),
    ("POST", "users/me/calendarList", "calendarList.insert", calendars.insert_entry),
    ("POST", "users/me/calendarList/watch", "calendarList.watch", channels.watch),
    ("GET", "users/me/calendarList/{calendarId}", "calendarList.get", calendars.get_entry),
    ("PATCH", "users/me/calendarList/{calendarId}", "calendarList.patch", calendars.write_entry),
    ("PUT", "users/me/calendarList/{calendarId}", "calendarList.update", calendars.write_entry),
    ("DELETE", "users/me/calendarList/{calendarId}", "calendarList.delete", calendars.delete_entry),
    ("GET", "users/me/settings", "settings.list", calendars.list_settings),
    ("POST", "users/me/settings/watch", "settings.watch", channels.watch),
    ("GET", "users/me/settings/{setting}", "settings.get", calendars.get_setting),
    ("POST", "calendars", "calendars.insert", calendars.insert),
    ("GET", "calendars/{calendarId}", "calendars.get", calendars.get),
    ("PATCH", "calendars/{calendarId}", "calendars.patch", calendars.write),
    ("PUT", "calendars/{calendarId}", "calendars.update", calendars.write),
    ("DELETE", "calendars/{calendarId}", "calendars.delete", calendars.delete),
    ("POST", "calendars/{calendarId}/clear", "calendars.clear", calendars.clear),
    ("POST", "calendars/{calendarId}/transferOwnership", "calendars.transferOwnership", calendars.transfer),
    ("GET", "calendars/{calendarId}/acl", "acl.list", acl.list_rules),
    ("POST", "calendars/{calendarId}/acl", "acl.insert", acl.insert),
    ("POST", "calendars/{calendarId}/acl/watch", "acl.watch", channels.watch),
    ("GET", "calendars/{calendarId}/acl/{ruleId}", "acl.get", acl.get),
    ("PATCH", "calendars/{calendarId}/acl/{ruleId}", "acl.patch", acl.write),
    ("PUT", "calendars/{calendarId}/acl/{ruleId}", "acl.update", acl.write),
    ("DELETE", "calendars/{calendarId}/acl/{ruleId}", "acl.delete", acl.delete),
    ("GET", "calendars/{calendarId}/events", "events.list", listing.list_events),
    ("POST", "calendars/{calendarId}/events", "events.insert", events.insert),
    ("POST", "calendars/{calendarId}/events/import", "events.import", moving.bring_in),
    ("POST", "calendars/{calendarId}/events/quickAdd", "events.quickAdd", moving.quick_add),
    ("POST", "calendars/{calendarId}/events/watch", "events.watch", channels.watch),
    ("GET", "calendars/{calendarId}/events/{eventId}", "events.get", events.get),
    ("PATCH", "calendars/{calendarId}/events/{eventId}", "events.patch", events.patch),
    ("PUT", "calendars/{calendarId}/events/{eventId}", "events.update", events.update),
    ("DELETE", "calendars/{calendarId}/events/{eventId}", "events.delete", events.delete),
    ("GET", "calendars/{calendarId}/events/{eventId}/instances", "events.instances", instances.list_instances),
    ("POST", "calendars/{calendarId}/events/{eventId}/move", "events.move", moving.move),
    ("POST", "freeBusy", "freebusy.query", freebusy.query),
    ("POST", "channels/stop", "channels.stop", channels.stop),
    ("GET", "colors", "colors.get", calendars.colors),
)
_TABLE = [(verb, tuple(path.split("/")), name, handler) for verb, path, name, handler in ROUTES]


@dataclass(slots=True)
class Incoming:
    """A request as it came over the wire; `path` is still percent-encoded."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    content: bytes = b""
    part: bool = False


@dataclass(slots=True)
class Outcome:
    """An answer and what shall go wrong while it is sent."""

    answer: Answer
    fault: Fault | None = None


@dataclass(slots=True)
class _Passage:
    """What becomes known of a request on its way."""

    name: str = "unknown"
    email: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    fault: Fault | None = None


@lru_cache(maxsize=4096)
def route(verb: str, path: str) -> tuple[str, dict[str, str], Handler] | None:
    """Find the method of a path below /calendar/v3/: its name, the path's parameters, and what answers it."""
    segments = path.removeprefix(BASE).split("/")
    for method, template, name, handler in _TABLE:
        if method != verb or len(template) != len(segments):
            continue
        if all(want == have or want.startswith("{") for want, have in zip(template, segments, strict=True)):
            pairs = zip(template, segments, strict=True)
            return name, {want[1:-1]: unquote(have) for want, have in pairs if want.startswith("{")}, handler
    return None


def dispatch(service: Service, incoming: Incoming) -> Outcome:
    """Answer one Calendar request and take it into the log. Refusals become answers here."""
    _override(incoming)
    passage = _Passage(pairs=query_pairs(incoming.query))
    try:
        answer = _answer(service, incoming, passage)
    except Refusal as refusal:
        pretty = dict(passage.pairs).get("prettyPrint", "").lower() not in ("false", "0")
        content = b"" if incoming.verb == "HEAD" else refusal.content(pretty=pretty)
        answer = Answer(refusal.status, content=content, headers=dict(refusal.headers))
    fault = passage.fault
    if fault and fault.body:
        answer = spoil(answer, fault.body)
    _note(service, incoming, passage, answer.status)
    return Outcome(answer, fault)


def _override(incoming: Incoming) -> None:
    """Honour a GET that was sent as POST because its address was too long."""
    wanted = incoming.headers.get("X-HTTP-Method-Override", "")
    if incoming.verb != "POST" or not wanted:
        return
    incoming.verb = wanted.upper()
    if incoming.verb == "GET":
        incoming.query = "&".join(filter(None, [incoming.query, incoming.content.decode()]))
        incoming.content = b""


def _answer(service: Service, incoming: Incoming, passage: _Passage) -> Answer:
    found = route(incoming.verb, incoming.path)
    passage.name = found[0] if found else "unknown"
    access = _access_or_none(service, incoming, passage)
    passage.email = access.email if access else ""
    fault = service.faults.strike(incoming.verb, incoming.path, passage.name, passage.email)
    passage.fault = fault
    if fault and (fault.drop == "before" or (fault.status and not fault.apply)):
        return fault.answer()
    call = _admit(service, incoming, passage)
    if found is None:
        raise refuse("notFound")
    call.params = dict(found[1])
    answer = _run(service, call, found[2])
    return fault.answer() if fault and fault.status else answer


def _access_or_none(service: Service, incoming: Incoming, passage: _Passage) -> Access | None:
    try:
        return service.oauth.check(_authorization(incoming, passage))
    except Refusal:
        return None


def _authorization(incoming: Incoming, passage: _Passage) -> str:
    by_query = next((value for key, value in passage.pairs if key in ("oauth_token", "access_token")), "")
    return incoming.headers.get("Authorization") or (f"Bearer {by_query}" if by_query else "")


def _admit(service: Service, incoming: Incoming, passage: _Passage) -> Call:
    """Check token, project, permission and limits, in the order of Google's front end."""
    access = service.oauth.check(_authorization(incoming, passage))
    world = service.world
    account = world.accounts[access.email]
    if not world.settings.api_enabled:
        raise not_enabled(service.oauth.client.project)
    if passage.name != "unknown" and not allows(passage.name, access.scopes):
        group, _, method = passage.name.partition(".")
        raise insufficient_scope(f"calendar.v3.{group[0].upper()}{group[1:]}.{method[0].upper()}{method[1:]}")
    units = units_of(passage.name, incoming.verb)
    service.limits.check(world.settings, access.email, units, world.clock.seconds())
    if not account.calendar_enabled:
        raise refuse("notACalendarUser")
    fields = next((value for key, value in passage.pairs if key == "fields" and value), "")
    return Call(
        world,
        account,
        verb=incoming.verb,
        method=passage.name,
        query=passage.pairs,
        headers=incoming.headers,
        content=incoming.content,
        part=incoming.part,
        scopes=access.scopes,
        client_id=service.oauth.client.client_id,
        mask=mask_for(passage.name, fields) if fields else None,
    )


def _run(service: Service, call: Call, handler: Handler) -> Answer:
    _check_narrow_scopes(service, call)
    answer = handler(call)
    if call.mask and answer.body is not None:
        answer.body = call.mask.apply(answer.body)
    answer.indent = call.indent
    return answer


def _check_narrow_scopes(service: Service, call: Call) -> None:
    """Refuse calendars that are not one's own where only `...owned` permissions, or the app's, were granted."""
    if "calendarId" not in call.params or not call.method.startswith("events."):
        return
    wide = {"calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly", "calendar.events.freebusy"}
    if any(PREFIX + short in call.scopes for short in wide):
        return
    calendar = service.world.calendar(call.params["calendarId"], call.account.email)
    owned = any(PREFIX + short in call.scopes for short in ("calendar.events.owned", "calendar.events.owned.readonly"))
    own = owned and calendar.role(call.account.email) == "owner"
    made = PREFIX + "calendar.app.created" in call.scopes and calendar.created_by_app
    public = PREFIX + "calendar.events.public.readonly" in call.scopes and "default" in calendar.acl
    if not (own or made or public):
        raise insufficient_scope("calendar.v3.Events")


def _note(service: Service, incoming: Incoming, passage: _Passage, status: int) -> None:
    service.log.note(
        Record(
            at=service.world.clock.seconds(),
            verb=incoming.verb,
            path=incoming.path,
            query=incoming.query,
            name=passage.name,
            account=passage.email,
            status=status,
            units=units_of(passage.name, incoming.verb),
            part=incoming.part,
            if_match=incoming.headers.get("If-Match", ""),
            fault=passage.fault.id if passage.fault else 0,
            body=incoming.content[:MOST_BODY_KEPT].decode(errors="replace"),
            remarks=remarks(passage.name, incoming.verb, passage.pairs, incoming.headers, incoming.content),
        )
    )
