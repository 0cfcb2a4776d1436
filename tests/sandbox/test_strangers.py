"""Other people's programs on the sandbox: what they believe is Google."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.discovery import build

from tests.sandbox.client import Client
from tests.support.sandbox import WORK, Sandbox

STRANGERS = Path(__file__).parent / "strangers"
REPOSITORY = Path(__file__).parents[2]
SECONDS = 60


# -- gcalcli ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(work: Client, tmp_path: Path) -> Path:
    """A home folder in which gcalcli is signed in."""
    pytest.importorskip("gcalcli", reason="gcalcli is not installed")
    client = work.sandbox.info["client"]["installed"]
    credentials = Credentials(
        work.token["access_token"],
        refresh_token=work.token["refresh_token"],
        token_uri=client["token_uri"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
    )
    folder = tmp_path / "gcalcli"
    folder.mkdir()
    (folder / "oauth").write_bytes(pickle.dumps(credentials))
    return tmp_path


def gcalcli(work: Client, home: Path, *arguments: str, typed: str = "") -> str:
    """Run gcalcli and return what it printed."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "GCALCLI_CONFIG": str(home / "config"),
        "PYTHONPATH": str(STRANGERS),
        "SANDBOX_ROOT": work.sandbox.root,
        "TZ": "Europe/London",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", "gcalcli.cli", "--nocolor", *arguments]
    done = subprocess.run(command, input=typed, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


ADD = (
    *("add", "--calendar", WORK, "--title", "Walrus feeding", "--where", "Pool", "--when", "2026-11-23 10:00"),
    *("--duration", "45", "--description", "Fish", "--noprompt", "--who", "keeper@example.net"),
)


def test_gcalcli_lists_calendars_and_shows_the_agenda(work: Client, home: Path) -> None:
    listed = gcalcli(work, home, "list")
    agenda = gcalcli(work, home, "agenda", "2026-11-16", "2026-12-16", "--tsv")

    assert all(name in listed for name in (WORK, "Team", "Shared (read only)"))
    assert len(agenda.splitlines()) > 10


@pytest.mark.long
def test_gcalcli_adds_edits_and_deletes(work: Client, home: Path) -> None:
    gcalcli(work, home, *ADD)
    (made,) = work.all(q="walrus")[0]
    gcalcli(work, home, "edit", "--calendar", WORK, "Walrus feeding", typed="t\nWalrus bath\ns\n")
    edited = work.get(made["id"])
    gcalcli(work, home, "delete", "--calendar", WORK, "--iamaexpert", "Walrus bath")

    assert (made["location"], made["description"]) == ("Pool", "Fish")
    assert made["end"]["dateTime"] == "2026-11-23T10:45:00Z"
    assert edited["summary"] == "Walrus bath"
    assert work.get(made["id"])["status"] == "cancelled"


@pytest.mark.long
def test_gcalcli_searches_and_adds_quickly(work: Client, home: Path) -> None:
    gcalcli(work, home, "quick", "--calendar", WORK, "Walrus check")

    assert "Walrus check" in gcalcli(work, home, "search", "walrus", "2026-01-01", "2030-01-01")


# -- gcal-sync -------------------------------------------------------------------------------------------------------


def python_with_gcal_sync() -> str:
    """Return a Python that has gcal-sync. Without one the test is skipped, but in CI it fails."""
    for python in (sys.executable, str(REPOSITORY / ".venv" / "gcal-sync" / "bin" / "python")):
        if Path(python).exists():
            found = subprocess.run([python, "-c", "import gcal_sync"], capture_output=True, timeout=SECONDS)
            if found.returncode == 0:
                return python
    missing = "gcal-sync needs Python 3.12: `python scripts/strangers.py` makes an environment for it"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def test_gcal_sync_pulls_in_full_by_increments_and_after_an_expired_token(work: Client) -> None:
    script = str(STRANGERS / "gcal_sync_run.py")
    info = work.sandbox.info
    command = [python_with_gcal_sync(), script, info["api_root"], info["admin"], work.token["access_token"], WORK]

    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)
    assert steps["calendars"] == sorted([WORK, "Team", "Shared (read only)", "Holidays in United Kingdom"])
    assert steps["after an expired token"] == steps["full"] + 1
    assert (steps["incremental"], steps["after a deletion"]) == (["From the web"], [])
    assert steps["after a write"] == ["By gcal-sync"]


# -- Google's quickstart for Python ----------------------------------------------------------------------------------


def test_googles_quickstart_signs_in_and_lists_what_comes_next(sandbox: Sandbox, monkeypatch: Any) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    visit = sandbox.browser()

    class Browser(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            Thread(target=visit, args=(url,)).start()
            return True

    monkeypatch.setattr(webbrowser, "get", lambda *_: Browser())
    scopes = ["https://www.googleapis.com/auth/calendar.readonly"]
    flow = InstalledAppFlow.from_client_secrets_file(sandbox.info["client_file"], scopes)
    credentials = flow.run_local_server(port=0, timeout_seconds=SECONDS)
    address = f"{sandbox.root}/$discovery/rest?version=v3"
    api: Any = build("calendar", "v3", credentials=credentials, discoveryServiceUrl=address, static_discovery=False)
    with api:
        query = {"timeMin": "2026-11-16T00:00:00Z", "maxResults": 10, "singleEvents": True, "orderBy": "startTime"}
        found = api.events().list(calendarId="primary", **query).execute()["items"]

    starts = [datetime.fromisoformat(one["start"].get("dateTime", one["start"].get("date"))) for one in found]
    moments = [one if one.tzinfo else one.replace(tzinfo=UTC) for one in starts]
    assert len(found) == 10
    assert moments == sorted(moments)
