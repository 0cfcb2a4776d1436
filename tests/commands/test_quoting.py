"""Names in commands to type."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.quoting import calendar_word, word


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Team", "Team"),
        ("Duty roster", '"Duty roster"'),
        ("Büro (2. Etage)", '"Büro (2. Etage)"'),
        ("agent:a b", '"agent:a b"'),
        ("Rota $(touch x)", "'Rota $(touch x)'"),
        ("`x`", "'`x`'"),
        ("it's", """'it'"'"'s'"""),
        ("wow!", "'wow!'"),
        ("", "''"),
    ],
)
def test_a_name_is_typed_so_that_the_shell_does_not_obey_it(name: str, typed: str) -> None:
    assert word(name) == typed


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_a_shell_reads_one_word_back(name: str) -> None:
    done = subprocess.run(["sh", "-c", f"printf %s {word(name)}"], capture_output=True, timeout=10, check=True)

    assert done.stdout.decode() == name


@pytest.mark.parametrize("name", ["-dash", "#3", "a\nb", "\x1b[31m", " spaced ", ""])
def test_a_calendar_that_nobody_could_type_goes_by_its_number(name: str) -> None:
    assert calendar_word(name, 12) == "'#12'"


def test_a_name_that_two_accounts_share_is_typed_with_the_account() -> None:
    assert calendar_word("Team", 2, "work@example.com") == "work@example.com/Team"
    assert calendar_word("Duty roster", 2, "work@example.com") == '"work@example.com/Duty roster"'
