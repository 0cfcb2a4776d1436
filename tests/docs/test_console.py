"""Everything that the documents type is typed here, and says what they show (see `pages.py` and `compare.py`)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.docs.compare import same
from tests.docs.machine import Machines
from tests.docs.pages import PAGES, ROOT, Directive, Typed, read, steps
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.timeout(300)  # some fifty processes in a row

TYPING = [page for page in PAGES if any(isinstance(step, Typed) for step in steps(read(page)))]


@pytest.mark.skipif(sys.platform != "linux", reason="the documents show the places of Linux")
@pytest.mark.parametrize("page", TYPING, ids=lambda page: page.name)
def test_every_command_that_a_document_types_says_what_the_document_shows(
    page: Path, google: Sandbox, tmp_path: Path
) -> None:
    machines = Machines(tmp_path, google)
    for step in steps(read(page)):
        if isinstance(step, Directive):
            machines.happen(step)
            continue
        code, said = machines.type(step)
        place = f"{page.relative_to(ROOT)}:{step.line + 1}: calsyncctl {' '.join(step.words)}"
        assert code == step.code, (place, said)
        assert same(step.shown, said), "\n".join([place, "shown:", *step.shown, "said:", *said])


def test_the_readme_is_among_the_documents_that_are_typed() -> None:
    assert [page.name for page in TYPING if page.parent == ROOT] == ["README.md"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (["Last 2026-01-01 09:05 UTC"], ["Last   2026-11-20 10:00 UTC"]),
        (["NAME  EVENTS", "…"], ["NAME     EVENTS", "a 1", "b 2"]),
        (["key 0123abcd …"], ["key ffee0011 and the rest"]),
    ],
)
def test_what_differs_from_run_to_run_is_no_difference(shown: list[str], said: list[str]) -> None:
    assert same(shown, said)


@pytest.mark.parametrize(
    ("shown", "said"), [(["done"], ["failed"]), (["a"], ["a", "b"]), (["a", "b"], ["a"]), (["… b"], ["a"])]
)
def test_what_a_command_really_said_otherwise_is_a_difference(shown: list[str], said: list[str]) -> None:
    assert not same(shown, said)
