"""Enabling a profile (`init`): decide what changes, show it, then do it; the configuration last, as it is the switch.

Run again, it changes only what is given. Secrets go to the vault first and are read back; only then is anything said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calsyncctl.config import Config, Value
from calsyncctl.errors import ConfigFault, Later, UsageFault, VaultFault
from calsyncctl.ids import new_instance
from calsyncctl.model.account import OAuthClient
from calsyncctl.model.secrets import CLIENT_SECRET
from calsyncctl.settings import (
    GOOGLE_API_ROOT,
    GOOGLE_AUTH_URI,
    GOOGLE_REVOKE_URI,
    GOOGLE_TOKEN_URI,
    GOOGLE_USERINFO_URI,
    SETTINGS,
)

if TYPE_CHECKING:
    from calsyncctl.runtime import Runtime

SANDBOX_ADDRESS = "http://127.0.0.1:8765"
_USUAL = {
    "google.auth_uri": {GOOGLE_AUTH_URI, "https://accounts.google.com/o/oauth2/auth"},
    "google.token_uri": {GOOGLE_TOKEN_URI},
    "google.revoke_uri": {GOOGLE_REVOKE_URI},
    "google.userinfo_uri": {GOOGLE_USERINFO_URI},
    "google.api_root": {GOOGLE_API_ROOT},
}
"""Google's own addresses: these are not written to the file, so that a later version may know better."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of `init`. `backend`: `auto` or a name; None leaves it, or chooses the first time."""

    client_file: Path | None = None
    backend: str | None = None
    sandbox: str | None = None
    """The address of a running sandbox."""


@dataclass(frozen=True, slots=True)
class Enabled:
    """The profile as it will be: what `init` shows."""

    profile: str
    config_file: str
    instance: str
    vault: str
    secrets: str
    """Where secrets will live, in words."""
    google_app: str
    """The client's id, or the client file that a setting names; empty while there is none."""
    google: str
    """Where Google is: its own address, or a sandbox's."""


@dataclass(frozen=True, slots=True)
class Enabling:
    """What `init` is about to do."""

    shown: Enabled
    doubts: tuple[str, ...] = ()
    """What the operator should confirm first."""
    outranked: tuple[tuple[str, str], ...] = ()
    """What is written but does not hold: the setting, and the variable that decides instead."""
    changes: Mapping[str, Value | None] = field(default_factory=dict)
    moves_from: str = ""
    """The vault that all secrets leave for another."""
    secret: str | None = field(default=None, repr=False)


def plan_enabling(runtime: Runtime, wish: Wish) -> Enabling:
    """Decide what `init` changes; nothing is written.

    Raises:
        UsageFault: if a client file and a sandbox are given both.
        ConfigFault: if the configuration, the client file, or the one that a setting names cannot be used.
        VaultFault: if the backend that was asked for does not work here.
        Later: if the sandbox does not answer.
        StoreFault: if there is a store that cannot be read.
    """
    if wish.client_file and wish.sandbox:
        raise UsageFault("A sandbox brings its own Google app.", "Give --client-secrets or --sandbox, not both.")
    config = runtime.config
    google = config.settings.google
    if google.client_secrets:
        _ = runtime.client_of_settings()
    client, api_root = _google(runtime, wish)
    backend = _backend(runtime, wish)
    moves_from = _moves_from(runtime, wish, backend)
    instance = config.settings.instance or _instance_of_store(runtime) or new_instance()
    changes: dict[str, Value | None] = {"instance": instance, "sync.enabled": True, "vault.backend": backend}
    if client is not None:
        changes |= _google_changes(client, api_root)
    shown = Enabled(
        profile=runtime.paths.profile,
        config_file=str(runtime.paths.config_file),
        instance=instance,
        vault=backend,
        secrets=runtime.secrets_place(backend),
        google_app=google.client_secrets or (client.client_id if client else google.client_id),
        google=_google_in_force(config, client, api_root),
    )
    return Enabling(
        shown,
        doubts=_doubts(config, backend, client, api_root, moves_from),
        outranked=tuple(config.outranked(_decided(changes))),
        changes=_news(config, changes),
        moves_from=moves_from,
        secret=client.client_secret if client else None,
    )


def _instance_of_store(runtime: Runtime) -> str | None:
    """Return the installation's id that the store knows: the configuration may be lost, its events are in Google."""
    from calsyncctl.store.meta import get_meta  # noqa: PLC0415  (sqlite3)

    if not runtime.paths.store_file.exists():
        return None
    with runtime.open_store() as store:
        return get_meta(store, "instance")


def enable(runtime: Runtime, enabling: Enabling) -> None:
    """Do what was planned; the store is made too, so that one that is missing later is known to be lost.

    Raises:
        StoreFault: if the store cannot be made or opened.
        Later: if secrets are to move and another command works on the profile.
        VaultFault: if the vault does not keep the client's secret.
        ConfigFault: if the configuration cannot be written.
    """
    from calsyncctl.config_file import edit_config  # noqa: PLC0415  (tomlkit: 25 ms)
    from calsyncctl.store.meta import set_meta  # noqa: PLC0415  (sqlite3)

    runtime.open_store().close()
    if enabling.moves_from:
        _move(runtime, enabling)
    if enabling.secret is not None:
        vault = runtime.open_vault(enabling.shown.vault, enabling.shown.instance)
        vault.set(CLIENT_SECRET, enabling.secret)
        if vault.get(CLIENT_SECRET) != enabling.secret:
            raise VaultFault(
                "The vault did not give back what it was given.", "Try another: calsyncctl init --vault file"
            )
    edit_config(runtime.paths, enabling.changes)
    with runtime.open_store() as store, store.write():
        set_meta(store, "instance", enabling.shown.instance)  # a backup says whose it is


