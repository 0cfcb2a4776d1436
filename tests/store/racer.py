"""One of several processes that race for a store: says it is ready, waits for a line, acts, says how it went."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from calsyncctl.errors import CalsyncError
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.meta import get_meta, set_meta

TURNS = 100


def race(act: str, path: Path, racers: int = 4) -> list[str]:
    """Let so many processes do the same at the same moment; return what each said."""
    command = [sys.executable, "-m", "tests.store.racer", act, str(path)]
    running = [
        subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(racers)
    ]
    try:
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        return [one.communicate(timeout=60)[0].strip() for one in running]
    finally:
        for one in running:
            one.kill()
            one.wait(timeout=10)


def count(store: Store) -> None:
    """Read, then write what was read plus one: the pattern that a deferred transaction loses."""
    for _ in range(TURNS):
        with store.write():
            set_meta(store, "count", str(int(get_meta(store, "count") or 0) + 1))


def main() -> None:
    act, path = sys.argv[1], Path(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        with open_store(path) as store:
            if act == "count":
                count(store)
    except CalsyncError as error:
        print(error.what)
    else:
        print("fine")


if __name__ == "__main__":
    main()
