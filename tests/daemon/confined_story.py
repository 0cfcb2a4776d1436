"""What happens inside the booted container: install, enable, connect, and the confined daemon at work.

Started by a unit of its own (see test_confined.py); what it found out is left as JSON in the folder given.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import traceback
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.browser import __file__ as BROWSER  # noqa: E402
from tests.support.sandbox import WORK, Sandbox  # noqa: E402

COMMAND = Path(sys.executable).with_name("calsyncctl")
HOME = Path("/var/lib/calsyncctl")
UNIT = "calsyncctl@default"


def sh(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    if check and done.returncode != 0:
        raise RuntimeError(f"{command}: {done.returncode}: {done.stdout} {done.stderr}")
    return done.stdout.strip()


def ours(*args: str, env: dict[str, str] | None = None) -> str:
    """Run the command as the service's user."""
    given = {"CALSYNCCTL_HOME": str(HOME), "HOME": str(HOME), "TZ": "UTC", **(env or {})}
    return sh("runuser", "-u", "calsyncctl", "--", "env", *(f"{k}={v}" for k, v in given.items()), str(COMMAND), *args)


def shown(name: str) -> str:
    return sh("systemctl", "show", UNIT, f"--property={name}", "--value")


def wait(look: Any) -> float:
    begun = time.monotonic()
    while not look():
        if time.monotonic() - begun > 30:
            raise RuntimeError("it did not come")
        time.sleep(0.05)
    return time.monotonic() - begun


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def unit_view() -> Any:
    """Return what `daemon status` says of the unit; none runs."""
    try:
        return json.loads(ours("daemon", "status", "--json"))["unit"]
    except RuntimeError as error:
        return json.loads(str(error).split(": 3: ", 1)[1])["unit"]


def refused_again_and_again() -> Any:
    """Let the service fail for good: a profile that is turned off is not tried again."""
    ours("config", "set", "sync.enabled", "false")
    sh("systemctl", "start", UNIT, check=False)
    wait(lambda: shown("ActiveState") == "failed")
    return unit_view()


def story(google: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sh(str(COMMAND), "daemon", "install", "--system")
    ours("init", "--sandbox", "--sandbox-address", google.root, "--vault", "file")
    browser = f"{sys.executable} {BROWSER} {WORK} allow /dev/null %s"
    ours("connect", "--select", "Team", env={"BROWSER": browser})
    ours("config", "set", "daemon.port", "8750")
    ours("config", "set", "daemon.public_url", "http://127.0.0.1:8750")
    sh("systemctl", "start", UNIT)
    found["ready"] = shown("ActiveState")
    found["status"] = shown("StatusText")
    team = google.calendar("Team")
    ours("events", "add", "Lunch", "--start", "tomorrow 12:00", "--for", "45m")
    found["seconds"] = wait(lambda: any(one.get("summary") == "Lunch" for one in google.listed(team)))
    found["daemon"] = json.loads(ours("daemon", "status", "--json"))
    found["unit"] = found["daemon"]["unit"]
    wait(lambda: 'channels{state="heard"} 2' in fetched("http://127.0.0.1:8750/metrics"))
    found["metrics"] = fetched("http://127.0.0.1:8750/metrics")
    found["pid"] = int(shown("MainPID"))
    found["capabilities"] = Path(f"/proc/{found['pid']}/status").read_text()

    key = Path("/", "root", "default.key")  # out of the service's sight: handed over as a credential
    shutil.move(HOME / "default" / "vault.key", key)
    os.chown(key, 0, 0)
    sh(str(COMMAND), "daemon", "install", "--system", "--key", str(key))
    sh("systemctl", "restart", UNIT)
    google.expire_access_tokens(WORK)
    ours("events", "add", "Dinner", "--start", "tomorrow 19:00", "--for", "45m")
    wait(lambda: any(one.get("summary") == "Dinner" for one in google.listed(team)))
    found["with credential"] = shown("ActiveState")

    sh("systemctl", "reload", UNIT)
    found["after reload"] = shown("ActiveState")
    begun = time.monotonic()
    sh("systemctl", "stop", UNIT)
    found["stopped in"] = time.monotonic() - begun
    found["result"] = (shown("Result"), shown("ExecMainStatus"))
    found["stopped"] = unit_view()
    found["failed unit"] = refused_again_and_again()
    found["journal"] = sh("journalctl", "-u", UNIT, "-o", "json", "--output-fields=MESSAGE,PRIORITY", check=False)
    found["security"] = sh("systemd-analyze", "security", "--no-pager", UNIT, check=False).splitlines()[-1]
    return found


def open_up() -> None:
    """Let the service's user reach the program: changes of an overlay, which nobody else sees."""
    for folder in (ROOT, *ROOT.parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    sh("ldconfig")
    sh("chmod", "-R", "a+rX", str(ROOT / "calsyncctl"), str(ROOT / "tests"), str(COMMAND.parents[1]))


def main() -> None:
    result = Path(sys.argv[1])
    found: dict[str, Any] = {}
    try:
        open_up()
        with Sandbox(events=5) as google:
            found = story(google)
    except Exception:
        found["failed"] = traceback.format_exc()
        found["journal"] = sh("journalctl", "-u", UNIT, "--no-pager", check=False)
        found["journal"] += sh("tail", "-n", "40", str(HOME / "default" / "state" / "calsyncctl.log"), check=False)
    (result / "found.json").write_text(json.dumps(found))
    sh("systemctl", "poweroff", "--no-block", "--force", check=False)


if __name__ == "__main__":
    main()
