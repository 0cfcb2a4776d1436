"""Google's request limits, enforced on wish: quota units in a sliding minute, per account and per project."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from calsyncctl.sandbox.refusals import refuse
from calsyncctl.sandbox.switches import Settings

WINDOW = 60.0


def units_of(method: str, verb: str) -> int:
    """Return what a call costs: a PATCH of an event counts as three."""
    return 3 if verb == "PATCH" and method.startswith("events.") else 1


@dataclass(slots=True)
class Window:
    """The units spent in the last minute."""

    spent: deque[tuple[float, int]] = field(default_factory=deque)
    total: int = 0

    def room_for(self, units: int, now: float, most: int) -> bool:
        """Tell whether so many units more are within the limit."""
        while self.spent and self.spent[0][0] <= now - WINDOW:
            self.total -= self.spent.popleft()[1]
        return self.total + units <= most

    def spend(self, units: int, now: float) -> None:
        """Count units."""
        self.spent.append((now, units))
        self.total += units


@dataclass(slots=True)
class Limits:
    """Watches the rates. Nothing is enforced while the settings are 0."""

    users: dict[str, Window] = field(default_factory=dict)
    project: Window = field(default_factory=Window)

    def check(self, settings: Settings, email: str, units: int, now: float) -> None:
        """Refuse a call beyond the limits: 403 or 429, as the settings say, without Retry-After."""
        if not (settings.rate_limit_per_user or settings.rate_limit_per_project):
            return
        status = settings.rate_limit_status
        user = self.users.setdefault(email, Window())
        if settings.rate_limit_per_user and not user.room_for(units, now, settings.rate_limit_per_user):
            raise refuse("rateLimitExceeded" if status == 429 else "userRateLimitExceeded", status=status)
        if settings.rate_limit_per_project and not self.project.room_for(units, now, settings.rate_limit_per_project):
            raise refuse("rateLimitExceeded", status=status)
        user.spend(units, now)
        self.project.spend(units, now)
