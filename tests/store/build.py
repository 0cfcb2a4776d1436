"""Short words for what most store tests begin with, and stores of earlier versions."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar, RemoteCalendar
from calsyncctl.store import migrations
from calsyncctl.store.accounts import add_account
from calsyncctl.store.calendars import keep_remote
from calsyncctl.store.db import Store

NOW = 1_776_000_000
"""A fixed moment: 2026-04-12T13:20:00Z."""


def connected(store: Store, email: str) -> Account:
    """Add an account; its `sub` is made from the address."""
    with store.write():
        return add_account(
            store,
            provider="google",
            sub=f"sub-of-{email}",
            email=email,
            owner=None,
            scopes=("calendar.events", "openid"),
            client="client-1",
            vault="file",
            token_expires=NOW + 3600,
            grant_expires=None,
            now=NOW,
        )


def seen(store: Store, account: Account, name: str, *, google_id: str = "", access: str = "owner") -> Calendar:
    """Add a google calendar as its account's list tells of it."""
    remote = RemoteCalendar(google_id or f"{name}@calendars", name, "Europe/Berlin", access)
    with store.write():
        return keep_remote(store, account.id, remote)


def old_store(path: Path, last: str) -> Database:
    """Make a store as a program made it whose last step was `last`; the caller closes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(sqlite3.connect(path, isolation_level=None), execute_plugins=False, strict=True)
    steps = Migrations(migrations.SET)
    for step in migrations.STEPS[: migrations.NAMES.index(last) + 1]:
        steps()(step)
    steps.apply(database)
    database.execute("PRAGMA journal_mode = WAL")
    return database


def look(path: Path, query: str) -> list[tuple[object, ...]]:
    """Read from a store's file with nothing of ours in between."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()
