"""One running sandbox: the world, its tokens, faults and log, with the addresses it is reached at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from calsyncctl.sandbox.certificates import Authority
from calsyncctl.sandbox.faults import Faults
from calsyncctl.sandbox.limits import Limits
from calsyncctl.sandbox.oauth import OAuth
from calsyncctl.sandbox.requestlog import RequestLog
from calsyncctl.sandbox.state import World


@dataclass(slots=True)
class Service:
    """Everything that a request handler needs."""

    world: World
    oauth: OAuth
    seed: Callable[[], World]
    """Makes the world anew, for POST /sandbox/reset."""
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    limits: Limits = field(default_factory=Limits)
    authority: Authority = field(default_factory=Authority)
    root: str = ""
    client_file: str = ""

    def reset(self) -> None:
        """Begin again: data, tokens, faults, counters and switches. The client and the addresses stay."""
        self.world = self.seed()
        self.oauth = OAuth(self.world, self.root, self.oauth.client, self.oauth.signer)
        self.faults = Faults()
        self.limits = Limits()
        self.log.reset()
