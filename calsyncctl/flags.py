"""The global flags: what may stand anywhere on the command line, as one frozen value.

They are parsed in `commands.anywhere` and read by `runtime` and `console`; nothing else looks at the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_PROFILE = "default"


class Color(StrEnum):
    """When output is coloured. `auto`: on a terminal, unless NO_COLOR is set or TERM is `dumb`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Flags:
    """The global flags of one invocation; `tz` is an IANA zone name or None for the configured one."""

    profile: str = DEFAULT_PROFILE
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    no_input: bool = False
    tz: str | None = None
    color: Color = Color.AUTO
    ascii: bool = False
    acting: str | None = None
    """Who acts; None: the operating system's user."""


def flags_from(given: Mapping[str, str | bool], environ: Mapping[str, str]) -> Flags:
    """Combine what stood on the line with CALSYNCCTL_PROFILE, _AS and _NO_INPUT; the line outranks."""
    return Flags(
        profile=str(given.get("profile") or environ.get("CALSYNCCTL_PROFILE") or DEFAULT_PROFILE),
        json=bool(given.get("json")),
        quiet=bool(given.get("quiet")),
        verbose=bool(given.get("verbose")),
        no_input=bool(given.get("no_input")) or environ.get("CALSYNCCTL_NO_INPUT", "") not in ("", "0", "false"),
        tz=str(given["tz"]) if given.get("tz") else None,
        color=Color(str(given.get("color") or Color.AUTO)),
        ascii=bool(given.get("ascii")),
        acting=str(given.get("acting") or environ.get("CALSYNCCTL_AS") or "").strip() or None,
    )
