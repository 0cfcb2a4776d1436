"""Editing the configuration file: what an operator wrote, comments and order, stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit

from calsyncctl.config import Value, check_file, read_file
from calsyncctl.paths import Paths, write_private

_OPENING = """# calsyncctl: the settings of this profile. What they mean: calsyncctl config show, docs/configuration.md.
# Secrets are not here and never go here: `calsyncctl init` says where they live.
"""


def edit_config(paths: Paths, changes: Mapping[str, Value | None]) -> None:
    """Set settings by dotted name, or take them out (None), and replace the file in one step, mode 0600.

    Raises:
        ConfigFault: if the file is not good before the edit, or would not be after, or cannot be written.
    """
    before = read_file(paths.config_file)
    check_file(before or "", paths.config_file)
    document = tomlkit.parse(_OPENING if before is None else before)
    for name, value in changes.items():
        _change(document, name.split("."), value)
    after = tomlkit.dumps(document)
    check_file(after, paths.config_file)
    if after != before:
        write_private(paths.config_file, after)


def _change(document: tomlkit.TOMLDocument, path: list[str], value: Value | None) -> None:
    *sections, key = path
    table: Any = document
    for section in sections:
        if section not in table:
            if value is None:
                return
            table[section] = tomlkit.table()
        table = table[section]
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
