"""What the log is told: each state once, and what strikes every calendar alike once for all of them."""

from __future__ import annotations

import logging

import pytest

from calsyncctl.daemon.once import Once
from calsyncctl.errors import Later, Refused, VaultFault

AWAY = Later("No such host, or no network: www.googleapis.com.", "Check the network, then try again.")


@pytest.fixture
def once(caplog: pytest.LogCaptureFixture) -> Once:
    caplog.set_level(logging.INFO, logger="calsyncctl.tests.once")
    return Once(logging.getLogger("calsyncctl.tests.once"))


def test_a_state_is_told_once_and_its_end_once(once: Once, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        once.wrong("“Team” (#1)", Refused("Google does not let you write.", ""))
    once.well("“Team” (#1)")
    once.well("“Team” (#1)")
    assert caplog.messages == ["“Team” (#1): Google does not let you write.", "“Team” (#1): well again"]


@pytest.mark.parametrize("error", [AWAY, VaultFault("The key is gone.", "")], ids=["network", "vault"])
def test_what_strikes_everything_is_told_once_for_all(
    once: Once, caplog: pytest.LogCaptureFixture, error: Later | VaultFault
) -> None:
    for number in range(50):
        once.wrong(f"“{number}”", error)
    for number in range(50):
        once.well(f"“{number}”")
    assert len(caplog.messages) == 2
    assert caplog.messages[1] == "“0”: well again"  # once “49” is: whoever reads of a trouble finds its end
    assert once.counts[error.kind] == 50


def test_shared_trouble_that_changes_its_sentence_ends_where_it_was_told(
    once: Once, caplog: pytest.LogCaptureFixture
) -> None:
    later = Later("Google asked to slow down, and that time is not over.", "")
    once.wrong("“Team”", AWAY)
    once.wrong("“Shared”", AWAY)
    once.wrong("“Shared”", later)
    once.wrong("“Team”", later)
    once.well("“Team”")
    once.well("“Shared”")
    assert [one.partition(":")[0] for one in caplog.messages] == ["“Team”", "“Team”"]


def test_after_its_end_the_same_trouble_is_news(once: Once, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        once.wrong("“Team”", AWAY)
        once.well("“Team”")
    assert len(caplog.messages) == 4


def test_calendars_own_troubles_are_told_each(once: Once, caplog: pytest.LogCaptureFixture) -> None:
    once.wrong("“Team”", Refused("Google does not let you write.", ""))
    once.wrong("“Shared”", Refused("Google does not let you write.", ""))
    once.wrong("“Team”", Later("Google asks to wait.", "", scope="calendar"))
    once.wrong("“Shared”", Later("Google asks to wait.", "", scope="calendar"))
    assert len(caplog.messages) == 4


def test_another_trouble_at_the_same_place_is_news(once: Once, caplog: pytest.LogCaptureFixture) -> None:
    once.wrong("“Team”", AWAY)
    once.wrong("“Team”", VaultFault("The key is gone.", ""))
    once.wrong("“Shared”", AWAY)
    assert len(caplog.messages) == 3
