"""The metrics: each one of the table, from the same facts as the page; and alerts that name only what there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from calsyncctl.daemon.metrics import BRAND, COUNTERS, GAUGES, Counts, Metrics
from calsyncctl.daemon.shown import Shown
from tests.daemon.shown_build import NOW, shown, troubled

ROOT = Path(__file__).resolve().parents[2]
COUNTS = Counts({("poll", "200"): 7, ("patch", "none"): 1}, {"later": 2}, {"hint": 3, "stray": 1})


def read(content: Shown) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every sample, by its name and labels."""
    text, kind = Metrics(lambda: content, lambda: COUNTS).text("")
    assert kind.startswith("text/plain")
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {(one.name.removeprefix(BRAND), frozenset(one.labels.items())): one.value for one in samples}


def test_every_metric_of_the_table_is_there_and_no_other_of_ours() -> None:
    text, _ = Metrics(troubled, lambda: COUNTS).text("")
    named = set(re.findall(rf"^# TYPE {BRAND}(\w+)", text, re.MULTILINE))

    assert named == GAUGES.keys() | {f"{one}_total" for one in COUNTERS}


def test_freshness_is_the_last_success_of_each_calendar_that_takes_part() -> None:
    found = read(shown())
    labels = frozenset({"calendar": "Team", "id": "1", "account": "work@example.com"}.items())

    assert found["calendar_last_success_timestamp_seconds", labels] == NOW.timestamp() - 40


def test_what_waits_is_counted_as_status_counts_it() -> None:
    found = read(troubled())

    assert found["waiting_pushes", frozenset()] == 3
    assert found["holds", frozenset({("kind", "deletions")})] == 14
    assert found["holds", frozenset({("kind", "refused")})] == 2
    assert found["conflicts", frozenset()] == 3
    assert found["needs", frozenset({("kind", "needs-reauth")})] == 1


def test_sign_ins_channels_and_quota_tell_what_is_left() -> None:
    found = read(troubled())

    assert found["sign_in_days_left", frozenset({("account", "work@example.com")})] == pytest.approx(50 / 24)
    assert found["channels", frozenset({("state", "silent")})] == 1
    assert found["quota_units_left", frozenset({("span", "day")})] == 751_800
    assert found["poll_stretch", frozenset()] == 2.5


def test_without_a_google_app_there_is_no_quota_and_polls_are_not_stretched() -> None:
    found = read(shown(quota=None, ahead=None))

    assert found["poll_stretch", frozenset()] == 1
    assert not any(name.startswith("quota") for name, _ in found)


def test_what_was_counted_is_there_by_kind_status_and_class() -> None:
    found = read(shown())

    assert found["requests_total", frozenset({("kind", "poll"), ("status", "200")})] == 7
    assert found["errors_total", frozenset({("class", "later")})] == 2
    assert found["push_messages_total", frozenset({("kind", "stray")})] == 1
    assert found["process_open_fds", frozenset()] > 0


def test_a_client_that_asks_for_openmetrics_gets_it() -> None:
    text, kind = Metrics(shown, lambda: COUNTS).text("application/openmetrics-text; version=1.0.0")

    assert kind.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


def test_each_alert_names_a_metric_that_there_is_and_says_what_to_do() -> None:
    known = {f"{BRAND}{one}" for one in GAUGES} | {f"{BRAND}{one}_total" for one in COUNTERS}
    (group,) = yaml.safe_load((ROOT / "packaging" / "alerts.yml").read_text(encoding="utf-8"))["groups"]

    assert len(group["rules"]) >= 8
    for rule in group["rules"]:
        named = set(re.findall(rf"\b{BRAND}\w+", rule["expr"]))
        assert named <= known, rule["alert"]
        assert named or "up{" in rule["expr"] or "process_" in rule["expr"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert "calsyncctl" in rule["annotations"]["description"]


def test_the_document_names_every_metric() -> None:
    text = (ROOT / "docs" / "push.md").read_text(encoding="utf-8")

    for name in (*GAUGES, *(f"{one}_total" for one in COUNTERS)):
        assert f"`{BRAND}{name}" in text, name
