"""Opening the sign-in page: $BROWSER first, then the desktop's; never one that would take over this terminal.

`webbrowser.open` waits for the program that $BROWSER names and lets it write to our stdout, hence started here.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence


def open_browser(url: str, environ: Mapping[str, str]) -> bool:
    """Open an address in the person's browser, without waiting for it; False if there is none."""
    return any(_start(command) for command in browser_commands(url, environ, sys.platform))


def browser_commands(url: str, environ: Mapping[str, str], platform: str) -> list[list[str]]:
    """List the commands to try in turn: those of $BROWSER (`%s` stands for the address), else the desktop's own."""
    named = [text for text in environ.get("BROWSER", "").split(os.pathsep) if text.strip()]
    if named:
        return [_with_address(shlex.split(text), url) for text in named]
    if platform == "darwin":
        return [["open", url]]
    if platform == "win32":
        return [["rundll32", "url.dll,FileProtocolHandler", url]]
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return [["xdg-open", url], ["sensible-browser", url]]
    return []


def _with_address(command: Sequence[str], url: str) -> list[str]:
    if any("%s" in word for word in command):
        return [word.replace("%s", url) for word in command]
    return [*command, url]


def _start(command: list[str]) -> bool:
    quiet = subprocess.DEVNULL
    try:
        # Its own session: a Ctrl-C here must not close somebody's browser.
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError:
        return False
    process.returncode = 0  # it is not waited for, and goes its own way
    return True
