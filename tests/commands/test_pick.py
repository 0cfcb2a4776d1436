"""Numbers and ranges typed into the picker."""

from __future__ import annotations

import pytest

from calsyncctl.commands.pick import numbers
from calsyncctl.errors import UsageFault


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("", []), ("1", [1]), ("1,3-5", [1, 3, 4, 5]), ("2 4", [2, 4]), ("3, 1-2,2", [1, 2, 3]), ("All", [1, 2, 3, 4, 5])],
)
def test_numbers_ranges_and_all_are_understood(typed: str, chosen: list[int]) -> None:
    assert numbers(typed, 5) == chosen


@pytest.mark.parametrize("typed", ["0", "6", "4-9", "3-1", "Team", "1;2", "-1"])
def test_what_is_not_offered_is_refused(typed: str) -> None:
    with pytest.raises(UsageFault):
        numbers(typed, 5)
