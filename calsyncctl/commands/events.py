"""`calsyncctl events`: the events here; look at them, and change them (`editing.py`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from calsyncctl.commands import editing
from calsyncctl.commands.changes import list_changed
from calsyncctl.commands.dates import span
from calsyncctl.commands.event_options import EventArg
from calsyncctl.commands.options import AssigneeOpt, CalendarsOpt
from calsyncctl.commands.shown import view_of
from calsyncctl.errors import UsageFault
from calsyncctl.model.calendar import Calendar, CalendarState
from calsyncctl.runtime import Runtime
from calsyncctl.store import calendars
from calsyncctl.store.find import find_assignee, find_calendar, find_event
from calsyncctl.store.runs import versions_of
from calsyncctl.sync.reading import events_between
from calsyncctl.views.events import EVENT, EVENTS, Range, listed, rows
from calsyncctl.views.history import HISTORY, history_rows

app = typer.Typer()

FromOpt = Annotated[
    str | None, typer.Option("--from", metavar="WHEN", help="2026-11-20, today, tomorrow, +7d, or a time. [today]")
]
ToOpt = Annotated[str | None, typer.Option("--to", metavar="WHEN", help="The end; a day counts with that day.")]
DaysOpt = Annotated[int | None, typer.Option("--days", min=1, max=3660, help="So many days instead of --to. [7]")]
SinceOpt = Annotated[
    str | None, typer.Option("--changed-since", metavar="WHEN", help="Whole events that changed since a day or time.")
]
LinesOpt = Annotated[bool, typer.Option("--jsonl", help="One JSON object a line, for bulk.")]
LimitOpt = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    from_: FromOpt = None,
    to: ToOpt = None,
    days: DaysOpt = None,
    calendar: CalendarsOpt = None,
    assignee: AssigneeOpt = None,
    limit: LimitOpt = None,
    changed_since: SinceOpt = None,
    jsonl: LinesOpt = False,
) -> None:
    """List what takes place in a range: today and the six days after it, unless told otherwise.

    Days begin at midnight in the zone shown (--tz). Each occurrence of a series is a row of its own. With
    --changed-since it is what came, changed or was deleted, whenever it takes place; a series is one row.
    """
    run: Runtime = ctx.obj
    chosen = _calendars(run, calendar or [], assignee)
    if changed_since is None and not jsonl:
        _list_range(run, (from_, to, days), chosen, limit)
    elif changed_since is None or (from_, to, days) != (None, None, None):
        raise UsageFault("--changed-since stands without a range, and --jsonl with --changed-since.", "See --help.")
    else:
        list_changed(run, changed_since, chosen, limit, lines=jsonl)


def _list_range(
    run: Runtime, typed: tuple[str | None, str | None, int | None], chosen: list[Calendar] | None, limit: int | None
) -> None:
    now, zone = run.clock.now(), run.zone()
    shown = Range(*span(*typed, datetime.fromtimestamp(now, UTC), zone))
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
    run.console.record(view_of(run, find_event(run.store, event)), EVENT, schema="event")


@app.command()
def history(ctx: typer.Context, event: EventArg) -> None:
    """Show who changed an event, when and how; `events restore --version` brings a version back."""
    run: Runtime = ctx.obj
    versions = versions_of(run.store, find_event(run.store, event).id)
    run.console.table(history_rows(versions), HISTORY, empty="Nothing has changed since it came.")


for _command in (editing.add, editing.edit, editing.delete, editing.move, editing.restore):
    app.command()(_command)


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
