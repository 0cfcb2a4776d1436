"""The status page: needs first, safe, in the operator's brand, and right in a real browser on two screens."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from calsyncctl.daemon.page import page
from calsyncctl.daemon.shown import Shown
from calsyncctl.settings import BrandSettings
from tests.daemon.shown_build import LOOK, account, calendar, shown, troubled
from tests.support.tools import need


def test_where_nothing_needs_anybody_it_says_so() -> None:
    text = page(shown(), LOOK)

    assert "Everything is in step" in text
    assert "Last success <time" in text
    assert "40 seconds ago</time>. 2 calendars in sync, 0 changes waiting to be sent." in text


def test_what_needs_a_person_comes_before_everything_else_with_what_to_type() -> None:
    text = page(troubled(), LOOK)

    assert "7 things need you" in text
    assert "<code>calsyncctl connect --account support@example.com</code>" in text
    places = [text.index(one) for one in ("must sign in again", "Should pass by itself", "Accounts", ">Calendars<")]
    assert places == sorted(places)


def test_every_command_of_a_sentence_can_be_taken_by_itself() -> None:
    text = page(troubled(), LOOK)

    assert "<code>calsyncctl review list --kind shadow</code>" in text
    assert "<code>calsyncctl help google-project</code>" in text


@pytest.mark.parametrize(
    ("told", "headline"),
    [
        ({"trouble": "The disk is full."}, "The daemon cannot work"),
        ({"enabled": False}, "Sync is turned off"),
        ({"hangs": "The sync hangs."}, "The daemon cannot work"),
        ({"notes": ("It's so.",)}, "Not everything is as it was set"),
    ],
)
def test_a_daemon_that_does_not_work_says_so_first(told: dict[str, object], headline: str) -> None:
    text = page(shown(told=told), LOOK)
    assert f"</svg>{headline}</h1>" in text
    assert ("<br>It&#x27;s so.</p>" in text) == ("notes" in told)


def test_every_text_is_escaped_and_control_characters_are_not_obeyed() -> None:
    evil = "<script>alert(1)</script>\"'&\u202e"
    brand = replace(LOOK, brand=BrandSettings(name=evil))
    text = page(shown(calendar(1, evil, reason=evil), accounts=(account(evil, owner=evil),), profile=evil), brand)

    assert "<script" not in text
    assert "\u202e" not in text


def test_nothing_is_loaded_from_anywhere() -> None:
    text = page(troubled(), LOOK)

    assert not re.search(r"""(src|href|action)=["'](?!data:)""", text)
    assert not re.search(r"@import|url\(|<script|<link(?! rel=\"icon\")|<iframe|<form", text)


def test_no_placeholder_is_left_over_and_dollars_survive() -> None:
    text = page(shown(calendar(1, "Cash $product $ Co")), LOOK)

    assert "Cash $product $ Co" in text
    assert "$mark" not in text


def test_of_ten_thousand_calendars_those_in_trouble_are_shown_and_the_rest_is_counted() -> None:
    many = [calendar(number, f"C{number}") for number in range(10_000)]
    text = page(shown(*many, calendar(10_000, "Broken", reason="No.")), LOOK)

    assert text.index(">Broken<") < text.index(">C0<")
    assert "and 9,701 more: calsyncctl calendars list" in text
    assert len(text) < 300_000


def test_a_calendar_of_an_account_that_must_sign_in_again_is_not_called_in_sync() -> None:
    text = page(shown(accounts=(account("work@example.com", state="needs-reauth"),)), LOOK)

    assert ">in sync<" not in text
    assert text.count(">sign in again<") == 3
    assert "0 calendars in sync" in text


def test_live_says_only_what_google_tells_of() -> None:
    text = page(shown(calendar(1, "Team"), calendar(2, "Rota")), LOOK)

    assert text.count('class="live"') == 1


@pytest.mark.chromium
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("content", [shown(), troubled()], ids=["well", "troubled"])
def test_a_real_browser_shows_it_without_scrolling_sideways(tmp_path: Path, width: int, content: Shown) -> None:
    chromium = need("chromium")
    measure = (
        "<script>const d = document.documentElement; "
        "parent.name = [innerWidth, d.scrollWidth - d.clientWidth].join(' ')</script></body>"
    )
    inner, outer = tmp_path / "page.html", tmp_path / "frame.html"
    inner.write_text(page(content, LOOK).replace("</body>", measure))
    report = "<script>onload = () => { document.title = name }</script>"
    outer.write_text(f"<iframe src='page.html' width='{width}' height='800' frameborder='0'></iframe>{report}")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]

    ran = subprocess.run(
        [
            chromium,
            *options,
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--window-size=1400,900",
            "--dump-dom",
            outer.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert f"<title>{width} 0</title>" in ran.stdout
    assert "CONSOLE" not in ran.stderr
