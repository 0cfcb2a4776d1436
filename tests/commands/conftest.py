"""Homes for commands: an empty one, and one where a profile is enabled."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from tests.support.run import Result, run


class Cli(Protocol):
    """Runs `calsyncctl ARGS...` in the test's home."""

    def __call__(self, *args: str, env: dict[str, str] | None = None, input: str = "") -> Result: ...


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    def call(*args: str, env: dict[str, str] | None = None, input: str = "") -> Result:
        return run(*args, home=tmp_path, env=env, input=input, warm=True)

    return call


@pytest.fixture
def enabled(cli: Cli) -> Cli:
    assert cli("init", "--vault", "file").code == 0
    return cli


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return tmp_path / "calsyncctl" / "default" / "config.toml"
