"""The few statements that every table family shares: change a row by its id, list by columns, leave a field alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from calsyncctl.errors import NotFound
from calsyncctl.store.db import Store

Value = str | int | None
"""What our columns hold."""


class Keep(Enum):
    """The type of `KEEP`, for signatures in which None is a value of its own."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
"""Leaves a field as it is."""


def kept(changes: Mapping[str, Value | Keep]) -> dict[str, Value]:
    """Return the changes without those that leave their field alone."""
    return {column: value for column, value in changes.items() if not isinstance(value, Keep)}


def must_write(store: Store) -> None:
    """Refuse a change outside `store.write()`: it would be kept although its neighbours are not.

    Raises:
        RuntimeError: no block is open.
    """
    if not store.writing():
        raise RuntimeError("this changes the store: call it inside `with store.write():`")


def insert(store: Store, table: str, values: Mapping[str, Value]) -> int:
    """Add a row and return its id."""
    must_write(store)
    columns = ", ".join(values)
    places = ", ".join(f":{column}" for column in values)
    row = store.connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
    assert row.lastrowid is not None
    return row.lastrowid


def change(store: Store, table: str, row_id: int, values: Mapping[str, Value]) -> None:
    """Set columns of one row.

    Raises:
        NotFound: the row is not there (any more).
    """
    must_write(store)
    if not values:
        return
    settings = ", ".join(f"{column} = :{column}" for column in values)
    done = store.connection.execute(f"UPDATE {table} SET {settings} WHERE id = :row_id", {**values, "row_id": row_id})
    if done.rowcount == 0:
        raise no_row(table, row_id)


def no_row(table: str, row_id: int) -> NotFound:
    """Return the error for an id that names nothing; `table` is also the thing's word."""
    return NotFound(f"There is no {table} #{row_id}.", f"`calsyncctl {table}s list` shows what there is.")


def among(column: str, values: Iterable[str | int] | None) -> tuple[str, tuple[str | int, ...]]:
    """Return a condition on a column, and its parameters; None means no condition, an empty list no row."""
    if values is None:
        return "TRUE", ()
    wanted = tuple(values)
    return f"{column} IN ({', '.join('?' * len(wanted))})", wanted
