"""The account table: which Google accounts are connected, in what state, and when their tokens end.

Writing functions are called inside `store.write()`. Tokens are never here: the vault keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from calsyncctl.model.account import Account, AccountState
from calsyncctl.store.db import Store
from calsyncctl.store.rows import KEEP, Keep, among, change, insert, kept, must_write, no_row

_COLUMNS = (
    "id, provider, sub, email, owner, state, scopes, client, vault, reason, since, until, "
    "token_expires, grant_expires, list_cursor, last_success, shadow"
)


def _account(row: tuple[Any, ...]) -> Account:
    row_id, provider, sub, email, owner, state, scopes, *rest = row
    rest[-1] = bool(rest[-1])  # shadow
    return Account(row_id, provider, sub, email, owner, AccountState(state), frozenset(scopes.split()), *rest)


def _words(scopes: Iterable[str]) -> str:
    """Join scopes as OAuth does (RFC 6749 section 3.3), sorted, so that equal grants are equal rows."""
    return " ".join(sorted(scopes))


def add_account(
    store: Store,
    *,
    provider: str,
    sub: str,
    email: str,
    owner: str | None,
    scopes: Iterable[str],
    client: str,
    vault: str,
    token_expires: int | None,
    grant_expires: int | None,
    now: int,
) -> Account:
    """Add a newly connected account, active since `now`; ask `account_by_sub` first, in the same block."""
    account_id = insert(
        store,
        "account",
        {
            "provider": provider,
            "sub": sub,
            "email": email,
            "owner": owner,
            "state": AccountState.ACTIVE,
            "since": now,
            "scopes": _words(scopes),
            "client": client,
            "vault": vault,
            "token_expires": token_expires,
            "grant_expires": grant_expires,
        },
    )
    return get_account(store, account_id)


def list_accounts(
    store: Store, *, states: Iterable[AccountState] | None = None, ids: Iterable[int] | None = None
) -> list[Account]:
    """Return the accounts, in the order in which they were connected; None means all."""
    in_states, wanted_states = among("state", states)
    of_these, wanted_ids = among("id", ids)
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM account WHERE {in_states} AND {of_these} ORDER BY id", (*wanted_states, *wanted_ids)
    )
    return [_account(row) for row in rows]


def get_account(store: Store, account_id: int) -> Account:
    """Return one account.

    Raises:
        NotFound: it is not there (any more).
    """
    row = store.connection.execute(f"SELECT {_COLUMNS} FROM account WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        raise no_row("account", account_id)
    return _account(row)


def account_by_sub(store: Store, provider: str, sub: str) -> Account | None:
    """Return the account that the provider knows by `sub`: the same person whatever the address."""
    row = store.connection.execute(
        f"SELECT {_COLUMNS} FROM account WHERE provider = ? AND sub = ?", (provider, sub)
    ).fetchone()
    return None if row is None else _account(row)


def set_account_state(
    store: Store,
    account_id: int,
    state: AccountState,
    *,
    reason: str | None = None,
    since: int,
    until: int | None = None,
) -> None:
    """Set the state with its reason, since when, and until when it is meant to last."""
    change(store, "account", account_id, {"state": state, "reason": reason, "since": since, "until": until})


def set_tokens(
    store: Store, account_id: int, *, token_expires: int | None, grant_expires: int | Keep | None = KEEP
) -> None:
    """Note when the tokens end; Google repeats the end of a grant only sometimes, hence `KEEP`."""
    change(store, "account", account_id, kept({"token_expires": token_expires, "grant_expires": grant_expires}))


def set_grant(
    store: Store,
    account_id: int,
    *,
    email: str,
    scopes: Iterable[str],
    client: str,
    vault: str,
    token_expires: int | None,
    grant_expires: int | None,
) -> None:
    """Note a new sign-in of the same account: everything that a grant decides; state and owner stay."""
    change(
        store,
        "account",
        account_id,
        {
            "email": email,
            "scopes": _words(scopes),
            "client": client,
            "vault": vault,
            "token_expires": token_expires,
            "grant_expires": grant_expires,
        },
    )


def set_vault(store: Store, account_id: int, vault: str) -> None:
    """Note which vault keeps its tokens."""
    change(store, "account", account_id, {"vault": vault})


def set_owner(store: Store, account_id: int, owner: str | None) -> None:
    """Set whose account it is."""
    change(store, "account", account_id, {"owner": owner})


def set_shadow(store: Store, account_id: int, shadow: bool) -> None:
    """Set whether an account is a shadow: nothing is written to its calendars."""
    change(store, "account", account_id, {"shadow": int(shadow)})


def set_list_cursor(store: Store, account_id: int, cursor: str | None) -> None:
    """Keep the sync token of the calendar list; None makes the next reading a full one."""
    change(store, "account", account_id, {"list_cursor": cursor})


def mark_account_success(store: Store, account_id: int, now: int) -> None:
    """Note that everything of the account was reached at `now`."""
    change(store, "account", account_id, {"last_success": now})


def delete_account(store: Store, account_id: int) -> None:
    """Remove an account with its calendars and their assignments; their events must have been removed before.

    Raises:
        sqlite3.IntegrityError: events are left.
    """
    must_write(store)
    execute = store.connection.execute
    of_account = "(SELECT id FROM calendar WHERE account_id = ?)"
    execute(f"DELETE FROM assignment WHERE calendar_id IN {of_account}", (account_id,))
    execute("DELETE FROM calendar WHERE account_id = ?", (account_id,))
    execute("DELETE FROM account WHERE id = ?", (account_id,))
