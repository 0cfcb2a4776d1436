"""`calsyncctl sandbox`: a local Google to try everything without an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.runtime import Runtime

app = typer.Typer(help="A local Google: try everything without an account.", no_args_is_help=True)

ADDRESS = "http://127.0.0.1:8765"
VARIABLES = {
    "CALSYNCCTL_GOOGLE_API_ROOT": "api_root",
    "CALSYNCCTL_GOOGLE_AUTH_URI": "auth_uri",
    "CALSYNCCTL_GOOGLE_TOKEN_URI": "token_uri",
    "CALSYNCCTL_GOOGLE_REVOKE_URI": "revoke_uri",
    "CALSYNCCTL_GOOGLE_USERINFO_URI": "userinfo_uri",
    "CALSYNCCTL_CLIENT_SECRETS": "client_file",
}


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 = any free one.")] = 8765,
    accounts: Annotated[
        str, typer.Option(help="E-mail addresses, by commas.")
    ] = "work@example.com,support@example.com",
    events: Annotated[int, typer.Option(min=0, help="Items on the first account's main calendar.")] = 200,
    seed: Annotated[int, typer.Option(help="Another number, other data.")] = 1,
    anchor: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that the data lies around; default today.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Keep everything in this file over restarts.")] = None,
) -> None:
    """Serve until Ctrl-C; prints one JSON line with its addresses, client file and accounts."""
    try:
        from calsyncctl.sandbox.serve import Options, run  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise UsageFault(
            f"The sandbox needs {missing.name}, which is not installed.", "pip install 'calsyncctl[sandbox]'"
        ) from None
    names = tuple(part.strip() for part in accounts.split(",") if part.strip())
    if not names or not all("@" in name for name in names):
        raise UsageFault("--accounts takes e-mail addresses, separated by commas.")
    try:
        run(Options(port, names, events, seed, anchor.date() if anchor else None, state))
    except (ValueError, OSError) as fault:
        raise UsageFault(f"The sandbox could not start: {fault}", "Try another --port or --state.") from fault


@dataclass(frozen=True, slots=True)
class Variables:
    """The environment that aims calsyncctl at a sandbox, for JSON."""

    variables: dict[str, str]


@app.command()
def env(ctx: typer.Context, address: Annotated[str, typer.Option(help="Where the sandbox runs.")] = ADDRESS) -> None:
    """Print the variables that aim calsyncctl at a running sandbox, for `eval`."""
    import shlex  # noqa: PLC0415

    run: Runtime = ctx.obj
    info = _info(address)
    values = {variable: str(info[name]) for variable, name in VARIABLES.items()}
    lines = "\n".join(f"export {variable}={shlex.quote(value)}" for variable, value in values.items())
    run.console.result(Variables(values), lines, schema="sandbox-env")


def _info(address: str) -> dict[str, object]:
    import json  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/sandbox/info", timeout=10) as answer:
            return dict(json.load(answer))
    except (OSError, ValueError) as fault:
        raise NotFound(f"No sandbox answers at {address}.", "Start one: calsyncctl sandbox serve") from fault
