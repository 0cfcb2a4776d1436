"""What a sync did, as rows and as the progress that runs ahead of them."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.connections.disconnect import BY_HAND, Parted
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
    placed: int
    """Events inserted in Google; then changed there, and deleted there."""
    updated: int
    removed: int
    held: tuple[str, ...]
    """Why what was to be sent waits for a person, once for each event."""
    mails: int
    """Writes that asked Google to mail guests."""
    full: bool
    """Whether the whole calendar was listed."""
    error: Failure | None
    warnings: tuple[str, ...]

    @property
    def result(self) -> str:
        """In a word or two."""
        if self.error is not None:
            return "on hold" if self.error.kind == Held.kind else f"failed: {self.error.kind}"
        parts = [f"{len(self.held)} held" if self.held else "", f"{self.odd} not readable" if self.odd else ""]
        return ", ".join(filter(None, ["done", *parts]))

    @property
    def sent(self) -> int:
        """How many events in Google were touched."""
        return self.placed + self.updated + self.removed


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
    parting_warnings: tuple[str, ...]
    """What is to be known of these disconnects, for people."""
    waiting: int
    """How many changes on these calendars wait for a person, from earlier runs, too."""
    exit_code: int


def synced(outcome: Outcome, emails: dict[int, str]) -> Synced:
    """Turn an outcome into what is shown; `emails` by account id."""
    return Synced(
        calendars=tuple(_row(one, emails) for one in outcome.report.calendars),
        skipped=tuple(_left_out(one) for one in outcome.skipped),
        disconnected=tuple(one.account.email for one in outcome.partings if one.done),
        disconnecting=tuple(one.account.email for one in outcome.partings if not one.done),
        parting_warnings=tuple(_about_parting(one) for one in outcome.partings if one.why),
        waiting=outcome.waiting,
        exit_code=outcome.exit_code,
    )


def _about_parting(parted: Parted) -> str:
    email = parted.account.email
    if parted.done:
        return f"{email}: {parted.why}" + ("" if parted.revoked else f" {BY_HAND}")
    return f"{email} could not be disconnected yet; the next run tries again. {parted.why}"


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
        placed=counts.placed,
        updated=counts.updated,
        removed=counts.removed,
        held=tuple(one.reason for one in outcome.held),
        mails=outcome.mails,
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

    def sent(self, calendar: Calendar, events_so_far: int) -> None:
        """Say how many events have gone."""
        self._shown.advanced(str(calendar.id), f"{events_so_far:,} sent")

    def finished(self, calendar: Calendar, outcome: CalendarOutcome) -> None:
        """Say how it ended."""
        counts = outcome.counts
        if outcome.error is not None:
            text = f"failed: {outcome.error.what}"
        else:
            text = f"{counts.new:,} new, {counts.changed:,} changed, {counts.deleted:,} deleted"
            text += f", {counts.sent:,} sent" if counts.sent else ""
        self._shown.finished(str(calendar.id), text)
