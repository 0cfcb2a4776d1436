"""What every test shares: a clean environment, and the record of which feature rows were proven."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from calsyncctl.model.calendar import Calendar
    from tests.support.sandbox import Sandbox
    from tests.support.worlds import OverHttp, World
    from tests.sync.house import House

# The default run draws the same examples every time, so that what it says of a change is the change's doing;
# `make deep` draws new ones.
settings.register_profile("same", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("new", deadline=None, print_blob=True)
settings.load_profile("new" if os.environ.get("CALSYNC_DEEP") else "same")

# A shell that puts the tests into the background has Ctrl-C ignored, by them and by every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_outcomes: dict[str, list[str]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features-file", help="write which rows of docs/features.md were proven to this file")


SLOW = (
    "test_confined",
    "test_daemon",
    "acceptance/test_push",
    "test_json",
    "proofs/",
    "acceptance/",
    "test_demo",
    "test_console",
    "commands/",
    "sandbox/",
)
"""Files that take long for their number of tests, or wait more than they compute: begun first, no core idles at the
end for them (with xdist's own order they would come last). Whole processes before what runs within one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0]
        return next((at for at, part in enumerate(SLOW) if part in file), len(SLOW))

    items.sort(key=place)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()  # type: ignore[attr-defined]
    report.user_properties.extend(("feature", row) for mark in item.iter_markers("feature") for row in mark.args)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Runs in the process that reports, with or without xdist: the rows travel as user properties."""
    if report.when != "call" and report.passed:
        return
    for name, row in dict.fromkeys(report.user_properties):
        if name == "feature":
            _outcomes.setdefault(str(row), []).append(report.outcome)


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("--features-file")
    if target and not hasattr(session.config, "workerinput"):
        Path(target).write_text(json.dumps(_outcomes))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine leaks into a test: own variables, colours and proxies are unset."""
    for name in list(os.environ):
        if name.startswith("CALSYNCCTL_"):
            monkeypatch.delenv(name)
    for name in (
        "FORCE_COLOR",
        "PY_COLORS",
        "GITHUB_ACTIONS",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


# The house of the engine's tests; here, since what is built on the engine is tried in it as well.


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with one empty two-way calendar, listed once."""
    from tests.sync.house import standing

    with standing(tmp_path) as made:
        yield made


@pytest.fixture
def one_way(tmp_path: Path) -> Iterator[House]:
    """A house with one empty one-way calendar, listed once."""
    from calsyncctl.model.calendar import Mode
    from tests.sync.house import standing

    with standing(tmp_path, Mode.ONE_WAY) as made:
        yield made


@pytest.fixture
def other(house: House) -> Calendar:
    """The house's calendar of another account, listed once as well."""
    made = house.calendar("other-calendar", email="support@example.com")
    house.sync()
    return made


# The worlds that one contract is held against; here, so that every folder shares one process of Google.


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """An all but empty Google for tests that make a calendar of their own there, and never reset it."""
    from tests.support.sandbox import Sandbox

    with Sandbox(events=1) as running:
        yield running


@pytest.fixture
def over_http(shared_sandbox: Sandbox) -> Iterator[OverHttp]:
    """A world over HTTP, with a calendar of its own."""
    from tests.support.worlds import OverHttp

    made = OverHttp(shared_sandbox)
    yield made
    made.close()


@pytest.fixture(params=["memory", "google"])
def world(request: pytest.FixtureRequest) -> World:
    """Each world in turn: the Google in memory, and google/ with a local Google over HTTP."""
    from tests.support.worlds import InMemory

    made: World = InMemory() if request.param == "memory" else request.getfixturevalue("over_http")
    return made
