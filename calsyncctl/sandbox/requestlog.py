"""What was asked of the sandbox: counters, a full request log, and remarks on suspicious requests."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, field

from calsyncctl.sandbox.refusals import Json

MOST_ENTRIES = 50_000
WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
READS_BY_POST = frozenset(("freebusy.query", "batch", "token", "revoke", "userinfo"))
NOT_WRITES = frozenset(("events.watch", "calendarList.watch", "acl.watch", "settings.watch", "channels.stop"))


@dataclass(slots=True)
class Record:
    """One request, or one part of a batch."""

    at: float
    verb: str
    path: str
    query: str
    name: str
    account: str
    status: int
    units: int
    part: bool
    if_match: str
    fault: int
    remarks: list[str]
    body: str = ""
    """What a Calendar write carried; never a form of the sign-in."""


@dataclass(slots=True)
class RequestLog:
    """Counts and remembers."""

    requests: Counter[str] = field(default_factory=Counter)
    by_account: dict[str, Counter[str]] = field(default_factory=dict)
    writes: int = 0
    units: int = 0
    records: deque[Record] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))

    def note(self, record: Record) -> None:
        """Take one request into counters and log."""
        key = f"{record.verb} {record.name}"
        self.requests[key] += 1
        self.units += record.units
        if record.account:
            self.by_account.setdefault(record.account, Counter())[key] += 1
        if record.verb in WRITES and record.name not in READS_BY_POST | NOT_WRITES:
            self.writes += 1
        self.records.append(record)

    def counters(self) -> Json:
        """Return the counters as the admin endpoint answers them."""
        return {
            "requests": dict(self.requests),
            "by_account": {email: dict(counts) for email, counts in self.by_account.items()},
            "writes": self.writes,
            "units": self.units,
        }

    def listed(self) -> list[Json]:
        """Return the log, oldest first."""
        return [asdict(record) for record in self.records]

    def lint(self) -> list[Json]:
        """Return the requests that look suspicious, with what is suspicious about them."""
        return [asdict(record) for record in self.records if record.remarks]

    def reset(self) -> None:
        """Forget everything."""
        self.requests.clear()
        self.by_account.clear()
        self.records.clear()
        self.writes = self.units = 0
