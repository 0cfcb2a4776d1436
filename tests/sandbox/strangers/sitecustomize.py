"""Python reads this at start-up when its folder is on PYTHONPATH: Google's client library then calls the sandbox.

Only the address changes; everything else of the stranger's program is as published.
"""

from __future__ import annotations

import os
from typing import Any

import googleapiclient.discovery

_build = googleapiclient.discovery.build


def build(*arguments: Any, **options: Any) -> Any:
    """Build the client with the sandbox's address and the discovery document that comes with the library."""
    endpoint = {"api_endpoint": f"{os.environ['SANDBOX_ROOT']}/calendar/v3"}
    wanted = {**options, "client_options": endpoint, "static_discovery": True}
    wanted.pop("discoveryServiceUrl", None)
    return _build(*arguments, **wanted)


googleapiclient.discovery.build = build
