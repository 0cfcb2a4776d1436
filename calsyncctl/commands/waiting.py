"""Who sends what waits: the daemon if one is at work, else whoever types `calsyncctl sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calsyncctl.daemon import presence

if TYPE_CHECKING:
    from calsyncctl.runtime import Runtime

SYNC = "calsyncctl sync"


def then_sync(run: Runtime) -> str:
    """Say what comes next after a change that a sync has to carry out."""
    return "The daemon goes on with it." if daemon_works(run) else SYNC


def who_sends(run: Runtime) -> str:
    """Say who sends an edit that waits, to be put after a colon."""
    return "the daemon sends it in a moment" if daemon_works(run) else SYNC


def daemon_works(run: Runtime) -> bool:
    """Tell whether a daemon is at work on the profile."""
    return run.config.settings.sync.enabled and presence.running(run.paths)
