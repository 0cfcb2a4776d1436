"""After a choice of calendars: say it, sync them once, report; shared by connect and `calendars select`."""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.commands.naming import spoken
from calsyncctl.commands.syncing import run_sync, tell
from calsyncctl.commands.waiting import then_sync
from calsyncctl.connections.calendars import Choice
from calsyncctl.connections.sync_now import Choice as ToSync
from calsyncctl.health.snapshot import calendar_facts
from calsyncctl.model.calendar import Calendar
from calsyncctl.runtime import Runtime
from calsyncctl.store import calendars
from calsyncctl.views.columns import CALENDARS
from calsyncctl.views.synced import Synced


def say_choices(run: Runtime, choices: Sequence[Choice]) -> None:
    """Say which calendars take part now, and how."""
    for choice in choices:
        run.console.done(f"{spoken(run, choice.calendar)} is selected ({choice.mode}).")


def show_as_json(run: Runtime, changed: Sequence[Calendar]) -> None:
    """Under --json show the calendars as they are now; people have read what was done."""
    if run.console.json:
        now = [calendars.get_calendar(run.store, one.id) for one in changed]
        run.console.table(calendar_facts(run.store, now), CALENDARS)


def first_sync(run: Runtime, chosen: Sequence[Calendar]) -> Synced:
    """Sync what was just chosen."""
    return run_sync(run, ToSync(tuple(calendars.get_calendar(run.store, one.id) for one in chosen), ()))


def finish_selection(run: Runtime, choices: Sequence[Choice], *, sync: bool) -> int:
    """Say what was chosen and, unless unwanted, sync it; return the exit code."""
    say_choices(run, choices)
    if not sync:
        show_as_json(run, [choice.calendar for choice in choices])
        run.console.hint(then_sync(run))
        return 0
    done = first_sync(run, [choice.calendar for choice in choices])
    if run.console.json:
        run.console.result(done, "", schema="sync")
    else:
        tell(run.console, done)
    return done.exit_code
