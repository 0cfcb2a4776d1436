"""`calsyncctl events`: the events here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from calsyncctl.commands.dates import span
from calsyncctl.commands.options import AssigneeOpt, CalendarsOpt
from calsyncctl.model.calendar import Calendar, CalendarState
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts, calendars, events
from calsyncctl.store.copies import copies_of
from calsyncctl.store.find import find_assignee, find_calendar, find_event
from calsyncctl.sync.reading import events_between
from calsyncctl.views.events import EVENT, EVENTS, Home, Range, event_view, listed, rows

app = typer.Typer()

FromOpt = Annotated[
    str | None, typer.Option("--from", metavar="WHEN", help="2026-11-20, today, tomorrow, +7d, or a time. [today]")
]
ToOpt = Annotated[str | None, typer.Option("--to", metavar="WHEN", help="The end; a day counts with that day.")]
DaysOpt = Annotated[int | None, typer.Option("--days", min=1, max=3660, help="So many days instead of --to. [7]")]
LimitOpt = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")]
EventArg = Annotated[str, typer.Argument(metavar="EVENT", help="Its key, or four or more letters of it.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    from_: FromOpt = None,
    to: ToOpt = None,
    days: DaysOpt = None,
    calendar: CalendarsOpt = None,
    assignee: AssigneeOpt = None,
    limit: LimitOpt = None,
) -> None:
    """List what takes place in a range: today and the six days after it, unless told otherwise.

    Days begin at midnight in the zone shown (--tz). Each occurrence of a series is a row of its own.
    """
    run: Runtime = ctx.obj
    now, zone = run.clock.now(), run.zone()
    shown = Range(*span(from_, to, days, datetime.fromtimestamp(now, UTC), zone))
    chosen = _calendars(run, calendar or [], assignee)
    begin, end = shown.instants()
    reading = events_between(
        run.store,
        from_=begin,
        to=end,
        now=now,
        calendar_ids=None if chosen is None else [one.id for one in chosen],
        horizon_days=run.config.settings.sync.horizon_days,
    )
    found = rows(reading.occurrences, shown, zone, {one.id: one for one in calendars.list_calendars(run.store)})
    for note in reading.notes:
        run.console.warn(note)
    cut = found[:limit]
    run.console.table(
        cut if run.console.json else [listed(row) for row in cut],
        EVENTS,
        empty=_nothing(chosen),
        hint="calsyncctl events list --days 30",
    )


@app.command()
def show(ctx: typer.Context, event: EventArg) -> None:
    """Show one event whole."""
    run: Runtime = ctx.obj
    found = find_event(run.store, event)
    home = calendars.get_calendar(run.store, found.calendar_id)
    account = accounts.get_account(run.store, home.account_id).email if home.account_id else None
    exceptions = len(events.exceptions_of(run.store, found.id))
    copies = copies_of(run.store, found.id)
    view = event_view(found, Home(home.name, account), exceptions, copies, run.zone())
    run.console.record(view, EVENT, schema="event")


def _nothing(chosen: list[Calendar] | None) -> str:
    """Say why a list is empty: hidden calendars look like empty ones."""
    hidden = [one.name for one in chosen or [] if one.state is CalendarState.AVAILABLE]
    if hidden:
        return f"Not selected, so their events are hidden: {', '.join(hidden)}."
    return "Nothing takes place in this range."


def _calendars(run: Runtime, names: list[str], assignee: str | None) -> list[Calendar] | None:
    """Return the calendars that were asked for, None for all."""
    if assignee is None:
        return [find_calendar(run.store, name) for name in names] or None
    served = calendars.list_calendars(run.store, assignee=find_assignee(run.store, assignee).id)
    wanted = {find_calendar(run.store, name).id for name in names}
    return [one for one in served if not wanted or one.id in wanted]
