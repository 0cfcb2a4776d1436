"""One HTTP request in, one answer out: which part of Google it is for, the faults of a rule, headers, gzip."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import parse_qsl

from aiohttp import web

from calsyncctl.sandbox import consent, oauth
from calsyncctl.sandbox.admin import administer
from calsyncctl.sandbox.batch import run_batch
from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.discovery import asks_for_discovery, discovery_document
from calsyncctl.sandbox.faults import Fault, spoil
from calsyncctl.sandbox.pushing import Pusher
from calsyncctl.sandbox.refusals import Refusal
from calsyncctl.sandbox.requestlog import Record
from calsyncctl.sandbox.router import Incoming, Outcome, dispatch
from calsyncctl.sandbox.service import Service

COMMON = {
    "Content-Type": "application/json; charset=UTF-8",
    "Vary": "Origin, X-Origin, Referer",
    "X-Content-Type-Options": "nosniff",
    "Server": "ESF",
}
CROSS_ORIGIN = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match, X-HTTP-Method-Override",
    "Access-Control-Expose-Headers": "ETag, Date",
}
WORTH_ZIPPING = 1400
NO_SUCH_PAGE = b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>"
OAUTH_NAMES = {
    "/o/oauth2/v2/auth": "authorize",
    "/o/oauth2/auth": "authorize",
    "/o/oauth2/v2/approve": "approve",
    "/token": "token",
    "/revoke": "revoke",
    "/v1/userinfo": "userinfo",
    "/tokeninfo": "tokeninfo",
    "/oauth2/v3/certs": "certs",
    # Older addresses, which published programs and client files still carry.
    "/o/oauth2/token": "token",
    "/oauth2/v4/token": "token",
    "/o/oauth2/revoke": "revoke",
    "/oauth2/v1/userinfo": "userinfo",
    "/oauth2/v2/userinfo": "userinfo",
    "/oauth2/v3/userinfo": "userinfo",
    "/userinfo/v2/me": "userinfo",
    "/oauth2/v1/tokeninfo": "tokeninfo",
    "/oauth2/v2/tokeninfo": "tokeninfo",
    "/oauth2/v3/tokeninfo": "tokeninfo",
    "/oauth2/v1/certs": "certificates",
    "/.well-known/openid-configuration": "discovery",
}
OLDER_FORM = re.compile(r"/oauth2/v[12]/(userinfo|tokeninfo)$|/userinfo/v2/me$")


@dataclass(slots=True)
class Handler:
    """Answers every HTTP request of one service."""

    service: Service
    pusher: Pusher

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; who hangs up in the middle of it has asked nothing."""
        try:
            content = await request.read()
        except ConnectionError:
            return web.Response(status=400)
        incoming = Incoming(
            request.method, request.rel_url.raw_path, request.rel_url.raw_query_string, request.headers, content
        )
        outcome = self._outcome(incoming)
        await self.pusher.flush(self.service.world)
        return await self._send(request, outcome)

    def _outcome(self, incoming: Incoming) -> Outcome:
        service, path = self.service, incoming.path
        if path.startswith("/sandbox"):
            # No page of the web may steer the sandbox of whoever looks at it.
            foreign = incoming.headers.get("Origin", service.root) != service.root
            return Outcome(Answer(403) if foreign else administer(service, incoming))
        if incoming.verb == "OPTIONS":
            return Outcome(Answer(204))
        if path in OAUTH_NAMES:
            form = parse_qsl(incoming.content.decode(errors="replace"), keep_blank_values=True)
            name, email = OAUTH_NAMES[path], service.oauth.email_of(dict(form))
            return self._by_rule(incoming, name, email, lambda: _oauth_answer(service, name, incoming, form))
        if path.startswith("/batch"):
            return self._by_rule(incoming, "batch", "", lambda: run_batch(service, incoming))
        if asks_for_discovery(path):
            return Outcome(discovery_document(service.root))
        if path.startswith("/calendar/v3/"):
            return dispatch(service, incoming)
        return Outcome(Answer(404, content=NO_SUCH_PAGE, headers={"Content-Type": "text/html; charset=UTF-8"}))

    def _by_rule(self, incoming: Incoming, name: str, email: str, make: Callable[[], Answer]) -> Outcome:
        """Answer what is no Calendar method (sign-in, batch), with faults and log like any other request."""
        service = self.service
        fault = service.faults.strike(incoming.verb, incoming.path, name, email)
        if fault and (fault.drop == "before" or (fault.status and not fault.apply)):
            answer = fault.answer()
        else:
            answer = _refused_or(make)
            answer = fault.answer() if fault and fault.status else answer
        if fault and fault.body:
            answer = spoil(answer, fault.body)
        # Codes and tokens stay out of the log: neither query nor body is kept.
        at, number = service.world.clock.seconds(), fault.id if fault else 0
        service.log.note(
            Record(at, incoming.verb, incoming.path, "", name, email, answer.status, 0, False, "", number, [])
        )
        return Outcome(answer, fault)

    async def _send(self, request: web.BaseRequest, outcome: Outcome) -> web.StreamResponse:
        answer, fault = outcome.answer, outcome.fault
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.drop:
            return _hang_up(request)
        plain = fault is not None and bool(fault.body or fault.drip)
        content = answer.encoded() if plain or not answer.zipped else b""
        headers = {**COMMON, "Date": _date(int(self.service.world.clock.seconds())), **answer.headers}
        if "Origin" in request.headers and not request.path.startswith("/sandbox"):
            headers |= {**CROSS_ORIGIN, "Access-Control-Allow-Origin": request.headers["Origin"]}
        if not content and not answer.zipped:
            del headers["Content-Type"]
        if fault and (fault.drip or fault.body == "cut"):
            return await _drip(request, answer.status, headers, content, fault)
        if answer.zipped or (len(content) > WORTH_ZIPPING and "gzip" in request.headers.get("Accept-Encoding", "")):
            content = answer.zipped or gzip.compress(content, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return web.Response(status=answer.status, body=content or None, headers=headers)


@lru_cache(maxsize=4)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _oauth_answer(service: Service, name: str, incoming: Incoming, form: list[tuple[str, str]]) -> Answer:
    known, query = service.oauth, {**dict(parse_qsl(incoming.query, keep_blank_values=True)), **dict(form)}
    authorization = incoming.headers.get("Authorization", "")
    bearer = authorization or f"Bearer {query.get('access_token', '')}"
    older = bool(OLDER_FORM.search(incoming.path))
    answers: dict[str, Callable[[], Answer]] = {
        "authorize": lambda: consent.authorize(known, query),
        "approve": lambda: consent.approve(known, form),
        "token": lambda: oauth.token(known, dict(form), authorization),
        "revoke": lambda: oauth.revoke(known, query),
        "userinfo": lambda: oauth.userinfo(known, bearer, older=older),
        "tokeninfo": lambda: oauth.tokeninfo(known, query, authorization, older=older),
        "certs": lambda: Answer(body=known.signer.published()),
        "certificates": lambda: Answer(body=known.signer.certificates()),
        "discovery": lambda: oauth.discovery(known),
    }
    return replace(answers[name](), indent=2)


def _refused_or(make: Callable[[], Answer]) -> Answer:
    try:
        return make()
    except Refusal as refusal:
        return Answer(refusal.status, content=refusal.content(), headers=dict(refusal.headers))


def _hang_up(request: web.BaseRequest) -> web.StreamResponse:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _drip(
    request: web.BaseRequest, status: int, headers: dict[str, str], content: bytes, fault: Fault
) -> web.StreamResponse:
    """Send the body in small pieces with pauses, or end the connection in its middle."""
    response = web.StreamResponse(status=status, headers={**headers, "Content-Length": str(len(content))})
    await response.prepare(request)
    if fault.body == "cut":
        await response.write(content[: len(content) // 2])
        return _hang_up(request)
    pieces = 10
    size = max(1, len(content) // pieces)
    for at in range(0, len(content), size):
        await response.write(content[at : at + size])
        await asyncio.sleep(fault.drip or 0)
    await response.write_eof()
    return response
