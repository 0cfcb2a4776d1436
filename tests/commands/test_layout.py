"""Columns of text: wide characters, narrow terminals, what goes and what is cut."""

from __future__ import annotations

from calsyncctl.layout import Column, cut, printable, table_lines, width
from calsyncctl.views.columns import CALENDARS

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


def test_the_longest_text_is_cut_before_a_column_goes() -> None:
    assert lay(66)[1] == "Working hours of the who…  selected  2026-07-01 10:30 CEST       7"
    assert lay(45)[1] == "Working hours of the whole team  selected"
    assert lay(30)[1] == "Working hours of th…  selected"
    assert all(width(line) <= room for room in (66, 45, 30) for line in lay(room))


def test_what_flexible_columns_have_is_shared_and_short_ones_stay_whole() -> None:
    columns = (Column("a", "NAME", flexible=True), Column("b", "ACCOUNT", flexible=True, drop=1), Column("c", "KEY"))
    cells = [["n" * 500, "work@example.com", "#1"], ["Team", "a" * 100, "#2"]]

    first, second = list(table_lines(cells, columns, room=60, color=False))[1:]

    assert first == "n" * 26 + "…  work@example.com" + " " * 12 + "#1"
    assert second.split() == ["Team", "a" * 25 + "…", "#2"]


def test_two_calendars_of_one_name_are_told_apart_by_their_account_on_any_terminal() -> None:
    rows = [["Team", f"{name}@example.com", *["-" * 9] * 7] for name in ("work", "support")]

    for room in (200, 80, 40):
        head, *lines = list(table_lines(rows, CALENDARS, room=room, color=False))
        assert head.split()[:2] == ["NAME", "ACCOUNT"]
        assert ["work" in line for line in lines] == [True, False]


def test_in_a_pipe_nothing_is_cut_and_one_long_text_does_not_widen_the_other_rows() -> None:
    long, short = list(table_lines([["n" * 5000, "x"], ["ab", "y"]], COLUMNS[:2], room=None, color=False))[1:]

    assert long == "n" * 5000 + "  x"
    assert len(short) < 100


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
