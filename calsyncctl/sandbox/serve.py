"""The server itself: aiohttp around the router, one JSON line when ready, a clean end on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qsl

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from calsyncctl.sandbox import consent, oauth
from calsyncctl.sandbox.admin import administer, client, info
from calsyncctl.sandbox.batch import run_batch
from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.data import FIRST, SECOND, make_world
from calsyncctl.sandbox.faults import Fault, spoil
from calsyncctl.sandbox.keeping import load, save
from calsyncctl.sandbox.oauth import OAuth
from calsyncctl.sandbox.pushing import Pusher
from calsyncctl.sandbox.refusals import Refusal
from calsyncctl.sandbox.requestlog import Record
from calsyncctl.sandbox.router import Incoming, Outcome, dispatch
from calsyncctl.sandbox.service import Service
from calsyncctl.sandbox.state import World

HOST = "127.0.0.1"
DEFAULT_PORT = 8765
COMMON = {
    "Content-Type": "application/json; charset=UTF-8",
    "Vary": "Origin, X-Origin, Referer",
    "X-Content-Type-Options": "nosniff",
    "Server": "ESF",
}
WORTH_ZIPPING = 1400
MOST_BODY = 64 * 1024 * 1024
OAUTH_NAMES = {
    "/o/oauth2/v2/auth": "authorize",
    "/o/oauth2/auth": "authorize",
    "/o/oauth2/v2/approve": "approve",
    "/token": "token",
    "/revoke": "revoke",
    "/v1/userinfo": "userinfo",
    "/oauth2/v2/userinfo": "userinfo",
    "/tokeninfo": "tokeninfo",
    "/oauth2/v3/certs": "certs",
    "/.well-known/openid-configuration": "discovery",
}


@dataclass(slots=True, frozen=True)
class Options:
    """What the command line sets."""

    port: int = DEFAULT_PORT
    accounts: tuple[str, ...] = (FIRST, SECOND)
    events: int = 200
    seed: int = 1
    anchor: date | None = None
    state: Path | None = None


@dataclass(slots=True)
class Handler:
    """Answers every HTTP request of one service."""

    service: Service
    pusher: Pusher

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        incoming = Incoming(
            request.method, request.rel_url.raw_path, request.rel_url.raw_query_string, request.headers,
            await request.read(),
        )  # fmt: skip
        if incoming.path.startswith("/sandbox"):
            outcome = Outcome(administer(self.service, incoming))
        elif incoming.path in OAUTH_NAMES:
            outcome = self._oauth(incoming)
        elif incoming.path.startswith("/batch"):
            outcome = self._batch(incoming)
        elif incoming.path.startswith("/calendar/v3/"):
            outcome = dispatch(self.service, incoming)
        else:
            outcome = Outcome(Answer(404, content=b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>"))
        await self.pusher.flush(self.service.world)
        return await self._send(request, outcome)

    def _oauth(self, incoming: Incoming) -> Outcome:
        """Answer an OAuth address, with faults and log like any other request."""
        service, name = self.service, OAUTH_NAMES[incoming.path]
        form = parse_qsl(incoming.content.decode(errors="replace"), keep_blank_values=True)
        email = service.oauth.email_of(dict(form))
        fault = service.faults.strike(incoming.verb, incoming.path, name, email)
        if fault and (fault.drop == "before" or (fault.status and not fault.apply)):
            answer = fault.answer()
        else:
            answer = _oauth_answer(service, name, incoming, form)
            answer = fault.answer() if fault and fault.status else answer
        if fault and fault.body:
            answer = spoil(answer, fault.body)
        service.log.note(_oauth_record(service, incoming, name, email, answer.status, fault))
        return Outcome(answer, fault)

    def _batch(self, incoming: Incoming) -> Outcome:
        service = self.service
        fault = service.faults.strike(incoming.verb, incoming.path, "batch", "")
        if fault and (fault.drop == "before" or (fault.status and not fault.apply)):
            answer = fault.answer()
        else:
            try:
                answer, _ = run_batch(service, incoming)
            except Refusal as refusal:
                answer = Answer(refusal.status, content=refusal.content())
        if fault and fault.body:
            answer = spoil(answer, fault.body)
        service.log.note(_oauth_record(service, incoming, "batch", "", answer.status, fault))
        return Outcome(answer, fault)

    async def _send(self, request: web.BaseRequest, outcome: Outcome) -> web.StreamResponse:
        answer, fault = outcome.answer, outcome.fault
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.drop:
            return _hang_up(request)
        plain = fault is not None and bool(fault.body or fault.drip)
        content = answer.encoded() if plain or not answer.zipped else b""
        headers = {**COMMON, "Date": formatdate(self.service.world.clock.seconds(), usegmt=True), **answer.headers}
        if not content and not answer.zipped:
            del headers["Content-Type"]
        if fault and (fault.drip or fault.body == "cut"):
            return await _drip(request, answer.status, headers, content, fault)
        if answer.zipped or (len(content) > WORTH_ZIPPING and "gzip" in request.headers.get("Accept-Encoding", "")):
            content = answer.zipped or gzip.compress(content, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return web.Response(status=answer.status, body=content or None, headers=headers)


def _oauth_answer(service: Service, name: str, incoming: Incoming, form: list[tuple[str, str]]) -> Answer:
    known, query, fields = service.oauth, dict(parse_qsl(incoming.query, keep_blank_values=True)), dict(form)
    authorization = incoming.headers.get("Authorization", "")
    try:
        if name == "authorize":
            return consent.authorize(known, {**query, **fields})
        if name == "approve":
            return consent.approve(known, form)
        if name == "token":
            return oauth.token(known, fields, authorization)
        if name == "revoke":
            return oauth.revoke(known, {**query, **fields})
        if name == "userinfo":
            bearer = authorization or f"Bearer {query.get('access_token', '')}"
            return oauth.userinfo(known, bearer, older="v2" in incoming.path)
        if name == "tokeninfo":
            return oauth.tokeninfo(known, {**query, **fields})
        return Answer(body=known.signer.published()) if name == "certs" else oauth.discovery(known)
    except Refusal as refusal:
        return Answer(refusal.status, content=refusal.content(), headers=dict(refusal.headers))


def _oauth_record(
    service: Service, incoming: Incoming, name: str, email: str, status: int, fault: Fault | None
) -> Record:
    at = service.world.clock.seconds()
    # Codes and tokens stay out of the log: only the path is kept.
    return Record(at, incoming.verb, incoming.path, "", name, email, status, 0, False, "", fault.id if fault else 0, [])


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


def make_service(options: Options) -> Service:
    """Make the world of a server that is about to start."""

    def seed() -> World:
        return make_world(list(options.accounts), options.events, options.seed, options.anchor)

    world = seed()
    service = Service(world, OAuth(world), seed)
    if options.state and options.state.exists():
        load(service, options.state)
    return service


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; prints one JSON line on standard output when ready."""
    service = make_service(options)
    async with Pusher(service.authority) as pusher:
        server = web.Server(Handler(service, pusher), request_factory=_request, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, HOST, options.port, backlog=512)
        await site.start()
        port = runner.addresses[0][1]
        service.root = service.oauth.issuer = f"http://{HOST}:{port}"
        folder = Path(tempfile.mkdtemp(prefix="calsyncctl-sandbox-"))
        try:
            _write_client(service, folder)
            ended = _listen_for_signals()
            _announce(service)
            await ended.wait()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            await runner.cleanup()
            if options.state:
                save(service, options.state)


def _write_client(service: Service, folder: Path) -> None:
    path = folder / "client_secret.json"
    service.client_file = str(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(client(service), file)


def _announce(service: Service) -> None:
    sys.stdout.write(json.dumps({**info(service), "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """Make a request object that takes bodies as large as a batch of a thousand calls."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MOST_BODY)


def _listen_for_signals() -> asyncio.Event:
    """Return what is set by SIGTERM and SIGINT."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    return ended


def run(options: Options) -> None:
    """Serve in this process until told to end."""
    asyncio.run(serve(options))
