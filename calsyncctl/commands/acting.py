"""Who acts, and with what an edit is made."""

from __future__ import annotations

import getpass

from calsyncctl.errors import UsageFault
from calsyncctl.model.people import AssigneeKind, parse_assignee
from calsyncctl.runtime import Runtime
from calsyncctl.sync.editing.edit import EditMeans


def acting(run: Runtime) -> str:
    """Name the acting member: `--as`, else `CALSYNCCTL_AS`, else the operating system's user as `user:NAME`.

    Raises:
        UsageFault: what was given is neither an agent nor an e-mail address.
    """
    if run.flags.acting:
        return _member(run.flags.acting)
    try:
        return f"user:{getpass.getuser()}"
    except (OSError, KeyError):  # a user without a name: some containers
        return "user"


def _member(text: str) -> str:
    """Return a member as it is written down: an agent, or a contact by e-mail address."""
    if "@" in text and text.isprintable():
        return text.casefold()
    try:
        kind, name = parse_assignee(text)
    except UsageFault:
        kind, name = AssigneeKind.TEAM, ""
    if kind is not AssigneeKind.AGENT:
        raise UsageFault(f"“{text}” cannot act (--as, CALSYNCCTL_AS).", "Give agent:NAME or an e-mail address.")
    return f"{kind}:{name}"


def edit_means(run: Runtime) -> EditMeans:
    """Put together what an edit is made with."""
    settings = run.config.settings
    return EditMeans(
        author=acting(run), now=run.clock.now(), instance=settings.instance, horizon=settings.sync.horizon_days
    )
