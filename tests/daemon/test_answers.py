"""What the port answers of a real profile: alive, ready or why not, and a store that cannot be read."""

from __future__ import annotations

import pytest

from calsyncctl.daemon.answers import Answers
from calsyncctl.daemon.jobs import STUCK
from calsyncctl.daemon.run import Daemon


@pytest.fixture
def answers(daemon: Daemon) -> Answers:
    return Answers(daemon.parts, daemon.stand, daemon.once, daemon.jobs, daemon.webhook)


def test_alive_as_long_as_its_jobs_advance(daemon: Daemon, answers: Answers) -> None:
    assert answers.healthz({}).status == 200
    daemon.jobs.silent_for = lambda name: STUCK + 5
    assert answers.healthz({}).status == 503
    assert answers.healthz({}).body.startswith("Nothing has moved for 35 seconds. The daemon is to be started again")


def test_ready_after_the_first_pass_and_not_in_trouble(daemon: Daemon, answers: Answers) -> None:
    assert answers.readyz({}).body == "the first pass is not done\n"
    daemon.jobs.tick()
    assert answers.readyz({}).status == 200
    daemon.stand.note(trouble="The disk is full.")
    assert (answers.readyz({}).status, answers.readyz({}).body) == (503, "The disk is full.\n")


def test_of_an_empty_profile_page_and_metrics_are_there(answers: Answers) -> None:
    assert "calsyncctl connect" in answers.status_page({}).body
    assert 'calsyncctl_needs{kind="no-account"} 1.0' in answers.metrics({}).body


def test_a_store_that_cannot_be_read_is_a_sentence_and_no_traceback(daemon: Daemon, answers: Answers) -> None:
    daemon.jobs.tick()
    daemon.parts.drop_store()
    daemon.parts.paths.store_file.write_bytes(b"no database" * 1000)
    for one in (answers.readyz, answers.metrics, answers.status_page):
        reply = one({})
        assert reply.status == 503
        assert str(daemon.parts.paths.store_file.name) in reply.body
        assert "Traceback" not in reply.body
