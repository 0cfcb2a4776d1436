"""The configuration of a profile: read once, at the edge; flag > `CALSYNCCTL_*` > file > default.

Reading and checking are here; editing the file, with its comments kept, in `config_file.py`.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from calsyncctl.errors import CalsyncError, ConfigFault, UsageFault
from calsyncctl.paths import Paths
from calsyncctl.settings import SETTINGS, Setting, Settings

Value = bool | int | float | str


@dataclass(frozen=True)
class Config:
    """The settings in force, each with where it comes from: `default`, `file`, `CALSYNCCTL_…` or the flag."""

    settings: Settings
    exists: bool
    """Whether the profile has a configuration file: `init` was run."""
    values: Mapping[str, Value] = field(repr=False)
    origins: Mapping[str, str] = field(repr=False)
    written: Mapping[str, Value] = field(repr=False)
    """What the file itself says, outranked or not."""

    def outranked(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """Return the settings, of those named, that a variable or flag decides whatever the file says; and which."""
        return [(name, self.origins[name]) for name in names if self.origins[name] not in ("file", "default")]


def shown(value: object) -> str:
    """Return a value as the file has it: `true`, not Python's `True`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def load_config(paths: Paths, environ: Mapping[str, str], flags: Mapping[str, tuple[str, str]]) -> Config:
    """Read the settings of a profile; `flags` maps a setting to a flag and what it said: `view.zone` to `--tz`, `UTC`.

    Raises:
        ConfigFault: if the file, or a variable, holds what the table of settings does not know or accept.
        UsageFault: if a flag's value is not accepted.
    """
    text = read_file(paths.config_file)
    values: dict[str, Value] = {name: setting.default for name, setting in SETTINGS.items()}
    origins = dict.fromkeys(SETTINGS, "default")
    written = check_file(text or "", paths.config_file)
    for name, value in written.items():
        values[name], origins[name] = value, "file"
    for name, setting in SETTINGS.items():
        if environ.get(setting.env):
            values[name] = parse(setting, environ[setting.env], source=setting.env)
            origins[name] = setting.env
    for name, (flag, given) in flags.items():
        values[name] = _checked(SETTINGS[name], given.strip(), flag, UsageFault, strict=False, named=flag)
        origins[name] = "flag"
    settings = msgspec.convert(nested(values), Settings)
    return Config(settings, exists=text is not None, values=values, origins=origins, written=written)


def read_file(path: Path) -> str | None:
    """Return the text of a configuration file, None if there is none.

    Raises:
        ConfigFault: if it is there but cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigFault(f"{path} is not UTF-8 text.", "Mend it in an editor: calsyncctl config path") from error
    except OSError as error:
        raise ConfigFault(f"{path} cannot be read: {error.strerror}.", "Check who owns it, and its folder.") from error


def check_file(text: str, path: Path) -> dict[str, Value]:
    """Return the settings that a file's text sets, by dotted name.

    Raises:
        ConfigFault: naming the file and the key, or the line that is not TOML.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigFault(f"{path} is not TOML: {error}.", "Mend that line in an editor.") from error
    found = {}
    for name, value in _leaves(document, ""):
        setting = SETTINGS.get(name)
        if setting is None:
            raise ConfigFault(f"{path}: there is no setting {name}.", _meant(name))
        found[name] = _checked(setting, value, f"{path}: {name}", ConfigFault, strict=True)
    return found


def parse(setting: Setting, text: str, *, source: str = "") -> Value:
    """Turn text from the command line, or from the environment variable `source`, into a setting's value.

    Raises:
        UsageFault: if the command line's is not accepted.
        ConfigFault: if the variable's is not.
    """
    fault: type[CalsyncError] = ConfigFault if source else UsageFault
    return _checked(setting, text.strip(), source or setting.name, fault, strict=False)


def setting_named(name: str) -> Setting:
    """Return a row of the table.

    Raises:
        UsageFault: with the likeliest name, if there is no such setting.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        raise UsageFault(f"There is no setting {name}.", _meant(name))
    return setting


def nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """Turn dotted names into the tables of the file."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        section, dot, key = name.partition(".")
        if dot:
            tree.setdefault(section, {})[key] = value
        else:
            tree[section] = value
    return tree


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _checked(
    setting: Setting, value: Any, where: str, fault: type[CalsyncError], *, strict: bool, named: str = ""
) -> Value:
    try:
        checked: Value = msgspec.convert(value, setting.type, strict=strict)
    except msgspec.ValidationError as error:
        raise fault(f"{where}: “{shown(value)}” {setting.wrong}.", _accepted(setting, named)) from error
    wrong = setting.check(checked) if setting.check and isinstance(checked, str) else None
    if wrong:
        raise fault(f"{where}: “{checked}” {wrong}.", _accepted(setting, named))
    return checked


def _accepted(setting: Setting, named: str = "") -> str:
    kind = f"{setting.type_name} ({setting.limits})" if setting.limits else setting.type_name
    return f"{named or setting.name} takes {kind}: {setting.help}"


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0.5)
    leaf = [known for known in SETTINGS if known.split(".")[-1] == name.split(".")[-1]]
    guess = (close or leaf)[:1]
    return f"Did you mean {guess[0]}?" if guess else "List them all: calsyncctl config show"