def _move(runtime: Runtime, enabling: Enabling) -> None:
    """Move all secrets; the configuration's line about the vault is the switch, the other changes follow."""
    from calsyncctl.config_file import edit_config  # noqa: PLC0415
    from calsyncctl.moving import change_vault  # noqa: PLC0415

    backend = enabling.shown.vault
    with runtime.alone():
        moved = change_vault(
            runtime, enabling.moves_from, backend, lambda: edit_config(runtime.paths, {"vault.backend": backend})
        )
    if moved.left:
        runtime.console.warn(moved.left)


def _google(runtime: Runtime, wish: Wish) -> tuple[OAuthClient | None, str | None]:
    """Return the OAuth client and the API's address that are asked for; None where nothing is."""
    if wish.sandbox:
        return read_sandbox(wish.sandbox)
    if wish.client_file:
        return runtime.read_client(wish.client_file), None
    return None, None


def _google_changes(client: OAuthClient, api_root: str | None) -> dict[str, Value | None]:
    addresses = {
        "google.auth_uri": client.auth_uri,
        "google.token_uri": client.token_uri,
        "google.revoke_uri": client.revoke_uri,
        "google.userinfo_uri": client.userinfo_uri,
        "google.api_root": api_root or GOOGLE_API_ROOT,
    }
    usual = {name: None if address in _USUAL[name] else address for name, address in addresses.items()}
    return {"google.client_id": client.client_id, **usual}


def _google_in_force(config: Config, client: OAuthClient | None, api_root: str | None) -> str:
    """Say where Google will be: what is asked for, unless a variable decides."""
    if client is None or config.outranked(["google.api_root"]):
        return config.settings.google.api_root
    return api_root or GOOGLE_API_ROOT


def _decided(changes: Mapping[str, Value | None]) -> list[str]:
    """Name the settings that the operator expects to hold from now on."""
    return [*changes, "google.client_secrets"] if "google.client_id" in changes else list(changes)


def _news(config: Config, changes: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """Keep the changes that change something in the file."""
    return {name: value for name, value in changes.items() if config.written.get(name) != value}


def _backend(runtime: Runtime, wish: Wish) -> str:
    kept = runtime.config.settings.vault.backend
    if wish.backend is None and kept:
        return kept
    return runtime.choose_vault(wish.backend or "auto")


def _moves_from(runtime: Runtime, wish: Wish, backend: str) -> str:
    """Return the vault that all secrets are moved from; "" if they stay: a variable decides, or it is lost.

    Raises:
        VaultFault: it is out of reach, and the Google app's secret with it.
    """
    before = runtime.config.settings.vault.backend
    if before in ("", backend) or runtime.config.outranked(["vault.backend"]):
        return ""
    try:
        runtime.secrets.get(CLIENT_SECRET)
    except VaultFault:
        if wish.client_file is None:
            raise
        return ""
    return before


def _doubts(
    config: Config, backend: str, client: OAuthClient | None, api_root: str | None, moves_from: str
) -> tuple[str, ...]:
    kept, doubts = config.settings.vault.backend, []
    if moves_from:
        doubts.append(f"All secrets move from {kept} to {backend}.")
    elif kept not in ("", backend):
        doubts.append(f"The vault {kept} is out of reach: accounts must sign in again.")
    if client is None or not config.exists:
        return tuple(doubts)
    if config.written.get("google.client_id", client.client_id) != client.client_id:
        doubts.append("Another Google app than before: accounts must sign in again.")
    before, now = config.written.get("google.api_root", GOOGLE_API_ROOT), api_root or GOOGLE_API_ROOT
    if before != now:
        doubts.append(f"Another Google than before: {now} instead of {before}.")
    return tuple(doubts)


def read_sandbox(address: str) -> tuple[OAuthClient, str]:
    """Ask a running sandbox for its client and addresses.

    Raises:
        UsageFault: if the address is not on this machine, or what answers is not a sandbox.
        Later: if nothing answers.
    """
    from urllib.error import URLError  # noqa: PLC0415  (20 ms, only here)
    from urllib.request import ProxyHandler, build_opener  # noqa: PLC0415

    wrong = SETTINGS["google.api_root"].check
    if not address.startswith("http://") or (wrong and wrong(address)):
        raise UsageFault(f"“{address}” is not the address of a sandbox on this machine.", f"Such as {SANDBOX_ADDRESS}.")
    try:
        with build_opener(ProxyHandler({})).open(f"{address.rstrip('/')}/sandbox/info", timeout=5) as answer:
            return _sandbox_client(json.loads(answer.read(1_000_000)))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageFault(
            f"What answers at {address} is not a sandbox.", "Start one: calsyncctl sandbox serve"
        ) from error
    except (URLError, OSError) as error:
        raise Later(f"No sandbox answers at {address}.", "Start one: calsyncctl sandbox serve") from error


def _sandbox_client(info: Any) -> tuple[OAuthClient, str]:
    installed = info["client"]["installed"]
    addresses = {name: str(info[name]) for name in ("auth_uri", "token_uri", "revoke_uri", "userinfo_uri")}
    for name, address in (*addresses.items(), ("api_root", str(info["api_root"]))):
        check = SETTINGS[f"google.{name}"].check
        wrong = check(address) if check else None
        if wrong:
            raise ConfigFault(f"The sandbox's {name} {wrong}.", "Start it afresh: calsyncctl sandbox serve")
    client = OAuthClient(client_id=installed["client_id"], client_secret=installed["client_secret"], **addresses)
    return client, str(info["api_root"])
