"""One event put together for the eye, and what becomes of an edit: sent at once, or said to wait."""

from __future__ import annotations

from collections.abc import Sequence

from calsyncctl.commands.syncing import run_sync
from calsyncctl.commands.waiting import who_sends
from calsyncctl.connections.sync_now import choose
from calsyncctl.model.event import Event
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts, calendars, events
from calsyncctl.store.copies import copies_of
from calsyncctl.views.events import CopyView, EventView, Home, copy_view, event_view
from calsyncctl.views.synced import Synced

HELD = 5
"""The exit code of what waits for a person."""


def view_of(run: Runtime, event: Event) -> EventView:
    """Put one event together, as it is now."""
    now = events.get_event(run.store, event.id)
    home = calendars.get_calendar(run.store, now.calendar_id)
    account = accounts.get_account(run.store, home.account_id).email if home.account_id else None
    exceptions = len(events.exceptions_of(run.store, now.id))
    copies = [
        copy_view(copy, calendars.get_calendar(run.store, copy.calendar_id), now.version)
        for copy in copies_of(run.store, now.id)
    ]
    return event_view(now, Home(home.name, account), exceptions, copies, run.zone())


def finish(run: Runtime, changed: Sequence[Event], text: str, *, push: bool) -> int:
    """Say what was done with events, the last of which is the one to show; send it if asked; return the exit code."""
    run.console.done(text)
    code = _send(run, changed) if push else 0
    views = [view_of(run, event) for event in changed]
    for view in views:
        _say_copies(run, view)
    _say_waiting(run, views)
    if run.console.json:
        run.console.result(views[-1], "", schema="event")
    held = any(copy.state == "held" for view in views for copy in view.copies)
    return code or (HELD if push and held else 0)


def _send(run: Runtime, changed: Sequence[Event]) -> int:
    """Sync the calendars that wait for these events, and only them; what fails is said, and stays waiting."""
    waiting = {copy.calendar_id for event in changed for copy in view_of(run, event).copies if copy.state == "waiting"}
    if not waiting:
        return 0
    done = run_sync(run, choose(run.store, calendar_ids=waiting))
    _warn(run, done)
    only_others = done.exit_code == HELD and not any(one.held for one in done.calendars)
    return 0 if only_others else done.exit_code  # what waits of other events is `sync`'s to tell


def _warn(run: Runtime, done: Synced) -> None:
    errors = [one.error for one in done.skipped] + [one.error for one in done.calendars if one.error]
    for failed in dict.fromkeys(errors):
        run.console.warn(f"{failed.what} {failed.what_to_do}")
    for warning in dict.fromkeys(text for one in done.calendars for text in one.warnings):
        run.console.warn(warning)


def _say_copies(run: Runtime, view: EventView) -> None:
    """Tell where it stands in Google; a hold is said even under --quiet."""
    title = view.summary or "(no title)"
    for copy in view.copies:
        if copy.state == "live":
            run.console.done(f"In Google: {title} ({copy.calendar})")
        elif copy.state == "gone" and view.deleted:
            run.console.done(f"Gone from Google: {title} ({copy.calendar})")
        elif copy.state == "held":
            reason = (copy.reason or "").rstrip(".")
            run.console.warn(f"“{title}” waits for you ({copy.calendar}): {reason}. See: calsyncctl review list")
    if not view.copies and not view.deleted:
        run.console.say("It lives only here: no link takes it to Google.")


def _say_waiting(run: Runtime, views: Sequence[EventView]) -> None:
    """Tell once which calendars in Google have not been told yet, of however many events."""
    copies = [copy for view in views for copy in view.copies if copy.state == "waiting"]
    waiting = {copy.calendar_id: copy.calendar for copy in copies}
    if waiting:
        run.console.hint(f"{_named([*waiting.values()])} not been told yet: {who_sends(run, waiting)}")


def _named(names: list[str]) -> str:
    return f"Google's “{names[0]}” has" if len(names) == 1 else f"{len(names)} calendars in Google have"


__all__ = ["CopyView", "finish", "view_of"]
