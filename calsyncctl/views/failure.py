"""An error as data, for JSON."""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.errors import CalsyncError


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as data: its kind (docs/exit-codes.md), what happened, what to do."""

    kind: str
    what: str
    what_to_do: str


def failure(error: CalsyncError) -> Failure:
    """Turn an error into data."""
    return Failure(error.kind, error.what, error.what_to_do)
