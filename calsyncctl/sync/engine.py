"""What the operator set about syncing, as the engine needs it. `runtime` fills it in."""

from __future__ import annotations

from msgspec import Struct

from calsyncctl.sync.choice import Policy


class Engine(Struct, frozen=True, kw_only=True):
    """Settings of the engine."""

    instance: str = ""
    """The installation's id: in tags, and in the ids that events are inserted under."""
    policy: Policy = Policy.GOOGLE_WINS
    """Who prevails where both sides changed the same field."""
    adopt: frozenset[str] = frozenset()
    """Other installations whose events are to be ours from now on (`reconcile --adopt`)."""
    mail: str = "all"
    """Whom Google mails about what people do here: `all`, `externalOnly` or `none`."""
