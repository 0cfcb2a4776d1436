"""What an account's calendars share: the quota that makes them wait, and what its last runs did."""

from __future__ import annotations

from collections.abc import Iterator

from calsyncctl.connections.backups import restored_at
from calsyncctl.health.explaining.explanation import Asking, Finding, Line, Todo, finding, told
from calsyncctl.model.account import Account
from calsyncctl.model.history import Run
from calsyncctl.model.quota import PROJECT, user_key
from calsyncctl.model.wording import what_was_done
from calsyncctl.store import runs, spend

SHOWN = 3
"""So many of the latest runs are told; `runs list` tells all."""


def resting(asking: Asking, account: Account) -> Iterator[Finding]:
    """Yield the rests that Google asked for: of this account, or of the whole project."""
    look = Todo("calsyncctl status --quota", "shows what was spent of Google's quota")
    for rest in spend.rests(asking.store, asking.client, asking.now):
        if rest.user in {PROJECT, user_key(account.sub)}:
            whom = "this installation" if rest.user == PROJECT else account.email
            text = f"Google asked {whom} to slow down ({rest.reason}): it is asked again on {asking.when(rest.until)}."
            yield finding(told("waits-quota", text, rest.since), look, waits=True)


def restored(asking: Asking) -> Iterator[Finding]:
    """Yield that a backup was put back, as long as nobody looked at what differs since."""
    at = restored_at(asking.store)
    if at is not None:
        text = f"A backup was put back on {asking.when(at)}: triggers rest until somebody looked at what differs."
        look = Todo("calsyncctl reconcile", "compares everything, and shows it")
        yield finding(told("restored-backup", text, at), look, waits=True)


def recent(asking: Asking, account: Account) -> list[Line]:
    """Tell the latest runs of an account, the latest first."""
    found = runs.last_runs(asking.store, SHOWN, account_id=account.id)
    return [_run(asking, one) for one in found]


def _run(asking: Asking, run: Run) -> Line:
    did = what_was_done(run.counts, undoes=run.undoes, undone_by=runs.undone_by(asking.store, run.id))
    what = f": {did}" if did else ""
    error = f" ({run.error})" if run.error else ""
    outcome = run.outcome or "under way"
    return told("run", f"Run {run.id}, {run.kind} by {run.author}, {outcome}{what}{error}", run.started)
