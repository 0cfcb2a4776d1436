"""Which program opens the sign-in page."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from calsyncctl.commands.browser import browser_commands, open_browser

URL = "http://127.0.0.1:1/?a=b&c=d"


def test_the_browser_variable_comes_first_and_s_stands_for_the_address() -> None:
    found = browser_commands(URL, {"BROWSER": "firefox --new-tab %s:lynx", "DISPLAY": ":0"}, "linux")

    assert found == [["firefox", "--new-tab", URL], ["lynx", URL]]


def test_a_desktop_has_its_own_way() -> None:
    assert browser_commands(URL, {"DISPLAY": ":0"}, "linux")[0] == ["xdg-open", URL]
    assert browser_commands(URL, {}, "darwin") == [["open", URL]]


def test_without_a_display_nothing_takes_over_the_terminal() -> None:
    assert browser_commands(URL, {}, "linux") == []
    assert not open_browser(URL, {})


def test_a_browser_that_cannot_be_started_gives_way_to_the_next(tmp_path: Path) -> None:
    note = tmp_path / "address"
    writer = f"{sys.executable} -c 'import sys,pathlib;pathlib.Path(sys.argv[1]).write_text(sys.argv[2])' {note} %s"

    assert open_browser(URL, {"BROWSER": f"/nowhere/browser:{writer}"})
    deadline = time.monotonic() + 20
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert note.read_text() == URL
