"""Idle polls in a process of their own: `python -m bench.idle_poll ROOT TOKEN CALENDAR POLLS` prints JSON.

One pass as a daemon runs it, connections kept: a request, one small transaction. The CPU time is this process's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import calsyncctl.google.provider  # noqa: F401  (imports are not what is measured)
from bench.engine import prepared
from bench.local_google import busy_cost


def main() -> None:
    root, token, calendar, polls = *sys.argv[1:4], int(sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        run = prepared(root, token, calendar, Path(folder))
        items = run().counts.new
        run()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(polls):
            run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        server = busy_cost(root, token, 10 * polls)
    print(json.dumps({"seconds": wall / polls, "cpu": cpu / polls, "server": server, "items": items}))


if __name__ == "__main__":
    main()
