"""The store's history: one small function per step, in order, never edited once released.

The functions stand in plain modules that import nothing heavy, so that opening a store knows the names of the
current schema for free; sqlite-utils is imported only when a step is pending. To add one: a module `mNNN_what.py`
with a function of the same name, its line below, and a test that opens a store of the step before with rows in it.

A step runs inside a transaction with foreign keys off and is checked at the end, so a table may be rebuilt by hand;
write statements out (`transform` of sqlite-utils loses triggers and generated columns) and never call today's code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from calsyncctl.store.migrations.m001_accounts import m001_accounts
from calsyncctl.store.migrations.m002_people import m002_people
from calsyncctl.store.migrations.m003_events import m003_events
from calsyncctl.store.migrations.m004_links import m004_links
from calsyncctl.store.migrations.m005_runs import m005_runs
from calsyncctl.store.migrations.m006_spend import m006_spend
from calsyncctl.store.migrations.m007_channels import m007_channels

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SET = "calsyncctl"
"""The name of our set in `_sqlite_migrations`."""

STEPS: tuple[Callable[[Database], None], ...] = (
    m001_accounts,
    m002_people,
    m003_events,
    m004_links,
    m005_runs,
    m006_spend,
    m007_channels,
)

NAMES: tuple[str, ...] = tuple(step.__name__ for step in STEPS)
"""The names of all steps, oldest first: the schema that this program knows."""


def migrations() -> Migrations:
    """Register the steps with sqlite-utils, which applies them and keeps the record."""
    from sqlite_utils import Migrations

    registered = Migrations(SET)
    for step in STEPS:
        registered()(step)
    return registered
