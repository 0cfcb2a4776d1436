"""The model's machine on the local Google: the same lives, through `google/` and HTTP."""

from __future__ import annotations

import contextlib
from typing import Any, cast

from calsyncctl.errors import CalsyncError
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.sync.provider import Delete, Patch
from tests.proofs.http_google import HttpGoogle
from tests.proofs.model import SIDE, TEAM, TwoWayMachine
from tests.support.sandbox import SUPPORT
from tests.sync.desk import ME, WORK

OWNERS = {WORK: ME, SIDE: ME, TEAM: SUPPORT}


class HttpMachine(TwoWayMachine):
    """Everything that happens to a profile, in any order, beside a service over HTTP."""

    start: Any = None

    @property
    def google(self) -> HttpGoogle:
        return cast(HttpGoogle, self.house.google)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.google.close()

    def _ui(self, calendar: str, write: Patch | Delete) -> None:
        with contextlib.suppress(CalsyncError):
            self.google.apply(calendar, write)

    def _carry_there(self, calendar: str, to: str, item: RemoteEvent) -> list[str]:
        self.google.move(calendar, item.google_id, to)
        return [item.google_id, *(one.google_id for one in self.google.alive(to).values() if one.master)]

    def _bring_back(self, calendar: str, name: str) -> None:
        self.google.revive(calendar, name)
