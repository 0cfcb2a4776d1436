"""What a connect brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.health.snapshot import AccountFacts, CalendarFacts, moment
from calsyncctl.model.account import Account
from calsyncctl.views.synced import Synced


@dataclass(frozen=True, slots=True)
class ConnectedView:
    """A connected account; as JSON, exactly this. `sync` is None if nothing was synced."""

    account: AccountFacts
    repaired: bool
    calendars: tuple[CalendarFacts, ...]
    sync: Synced | None


def grant_sentence(account: Account, now: int, when: Callable[[datetime | None], str]) -> str:
    """Say when the sign-in ends, where Google told so; else nothing."""
    if account.grant_expires is None:
        return ""
    days = max(0, account.grant_expires - now) / 86400
    ends = when(moment(account.grant_expires))
    return (
        f"Google ends this sign-in in {days:.0f} days ({ends}), as it does for apps in testing: "
        "publish the app, then connect again (calsyncctl help google-project)."
    )
