"""Every command has help and is told of; everything that people are told to type exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.mentions import fault, in_module, in_page
from tests.docs.pages import PAGES, ROOT, read
from tests.docs.tree import Node, leaves, nodes

MODULES = sorted((ROOT / "calsyncctl").rglob("*.py"))
SEALED = "vault check"
"""No command, but a known text in the encrypted file."""
TOLD = [page for page in PAGES if page.name not in ("json.md", "features.md")]


@pytest.mark.parametrize("node", nodes(), ids=lambda node: node.path)
def test_a_command_has_help_and_so_has_each_of_its_options(node: Node) -> None:
    assert node.command.help
    assert [
        param.name for param in node.command.params if not getattr(param, "help", "") and param.name != "help"
    ] == []


@pytest.mark.parametrize("node", leaves(), ids=lambda node: node.path)
def test_a_command_is_told_of_in_the_documents(node: Node) -> None:
    assert any(f"{node.path}" in read(page) for page in TOLD)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_in_a_document_exists(page: Path) -> None:
    assert [wrong for wrong in map(fault, in_page(read(page))) if wrong] == []


def test_every_command_and_option_that_the_program_says_to_type_exists() -> None:
    said = {(path.name, typed) for path in MODULES for typed in in_module(path) if typed != SEALED}
    assert [(name, typed) for name, typed in sorted(said) if fault(typed)] == []
    assert len(said) > 40


@pytest.mark.parametrize("typed", ["profile burn FILE", "paint", "sync --fast", "-z sync", "calendars"])
def test_what_does_not_exist_is_found(typed: str) -> None:
    assert (fault(typed) is None) == (typed == "calendars")
