"""Arguments and options that several commands share, declared once with their help and their completion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from calsyncctl.commands import complete

AccountArg = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="E-mail, its beginning, or #ID.", autocompletion=complete.accounts)
]
AccountsOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--account", metavar="ACCOUNT", help="Only this account; repeatable.", autocompletion=complete.accounts
    ),
]
CalendarArg = Annotated[
    str,
    typer.Argument(
        metavar="CALENDAR", help="Name, its beginning, ACCOUNT/NAME, or #ID.", autocompletion=complete.calendars
    ),
]
CalendarsArg = Annotated[
    list[str],
    typer.Argument(
        metavar="CALENDAR...", help="Name, its beginning, ACCOUNT/NAME, or #ID.", autocompletion=complete.calendars
    ),
]
CalendarsOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--calendar", metavar="CALENDAR", help="Only this calendar; repeatable.", autocompletion=complete.calendars
    ),
]
AssigneeArg = Annotated[
    str,
    typer.Argument(metavar="ASSIGNEE", help="agent:NAME, team:NAME, inbox:NAME.", autocompletion=complete.assignees),
]
AssigneesArg = Annotated[
    list[str],
    typer.Argument(metavar="ASSIGNEE...", help="agent:NAME, team:NAME, inbox:NAME.", autocompletion=complete.assignees),
]
LoseUnsentOpt = Annotated[
    bool, typer.Option("--lose-unsent", help="With --purge: also lose what was changed here and never sent.")
]
YesOpt = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRunOpt = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")]
PlanOpt = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Change nothing; keep what would happen, for `apply`."),
]
SomeAccountArg = Annotated[
    str | None,
    typer.Argument(metavar="[ACCOUNT]", help="E-mail, its beginning, or #ID.", autocompletion=complete.accounts),
]
AccountOfOpt = Annotated[
    str | None,
    typer.Option("--account", metavar="ACCOUNT", help="Only this account's.", autocompletion=complete.accounts),
]
AssigneeOpt = Annotated[
    str | None,
    typer.Option("--assignee", metavar="ASSIGNEE", help="Only those that serve it.", autocompletion=complete.assignees),
]
ModeOpt = Annotated[
    Literal["two-way", "one-way", "push-only", "read-only"] | None,
    typer.Option("--mode", help="How it syncs; all but read-only need write access."),
]
NoSyncOpt = Annotated[bool, typer.Option("--no-sync", help="Do not sync now.")]
