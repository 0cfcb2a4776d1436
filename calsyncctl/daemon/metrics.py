"""The daemon's metrics, for Prometheus: gathered when they are asked for, in a registry of their own.

Their names and meanings are one table, which docs/push.md, the alert rules and the tests are held against.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calsyncctl.daemon.presence import Told
from calsyncctl.daemon.shown import Shown
from calsyncctl.health.quota import SpanFacts

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BRAND = "calsyncctl_"
GAUGES = {
    "info": "Version and profile of the daemon; always 1.",
    "ready": "Whether the first pass is done.",
    "enabled": "Whether it works: sync.enabled.",
    "trouble": "Whether something keeps it from working at all (the store, the disk), or it hangs.",
    "last_pass_timestamp_seconds": "When a pass ended last, 0: none yet.",
    "calendar_last_success_timestamp_seconds": "When each calendar that takes part was synced last, 0: never.",
    "account_state": "Each account's state; always 1.",
    "sign_in_days_left": "Days until a sign-in ends, where Google tells (apps in testing).",
    "waiting_pushes": "Changes made here that wait to be sent; not what is paused or waits for a person.",
    "holds": "Changes that wait for a person, by kind.",
    "conflicts": "Conflicts that nobody has looked at.",
    "needs": "Things that need a person, by kind, as `calsyncctl status` lists them.",
    "channels": "Push channels: heard, silent (no message has arrived), none (Google tells nothing of the calendar).",
    "quota_units_left": "Units of Google's quota left to this profile, of the day and of the minute.",
    "quota_units_limit": "Units of Google's quota that this profile may spend.",
    "poll_stretch": "How far intervals between polls are stretched; 1: not at all.",
}
COUNTERS = {
    "passes": "Passes since the daemon began.",
    "requests": "Requests to the Calendar API by kind and HTTP status; `none`: no answer came.",
    "errors": "Failures since the daemon began, by class.",
    "push_messages": "Messages of Google's: hint, sync (a channel's first), stray (of no channel).",
}
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted since the daemon began."""

    requests: Mapping[tuple[str, str], int]
    errors: Mapping[str, int]
    messages: Mapping[str, int]


class Metrics:
    """Writes the metrics; needs prometheus-client."""

    def __init__(self, gather: Callable[[], Shown], counts: Callable[[], Counts]) -> None:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415

        self._gather = gather
        self._counts = counts
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self, accept: str) -> tuple[str, str]:
        """Return the metrics in the format that the asker takes, and its content type.

        Raises:
            StoreFault, Later: the store cannot be read.
        """
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

        encoder, kind = choose_encoder(accept)
        return encoder(self._registry).decode(), kind

    def describe(self) -> list[Any]:
        """Name nothing at registration: the store is not asked then."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; called by the registry."""
        shown = self._gather()
        found = {**dict(_of_daemon(shown)), **dict(_of_work(shown)), **dict(_of_accounts(shown))}
        for name, samples in found.items():
            yield _family(name, GAUGES[name], samples)
        for name, samples in _counted(self._counts(), shown):
            yield _family(name, COUNTERS[name], samples, counter=True)
        yield from _of_process(shown.told)


Sample = tuple[dict[str, str], float]


def _family(name: str, meaning: str, samples: Iterable[Sample], *, counter: bool = False) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415

    kept = list(samples)
    labels = list(kept[0][0]) if kept else []
    made: Any = (CounterMetricFamily if counter else GaugeMetricFamily)(BRAND + name, meaning, labels=labels)
    for values, number in kept:
        made.add_metric(list(values.values()), number)
    family: Metric = made
    return family


def _of_daemon(shown: Shown) -> Iterator[tuple[str, list[Sample]]]:
    told = shown.told
    yield "info", [({"version": told.version, "profile": shown.profile}, 1)]
    yield "ready", [({}, told.ready)]
    yield "enabled", [({}, told.enabled)]
    yield "trouble", [({}, told.wrong is not None)]
    yield "last_pass_timestamp_seconds", [({}, told.last_pass or 0)]
    yield "poll_stretch", [({}, shown.ahead.stretch if shown.ahead is not None else 1)]
    if shown.quota is not None:
        spans: dict[str, SpanFacts] = {"day": shown.quota.today, "minute": shown.quota.minute}
        yield "quota_units_left", [({"span": name}, span.left) for name, span in spans.items()]
        yield "quota_units_limit", [({"span": name}, span.limit) for name, span in spans.items()]


def _of_work(shown: Shown) -> Iterator[tuple[str, list[Sample]]]:
    kinds: dict[str, int] = {}
    for one in shown.needs:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    channels = {"heard": shown.channels.heard, "silent": shown.channels.silent, "none": shown.channels.none}
    yield "waiting_pushes", [({}, shown.waiting)]
    yield "holds", [({"kind": kind}, count) for kind, count in shown.held.items()]
    yield "conflicts", [({}, shown.facts.review.conflicts)]
    yield "needs", [({"kind": kind}, count) for kind, count in kinds.items()]
    yield "channels", [({"state": state}, count) for state, count in channels.items()]


def _of_accounts(shown: Shown) -> Iterator[tuple[str, list[Sample]]]:
    facts = shown.facts
    taking_part = [one for one in facts.calendars if one.account is not None and one.state in {"selected", "hold"}]
    yield (
        "calendar_last_success_timestamp_seconds",
        [
            ({"calendar": one.name, "id": str(one.id), "account": one.account or ""}, _seconds(one.last_success))
            for one in taking_part
        ],
    )
    yield "account_state", [({"account": one.email, "state": one.state}, 1) for one in facts.accounts]
    ending = [(one.email, one.sign_in_ends) for one in facts.accounts if one.sign_in_ends is not None]
    yield "sign_in_days_left", [({"account": email}, (end - facts.now).total_seconds() / DAY) for email, end in ending]


def _counted(counts: Counts, shown: Shown) -> Iterator[tuple[str, list[Sample]]]:
    requests = sorted(counts.requests.items())
    yield "passes", [({}, shown.told.passes)]
    yield "requests", [({"kind": kind, "status": status}, count) for (kind, status), count in requests]
    yield "errors", [({"class": kind}, count) for kind, count in sorted(counts.errors.items())]
    yield "push_messages", [({"kind": kind}, count) for kind, count in sorted(counts.messages.items())]


def _of_process(told: Told) -> Iterator[Metric]:
    """Yield what Prometheus knows every process by; its own collector reads /proc/stat, which a confined one lacks."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415

    yield CounterMetricFamily("process_cpu_seconds", "Processor time of the daemon.", value=time.process_time())
    yield GaugeMetricFamily("process_start_time_seconds", "When the daemon began.", value=told.since)
    with suppress(OSError, ValueError, IndexError):  # Linux only
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        resident = pages * os.sysconf("SC_PAGE_SIZE")
        yield GaugeMetricFamily("process_resident_memory_bytes", "Memory of the daemon.", value=resident)
        yield GaugeMetricFamily("process_open_fds", "Open files of the daemon.", value=files)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else 0.0
