"""`python -m calsyncctl.sandbox serve`: the same flags as `calsyncctl sandbox serve`, without the command line app."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from calsyncctl.sandbox.serve import DEFAULT_PORT, Options, run


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m calsyncctl.sandbox", description="A local Google.")
    serve = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="serve until told to end")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 = any free one")
    serve.add_argument("--accounts", default=",".join(Options().accounts), help="e-mail addresses, by commas")
    serve.add_argument("--events", type=int, default=Options().events, help="on the first account's main calendar")
    serve.add_argument("--seed", type=int, default=1, help="another number, other data")
    serve.add_argument("--anchor", type=date.fromisoformat, help="the day that the data lies around; default today")
    serve.add_argument("--state", type=Path, help="keep everything in this file over restarts")
    given = parser.parse_args(arguments)
    accounts = tuple(part.strip() for part in given.accounts.split(",") if part.strip())
    return Options(given.port, accounts, given.events, given.seed, given.anchor, given.state)


if __name__ == "__main__":
    try:
        run(parse())
    except (ValueError, OSError) as fault:
        raise SystemExit(f"calsyncctl.sandbox: {fault}") from None
