"""Every code that `explain` can say stands in its page, since programs rely on them."""

from __future__ import annotations

import re

from calsyncctl.model.history import Action
from calsyncctl.sync.reviewing.inbox import Kind
from tests.docs.pages import DOCS, ROOT, read

CODES = re.compile(r'(?:told|Trouble|_twin)\((?:one, )?\s*"([\w-]+)"|(?:return|code =) "([a-z]+-[a-z-]+)"')
HIDDEN = re.compile(r': "(hidden-[\w-]+)"')


def codes() -> set[str]:
    rooms = (ROOT / "calsyncctl" / "health" / "explaining").glob("*.py")
    text = "\n".join(read(module) for module in rooms)
    said = {one or other for one, other in CODES.findall(text)} | set(HIDDEN.findall(text))
    held = {f"held-{kind}" for kind in Kind if kind is not Kind.CONFLICT}
    return said | held | {str(action) for action in Action} | {"twin", "undone", "conflict"}


def test_every_code_stands_in_the_page_and_the_page_has_no_other() -> None:
    table = read(DOCS / "explain.md").partition("## Codes")[2]

    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", table)) == codes()
