"""What reading Google's calendar lists again changed."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.connections.calendars import Refreshed
from calsyncctl.errors import CalsyncError
from calsyncctl.layout import Column
from calsyncctl.views.failure import Failure, failure


@dataclass(frozen=True, slots=True)
class RefreshedRow:
    """One account's list."""

    account: str
    calendars: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    error: Failure | None

    @property
    def result(self) -> str:
        """In a word or two."""
        return f"failed: {self.error.kind}" if self.error else "done"


def refreshed_row(refreshed: Refreshed) -> RefreshedRow:
    """Turn one account's outcome into its row."""
    error = failure(refreshed.error) if refreshed.error else None
    return RefreshedRow(refreshed.account, refreshed.calendars, refreshed.new, refreshed.gone, error)


def about_account(email: str, error: CalsyncError) -> str:
    """Say an error, and whose it is if it does not say so itself."""
    text = f"{error.what} {error.what_to_do}".strip()
    return text if email in error.what else f"{email}: {text}"


REFRESHED = (
    Column("account", "ACCOUNT", flexible=True),
    Column("calendars", "CALENDARS", right=True),
    Column("new", "NEW", flexible=True),
    Column("gone", "GONE", flexible=True),
    Column("result", "RESULT", drop=1),
)
