"""Identities: drawn at random, or computed so that a lost insert meets itself."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.ids import google_id, new_instance, random_keys

FORM = re.compile(r"[a-v0-9]{5,1024}")
"""What Google accepts in an event's id (events.insert, field `id`)."""

parts = st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.integers(0, 99))


@given(parts)
def test_a_computed_id_is_one_that_google_takes_and_always_the_same(named: tuple[str, str, str, int]) -> None:
    assert FORM.fullmatch(google_id(*named))
    assert len(google_id(*named)) == 40
    assert google_id(*named) == google_id(*named)


@given(parts, parts)
def test_different_things_have_different_ids(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    assert (google_id(*one) == google_id(*other)) is (one == other)


def test_a_computed_id_never_changes_between_versions() -> None:
    assert google_id("a", "b", "c", 0) == "2emgp0l13oed66isg1h9tep1lplth7ncncaua9rv"


def test_drawn_ones_differ_and_have_their_length() -> None:
    keys = set(random_keys(1000))

    assert len(keys) == 1000
    assert {len(key) for key in keys} == {32}
    assert len(new_instance()) == 12


def test_no_two_ways_of_putting_the_parts_together_meet() -> None:
    assert google_id("a\n", "b", "c", 0) != google_id("a", "\nb", "c", 0)
    assert google_id('a", "b', "c", "d", 0) != google_id("a", "b", 'c", "d', 0)
