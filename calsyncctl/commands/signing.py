"""The sign-in as the person at the terminal sees it: the address, the browser, and the answer that may be pasted."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from calsyncctl.commands.browser import open_browser
from calsyncctl.connections.ports import Consent
from calsyncctl.console import Console
from calsyncctl.errors import CalsyncError


@contextmanager
def presented(console: Console, consent: Consent, *, browser: bool) -> Iterator[None]:
    """Show the way to the consent page; meanwhile an answer can be pasted where there is a terminal."""
    opened = browser and open_browser(consent.url, os.environ)
    if opened:
        console.say("Your browser opens Google's page. If it does not, open this address:")
        console.say(f"  {consent.url}")
    else:
        _explain(console, consent, asked=not browser)
    with _pasting(console, consent):
        yield


def _explain(console: Console, consent: Consent, *, asked: bool) -> None:
    """Without this address nobody gets further, so it is said also under --quiet and --json."""
    if not asked:
        console.warn("No browser was found here.")
    console.warn("Open this address in a browser on any machine:")
    console.warn(f"  {consent.url}")
    console.warn("If that browser is on another machine, forward the answer's port from there first:")
    console.warn(f"  ssh -L {consent.port}:127.0.0.1:{consent.port} {socket.gethostname()}")
    if can_paste(console):
        console.warn("Or, when the browser ends on a page that does not load, paste that page's address here:")


def can_paste(console: Console) -> bool:
    """Tell whether somebody can paste here; on Windows `select` knows sockets only, so nothing can be read beside."""
    return console.interactive and sys.platform != "win32"


@contextmanager
def _pasting(console: Console, consent: Consent) -> Iterator[None]:
    """Read pasted addresses beside us; stops at the end, so that later questions have the terminal to themselves."""
    if not can_paste(console):
        yield
        return
    over = threading.Event()
    reader = threading.Thread(target=_read_pasted, args=(console, consent, over), name="paste", daemon=True)
    reader.start()
    try:
        yield
    finally:
        over.set()
        reader.join(timeout=2.0)


def _read_pasted(console: Console, consent: Consent, over: threading.Event) -> None:
    while not over.is_set():
        readable, _, _ = select.select([sys.stdin], [], [], 0.2)
        if not readable:
            continue
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            _submit(console, consent, line.strip())


def _submit(console: Console, consent: Consent, text: str) -> None:
    try:
        consent.submit(text)
    except CalsyncError as error:  # a slip while pasting: say it, and wait for the next
        console.warn(f"{error.what} {error.what_to_do}")
        console.warn("Paste it here:")
