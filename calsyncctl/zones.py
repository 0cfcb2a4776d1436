"""The zone in which times are shown: the configured one, else the machine's, by its IANA name where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo


def view_zone(configured: str, environ: Mapping[str, str], localtime: Path = Path("/etc/localtime")) -> tzinfo:
    """Return the configured zone, or the machine's.

    The name matters: a zone taken as a fixed offset would be an hour off on the other side of a DST change.
    """
    for name in (configured, environ.get("TZ", "").lstrip(":"), _linked(localtime)):
        if name:
            try:
                return ZoneInfo(name)
            except (ValueError, OSError, LookupError):
                continue
    return datetime.now(UTC).astimezone().tzinfo or UTC


def _linked(localtime: Path) -> str:
    """Name the zone that /etc/localtime is a link to; empty where it is none."""
    try:
        target = localtime.resolve(strict=True)
    except OSError:
        return ""
    _, found, name = str(target).partition("/zoneinfo/")
    return name if found else ""
