"""What the program knows by name, the documents name: states, modes, kinds, backends, targets, folders."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import get_args, get_type_hints

import pytest

from calsyncctl import errors
from calsyncctl.commands.options import ModeOpt
from calsyncctl.errors import CalsyncError
from calsyncctl.health.snapshot import PENDING
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import CalendarState
from calsyncctl.settings import VaultSettings
from tests.docs.pages import DOCS, ROOT, read

UNSEEN = {"taken", "outdated", "cursor-expired", "page-expired"}
"""Errors that the engine meets by itself; no user sees them."""


def kinds() -> set[str]:
    family = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, CalsyncError)]
    return {one.kind for one in family} - UNSEEN


def needs() -> set[str]:
    return set(re.findall(r'Need\(\s*"([\w-]+)"', read(ROOT / "calsyncctl" / "health" / "needs.py")))


def modes() -> set[str]:
    literal = next(arg for arg in get_args(get_args(ModeOpt)[0]) if arg is not type(None))
    return set(get_args(literal))


def backends() -> set[str]:
    return set(get_args(get_args(get_type_hints(VaultSettings, include_extras=True)["backend"])[0])) - {""}


def extras() -> set[str]:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    return set(project["optional-dependencies"])


def targets() -> set[str]:
    return {f"make {name}" for name in re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE)}


def folders() -> set[str]:
    return {f"tests/{one.name}" for one in (ROOT / "tests").iterdir() if (one / "__init__.py").is_file()}


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (modes(), "docs/modes.md"),
        (set(CalendarState), "docs/modes.md"),
        ({*AccountState, PENDING}, "docs/modes.md"),
        (kinds(), "docs/exit-codes.md"),
        (needs(), "docs/json.md"),
        (backends(), "docs/security.md"),
        (extras(), "README.md"),
        (targets() - {"make help", "make clean"}, "docs/development.md"),
        (folders(), "docs/development.md"),
    ],
    ids=["modes", "calendar states", "account states", "errors", "needs", "vaults", "extras", "targets", "folders"],
)
def test_every_word_is_in_its_document(words: Iterable[str], page: str) -> None:
    assert len(set(words)) > 1
    assert [word for word in sorted(words) if f"`{word}`" not in read(ROOT / page)] == []


def test_the_words_of_a_state_stand_in_the_json_document_too() -> None:
    text = read(DOCS / "json.md")
    assert [state for state in (*AccountState, PENDING) if f"`{state}`" not in text] == []
