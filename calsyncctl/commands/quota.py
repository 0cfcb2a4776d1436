"""What `status` shows of Google's quota: with `--quota` all of it, without it only that polls are stretched."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from calsyncctl.daemon.outlook import Outlook, outlook
from calsyncctl.daemon.presence import running
from calsyncctl.errors import CalsyncError
from calsyncctl.health.needs import Need
from calsyncctl.health.quota import QuotaFacts, not_polls, take_quota
from calsyncctl.model.quota import Liveliness
from calsyncctl.runtime import Runtime
from calsyncctl.store.due import liveliness
from calsyncctl.views.quota import KINDS, SPANS, SPENDERS, Quota, quota_head, quota_of, spans, why_stretched


def show_quota(run: Runtime) -> None:
    """Print what was spent, what is left, and what the day will have cost."""
    quota = _quota(run)
    run.console.result(quota, quota_head(quota, run.console.when), schema="quota")
    if not run.console.json:
        for rows, columns in ((spans(quota), SPANS), (quota.kinds, KINDS), (quota.accounts, SPENDERS)):
            if rows:
                run.console.result(None, "\n", schema="")
                run.console.table(rows, columns)


def stretched(run: Runtime) -> tuple[Need, ...]:
    """Say that a running daemon stretches its polls; nothing otherwise, nor where a client file cannot be read."""
    if running(run.paths):
        with suppress(CalsyncError):
            quota = _quota(run)
            if quota.stretch > 1:
                return (Need("stretched", why_stretched(quota), "calsyncctl status --quota"),)
    return ()


def _quota(run: Runtime) -> Quota:
    facts = take_quota(run.store, run.client_key, run.limits, run.clock.now())
    calendars, polling = liveliness(run.store, run.clock.now()), running(run.paths)
    ahead = _ahead(run, facts, calendars, polling)
    return quota_of(
        run.paths.profile,
        facts,
        forecast=ahead.forecast,
        polling=polling,
        calendars=len(calendars),
        polls=ahead.polls,
        stretch=ahead.stretch,
        why=ahead.why,
    )


def _ahead(run: Runtime, facts: QuotaFacts, calendars: Sequence[Liveliness], polling: bool) -> Outlook:
    return outlook(
        calendars,
        spent=facts.today.spent,
        otherwise=not_polls(facts),
        limits=run.limits,
        now=run.clock.now(),
        polling=polling,
    )
