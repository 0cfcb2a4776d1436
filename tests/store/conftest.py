"""What the store's tests share: an open store in a folder of its own, and an account in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.model.account import Account
from calsyncctl.store.db import Store, open_store
from tests.store.build import connected


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path) as opened:
        yield opened


@pytest.fixture
def account(store: Store) -> Account:
    return connected(store, "work@example.com")
