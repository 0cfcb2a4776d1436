"""What a disconnect will do, as people read it before they agree."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.connections.disconnect import Parting
from calsyncctl.layout import Column


@dataclass(frozen=True, slots=True)
class PartingRow:
    """What a disconnect will do; as JSON, exactly this."""

    account: str
    calendars: tuple[str, ...]
    events: int
    events_become: str
    """`hidden` or `removed`."""
    revoked: bool
    force: bool

    @property
    def events_here(self) -> str:
        """How many, and what becomes of them."""
        return f"{self.events:,} {self.events_become}"

    @property
    def in_google(self) -> str:
        """What happens to the events in Google."""
        return "nothing"


PARTING = (
    Column("account", "Account"),
    Column("calendars", "Stop syncing"),
    Column("events_here", "Events here"),
    Column("revoked", "Revoke at Google"),
    Column("in_google", "Delete in Google"),
)


def parting_row(parting: Parting) -> PartingRow:
    """Turn a parting into what is shown."""
    return PartingRow(
        account=parting.account.email,
        calendars=parting.calendars,
        events=parting.events,
        events_become="removed" if parting.purge else "hidden",
        revoked=parting.revoke,
        force=parting.force,
    )
