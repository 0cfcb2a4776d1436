"""Everything can be tried without a Google account: the installed command on the sandbox, `init` to `disconnect`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.client import timed
from tests.support.desk import Desk
from tests.support.run import run
from tests.support.sandbox import WORK, Sandbox

pytestmark = pytest.mark.feature("E14")


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path) -> Desk:
    """A profile that `init --sandbox` aimed at the local Google."""
    address = ("--sandbox", "--sandbox-address", sandbox.root)
    done = run("init", *address, "--vault", "file", home=tmp_path)
    assert done.code == 0, done
    return Desk(tmp_path, sandbox)


def test_from_init_to_disconnect_without_a_google_account(desk: Desk) -> None:
    desk.connected("--select", "primary")
    made = desk.google.insert(WORK, timed("Walrus feeding"))
    desk.ok("sync")
    titles = [event["summary"] for event in desk.events("--from", "2026-11-23", "--to", "2026-11-24")]
    gone = desk.run("disconnect", WORK, "--yes")

    assert made["summary"] in titles
    assert gone.code == 0, gone
    assert desk.google.requests()["POST revoke"] == 1


def test_the_command_does_nothing_suspicious_to_google(desk: Desk) -> None:
    desk.connected("--select", "primary")
    desk.google.insert(WORK, timed())
    desk.ok("sync")

    assert desk.google.admin("GET", "/lint")["suspicious"] == []
    assert desk.google.counters()["writes"] == 0
