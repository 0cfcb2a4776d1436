"""What Google posts: a hint that something changed, and nothing more. It is answered at once, and never says why not.

https://developers.google.com/workspace/calendar/api/guides/push: the body is empty, everything stands in headers.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from calsyncctl.connections.channels import heard_by
from calsyncctl.daemon.http import Environ, Reply
from calsyncctl.errors import CalsyncError
from calsyncctl.model.channel import Channel
from calsyncctl.store.db import Store

_log = logging.getLogger(__name__)

LONGEST = 256
"""Characters of a token or an id; Google allows no more."""
STATES = ("exists", "not_exists")


class Webhook:
    """Answers messages. `hinted` hears of each that counts, `greeted` of each channel whose messages arrive."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        hinted: Callable[[Channel], None],
        greeted: Callable[[str], None],
        drop_store: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._drop_store = open_store, drop_store
        self._hinted = hinted
        self._greeted = greeted
        self.messages: Counter[str] = Counter()
        """How many came: `hint`, `sync`, `stray`."""

    def __call__(self, environ: Environ) -> Reply:
        """Answer one message: 200, or 404 for what belongs to no channel; 503 lets Google try again."""
        channel_id = str(environ.get("HTTP_X_GOOG_CHANNEL_ID", ""))
        token = str(environ.get("HTTP_X_GOOG_CHANNEL_TOKEN", ""))
        state = str(environ.get("HTTP_X_GOOG_RESOURCE_STATE", ""))
        try:
            short = len(channel_id) <= LONGEST and len(token) <= LONGEST
            channel = heard_by(self._store(), channel_id, token) if short else None
        except CalsyncError as error:
            self._drop_store()
            _log.debug("a message could not be looked up: %s", error.what)
            return Reply(503)
        if channel is None:
            self.messages["stray"] += 1
            return Reply(404)
        if channel.heard is None:
            self._greeted(channel.id)
        self.messages["hint" if state in STATES else "sync"] += 1
        if state in STATES:
            self._hinted(channel)
        return Reply(200)
