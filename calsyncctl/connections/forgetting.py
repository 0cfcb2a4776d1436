"""Housekeeping: forgetting what is older than it is kept. The daemon does it every hour, `reconcile` at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from calsyncctl.errors import Later
from calsyncctl.store.db import Store
from calsyncctl.store.prune import Pruned, prune, prune_backups

_log = logging.getLogger(__name__)


def keep_house(
    store: Store, backups: Path, *, keep_days: int, now: int, go_on: Callable[[], bool] = lambda: True
) -> Pruned:
    """Forget old history, events given up long ago and old automatic backups; `go_on` is asked before each chunk.

    A store that is busy is no trouble: what is left is forgotten the next time.
    """
    try:
        pruned = prune(store, now, keep_days=keep_days, go_on=go_on)
    except Later:
        return Pruned()
    old = prune_backups(backups, now)
    if pruned != Pruned() or old:
        _log.info(
            "forgotten: %d changes, %d runs, %d deleted events, %d automatic backups",
            pruned.versions,
            pruned.runs,
            pruned.events,
            len(old),
        )
    return pruned
