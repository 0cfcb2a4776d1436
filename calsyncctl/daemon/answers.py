"""What the daemon answers on its port: alive, ready, metrics, the status page, and Google's messages."""

from __future__ import annotations

from calsyncctl.daemon.http import PUSH, Environ, Reply, Route
from calsyncctl.daemon.jobs import Jobs
from calsyncctl.daemon.metrics import Counts, Metrics
from calsyncctl.daemon.once import Once
from calsyncctl.daemon.page import Look, page
from calsyncctl.daemon.parts import Parts
from calsyncctl.daemon.shown import Gatherer
from calsyncctl.daemon.stand import Stand
from calsyncctl.daemon.webhook import Webhook
from calsyncctl.errors import CalsyncError

HTML = "text/html; charset=utf-8"


class Answers:
    """The routes and what they need."""

    def __init__(self, parts: Parts, stand: Stand, once: Once, jobs: Jobs, webhook: Webhook) -> None:
        self._parts = parts
        self._stand = stand
        self._once = once
        self._jobs = jobs
        self._webhook = webhook
        self._gather = Gatherer(parts, lambda: stand.told)
        self._metrics: Metrics | None = None

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return (method, path) -> what answers it."""
        return {
            ("GET", "/"): self.status_page,
            ("GET", "/healthz"): self.healthz,
            ("GET", "/readyz"): self.readyz,
            ("GET", "/metrics"): self.metrics,
            ("POST", PUSH): self._webhook,
        }

    def healthz(self, environ: Environ) -> Reply:
        """Say whether its jobs advance: what does not is to be started again."""
        hangs = self._jobs.hangs()
        return Reply(200, "ok\n") if hangs is None else Reply(503, f"{hangs}\n")

    def readyz(self, environ: Environ) -> Reply:
        """Say whether the first pass is done and it can work."""
        told = self._stand.told
        if not told.ready:
            return Reply(503, "the first pass is not done\n")
        if told.wrong:
            return Reply(503, f"{told.wrong}\n")
        try:
            self._gather()
        except CalsyncError as error:
            return Reply(503, f"{error.what}\n")
        return Reply(200, "ready\n")

    def metrics(self, environ: Environ) -> Reply:
        """Give the metrics."""
        try:
            if self._metrics is None:
                self._metrics = Metrics(self._gather, self._counts)
            text, kind = self._metrics.text(str(environ.get("HTTP_ACCEPT", "")))
        except ModuleNotFoundError as error:
            return Reply(503, f"{error.name} is not installed: pip install 'calsyncctl[daemon]'\n")
        except CalsyncError as error:
            return Reply(503, f"{error.what}\n")
        return Reply(200, text, kind)

    def status_page(self, environ: Environ) -> Reply:
        """Show the status page."""
        console = self._parts.run.console
        try:
            look = Look(self._parts.settings.brand, console.when, console.typed)
            return Reply(200, page(self._gather(), look), HTML)
        except CalsyncError as error:
            return Reply(503, f"{error.what}\n{error.what_to_do}\n")

    def _counts(self) -> Counts:
        return Counts(self._parts.answers, dict(self._once.counts), dict(self._webhook.messages))
