"""A daemon's parts on a real profile, and systemd's end of its line."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.daemon.run import Daemon
from calsyncctl.flags import Flags
from calsyncctl.runtime import Runtime
from calsyncctl.vaults import GOOGLE_ADDRESSES
from tests.support.run import environment, run


@pytest.fixture
def line(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd listens."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as made:
        made.bind(str(tmp_path / "notify"))
        made.setblocking(False)
        yield made


@pytest.fixture
def daemon(tmp_path: Path, line: socket.socket) -> Iterator[Daemon]:
    """A daemon whose threads have not begun."""
    client = tmp_path / "client.json"
    client.write_text(json.dumps({"installed": {"client_id": "id", "client_secret": "kept quiet"} | GOOGLE_ADDRESSES}))
    assert run("init", "--vault", "file", "--client-secrets", str(client), home=tmp_path, warm=True).code == 0
    made = Daemon(Runtime(Flags(), environment(tmp_path, {"NOTIFY_SOCKET": str(tmp_path / "notify")}), SystemClock()))
    yield made
    made.parts.close(within=1)
    made.parts.drop_store()
