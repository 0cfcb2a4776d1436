"""What a shadow's calendars keep back, beside somebody who trusts it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.connections.shadow import shade, trust
from calsyncctl.model.calendar import Mode
from calsyncctl.store import accounts, calendars, copies
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.shades import count_kept_back
from calsyncctl.sync.pushing.shading import keep_back
from tests.store.build import NOW, connected, seen
from tests.store.events_build import event, keep


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as made:
        yield made


def test_what_a_pass_comes_to_after_its_shadow_was_trusted_is_not_kept_back(store: Store) -> None:
    calendar = seen(store, connected(store, "work@example.com"), "Work")
    with store.write():
        calendars.select_calendar(store, calendar.id, Mode.TWO_WAY, NOW)
    keep(store, event(calendar.id, 1))
    (account,) = accounts.list_accounts(store)
    shade(store, account, NOW)
    with store.write():
        copies.make_due(store, [1], NOW)
    trust(store, account, NOW)
    assert keep_back(store, calendar, NOW) is None  # the pass had seen a shadow
    assert count_kept_back(store) == {}
