"""`daemon status` says what systemd knows of the profile's unit, and what to do where the two do not fit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.daemon import presence
from calsyncctl.daemon.unit import HOME
from calsyncctl.daemon.unit_state import judge, read_state
from calsyncctl.paths import paths_of
from tests.support.run import Result, run
from tests.support.systemctl import RUNNING, Systemctl, systemctl

PID = 4711
NAME = "calsyncctl@default"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert run("init", "--vault", "file", home=tmp_path, warm=True).code == 0
    return tmp_path


@pytest.fixture
def systemd(home: Path, tmp_path: Path) -> Systemctl:
    """A user's manager that has the unit of this very profile, running."""
    made = systemctl(tmp_path / "bin")
    made.show(MainPID=str(PID), Environment=f"CALSYNCCTL_HOME={home}/calsyncctl")
    return made


@pytest.fixture
def at_work(home: Path) -> Iterator[None]:
    """A daemon that holds the profile and says that it is well."""
    paths = paths_of("default", {"CALSYNCCTL_HOME": str(home / "calsyncctl")})
    with presence.hold(paths):
        now = int(time.time())
        presence.tell(paths, presence.Told(pid=PID, version="1", since=now, at=now, ready=True))
        yield


def status(home: Path, systemd: Systemctl, *args: str) -> Result:
    return run("daemon", "status", *args, home=home, env=systemd.env, warm=True)


@pytest.mark.feature("E8")
@pytest.mark.usefixtures("at_work")
def test_a_unit_that_is_well_is_a_line_and_no_more(home: Path, systemd: Systemctl) -> None:
    said = status(home, systemd)
    assert said.code == 0
    assert f"{NAME} (user), active (running), enabled\n" in said.out
    assert "!" not in said.err
    unit = status(home, systemd, "--json").json()["unit"]
    assert (unit["pid"], unit["restarts"], unit["wrong"]) == (PID, 0, None)


@pytest.mark.feature("E8")
@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize(
    ("properties", "what", "cure"),
    [
        ({"UnitFileState": "disabled"}, "not started when you log in", f"systemctl --user enable {NAME}"),
        ({"MainPID": "0", "ActiveState": "inactive"}, f"outside of systemd (pid {PID})", "restart"),
        ({"NeedDaemonReload": "yes"}, "was changed", "systemctl --user daemon-reload && systemctl --user restart"),
        ({"LoadState": "masked"}, "is masked", f"systemctl --user unmask {NAME}"),
        ({"LoadState": "bad-setting"}, "systemd cannot read its unit", f"systemctl --user status {NAME}"),
    ],
)
def test_what_does_not_fit_while_it_runs_is_said_with_what_to_do(
    home: Path, systemd: Systemctl, properties: dict[str, str], what: str, cure: str
) -> None:
    systemd.show(**{"MainPID": str(PID), "Environment": f"CALSYNCCTL_HOME={home}/calsyncctl", **properties})
    said = status(home, systemd)
    assert said.code == 0
    assert what in said.err
    assert cure in said.err


@pytest.mark.feature("E8")
@pytest.mark.parametrize(
    ("properties", "what", "cure"),
    [
        (
            {
                "ActiveState": "failed",
                "NRestarts": "9",
                "Result": "exit-code",
                "ExecMainCode": "1",
                "ExecMainStatus": "1",
            },
            "systemd gave up on it after starting it again 9 times (exit code 1: it failed).",
            f"journalctl --user -u {NAME} -n 50; then: systemctl --user reset-failed {NAME}",
        ),
        (
            {"ActiveState": "failed", "Result": "watchdog", "ExecMainStatus": "6"},
            "gave up on it (it hung)",
            "journalctl",
        ),
        (
            {"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code", "ExecMainCode": "1"}
            | {"ExecMainStatus": "203"},
            "start it again, as it ended with exit code 203: the program is not there",
            "journalctl",
        ),
        ({"ActiveState": "inactive"}, f"Its unit {NAME} is stopped.", f"systemctl --user start {NAME}"),
        (
            {"ActiveState": "inactive", "UnitFileState": "disabled"},
            "installed, and neither enabled nor started",
            f"systemctl --user enable --now {NAME}",
        ),
        ({}, "runs, but it does not hold this profile", f"systemctl --user status {NAME}"),
    ],
)
def test_why_it_does_not_run_is_said_with_what_to_do(
    home: Path, systemd: Systemctl, properties: dict[str, str], what: str, cure: str
) -> None:
    systemd.show(**{"Environment": f"CALSYNCCTL_HOME={home}/calsyncctl", **properties})
    said = status(home, systemd)
    assert said.code == 3
    assert what in said.err
    assert cure in said.err
    assert status(home, systemd, "--json").json()["unit"]["wrong"] in said.err


def test_without_a_unit_or_without_systemd_nothing_is_said_of_it(home: Path, systemd: Systemctl) -> None:
    said = []
    for properties in ({"LoadState": "not-found"}, {"Environment": "CALSYNCCTL_HOME=/elsewhere"}):
        systemd.show(**properties)
        said.append(status(home, systemd).err)
    (systemd.folder / "user").unlink()
    said.append(status(home, systemd).err)
    assert all("Install it: calsyncctl daemon install" in one and "systemd" not in one for one in said), said
    assert status(home, systemd, "--json").json()["unit"] is None


def test_a_manager_that_does_not_answer_is_not_waited_for_for_long(home: Path, systemd: Systemctl) -> None:
    systemd.be_slow()
    begun = time.monotonic()
    assert "Install it" in status(home, systemd).err
    assert time.monotonic() - begun < 20


@pytest.mark.usefixtures("at_work")
def test_the_machine_s_unit_is_known_by_its_process_too(home: Path, systemd: Systemctl) -> None:
    systemd.show("system", MainPID=str(PID), Environment=f"CALSYNCCTL_HOME={HOME}", NRestarts="2")
    (systemd.folder / "user").unlink()
    assert f"{NAME} (system), active (running), enabled, started again 2 times" in status(home, systemd).out
    assert [one.split()[0] for one in systemd.asked()] == ["user", "system"]


@pytest.mark.parametrize(
    ("environment", "read"),
    [
        ("A=1 B=2", {"A": "1", "B": "2"}),
        ('"CALSYNCCTL_HOME=/my home" X=y', {"CALSYNCCTL_HOME": "/my home", "X": "y"}),
        ('"broken', {}),
    ],
)
def test_an_environment_is_read_as_systemd_writes_it(environment: str, read: dict[str, str]) -> None:
    shown = "".join(f"{name}={value}\n" for name, value in {**RUNNING, "Environment": environment}.items())
    state = read_state(NAME, shown, user=True)
    assert state is not None
    assert state.environment == read


@pytest.mark.parametrize("active", ["active", "reloading", "inactive", "failed", "activating", "deactivating", "?"])
@pytest.mark.parametrize("result", ["success", "exit-code", "signal", "start-limit-hit", "?"])
def test_whatever_systemd_says_there_is_a_sentence_and_something_to_do(active: str, result: str) -> None:
    shown = f"LoadState=loaded\nActiveState={active}\nResult={result}\nExecMainCode=2\nExecMainStatus=9\n"
    state = read_state(NAME, shown, user=False)
    assert state is not None
    for pid, running in ((None, False), (PID, True)):
        found = judge(state, pid, running=running)
        assert found is not None
        assert found.what.endswith(".")
        assert "systemctl" in found.what_to_do or "journalctl" in found.what_to_do
