"""Running a sync and reporting it, for every command that ends in one: sync, connect, calendars select."""

from __future__ import annotations

from calsyncctl.connections.sync_now import Choice, sync_now
from calsyncctl.console import Console
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts
from calsyncctl.views.columns import SYNCED
from calsyncctl.views.synced import ShownProgress, Synced, synced, unreadable_sentence


def run_sync(run: Runtime, choice: Choice) -> Synced:
    """Sync what was chosen, with progress on a terminal."""
    emails = {one.id: one.email for one in accounts.list_accounts(run.store)}
    with run.console.progress() as shown:
        progress = ShownProgress(shown, emails)
        outcome = sync_now(run.means, choice, workers=run.config.settings.sync.workers, progress=progress)
    return synced(outcome, emails)


def tell(console: Console, done: Synced) -> None:
    """Show people what a sync did; what needs them goes to stderr, each sentence once."""
    if done.calendars and not console.flags.quiet:
        console.table(done.calendars, SYNCED)
    for email in done.disconnected:
        console.done(f"Disconnected {email}: tokens forgotten.")
    for warning in done.parting_warnings:
        console.warn(warning)
    failures = [one.error for one in done.skipped] + [one.error for one in done.calendars if one.error]
    for failed in dict.fromkeys(failures):
        console.warn(f"{failed.what} {failed.what_to_do}")
    for reason in dict.fromkeys(text for one in done.calendars for text in one.held):
        console.warn(f"Waits for you: {reason}")
    told = any(one.held for one in done.calendars)
    if done.waiting and not told:
        many = "1 change waits" if done.waiting == 1 else f"{done.waiting:,} changes wait"
        console.warn(f"Waits for you: {many} on these calendars.")
    if told or done.waiting:
        console.hint("calsyncctl review list")
    for warning in dict.fromkeys(text for one in done.calendars for text in (*one.warnings, unreadable_sentence(one))):
        if warning:
            console.warn(warning)
