"""`calsyncctl undo`: what a run changed, or the last change of an event, is taken back on both sides."""

from __future__ import annotations

from typing import Annotated

import typer

from calsyncctl.commands import complete
from calsyncctl.commands.acting import edit_means
from calsyncctl.commands.event_options import PushOpt
from calsyncctl.commands.options import DryRunOpt, YesOpt
from calsyncctl.commands.syncing import run_sync, tell
from calsyncctl.commands.waiting import who_sends
from calsyncctl.connections.sync_now import choose
from calsyncctl.errors import NotAllowed, NotFound
from calsyncctl.runtime import Runtime
from calsyncctl.store import calendars
from calsyncctl.store.copies import copies_of
from calsyncctl.store.find import SHORTEST_KEY, WHOLE_KEY, find_event
from calsyncctl.sync.undoing.facts import Facts, facts_of_event, facts_of_run
from calsyncctl.sync.undoing.undo import Did, Undone, rehearse, undo
from calsyncctl.views.undone import UNDONE, UndoneRow, UndoneView, stays_text, undone_view

FEW = 5
"""More events than these are not taken back without a question."""
REST = 0.12
"""Seconds between two transactions of a large one: whoever waits for the store looks every tenth of a second."""
LEFT = 5
"""The exit code if some of it could not be taken back."""

WhatArg = Annotated[
    str,
    typer.Argument(
        metavar="RUN|EVENT",
        help="A run's number, or the key of an event (four or more letters).",
        autocompletion=complete.events,
    ),
]


def command(
    ctx: typer.Context, what: WhatArg, dry_run: DryRunOpt = False, yes: YesOpt = False, push: PushOpt = False
) -> None:
    """Take back what a run changed, or the last change of an event: here at once, in Google with the next sync.

    Later changes stay, and are listed. Nobody is mailed. It reaches back 30 days, and can itself be undone. More than
    five events: asks first.

    Exit codes: 0 done; 3 nothing such, or nothing to undo; 5 some of it may not be changed here; 6 none of it may, or
    it is too long ago.
    """
    run: Runtime = ctx.obj
    facts, means = _facts(run, what), edit_means(run)
    would = rehearse(run.store, means, facts, rest=lambda: run.clock.sleep(REST))
    if dry_run:
        _show(run, _view(run, would, dry_run=True))
        return
    if len(would.touched) > FEW:
        if not yes:
            run.console.talk_table(_view(run, would, dry_run=True).events, UNDONE)
        run.console.confirm(f"Take back {facts.what}: {len(would.touched):,} events?", yes=yes)
    undone = undo(run.store, means, facts, rest=lambda: run.clock.sleep(REST))
    raise typer.Exit(_finish(run, undone, push=push))


def _facts(run: Runtime, text: str) -> Facts:
    """Read a run's number or an event's key: digits alone are a number, unless they are a whole key."""
    now = run.clock.now()
    if not text.isdecimal() or len(text) >= WHOLE_KEY:
        return facts_of_event(run.store, find_event(run.store, text), now)
    try:
        return facts_of_run(run.store, int(text), now)
    except NotFound as no_run:
        if len(text) < SHORTEST_KEY or not no_run.what.startswith("There is no run"):
            raise
        key = "Digits alone are a run's number: of an event's key, type more letters."
        raise NotFound(no_run.what, f"See: calsyncctl runs list. {key}") from None


def _finish(run: Runtime, undone: Undone, *, push: bool) -> int:
    refused = [one for one in undone.lines if one.did is Did.REFUSED]
    if refused and not undone.touched:
        raise NotAllowed(f"Nothing of {undone.what} may be changed here. {refused[0].refused}", "See --dry-run.")
    if not run.console.json:
        _show(run, _view(run, undone, dry_run=False))
    code = _send(run, undone) if push else 0
    view = _view(run, undone, dry_run=False)
    if run.console.json:
        _show(run, view)
    if view.waiting:
        run.console.hint(f"Google has not been told yet: {who_sends(run, _waiting(run, undone))}")
    return code or (LEFT if refused else 0)


def _waiting(run: Runtime, undone: Undone) -> set[int]:
    """Return the calendars that are to be told of it, also of what was taken back before and not told yet."""
    return {copy.calendar_id for line in undone.lines for copy in copies_of(run.store, line.event.id) if copy.due}


def _send(run: Runtime, undone: Undone) -> int:
    ids = _waiting(run, undone)
    if not ids:
        return 0
    done = run_sync(run, choose(run.store, calendar_ids=ids))
    if not run.console.json:
        tell(run.console, done)
    return done.exit_code


def _view(run: Runtime, undone: Undone, *, dry_run: bool) -> UndoneView:
    names = {one.id: one.name for one in calendars.list_calendars(run.store)}
    waiting = sum(any(copy.due for copy in copies_of(run.store, line.event.id)) for line in undone.lines)
    return undone_view(undone, names, dry_run=dry_run, waiting=0 if dry_run else waiting)


def _show(run: Runtime, view: UndoneView) -> None:
    console = run.console
    if console.json:
        console.result(view, "", schema="undo")
    else:
        console.table(view.events, UNDONE)
    for row in view.events:
        _say_rest(run, row)
    if view.dry_run:
        console.say("Nothing was changed.")
    elif view.run is None:
        console.done(f"Nothing is left of {view.what} to take back.")
    else:
        console.done(f"Took back {view.what}; this is run {view.run}, and can be undone, too.")


def _say_rest(run: Runtime, row: UndoneRow) -> None:
    """Say what stays, what cannot return, and what is refused."""
    for kept in row.kept:
        run.console.say(f"Stays ({row.key}): {stays_text(kept)}")
    for gone in row.gone:
        run.console.warn(f"Cannot return ({row.key}): {gone}")
    if row.refused:
        run.console.warn(f"{row.key}: {row.refused}")
