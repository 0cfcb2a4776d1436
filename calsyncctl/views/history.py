"""An event's history as rows: who changed what, when, and which value a conflict did not choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from calsyncctl.console import moment
from calsyncctl.layout import Column
from calsyncctl.model.history import FieldChange, Lost, Version
from calsyncctl.model.wording import what_changed


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of the event."""

    version: int
    at: datetime | None
    author: str
    action: str
    why: str
    run: int | None
    sent_run: int | None
    changes: tuple[FieldChange, ...]
    lost: tuple[Lost, ...]

    @property
    def what(self) -> str:
        """The change on one line."""
        return what_changed(self.changes, self.lost, why=self.why, author=self.author)


HISTORY = (
    Column("version", "VERSION", right=True),
    Column("run", "RUN", right=True, drop=2),
    Column("at", "WHEN"),
    Column("author", "WHO", drop=1),
    Column("action", "ACTION"),
    Column("what", "WHAT", flexible=True),
)


def history_rows(versions: Iterable[Version]) -> tuple[HistoryRow, ...]:
    """Turn changes into rows."""
    return tuple(
        HistoryRow(
            version=one.version,
            at=moment(one.at),
            author=one.author,
            action=str(one.action),
            why=one.why,
            run=one.run_id,
            sent_run=one.sent_run,
            changes=one.changes,
            lost=one.lost,
        )
        for one in versions
    )
