"""Links as columns."""

from __future__ import annotations

from calsyncctl.layout import Column, state_style

LINKS = (
    Column("source", "SOURCE", flexible=True),
    Column("target", "TARGET", flexible=True),
    Column("account", "ACCOUNT", flexible=True, drop=3),
    Column("from_instant", "FROM", show=lambda value: _from(value), drop=4),
    Column("when_deleted", "WHEN DELETED", drop=5),
    Column("state", "STATE", style=state_style),
    Column("copies", "COPIES", right=True, drop=1),
    Column("waiting", "WAITING", right=True, drop=2),
    Column("errors", "ERRORS", flexible=True),
)

LINK = (
    Column("source", "Source"),
    Column("target", "Target"),
    Column("account", "Account"),
    Column("from_instant", "Holds events from", show=lambda value: _from(value)),
    Column("when_deleted", "Deleted in Google"),
    Column("invites", "Invites guests"),
    Column("state", "State", style=state_style),
    Column("copies", "Copies"),
    Column("waiting", "Waiting"),
    Column("held", "Held"),
    Column("errors", "Errors"),
)


def _from(value: object) -> str:
    return "the beginning" if value is None else str(value)[:16]
