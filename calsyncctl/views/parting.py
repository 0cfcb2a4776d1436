"""What a disconnect will do, as people read it before they agree."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.connections.disconnect import Parting
from calsyncctl.layout import Column
from calsyncctl.store.purge import Unsent


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
    unsent: int
    """Events changed here that Google does not have."""
    unsent_titles: tuple[str, ...]
    """What the first of them are called."""
    links_ended: tuple[str, ...]

    @property
    def not_sent(self) -> str:
        """What waits to be sent, and what becomes of it."""
        if not self.unsent:
            return "nothing"
        fate = "lost for good" if self.events_become == "removed" else "waits until the account is back"
        return unsent_sentence(Unsent(self.unsent, self.unsent_titles), fate)

    @property
    def events_here(self) -> str:
        """How many, and what becomes of them."""
        return f"{self.events:,} {self.events_become}"

    @property
    def in_google(self) -> str:
        """What happens to the events in Google."""
        return "nothing"


_LINKS = Column("links_ended", "End links")
_PARTING = (
    Column("account", "Account"),
    Column("calendars", "Stop syncing"),
    Column("events_here", "Events here"),
    Column("not_sent", "Not sent yet"),
    _LINKS,
    Column("revoked", "Revoke at Google"),
    Column("in_google", "Delete in Google"),
)


def parting_columns(row: PartingRow) -> tuple[Column, ...]:
    """Return what is shown; links only where some end."""
    return tuple(column for column in _PARTING if row.links_ended or column is not _LINKS)


def parting_row(parting: Parting) -> PartingRow:
    """Turn a parting into what is shown."""
    return PartingRow(
        account=parting.account.email,
        calendars=parting.calendars,
        events=parting.events,
        events_become="removed" if parting.purge else "hidden",
        revoked=parting.revoke,
        force=parting.force,
        unsent=parting.unsent.changes,
        unsent_titles=parting.unsent.titles,
        links_ended=parting.links,
    )


def unsent_sentence(unsent: Unsent, fate: str) -> str:
    """Say how much waits to be sent, what it is called, and what becomes of it."""
    named = ", ".join(f"“{title}”" for title in unsent.titles)
    more = ", …" if unsent.changes > len(unsent.titles) else ""
    events = "1 event" if unsent.changes == 1 else f"{unsent.changes:,} events"
    return f"{events} changed here ({named}{more}), {fate}"
