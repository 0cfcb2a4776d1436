"""What a sync did, as rows and as the progress that runs ahead of them."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.connections.sync_now import Outcome, Skipped
from calsyncctl.errors import Held
from calsyncctl.model.calendar import Calendar
from calsyncctl.progress import Progress
from calsyncctl.quoting import calendar_word
from calsyncctl.sync.report import CalendarOutcome
from calsyncctl.views.failure import Failure, failure


@dataclass(frozen=True, slots=True)
class SyncedRow:
    """One calendar's counts, or why it failed."""

    id: int
    name: str
    account: str | None
    new: int
    changed: int
    deleted: int
    unchanged: int
    odd: int
    full: bool
    """Whether the whole calendar was listed."""
    error: Failure | None
    warnings: tuple[str, ...]

    @property
    def result(self) -> str:
        """In a word or two."""
        if self.error is not None:
            return "on hold" if self.error.kind == Held.kind else f"failed: {self.error.kind}"
        return f"done, {self.odd} not readable" if self.odd else "done"


def unreadable_sentence(row: SyncedRow) -> str:
    """Say that a calendar holds what could not be read, and where it stands which; nothing if there is none."""
    if not row.odd:
        return ""
    items = "1 item" if row.odd == 1 else f"{row.odd} items"
    look = f"calsyncctl calendars show {calendar_word(row.name, row.id)}"
    return f"{items} of “{row.name}” could not be read; which, and why: {look}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An account that took no part."""

    account: str
    error: Failure


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did; as JSON, exactly this."""

    calendars: tuple[SyncedRow, ...]
    skipped: tuple[LeftOut, ...]
    disconnected: tuple[str, ...]
    """Accounts whose disconnect, begun earlier, is now complete."""
    disconnecting: tuple[str, ...]
    """Accounts that still wait to be revoked."""
    exit_code: int


def synced(outcome: Outcome, emails: dict[int, str]) -> Synced:
    """Turn an outcome into what is shown; `emails` by account id."""
    return Synced(
        calendars=tuple(_row(one, emails) for one in outcome.report.calendars),
        skipped=tuple(_left_out(one) for one in outcome.skipped),
        disconnected=tuple(one.account.email for one in outcome.partings if one.done),
        disconnecting=tuple(one.account.email for one in outcome.partings if not one.done),
        exit_code=outcome.exit_code,
    )


def _row(outcome: CalendarOutcome, emails: dict[int, str]) -> SyncedRow:
    calendar, counts = outcome.calendar, outcome.counts
    return SyncedRow(
        id=calendar.id,
        name=calendar.name,
        account=emails.get(calendar.account_id or 0),
        new=counts.new,
        changed=counts.changed,
        deleted=counts.deleted,
        unchanged=counts.unchanged,
        odd=counts.odd,
        full=outcome.full,
        error=failure(outcome.error) if outcome.error else None,
        warnings=outcome.warnings,
    )


def _left_out(skipped: Skipped) -> LeftOut:
    return LeftOut(skipped.account.email, failure(skipped.error))


class ShownProgress:
    """The engine's progress, drawn by the console: a line for each calendar."""

    def __init__(self, shown: Progress, emails: dict[int, str]) -> None:
        self._shown = shown
        self._emails = emails

    def started(self, calendar: Calendar) -> None:
        """Give the calendar its line."""
        owner = self._emails.get(calendar.account_id or 0, "")
        self._shown.started(str(calendar.id), f"{calendar.name} ({owner})" if owner else calendar.name)

    def page(self, calendar: Calendar, items_so_far: int) -> None:
        """Say how many events have come."""
        self._shown.advanced(str(calendar.id), f"{items_so_far:,} events")

    def finished(self, calendar: Calendar, outcome: CalendarOutcome) -> None:
        """Say how it ended."""
        counts = outcome.counts
        if outcome.error is not None:
            text = f"failed: {outcome.error.what}"
        else:
            text = f"{counts.new:,} new, {counts.changed:,} changed, {counts.deleted:,} deleted"
        self._shown.finished(str(calendar.id), text)
