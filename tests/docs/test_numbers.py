"""What the documents say in numbers is what the program does."""

from __future__ import annotations

import re

import pytest

from calsyncctl.daemon.jobs import TICK
from calsyncctl.daemon.unit import system_unit
from calsyncctl.daemon.work import AFTER_BUG, REST
from calsyncctl.logs import BUG_AGAIN, MAX_BYTES
from tests.docs.pages import DOCS, read

EVERY = {1.0: "every second", 2.0: "every two seconds"}[TICK]


@pytest.mark.parametrize(
    ("page", "before"),
    [
        ("daemon.md", "opened, renewed and stopped | looked at "),
        ("daemon.md", "tried again "),
        ("push.md", "it is tried again "),
        ("push.md", "in a flood of them "),
        ("architecture.md", "(`connections/channels.py`, pure), "),
    ],
)
def test_how_often_something_is_looked_at_is_said_alike_everywhere(page: str, before: str) -> None:
    assert before + EVERY in read(DOCS / page)


def test_no_document_of_the_daemon_speaks_of_another_tick() -> None:
    for page in ("daemon.md", "push.md", "architecture.md"):
        assert set(re.findall(r"every (?:two |five )?seconds?\b", read(DOCS / page))) == {EVERY}


def test_the_daemons_pauses_and_its_logs_size_are_as_documented() -> None:
    text = read(DOCS / "daemon.md")
    assert (AFTER_BUG, REST, BUG_AGAIN, MAX_BYTES) == (300, 5.0, 3600.0, 5_000_000)
    for said in (
        "its calendars wait five minutes",
        "for five seconds at a time",
        "once an hour at most",
        "put\naside at 5 MB",
    ):
        assert said in text


def test_when_systemd_gives_up_is_what_the_unit_says() -> None:
    unit, text = system_unit("/usr/bin/calsyncctl"), read(DOCS / "daemon.md")
    assert "StartLimitBurst=10\n" in unit
    assert "StartLimitIntervalSec=10min\n" in unit
    assert "failed ten times within ten minutes" in text
