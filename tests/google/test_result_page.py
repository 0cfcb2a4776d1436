"""The page after Google's: true, in the operator's brand, safe, and right in a real browser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from calsyncctl.errors import ConnectFault
from calsyncctl.google.result_page import ResultPage
from tests.support.tools import need

REFUSED = ConnectFault("It was refused.", "Choose another: calsyncctl connect --account work@example.com")


def test_connected_names_the_account_and_the_product() -> None:
    page = ResultPage("Bookings", "#0a7d5a").connected("work@example.com")

    assert "<strong>work@example.com</strong> is connected to Bookings." in page
    assert "Not connected" not in page


def test_a_failure_says_what_and_what_to_do_in_the_terminals_words() -> None:
    page = ResultPage().failed(REFUSED)

    assert "Not connected" in page
    assert "It was refused." in page
    assert "Choose another" in page


def test_every_text_is_escaped() -> None:
    evil = "<script>alert(1)</script>\"'&"
    brand = ResultPage(evil, "#123456", evil)

    for page in (brand.connected(evil), brand.failed(ConnectFault(evil, evil)), brand.stopped(), brand.stray()):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("colour", ["red;}</style><script>", "#12345", "", "#12345g", "url(x)"])
def test_a_colour_that_is_none_gives_way_to_ours(colour: str) -> None:
    page = ResultPage(colour=colour).connected("work@example.com")

    assert "--brand: #1f6feb;" in page


@pytest.mark.parametrize(("colour", "ink"), [("#ffd400", "#000000"), ("#10204a", "#ffffff"), ("#1f6feb", "#ffffff")])
def test_the_mark_can_be_read_on_any_brand_colour(colour: str, ink: str) -> None:
    assert f"--on-brand: {ink};" in ResultPage(colour=colour).connected("work@example.com")


def test_nothing_is_loaded_from_anywhere() -> None:
    page = ResultPage(support="https://help.example.com").connected("work@example.com")

    assert not re.search(r"""(src|href|action)=["'](?!data:)""", page)
    assert not re.search(r"@import|url\(|<script|<link(?! rel=\"icon\")|<iframe|<form", page)


def test_no_placeholder_is_left_over_and_dollars_survive() -> None:
    page = ResultPage("Cash $product $ Co").failed(ConnectFault("$title costs $5."))

    assert "Cash $product $ Co" in page
    assert "$title costs $5." in page
    assert "$mark" not in page


@pytest.mark.chromium
def test_a_real_browser_shows_it(tmp_path: Path) -> None:
    """Chromium reads the page as we mean it: the words in the DOM, one mark, and nothing it complains about."""
    chromium = need("chromium")
    page = tmp_path / "page.html"
    page.write_text(ResultPage("Bookings", "#e9b44c", "support@example.com").failed(REFUSED))
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]

    ran = subprocess.run(
        [chromium, *options, "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "<h1>Not connected</h1>" in ran.stdout
    assert "<footer><p>Questions? support@example.com</p></footer>" in ran.stdout
    assert ran.stdout.count("<svg") == 1
    assert "CONSOLE" not in ran.stderr
