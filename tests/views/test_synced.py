"""What a sync says of itself."""

from __future__ import annotations

from calsyncctl.connections.sync_now import Outcome, Skipped
from calsyncctl.errors import CalsyncError, Held, Later, NeedsReauth, Refused, worst
from calsyncctl.model.account import Account, AccountState, needs_sign_in
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState
from calsyncctl.model.history import Counts
from calsyncctl.sync.report import CalendarOutcome, SyncReport
from calsyncctl.views.synced import ShownProgress, synced

TEAM = Calendar(7, CalendarKind.GOOGLE, "Team", "UTC", CalendarState.SELECTED, account_id=1)
WORK = Account(1, "google", "sub", "work@example.com", None, AccountState.NEEDS_REAUTH, frozenset(), "client", "file")


def outcome(*results: CalendarOutcome, skipped: tuple[Skipped, ...] = ()) -> Outcome:
    return Outcome(SyncReport(results, (), 0, 1), skipped, ())


def test_the_exit_code_of_several_failures_is_the_first_of_1_4_5_75() -> None:
    later, held, dead, refused = Later("a"), Held("b"), NeedsReauth("c"), Refused("d")

    assert [
        worst(errors) for errors in ([later, held, dead, refused], [later, held, dead], [later, held], [later])
    ] == [
        1,
        4,
        5,
        75,
    ]
    assert worst([]) == 0


def test_a_row_counts_and_says_what_could_not_be_read() -> None:
    shown = synced(outcome(CalendarOutcome(TEAM, Counts(new=2, odd=1))), {1: "work@example.com"})

    (row,) = shown.calendars
    assert (row.account, row.new, row.result) == ("work@example.com", 2, "done, 1 not readable")


def test_a_failure_and_an_account_left_out_give_the_exit_code() -> None:
    shown = synced(
        outcome(CalendarOutcome(TEAM, error=Later("busy")), skipped=(Skipped(WORK, needs_sign_in(WORK)),)), {}
    )

    assert shown.calendars[0].result == "failed: later"
    assert (shown.skipped[0].account, shown.exit_code) == ("work@example.com", 4)


class Lines:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def started(self, key: str, label: str) -> None:
        self.told.append(label)

    def advanced(self, key: str, text: str) -> None:
        self.told.append(text)

    def finished(self, key: str, text: str) -> None:
        self.told.append(text)


def test_progress_is_told_in_events_and_ends_in_counts_or_the_error() -> None:
    lines = Lines()
    progress = ShownProgress(lines, {1: "work@example.com"})
    progress.started(TEAM)
    progress.page(TEAM, 2500)
    progress.finished(TEAM, CalendarOutcome(TEAM, Counts(new=2500)))
    progress.finished(TEAM, CalendarOutcome(TEAM, error=CalsyncError("broke off")))

    assert lines.told == [
        "Team (work@example.com)",
        "2,500 events",
        "2,500 new, 0 changed, 0 deleted",
        "failed: broke off",
    ]
