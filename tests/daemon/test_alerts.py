"""The alert rules, by Prometheus's own tool: they can be read, and each fires when it should and not before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "packaging" / "alerts.yml"
STORIES = Path(__file__).with_name("alerts_test.yml")
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (Debian: prometheus)")


def promtool(*args: str, cwd: Path = STORIES.parent) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *args], capture_output=True, text=True, check=False, timeout=60, cwd=cwd)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@needs_promtool
@pytest.mark.feature("E7")
def test_prometheus_takes_the_rules_and_each_fires_when_it_should_and_not_before() -> None:
    checked = promtool("check", "rules", str(RULES))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = promtool("test", "rules", STORIES.name)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@needs_promtool
@pytest.mark.parametrize(("right", "wrong"), [("for: 5m", "for: 3m"), ("== 0", "== 2"), ('!="shadow"', '!=""')])
def test_the_stories_notice_a_rule_that_is_wrong(tmp_path: Path, right: str, wrong: str) -> None:
    (tmp_path / "rules.yml").write_text(RULES.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    stories = STORIES.read_text(encoding="utf-8").replace("../../packaging/alerts.yml", "rules.yml")
    (tmp_path / "stories.yml").write_text(stories, encoding="utf-8")
    assert promtool("test", "rules", "stories.yml", cwd=tmp_path).returncode == 1


def test_every_alert_has_a_story_in_which_it_fires_and_one_moment_in_which_it_does_not() -> None:
    alerts = {rule["alert"] for group in read(RULES)["groups"] for rule in group["rules"]}
    asked = [one for story in read(STORIES)["tests"] for one in story["alert_rule_test"]]
    assert {one["alertname"] for one in asked if one.get("exp_alerts")} == alerts
    assert {one["alertname"] for one in asked if not one.get("exp_alerts")} == alerts
