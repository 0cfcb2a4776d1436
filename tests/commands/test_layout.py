"""Columns of text: wide characters, narrow terminals, what goes and what is cut."""

from __future__ import annotations

from calsyncctl.layout import Column, cut, printable, table_lines, width

COLUMNS = (
    Column("a", "NAME", flexible=True),
    Column("b", "STATE"),
    Column("c", "LAST SUCCESS", drop=1),
    Column("d", "EVENTS", drop=2, right=True),
)
CELLS = [["Working hours of the whole team", "selected", "2026-07-01 10:30 CEST", "7"]]


def lay(room: int | None) -> list[str]:
    return list(table_lines(CELLS, COLUMNS, room=room, color=False))


def test_without_a_limit_everything_is_there() -> None:
    assert lay(None)[1] == "Working hours of the whole team  selected  2026-07-01 10:30 CEST       7"


def test_what_may_go_goes_first_then_the_longest_text_is_cut() -> None:
    assert lay(66)[0].split() == ["NAME", "STATE", "LAST", "SUCCESS"]
    assert lay(45)[1] == "Working hours of the whole team  selected"
    assert lay(30)[1] == "Working hours of th…  selected"
    assert all(width(line) <= 30 for line in lay(30))


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    assert width("会議") == 4
    assert width("e\u0301") == 1
    assert cut("会議室の予約", 6) == "会議…"


def test_columns_stay_in_line_with_wide_characters() -> None:
    lines = list(table_lines([["会議", "x"], ["ab", "y"]], COLUMNS[:2], room=None, color=False))

    assert lines == ["NAME  STATE", "会議  x", "ab    y"]


def test_a_line_break_becomes_a_space_and_emoji_stay() -> None:
    assert printable("a\nb\tc") == "a b c"
    assert printable("Team 🎉 Größe") == "Team 🎉 Größe"
