"""`calsyncctl connect`: sign in or repair, choose calendars, first sync."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from calsyncctl.commands import complete
from calsyncctl.commands.options import NoSyncOpt
from calsyncctl.commands.pick import offer, pick
from calsyncctl.commands.selecting import first_sync, say_choices
from calsyncctl.commands.signing import presented
from calsyncctl.commands.syncing import tell
from calsyncctl.connections.calendars import Choice, named_in, plan_selection, select
from calsyncctl.connections.connect import Connected, Wish, begin_sign_in, check_owner, sign_in
from calsyncctl.health.snapshot import account_facts, calendar_facts
from calsyncctl.model.calendar import CalendarState
from calsyncctl.runtime import Runtime
from calsyncctl.store import accounts, calendars
from calsyncctl.views.connected import ConnectedView, grant_sentence
from calsyncctl.views.synced import Synced

OwnerOpt = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="MEMBER",
        help="Whose account: agent:NAME, team:NAME or an e-mail.",
        autocompletion=complete.assignees,
    ),
]
OnlyOpt = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="EMAIL", help="Accept this account and no other.", autocompletion=complete.accounts
    ),
]
HintOpt = Annotated[
    str | None, typer.Option("--login-hint", metavar="EMAIL", help="Suggest this account on Google's page.")
]
NoBrowserOpt = Annotated[
    bool, typer.Option("--no-browser", help="Print the address instead of opening a browser (SSH).")
]
PortOpt = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port on 127.0.0.1 for Google's answer; 0: a free one.")
]
TimeoutOpt = Annotated[
    int | None, typer.Option("--timeout", metavar="SECONDS", min=1, max=3600, help="How long to wait for the consent.")
]
SelectOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="CALENDAR",
        help="Choose this calendar without asking (`primary`: the main one); repeatable.",
        autocompletion=complete.calendars,
    ),
]

ShadowOpt = Annotated[
    bool, typer.Option("--shadow", help="Write nothing to it until `accounts trust`; what is in Google comes here.")
]


def command(
    ctx: typer.Context,
    owner: OwnerOpt = None,
    account: OnlyOpt = None,
    login_hint: HintOpt = None,
    no_browser: NoBrowserOpt = False,
    port: PortOpt = 0,
    timeout: TimeoutOpt = None,
    names: SelectOpt = None,
    no_sync: NoSyncOpt = False,
    shadow: ShadowOpt = False,
) -> None:
    """Sign in to a Google account, or repair its sign-in in place; choose calendars; sync them once.

    The same account again keeps its calendars and events. "Connected" is said only after the stored sign-in was read
    back and used. Exit codes: 0 done, 1 signing in did not work out, 75 Google is out of reach, 130 interrupted.
    """
    run: Runtime = ctx.obj
    wish = Wish(email=account, owner=check_owner(run.store, owner), shadow=shadow)
    connected = _sign_in(run, wish, login_hint or account, port, timeout, browser=not no_browser)
    _say_connected(run, connected)
    choices = _choose(run, connected, names or [])
    select(run.means, choices)
    say_choices(run, choices)
    done = None if no_sync else _sync(run, connected)
    _finish(run, connected, done)


def _sign_in(
    run: Runtime, wish: Wish, login_hint: str | None, port: int, timeout: int | None, *, browser: bool
) -> Connected:
    means = run.means
    consent = begin_sign_in(means, login_hint=login_hint, port=port)
    try:
        with presented(run.console, consent, browser=browser):
            return sign_in(means, wish, consent, timeout or run.config.settings.connect.timeout)
    finally:
        consent.close()


def _say_connected(run: Runtime, connected: Connected) -> None:
    account, console = connected.account, run.console
    console.done(f"{'Repaired' if connected.repaired else 'Connected'}: {account.email}")
    ends = grant_sentence(account, run.clock.now(), console.when)
    if ends:
        console.warn(ends)
    if account.shadow:
        console.done(
            f"{account.email} is a shadow account: nothing is written to it.",
            hint=f"calsyncctl accounts trust {account.email}",
        )
    for box in run.means.authority.unticked(account.scopes):
        console.warn(f"Not permitted: {box}. All else works without it.")
        console.hint(f"calsyncctl connect --account {account.email} (and tick every box)")
    for calendar in connected.yielded:
        console.warn(f"“{calendar.name}” is selected through another account now and stays there.")


def _choose(run: Runtime, connected: Connected, names: Sequence[str]) -> tuple[Choice, ...]:
    """Take the calendars named; else ask, unless this account has made its choice before."""
    offered = connected.calendars
    if names:
        return plan_selection(run.store, [named_in(run.store, connected.account, name) for name in names], None)
    chosen_before = any(one.state is not CalendarState.AVAILABLE for one in offered)
    if chosen_before or not run.console.interactive or run.console.json:
        offer(run.console, offered)
        return ()
    offer(run.console, offered)
    return plan_selection(run.store, pick(run.console, offered), None)


def _sync(run: Runtime, connected: Connected) -> Synced | None:
    """Sync what is selected in this account, what was chosen before a repair included."""
    account_id = connected.account.id
    selected = calendars.list_calendars(run.store, account_id=account_id, states=[CalendarState.SELECTED])
    return first_sync(run, selected) if selected else None


def _finish(run: Runtime, connected: Connected, done: Synced | None) -> None:
    account = accounts.get_account(run.store, connected.account.id)
    now = calendars.list_calendars(run.store, account_id=account.id)
    if run.console.json:
        facts = ConnectedView(
            account_facts(run.store, account), connected.repaired, calendar_facts(run.store, now), done
        )
        run.console.result(facts, "", schema="connect")
    elif done is not None:
        tell(run.console, done)
    elif all(one.state is CalendarState.AVAILABLE for one in now):
        run.console.hint("No calendar is selected yet: calsyncctl calendars select NAME...")
    raise typer.Exit(done.exit_code if done else 0)
