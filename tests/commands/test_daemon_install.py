"""`daemon install`: what it would do is told, what it did too; the unit holds what it needs."""

from __future__ import annotations

import configparser
from pathlib import Path, PurePosixPath

import pytest

from calsyncctl.daemon import presence
from calsyncctl.daemon.unit import for_system, for_user, system_unit, words
from calsyncctl.paths import paths_of
from tests.support.run import run


def enabled(home: Path) -> Path:
    made = run("init", "--vault", "file", home=home, warm=True)
    assert made.code == 0, made
    return home


def read(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    parser.read_string(text)
    return parser


def test_a_dry_run_shows_the_unit_and_writes_nothing(tmp_path: Path) -> None:
    shown = run("daemon", "install", "--user", "--dry-run", home=tmp_path)
    assert shown.code == 0
    assert "Type=notify" in shown.out
    assert "Would write" in shown.err
    assert not list(tmp_path.rglob("calsyncctl@.service"))


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="systemd runs here: it would really be installed")
def test_a_user_s_unit_is_written_where_the_user_s_manager_looks_and_knows_the_home(tmp_path: Path) -> None:
    enabled(tmp_path)
    done = run("--verbose", "daemon", "install", "--user", home=tmp_path)
    unit = tmp_path / ".config" / "systemd" / "user" / "calsyncctl@.service"
    assert done.code == 0, done
    assert f"CALSYNCCTL_HOME={tmp_path}/calsyncctl" in unit.read_text()
    assert "systemctl --user enable --now calsyncctl@default" in done.err
    assert f"rm {unit}" in done.err


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="systemd runs here: it would really be installed")
def test_a_unit_that_says_something_else_than_before_is_told_with_what_takes_it(tmp_path: Path) -> None:
    install = ("daemon", "install", "--user")
    enabled(tmp_path)
    first, again = run(*install, home=tmp_path), run(*install, home=tmp_path)
    unit = tmp_path / ".config" / "systemd" / "user" / "calsyncctl@.service"
    unit.write_text(unit.read_text().replace("WatchdogSec=90", "WatchdogSec=30"))
    assert "try-restart" not in first.err + again.err
    assert "systemctl --user try-restart 'calsyncctl@*'" in run(*install, home=tmp_path).err


def test_a_daemon_that_says_nothing_any_more_is_told_as_hanging(tmp_path: Path) -> None:
    enabled(tmp_path)
    paths = paths_of("default", {"CALSYNCCTL_HOME": str(tmp_path / "calsyncctl")})
    with presence.hold(paths):
        presence.tell(paths, presence.Told(pid=1, version="1", since=1, at=1, ready=True))
        assert "It has said nothing since 1970-01-01 00:00" in run("daemon", "status", home=tmp_path).out
    assert run("daemon", "status", home=tmp_path).code == 3


def test_a_user_s_unit_finds_the_profiles_where_this_shell_does_and_is_told_what_it_does_not_see(
    tmp_path: Path,
) -> None:
    env = {
        "CALSYNCCTL_HOME": "here",
        "XDG_DATA_HOME": "/var/data",
        "https_proxy": "http://me:hush@proxy",
        "CALSYNCCTL_SYNC_WORKERS": "2",
        "CALSYNCCTL_PROFILE": "default",
    }
    shown = run("daemon", "install", "--user", "--dry-run", home=tmp_path, env=env)
    assert f'"CALSYNCCTL_HOME={tmp_path}/here"\nEnvironment="XDG_DATA_HOME=/var/data"' in shown.out
    assert "does not see this shell's CALSYNCCTL_SYNC_WORKERS, TZ, https_proxy: if" in shown.err
    assert "hush" not in shown.out + shown.err
    assert "To take it away: systemctl --user disable --now calsyncctl@default" in shown.err


def test_installing_what_is_not_enabled_is_refused(tmp_path: Path) -> None:
    assert run("daemon", "install", "--user", home=tmp_path).code == 6


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--user", "--system"), "exclude each other"),
        (("--user", "--key", "k"), "--key is for --system only"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    refused = run("daemon", "install", "--dry-run", *args, home=tmp_path)
    assert refused.code == 2
    assert said in refused.err


def test_the_system_s_unit_waits_for_ready_and_is_started_again_only_where_that_helps() -> None:
    service = read(system_unit("/opt/calsyncctl/bin/calsyncctl"))["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"] == "/opt/calsyncctl/bin/calsyncctl --profile %i daemon run"
    assert service["RestartPreventExitStatus"] == "2 6"
    assert float(service["TimeoutStopSec"]) > 5


def test_a_key_is_handed_over_as_a_credential() -> None:
    for name, how in (("/etc/k.key", "LoadCredential"), ("/etc/k.cred", "LoadCredentialEncrypted")):
        plan = for_system("/bin/calsyncctl", "shop", key=name, begin=True)
        drop_in = plan.files["/etc/systemd/system/calsyncctl@shop.service.d/key.conf"]
        assert read(drop_in)["Service"][how] == f"calsyncctl-key:{name}"


def test_a_profile_that_is_not_there_yet_is_not_started() -> None:
    assert ("systemctl", "enable", "calsyncctl@shop") in for_system("/c", "shop", key=None, begin=False).commands
    assert ("systemctl", "enable", "--now", "calsyncctl@shop") in for_system(
        "/c", "shop", key=None, begin=True
    ).commands


def test_a_folder_s_name_cannot_slip_into_the_unit() -> None:
    places = {"CALSYNCCTL_HOME": '/a "b" 100%'}
    plan = for_user(words("/my venv/bin/calsyncctl"), "default", units=PurePosixPath("/u"), places=places)
    assert read(plan.files["/u/calsyncctl@.service"])["Service"]["ExecStart"].startswith('"/my venv/bin/calsyncctl" --')
    assert 'Environment="CALSYNCCTL_HOME=/a \\"b\\" 100%%"' in plan.files["/u/calsyncctl@.service"]
