"""One sandbox for the session, begun anew for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=60) as started:
        yield started


@pytest.fixture
def google(sandbox: Sandbox) -> Sandbox:
    sandbox.reset()
    return sandbox
