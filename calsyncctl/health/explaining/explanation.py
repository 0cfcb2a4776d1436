"""What an explanation is made of: coded sentences, and commands to type; and how sentences name things.

Codes are for programs and stay as they are (docs/json.md); sentences may be worded anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.health.snapshot import moment
from calsyncctl.model.account import Account
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store.db import Store
from calsyncctl.sync.engine import Engine


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `at`: since when it is so, or when it happened."""

    code: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Todo:
    """A command to type, and what it does."""

    command: str
    does: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may be the answer. `waits`: it goes on waiting, so it is told below if it is not the answer."""

    line: Line
    todo: tuple[Todo, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something is as it is: the answer first, then where it is, what happened, what waits, what can be done."""

    kind: str
    """`event`, `calendar` or `account`."""
    id: str
    """An event's key, else `#ID`."""
    name: str
    answer: Line
    where: tuple[Line, ...]
    happened: tuple[Line, ...]
    waits: tuple[Line, ...]
    todo: tuple[Todo, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """What it takes to explain: `when` shows UTC seconds in the zone asked for, `daemon` tells whether one is at work.

    `client` is the key of the OAuth client whose quota is counted.
    """

    store: Store
    engine: Engine
    client: str
    now: int
    when: Callable[[int], str]
    daemon: bool = False

    @property
    def next_sync(self) -> str:
        """Who goes on with what waits."""
        return "the daemon" if self.daemon else "the next sync"

    @property
    def soon(self) -> str:
        """When, and by whom, what waits for nothing else goes on."""
        return "by the daemon, in a moment" if self.daemon else "with the next sync"


def told(code: str, text: str, at: int | None = None) -> Line:
    """Make a line; `at` is UTC seconds."""
    return Line(code, text, moment(at))


def finding(line: Line, *todo: Todo, waits: bool = False) -> Finding:
    """Make a finding."""
    return Finding(line, todo, waits)


def called(event: Event) -> str:
    """Name an event in a sentence."""
    title = event.content.summary.strip() if event.content is not None else ""
    return f"“{title}”" if title else f"The event {event.key[:8]}"


def place(calendar: Calendar, account: Account | None) -> str:
    """Name a calendar in a sentence, with whose it is."""
    return f"“{calendar.name}” of {account.email}" if account is not None else f"“{calendar.name}”"


def assembled(
    head: tuple[str, str, str],
    findings: Sequence[Finding],
    *,
    where: Sequence[Line],
    happened: Sequence[Line],
    waits: Sequence[Line],
    todo: Sequence[Todo] = (),
) -> Explanation:
    """Put it together: the first finding is the answer; others that wait are told with what waits.

    `head` is kind, id and name. A command is named once, for what it does first.
    """
    first, *others = findings
    also = [one.line for one in others if one.waits]
    commands: dict[str, Todo] = {}
    for one in (*first.todo, *(step for other in others if other.waits for step in other.todo), *todo):
        commands.setdefault(one.command, one)
    return Explanation(
        *head,
        answer=first.line,
        where=tuple(where),
        happened=tuple(happened),
        waits=(*also, *waits),
        todo=tuple(commands.values()),
    )
