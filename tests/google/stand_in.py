"""A stand-in for Google's token, userinfo and revocation addresses: answers as told, remembers what it was sent."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from calsyncctl.google.scopes import SCOPES
from calsyncctl.model.account import OAuthClient

CLIENT_ID = "1234-desk.apps.googleusercontent.com"
SECRET = "GOCSPX-canary-client-secret"
SUB = "110100000000000000001"
EMAIL = "work@example.com"
NOW = 1_800_000_000


@dataclass
class Said:
    """One answer: status, JSON (or text) and headers."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Authority:
    """The stand-in: what it answers by path (the last one repeats), and what it was asked."""

    root: str = ""
    answers: dict[str, list[Said]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    @property
    def client(self) -> OAuthClient:
        uris = {f"{name}_uri": f"{self.root}/{name}" for name in ("auth", "token", "revoke", "userinfo")}
        return OAuthClient(client_id=CLIENT_ID, client_secret=SECRET, **uris)

    def say(self, path: str, *answers: Said) -> None:
        self.answers[path] = list(answers)

    def forms(self, path: str) -> list[dict[str, str]]:
        return [form for asked, form, _ in self.asked if asked == path]

    def next_answer(self, path: str) -> Said:
        waiting = self.answers.get(path, [])
        if not waiting:
            return Said(404, {"error": "not_found"})
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def id_token(**claims: object) -> str:
    """Make an id token as Google's look; its signature is not looked at."""
    payload = {"aud": CLIENT_ID, "sub": SUB, "email": EMAIL, "iat": NOW, "exp": NOW + 3600} | claims
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, payload)] + [b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def tokens(**more: object) -> Said:
    """Answer a code with everything that Google sends; None leaves a field out."""
    body: dict[str, object] = {
        "access_token": "ya29.canary-access",
        "expires_in": 3599,
        "refresh_token": "1//canary-refresh",
        "scope": " ".join(SCOPES),
        "token_type": "Bearer",
        "id_token": id_token(),
    }
    return Said(200, {name: value for name, value in (body | more).items() if value is not None})


@contextmanager
def authority() -> Iterator[Authority]:
    """Run a stand-in on a free port of this machine."""
    stand_in = Authority()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            path = self.path.split("?")[0]
            stand_in.asked.append((path, form, {name.lower(): value for name, value in self.headers.items()}))
            said = stand_in.next_answer(path)
            body = said.body.encode() if isinstance(said.body, str) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in ({"Content-Length": str(len(body))} | said.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.root = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
