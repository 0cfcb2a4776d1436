"""Links between the documents lead somewhere, headings included."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, blocks, prose, read

CHANGELOG = ROOT / "CHANGELOG.md"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the names of a page's headings, made as Markdown's web pages make them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(prose(read(page)))}


@pytest.mark.parametrize("page", [*PAGES, CHANGELOG], ids=lambda page: page.name)
def test_every_link_leads_to_a_document_and_a_heading_of_it(page: Path) -> None:
    for link in _LINK.findall(prose(read(page))):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), f"{page.name}: {link}"
        assert target.is_relative_to(ROOT), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_every_document_is_linked_from_the_readme() -> None:
    readme = read(ROOT / "README.md")
    assert [page.name for page in DOCS.glob("*.md") if f"docs/{page.name}" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is_and_how_it_looks(page: Path) -> None:
    languages = {block.language for block in blocks(read(page))}
    assert languages <= {"", "console", "sh", "text", "json", "toml", "ini", "nginx", "yaml"}
