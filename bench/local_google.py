"""A local Google for measurements: the sandbox as its own process, and a signed-in access token for it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

SCOPES = (
    "openid https://www.googleapis.com/auth/userinfo.email "
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly "
    "https://www.googleapis.com/auth/calendar.events"
)
_REDIRECT = "http://127.0.0.1:1/"


@dataclass(frozen=True)
class LocalGoogle:
    """Where it is, whom a token was given for, and their calendar."""

    root: str
    email: str
    calendar: str
    token: str

    def cpu(self) -> float:
        """Return the seconds of CPU that it used so far."""
        return server_cpu(self.root)


def busy_cost(root: str, token: str, times: int) -> float:
    """Return the server's seconds of CPU for a request like the last one, when it is asked without a pause."""
    last = requests.get(f"{root}/sandbox/log", timeout=30).json()["requests"][-1]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        before = server_cpu(root)
        for _ in range(times):
            session.get(f"{root}{last['path']}?{last['query']}", timeout=30)
        return (server_cpu(root) - before) / times


def server_cpu(root: str) -> float:
    """Return the seconds of CPU that the local Google at this address used so far."""
    return float(requests.get(f"{root}/sandbox/counters", timeout=30).json()["cpu_seconds"])


@contextmanager
def local_google(events: int) -> Iterator[LocalGoogle]:
    """Run a sandbox whose first account's primary calendar holds about so many events."""
    command = [sys.executable, "-m", "calsyncctl.sandbox", "serve", "--port", "0", "--events", str(events)]
    process = subprocess.Popen([*command, "--accounts", "work@example.com"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        info = json.loads(process.stdout.readline())
        account = info["accounts"][0]
        calendar = max(account["calendars"], key=lambda one: one.get("events", 0))["id"]
        yield LocalGoogle(info["api_root"], account["email"], calendar, sign_in(info, account["email"]))
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(10)


def sign_in(info: dict[str, Any], email: str) -> str:
    """Go through consent as a browser whose user allows everything, and exchange the code."""
    client = next(iter(json.loads(Path(info["client_file"]).read_text()).values()))
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {"client_id": client["client_id"], "redirect_uri": _REDIRECT, "response_type": "code", "scope": SCOPES}
    proof = {"code_challenge": challenge, "code_challenge_method": "S256", "state": "s", "access_type": "offline"}
    consent = {"login_hint": email, "sandbox_auto": "allow", "prompt": "consent"}
    answer = requests.get(info["auth_uri"], {**asked, **proof, **consent}, allow_redirects=False, timeout=30)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _REDIRECT, "code_verifier": verifier}
    secret = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    granted = requests.post(info["token_uri"], {**form, **secret}, timeout=30).json()
    return str(granted["access_token"])
