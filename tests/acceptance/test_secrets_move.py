"""All secrets move between the encrypted file and a real Secret Service, and nothing is left behind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import WORK, Desk
from tests.support.tools import need

pytestmark = pytest.mark.secretservice


@pytest.fixture
def session(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A desk in a session of its own, with an unlocked keyring."""
    home = tmp_path / "session"
    home.mkdir(0o700)
    bus = [need("dbus-daemon"), "--session", "--nofork", "--print-address"]
    keyring = [need("gnome-keyring-daemon"), "--foreground", "--components=secrets", "--unlock"]
    env = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(bus, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        desk.env["DBUS_SESSION_BUS_ADDRESS"] = address = running.stdout.readline().strip()
        env["DBUS_SESSION_BUS_ADDRESS"] = address
        with subprocess.Popen(keyring, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as kept:
            assert kept.stdin is not None
            assert kept.stdout is not None
            kept.stdin.write("test-password")
            kept.stdin.close()
            kept.stdout.readline()  # it says where its control socket is once it has the name on the bus
            yield desk
            kept.terminate()
        running.terminate()


def sealed(desk: Desk) -> dict[str, Any]:
    """Return the entries of the encrypted file."""
    file = desk.home / "calsyncctl" / "default" / "vault" / "secrets.json"
    entries: dict[str, Any] = json.loads(file.read_text())["entries"]
    return entries


def all_kept(desk: Desk) -> bool:
    return {one["kept"] for one in desk.json("profile", "secrets")["entries"]} == {True}


@pytest.mark.feature("A16")
def test_secrets_move_to_the_secret_service_and_back_and_syncs_go_on(session: Desk) -> None:
    session.connected("--select", "Team")
    assert len(sealed(session)) == 3

    moved = session.json("profile", "secrets", "--move-to", "service")
    assert (moved["vault"], moved["moved_from"], moved["left"]) == ("service", "file", None)
    assert (sealed(session), all_kept(session)) == ({}, True)
    assert session.account(WORK)["vault"] == "service"
    session.google.expire_access_tokens(WORK)
    session.ok("sync")

    session.ok("init", "--vault", "file", "--yes")
    assert (len(sealed(session)), all_kept(session)) == (3, True)
    session.google.expire_access_tokens(WORK)
    session.ok("sync")
    session.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    session.ok("sync")


@pytest.mark.feature("A16")
@pytest.mark.long
def test_deleting_a_profile_takes_its_secrets_out_of_the_users_keyring(session: Desk) -> None:
    session.connected("--select", "Team", "--no-sync")
    session.ok("profile", "secrets", "--move-to", "service")
    looked = [need("dbus-send"), "--session", "--print-reply", "--dest=org.freedesktop.secrets"]
    looked += ["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SearchItems", "dict:string:string:"]

    def items() -> int:
        said = subprocess.run(looked, env=session.env, capture_output=True, text=True, check=True)
        return said.stdout.count("object path")

    assert items() == 3
    session.ok("profile", "delete", "default", "--yes")
    assert items() == 0
