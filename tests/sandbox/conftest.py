"""One sandbox process for the whole run, begun anew for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.client import Client
from tests.support.sandbox import SUPPORT, WORK, Sandbox


@pytest.fixture(scope="session")
def process() -> Iterator[Sandbox]:
    with Sandbox(events=40, anchor="2026-11-16") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    process.reset()
    return process


@pytest.fixture
def work(sandbox: Sandbox) -> Iterator[Client]:
    """The first account, signed in with the whole of Calendar."""
    client = Client(sandbox, WORK).sign_in()
    with client.session:
        yield client


@pytest.fixture
def support(sandbox: Sandbox) -> Iterator[Client]:
    """The second account."""
    client = Client(sandbox, SUPPORT).sign_in()
    with client.session:
        yield client
