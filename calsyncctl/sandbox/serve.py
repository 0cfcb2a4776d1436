"""The server itself: aiohttp around the router, one JSON line when ready, a clean end on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from calsyncctl.sandbox.admin import client, info
from calsyncctl.sandbox.answering import Handler
from calsyncctl.sandbox.data import FIRST, SECOND, make_world
from calsyncctl.sandbox.keeping import load, save
from calsyncctl.sandbox.oauth import OAuth
from calsyncctl.sandbox.pushing import Pusher
from calsyncctl.sandbox.service import Service
from calsyncctl.sandbox.state import World

HOST = "127.0.0.1"
DEFAULT_PORT = 8765
MOST_BODY = 64 * 1024 * 1024


@dataclass(slots=True, frozen=True)
class Options:
    """What the command line sets."""

    port: int = DEFAULT_PORT
    accounts: tuple[str, ...] = (FIRST, SECOND)
    events: int = 200
    seed: int = 1
    anchor: date | None = None
    state: Path | None = None


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
