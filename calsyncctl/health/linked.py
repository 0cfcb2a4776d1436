"""Links as lists show them: what they hold, how their copies stand, and what keeps one from working."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calsyncctl.health.snapshot import moment
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.model.link import Link
from calsyncctl.store import accounts, calendars
from calsyncctl.store.db import Store
from calsyncctl.store.linked import LinkFigures, link_figures


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """One link. `from_instant` None: from the beginning. `errors`: what keeps it from working, once each."""

    source: str
    source_id: int
    target: str
    target_id: int
    account: str | None
    from_instant: datetime | None
    when_deleted: str
    invites: bool
    state: str
    copies: int
    waiting: int
    held: int
    errors: tuple[str, ...]


def link_facts(store: Store, link: Link) -> LinkFacts:
    """Gather what is known of a link; each link's trouble is its own."""
    source = calendars.get_calendar(store, link.source_id)
    target = calendars.get_calendar(store, link.target_id)
    owner = accounts.get_account(store, target.account_id) if target.account_id else None
    figures = link_figures(store, link.source_id, link.target_id)
    troubles = [link.reason]
    if owner is not None and owner.state is not AccountState.ACTIVE:
        troubles.append(f"{owner.email}: {owner.reason or owner.state}")
    if target.state is not CalendarState.SELECTED:
        troubles.append(f"“{target.name}”: {target.reason or target.state}")
    errors = tuple(dict.fromkeys(one for one in (*troubles, *figures.reasons) if one))
    return LinkFacts(
        source=source.name,
        source_id=source.id,
        target=target.name,
        target_id=target.id,
        account=owner.email if owner else None,
        from_instant=moment(link.from_instant),
        when_deleted=str(link.when_deleted),
        invites=link.invites,
        state=_state(link, errors, figures),
        copies=figures.copies,
        waiting=figures.waiting,
        held=figures.held,
        errors=errors,
    )


def _state(link: Link, errors: tuple[str, ...], figures: LinkFigures) -> str:
    """Return the link's own state; one that is active and yet hindered says so."""
    if link.state == "active" and (errors or figures.held):
        return "hindered"
    return str(link.state)
