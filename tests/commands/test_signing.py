"""The sign-in at the terminal: where somebody can paste, and what a slip brings."""

from __future__ import annotations

import sys
from typing import cast

import pytest

from calsyncctl.commands.signing import can_paste
from calsyncctl.console import Console


class Desk:
    """A console as far as the question goes."""

    interactive = True


@pytest.mark.parametrize(("platform", "possible"), [("linux", True), ("darwin", True), ("win32", False)])
def test_on_windows_nothing_is_read_beside_and_nobody_is_asked_to_paste(
    monkeypatch: pytest.MonkeyPatch, platform: str, possible: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert can_paste(cast(Console, Desk())) is possible
