"""Arguments and options of the commands that write events."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from calsyncctl.commands import complete

EventArg = Annotated[
    str,
    typer.Argument(metavar="EVENT", help="Its key, or four or more letters of it.", autocompletion=complete.events),
]
WordsArg = Annotated[
    list[str],
    typer.Argument(metavar="[CALENDAR] TITLE", help="The title; before it a calendar, if there is a choice."),
]
TargetArg = Annotated[
    str,
    typer.Argument(
        metavar="CALENDAR", help="Name, its beginning, ACCOUNT/NAME, or #ID.", autocompletion=complete.calendars
    ),
]

StartOpt = Annotated[
    str | None,
    typer.Option("--start", metavar="WHEN", help='"tomorrow 12:00", "fri 9:30", a day alone for all-day, or RFC 3339.'),
]
EndOpt = Annotated[
    str | None, typer.Option("--end", metavar="WHEN", help="Its end; of all-day ones the last day, included.")
]
ForOpt = Annotated[str | None, typer.Option("--for", metavar="LENGTH", help="How long: 45m, 1h30m, 2d. [1h, 1d]")]
AllDayOpt = Annotated[bool | None, typer.Option("--all-day/--no-all-day", help="Whole days, or at a time.")]
ZoneOpt = Annotated[
    str | None, typer.Option("--zone", metavar="ZONE", help="The zone that its times are in; else the shown one.")
]
RepeatOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--repeat",
        metavar="HOW",
        help='daily, weekdays, weekly, weekly:mo,we, monthly, yearly, "every 2 weeks", RRULE:…, none.',
    ),
]
UntilOpt = Annotated[str | None, typer.Option("--until", metavar="DAY", help="The last day that it may repeat on.")]
TimesOpt = Annotated[int | None, typer.Option("--times", min=1, max=9999, help="How often it takes place in all.")]

TitleOpt = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Another title.")]
LocationOpt = Annotated[str | None, typer.Option("--location", metavar="TEXT", help="Where.")]
DescriptionOpt = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What about.")]
GuestOpt = Annotated[
    list[str] | None, typer.Option("--guest", metavar="EMAIL", help="Invite; repeatable. Also “Name <EMAIL>”.")
]
NoGuestOpt = Annotated[
    list[str] | None, typer.Option("--no-guest", metavar="EMAIL", help="Take off the guest list; repeatable.")
]
RemindOpt = Annotated[
    list[str] | None,
    typer.Option("--remind", metavar="BEFORE", help="10m, 1h, email:1d; none; default. Repeatable."),
]
VisibilityOpt = Annotated[
    Literal["default", "public", "private", "confidential"] | None,
    typer.Option("--visibility", help="Who sees the details in Google."),
]
FreeOpt = Annotated[bool | None, typer.Option("--free/--busy", help="Whether it leaves the time free.")]
TentativeOpt = Annotated[bool | None, typer.Option("--tentative/--confirmed", help="Whether it is sure.")]
KindOpt = Annotated[Literal["event", "appointment", "task", "block"], typer.Option("--kind", help="What it is here.")]
MeetOpt = Annotated[bool, typer.Option("--meet", help="Ask Google for a Meet link.")]
RefOpt = Annotated[
    str | None,
    typer.Option("--ref", metavar="ID", help="Your own id: the same again returns the first event."),
]
PushOpt = Annotated[bool, typer.Option("--push", help="Send it to Google at once.")]

ThisOpt = Annotated[
    str | None, typer.Option("--this", metavar="ORIGINAL", help="Of a series only this occurrence: its day, or start.")
]
FollowingOpt = Annotated[
    str | None, typer.Option("--following", metavar="ORIGINAL", help="This occurrence and all after it.")
]
AllOpt = Annotated[bool, typer.Option("--all", help="The whole series.")]
VersionOpt = Annotated[
    int | None, typer.Option("--version", min=0, help="Take back the change after that version; see events history.")
]
WholeOpt = Annotated[bool, typer.Option("--whole", help="With --version: all fields, later edits of others too.")]
