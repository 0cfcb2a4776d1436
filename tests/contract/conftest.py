"""Two worlds to hold one contract against: a Google in memory, and google/ with a local Google over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox
from tests.support.worlds import InMemory, OverHttp, World


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=5) as running:
        yield running


@pytest.fixture(params=["memory", "google"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        yield InMemory()
        return
    over_http = OverHttp(request.getfixturevalue("sandbox"))
    yield over_http
    over_http.close()
