"""A profile as page and metrics show it: two accounts, some calendars, and what a test wants to be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from calsyncctl.daemon.outlook import Outlook
from calsyncctl.daemon.page import Look
from calsyncctl.daemon.presence import Told
from calsyncctl.daemon.shown import ChannelFacts, Shown
from calsyncctl.health.needs import needs, passing
from calsyncctl.health.quota import QuotaFacts, SpanFacts
from calsyncctl.health.snapshot import AccountFacts, CalendarFacts, Facts, ReviewFacts
from calsyncctl.settings import BrandSettings

NOW = datetime(2026, 4, 12, 13, 20, tzinfo=UTC)
LOOK = Look(BrandSettings(), lambda time: f"{time:%Y-%m-%d %H:%M} UTC" if time else "–", lambda text: text)


def account(email: str, **more: Any) -> AccountFacts:
    usual: dict[str, Any] = {
        "id": 1,
        "owner": "agent:jane",
        "state": "active",
        "reason": None,
        "since": NOW - timedelta(days=3),
        "calendars": 6,
        "selected": 2,
        "last_success": NOW,
        "sign_in_ends": None,
        "vault": "file",
    }
    return AccountFacts(email=email, **{**usual, **more})


def calendar(number: int, name: str, **more: Any) -> CalendarFacts:
    usual: dict[str, Any] = {
        "account": "work@example.com",
        "kind": "google",
        "primary": False,
        "writable": True,
        "access": "owner",
        "state": "selected",
        "mode": "two-way",
        "assignees": (),
        "last_success": NOW - timedelta(seconds=40),
        "events": 12,
        "zone": "Europe/Berlin",
        "google_id": f"g{number}",
        "reason": None,
        "cure": None,
        "since": NOW,
        "until": None,
        "listing": False,
        "unreadable": (),
    }
    return CalendarFacts(id=number, name=name, **{**usual, **more})


def shown(*calendars: CalendarFacts, accounts: tuple[AccountFacts, ...] = (), **more: Any) -> Shown:
    """Put it together; `more` changes fields of `Shown`, `told` of the daemon, `review` of the facts."""
    facts = Facts(
        NOW,
        accounts or (account("work@example.com"),),
        calendars or (calendar(1, "Team"), calendar(2, "Duty roster")),
        more.pop("review", ReviewFacts()),
    )
    at = int(NOW.timestamp())
    told: dict[str, Any] = {
        "pid": 1,
        "version": "0.1.0",
        "since": at - 86_400,
        "at": at,
        "ready": True,
        "last_pass": at,
    }
    quota = QuotaFacts(
        day="2026-04-12",
        ends=NOW,
        today=SpanFacts(48_200, 751_800, 800_000),
        minute=SpanFacts(10, 7_990, 8_000),
        per_user=480,
        kinds=(),
        accounts=(),
        in_hand=0,
        resting_until=None,
    )
    usual: dict[str, Any] = {
        "profile": "default",
        "told": Told(**{**told, **more.pop("told", {})}),
        "facts": facts,
        "needs": needs(facts),
        "passing": passing(facts),
        "waiting": 0,
        "channels": ChannelFacts(frozenset({1}), heard=2),
        "quota": quota,
        "ahead": Outlook(1.0, "", 10, 20),
    }
    return Shown(**{**usual, **more})


def troubled() -> Shown:
    """Much at once: a dead sign-in, held deletions, conflicts, passing trouble, long names."""
    return shown(
        calendar(1, "Team"),
        calendar(2, "Duty roster", reason="Google was busy (503).", until=NOW + timedelta(minutes=4), since=NOW),
        calendar(3, "Sales", account="sales.department.of.the.whole.company@subsidiary.example.com", state="hold"),
        calendar(4, "Feiertage in Deutschland", mode="read-only", last_success=NOW - timedelta(hours=3)),
        calendar(5, "Raum " + "Konferenz" * 12, mode="one-way"),
        accounts=(
            account("work@example.com", sign_in_ends=NOW + timedelta(hours=50)),
            account("support@example.com", owner="team:support", state="needs-reauth", reason="revoked"),
            account("sales.department.of.the.whole.company@subsidiary.example.com", shadow=True, kept_back=3, id=3),
        ),
        review=ReviewFacts((("d1", "Team", 14, "14 of 40 would go at once"),), (("refused", 2),), 3),
        waiting=3,
        channels=ChannelFacts(frozenset({1}), heard=2, silent=1, none=1),
        ahead=Outlook(2.5, "day", 10, 20),
    )
