"""Machines on which a document is typed: a home each, one sandbox, one working directory, a browser that consents."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import Directive, Typed
from tests.support.desk import Desk
from tests.support.run import COMMAND, TIMEOUT, environment, may_be_warm
from tests.support.sandbox import WORK, Sandbox
from tests.support.warm import WARM

HOME = "/home/you"
AIMED = ("API_ROOT", "REVOKE_URI", "USERINFO_URI")
"""A client file names only the sandbox's first two addresses; Google's others are known without it."""


@dataclass(slots=True)
class Machines:
    """Where a document is typed."""

    root: Path
    google: Sandbox
    name: str = "laptop"
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.root / "folder"
        self.folder.mkdir()
        shutil.copy(self.google.info["client_file"], self.folder / "client_secret.json")
        self._go(self.name)

    @property
    def home(self) -> Path:
        return self.root / self.name

    def type(self, typed: Typed) -> tuple[int, list[str]]:
        """Type a command; return its exit code and what a terminal would show."""
        words = list(typed.words)
        if "--sandbox" in words:
            words += ["--sandbox-address", self.google.root]
        env = self._environment(words)
        if may_be_warm({}):
            done = WARM.run(words, env=env, cwd=str(self.folder), timeout=TIMEOUT, mixed=True)
            return done[0], self._as_seen(done[1])
        finished = subprocess.run(
            [str(COMMAND), *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
            cwd=self.folder,
        )
        return finished.returncode, self._as_seen(finished.stdout)

    def _as_seen(self, output: str) -> list[str]:
        return output.replace(str(self.home), HOME).splitlines()

    def happen(self, directive: Directive) -> None:
        """Let happen what a comment says."""
        getattr(self, f"_{directive.verb}")(directive.rest)

    def _environment(self, words: list[str]) -> dict[str, str]:
        email = words[words.index("--account") + 1] if "connect" in words and "--account" in words else WORK
        aimed = {name: value for name, value in self.google.env().items() if name.endswith(AIMED)}
        if "init" in words:  # it says which variables outrank what it writes; a reader has none
            aimed = {}
        own = environment(self.home, aimed | Desk(self.home, self.google).browser(email))
        del own["CALSYNCCTL_HOME"]  # the places that the documents name
        return own

    def _do(self, *words: str) -> None:
        code, said = self.type(Typed(words, (), 0, 0))
        assert code == 0, said

    def _go(self, name: str) -> None:
        self.name = name
        self.home.mkdir(exist_ok=True)

    def _machine(self, rest: str) -> None:
        self._go(rest)

    def _enabled(self, _: str) -> None:
        self._do("init", "--sandbox", "--vault", "file")

    def _connected(self, rest: str) -> None:
        email, _, names = rest.partition(" ")
        selects = [word for name in names.split(", ") if name for word in ("--select", name)]
        self._do("connect", "--account", email, *selects)

    def _file(self, rest: str) -> None:
        name, _, text = rest.partition(" ")
        handle = os.open(self.folder / name, os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"{text}\n")

    def _event(self, rest: str) -> None:
        calendar, _, title = rest.partition(" / ")
        day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
        start, end = ({"dateTime": f"{day}T{hour}:00:00Z", "timeZone": "UTC"} for hour in ("09", "10"))
        self.google.insert(self.google.calendar(calendar), {"summary": title, "start": start, "end": end})

    def _retitle(self, rest: str) -> None:
        calendar, old, new = rest.split(" / ")
        google_id = self.google.calendar(calendar)
        (found,) = (one for one in self.google.listed(google_id) if one.get("summary") == old)
        self.google.patch(google_id, found["id"], {"summary": new})

    def _revoke(self, rest: str) -> None:
        self.google.revoke(rest)
