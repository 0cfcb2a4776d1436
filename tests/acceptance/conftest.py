"""One sandbox for the session, begun anew for each test; an enabled profile, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.run import run
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=60) as started:
        yield started


@pytest.fixture(scope="session")
def enabled(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("enabled")
    result = run("init", "--sandbox", "--sandbox-address", sandbox.root, "--vault", "file", home=home, warm=True)
    assert result.code == 0, result
    return home


@pytest.fixture
def google(sandbox: Sandbox) -> Sandbox:
    sandbox.reset()
    return sandbox


@pytest.fixture
def desk(google: Sandbox, enabled: Path, tmp_path: Path) -> Desk:
    home = tmp_path / "home"
    shutil.copytree(enabled, home)
    return Desk(home, google)
