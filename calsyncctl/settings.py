"""The table of settings: name, type, default, limits, help, environment variable. Everything else is made from it.

A setting is a field of one of the structs below; `SETTINGS` lists them by the dotted names that the file, `config set`
and docs/configuration.md use. `config.py` reads the file and the environment against this table.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

GOOGLE_API_ROOT = "https://www.googleapis.com"
GOOGLE_AUTH_URI = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  (an address)
GOOGLE_REVOKE_URI = "https://oauth2.googleapis.com/revoke"
GOOGLE_USERINFO_URI = "https://openidconnect.googleapis.com/v1/userinfo"


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str) -> str | None:
    """Say what is wrong with an address; None if nothing is. Plain http is for this machine only: tokens travel."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not host:
        return "is not an https:// address"
    if any(one.isspace() for one in text) or parts.query or parts.fragment:
        return "must hold a host and a path at most"
    if parts.username or parts.password:
        return "must not hold a user name or password"
    if parts.scheme == "http" and not is_loopback(host):
        return "must begin with https:// (plain http only for 127.0.0.1 and localhost)"
    return None


def _public(text: str) -> str | None:
    """Say what is wrong with the address in front of the daemon's port."""
    wrong = _address(text)
    if wrong is None and text.rstrip("/").endswith("/push"):
        return "is to be given without /push, which is put behind it"
    return wrong


def _zone(text: str) -> str | None:
    if not text:
        return None
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        return "is not an IANA time zone such as Europe/Berlin"
    return None


def _colour(text: str) -> str | None:
    return None if re.fullmatch(r"#[0-9A-Fa-f]{6}", text) else "is not a colour such as #1f6feb"


def _mark(text: str) -> str | None:
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,40}", text):
        return None
    return "is not a mark of small letters and digits, with dots and dashes between, at most 41 long"


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "address": _address,
    "public": _public,
    "zone": _zone,
    "colour": _colour,
    "mark": _mark,
}


def _about(text: str, *, env: str = "", check: str = "", **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, extra={"env": env, "check": check}, **limits)


class SyncSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `sync` does."""

    enabled: Annotated[
        bool, _about("Whether this profile syncs at all; `init` turns it on, `false` turns everything off.")
    ] = False
    workers: Annotated[int, _about("How many accounts are worked on at the same time.", ge=1, le=32)] = 4
    horizon_days: Annotated[
        int, _about("How many days ahead the occurrences of series are worked out.", ge=30, le=3650)
    ] = 400
    conflicts: Annotated[
        Literal["google-wins", "local-wins"],
        _about("Whose value stands where both sides changed the same field; the other is kept in the history."),
    ] = "google-wins"
    mail: Annotated[
        Literal["all", "externalOnly", "none"],
        _about("Whom Google mails about what people do here: all guests, those without Google Calendar, nobody."),
    ] = "all"


class QuotaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of Google's quota this profile spends; the project's own figures stand in its Cloud console."""

    share: Annotated[
        float, _about("This profile's part of the quota below; profiles of one Google app share it.", ge=0.01, le=1.0)
    ] = 0.8
    per_minute: Annotated[int, _about("Quota units a minute that Google grants the project.", ge=1, le=10_000_000)] = (
        10_000
    )
    per_user: Annotated[int, _about("Units a minute that it grants for one account.", ge=1, le=1_000_000)] = 600
    per_day: Annotated[int, _about("Units a day (Pacific time) before Google bills.", ge=1, le=1_000_000_000)] = (
        1_000_000
    )
    patience: Annotated[
        int, _about("Seconds that a request waits for room in the quota before it is put off.", ge=0, le=600)
    ] = 75


class HistorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what happened is remembered."""

    keep_days: Annotated[
        int,
        _about("Days for which changes and deleted events are kept; older ones are forgotten.", ge=30, le=36_500),
    ] = 365


class VaultSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where secrets are kept."""

    backend: Annotated[
        Literal["", "service", "macos", "windows", "file"],
        _about("Where secrets live: Secret Service, macOS, Windows or an encrypted file; `init` chooses."),
    ] = ""
    key_file: Annotated[
        str, _about("The key of the encrypted file (mode 0600); empty: `vault.key` beside the configuration.")
    ] = ""


class GoogleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operator's Google app, and where Google is."""

    client_id: Annotated[str, _about("The OAuth client's id; `init --client-secrets` writes it.")] = ""
    client_secrets: Annotated[
        str,
        _about("A client file to use instead of what `init` kept.", env="CALSYNCCTL_CLIENT_SECRETS"),
    ] = ""
    auth_uri: Annotated[
        str, _about("Where people sign in; empty: as the client file says, else Google.", check="address")
    ] = ""
    token_uri: Annotated[
        str, _about("Where tokens come from; empty: as the client file says, else Google.", check="address")
    ] = ""
    revoke_uri: Annotated[str, _about("Where tokens are revoked; empty: Google.", check="address")] = ""
    userinfo_uri: Annotated[str, _about("Who has signed in; empty: Google.", check="address")] = ""
    api_root: Annotated[
        str,
        _about("Google's API, without `/calendar/v3`.", check="address"),
    ] = GOOGLE_API_ROOT


class ConnectSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How signing in goes."""

    timeout: Annotated[int, _about("Seconds to wait for somebody to sign in.", ge=10, le=3600)] = 300


class ViewSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How things are shown."""

    zone: Annotated[
        str, _about("The zone in which times are shown; empty: the machine's.", env="CALSYNCCTL_TZ", check="zone")
    ] = ""


class BrandSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people who sign in see, and how events made here are marked."""

    name: Annotated[str, _about("The name on the page after signing in.", min_length=1, max_length=60)] = "calsyncctl"
    colour: Annotated[str, _about("Its colour, as `#RRGGBB`.", check="colour")] = "#1f6feb"
    support: Annotated[str, _about("Whom to ask, on the page after signing in.", max_length=200)] = ""
    tag: Annotated[str, _about("The `managed_by` mark of events made here.", check="mark")] = "calsyncctl"


class DaemonSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The daemon's port on this machine: status page, metrics, and Google's push messages."""

    port: Annotated[
        int, _about("The daemon's port on 127.0.0.1, for status page, metrics and push; 0: none.", ge=0, le=65_535)
    ] = 0
    public_url: Annotated[
        str,
        _about(
            "The https address under which Google reaches that port, without `/push`; empty: polls only.",
            check="public",
        ),
    ] = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of a profile, checked."""

    instance: Annotated[
        str, _about("This installation's id, in the mark of every event made here; `init` draws it. Keep it.")
    ] = ""
    sync: SyncSettings = SyncSettings()
    quota: QuotaSettings = QuotaSettings()
    history: HistorySettings = HistorySettings()
    vault: VaultSettings = VaultSettings()
    google: GoogleSettings = GoogleSettings()
    connect: ConnectSettings = ConnectSettings()
    view: ViewSettings = ViewSettings()
    brand: BrandSettings = BrandSettings()
    daemon: DaemonSettings = DaemonSettings()


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    type: Any
    default: bool | int | float | str
    help: str
    env: str
    check: Callable[[str], str | None] | None

    @property
    def type_name(self) -> str:
        """The type, as people write it."""
        base = self.type.__origin__
        choices = [repr(choice) for choice in getattr(base, "__args__", ()) if choice]
        return (
            " | ".join(choices) if choices else {bool: "true | false", int: "number", float: "number"}.get(base, "text")
        )

    @property
    def limits(self) -> str:
        """The limits of a number, as `10 … 3600`."""
        meta = self.type.__metadata__[0]
        return f"{meta.ge} … {meta.le}" if meta.ge is not None else ""

    @property
    def wrong(self) -> str:
        """Say of a value that is not of the type, or outside of the limits, what it is not."""
        meta = self.type.__metadata__[0]
        if meta.max_length is not None:
            return f"is not text of {meta.min_length or 0} to {meta.max_length} characters"
        if meta.ge is not None:
            return f"is not a number from {meta.ge} to {meta.le}"
        return {"text": "is not text", "true | false": "is neither true nor false"}.get(
            self.type_name, "is not one of its values"
        )


def _rows(struct: type[msgspec.Struct], prefix: str) -> list[Setting]:
    rows = []
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            rows += _rows(hint, f"{field.name}.")
            continue
        meta = hint.__metadata__[0]
        name = prefix + field.name
        env = meta.extra["env"] or "CALSYNCCTL_" + name.replace(".", "_").upper()
        rows.append(Setting(name, hint, field.default, meta.description, env, _CHECKS.get(meta.extra["check"])))
    return rows


SETTINGS: dict[str, Setting] = {row.name: row for row in _rows(Settings, "")}
"""The table, by dotted name, in the order of the file."""
