"""Push messages, really POSTed to the receivers' addresses with Google's headers.

Messages of one channel go out one after the other; receivers never hold up the requests that caused them. Https
receivers are checked against the sandbox's own certificate authority (see `certificates`).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from email.utils import formatdate
from types import TracebackType
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout

from calsyncctl.sandbox.certificates import Authority
from calsyncctl.sandbox.state import World
from calsyncctl.sandbox.switches import Settings
from calsyncctl.sandbox.watching import Channel

if TYPE_CHECKING:
    from asyncio import Task

AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"
RETRIED = (500, 502, 503, 504)
TRIES = 4
WAIT_FOR_SYNC = 2.0
TIMEOUT = ClientTimeout(total=10)


@dataclass(slots=True)
class Pusher:
    """Sends the messages of every channel."""

    authority: Authority = field(default_factory=Authority)
    session: ClientSession | None = None
    last: dict[str, Task[None]] = field(default_factory=dict)
    """By channel: the task that sends its newest message."""
    sent: int = 0

    async def __aenter__(self) -> Pusher:
        self.session = ClientSession(timeout=TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self.last.values():
            task.cancel()
        await asyncio.gather(*self.last.values(), return_exceptions=True)
        if self.session is not None:
            await self.session.close()

    async def flush(self, world: World) -> None:
        """Tell the channels what changed since the last time; new ones get their `sync` message."""
        if not world.channels.living and not world.channels.waiting:
            world.touched.clear()
            return
        now = world.clock.seconds()
        world.channels.living = {key: one for key, one in world.channels.living.items() if one.expires > now}
        changed, world.touched = set(world.touched), []
        greeted = [self._queue(world.settings, channel, state) for channel, state in world.channels.waiting]
        world.channels.waiting.clear()
        for channel in world.channels.living.values():
            if channel.resource in changed:
                self._queue(world.settings, channel, "exists")
        if greeted and world.settings.sync_before_answer:
            await asyncio.wait([task for task in greeted if task], timeout=WAIT_FOR_SYNC)

    def _queue(self, settings: Settings, channel: Channel, state: str) -> Task[None] | None:
        """Number a message and put it behind the channel's earlier ones; some get lost or come twice on wish."""
        self.sent += 1
        # Numbers grow but skip, so that nobody counts messages by them.
        channel.number += 1 if channel.number == 0 else 1 + self.sent % 3
        if state != "sync" and settings.push_lose_every and self.sent % settings.push_lose_every == 0:
            return None
        times = 2 if settings.push_twice else 1
        headers = _headers(channel, state)
        task = asyncio.create_task(self._deliver(self.last.get(channel.id), channel.address, headers, times, settings))
        self.last[channel.id] = task
        return task

    async def _deliver(
        self, before: Task[None] | None, address: str, headers: dict[str, str], times: int, settings: Settings
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        for _ in range(times):
            for attempt in range(TRIES):
                if await self._post(address, headers) not in RETRIED:
                    break
                await asyncio.sleep(settings.push_retry_seconds * 2**attempt)

    async def _post(self, address: str, headers: dict[str, str]) -> int:
        """Send one message and return the receiver's status; 0 when it cannot be reached."""
        if self.session is None:
            return 0
        trust: ssl.SSLContext | bool = self.authority.trust() if address.startswith("https") else True
        try:
            async with self.session.post(address, headers=headers, ssl=trust, allow_redirects=False) as answer:
                return answer.status
        except (ClientError, TimeoutError, OSError):
            return 0


def _headers(channel: Channel, state: str) -> dict[str, str]:
    headers = {
        "User-Agent": AGENT,
        "Content-Length": "0",
        "X-Goog-Channel-ID": channel.id,
        "X-Goog-Channel-Expiration": formatdate(channel.expires, usegmt=True),
        "X-Goog-Message-Number": str(channel.number),
        "X-Goog-Resource-ID": channel.resource_id,
        "X-Goog-Resource-State": state,
        "X-Goog-Resource-URI": channel.resource_uri,
    }
    return {**headers, "X-Goog-Channel-Token": channel.token} if channel.token else headers
