"""Flags that come in pairs, `--free/--busy`: given both, a line contradicts itself, and the parser would take the last.

Typer's parser keeps one value for a pair and no trace of the other, so the two are watched where it stores them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from calsyncctl.errors import UsageFault


def watch_pairs(parser: Any) -> Any:
    """Let a command's parser refuse both flags of a pair; return it.

    What it touches is typer's own, so `tests/acceptance/test_events_made_here.py` holds it to the version that is
    installed.
    """
    for option in set(parser._long_opt.values()):
        if option.action == "store_const" and getattr(option.obj, "secondary_opts", ()):
            option.process = _watched(option, option.process)
    return parser


def _watched(option: Any, process: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def store(value: Any, state: Any) -> None:
        if state.opts.get(option.dest, option.const) is not option.const:
            both = (*option.obj.opts[:1], *option.obj.secondary_opts[:1])
            raise UsageFault(f"{' and '.join(both)} cannot be given together.", "Give one of them.")
        process(value, state)

    return store
