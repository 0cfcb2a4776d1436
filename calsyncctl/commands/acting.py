"""Who acts, and with what an edit is made."""

from __future__ import annotations

import getpass

from calsyncctl.runtime import Runtime
from calsyncctl.sync.editing.edit import EditMeans


def acting(run: Runtime) -> str:
    """Name the acting member: `CALSYNCCTL_AS`, else the operating system's user as `user:NAME`."""
    given = run.environ.get("CALSYNCCTL_AS", "").strip()
    if given:
        return given
    try:
        return f"user:{getpass.getuser()}"
    except (OSError, KeyError):  # a user without a name: some containers
        return "user"


def edit_means(run: Runtime) -> EditMeans:
    """Put together what an edit is made with."""
    settings = run.config.settings
    return EditMeans(
        author=acting(run), now=run.clock.now(), instance=settings.instance, horizon=settings.sync.horizon_days
    )
