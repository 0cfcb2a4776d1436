"""`--state FILE`: everything that a sandbox knows, in one JSON file, so that a rehearsal can go on another day."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from calsyncctl.sandbox.oauth import Access, Code
from calsyncctl.sandbox.refusals import Json
from calsyncctl.sandbox.service import Service
from calsyncctl.sandbox.state import Account, Calendar, World
from calsyncctl.sandbox.switches import Settings
from calsyncctl.sandbox.watching import Channel

FORMAT = 1


@dataclass(slots=True)
class Kept:
    """The content of the file. It holds tokens of the sandbox: they are good for nothing else."""

    format: int
    settings: Settings
    accounts: dict[str, Account]
    calendars: dict[str, Calendar]
    mails: list[Json]
    channels: dict[str, Channel]
    codes: dict[str, Code]
    access: dict[str, Access]
    refresh: dict[str, Access]
    groups: dict[str, list[str]] = field(default_factory=dict)


def save(service: Service, path: Path) -> None:
    """Write everything, readable by the owner only, in one step."""
    world, oauth = service.world, service.oauth
    for calendar in world.calendars.values():
        for event in calendar.order:
            event.rendered = {}
    calendars = {key: replace(one, order=[]) for key, one in world.calendars.items()}
    kept = Kept(
        FORMAT, world.settings, world.accounts, calendars, world.mails, world.channels.living,
        oauth.codes, oauth.access, oauth.refresh, world.groups,
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(kept))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(service: Service, path: Path) -> None:
    """Put what a file holds in the place of the seeded data; ValueError for a file of another kind."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except msgspec.MsgspecError as fault:
        raise ValueError(f"{path} is no state of a sandbox: {fault}") from None
    if kept.format != FORMAT:
        raise ValueError(f"{path} has format {kept.format}, this sandbox knows {FORMAT}.")
    for calendar in kept.calendars.values():
        calendar.order = sorted(calendar.events.values(), key=lambda event: event.ordinal)
    world = World(settings=kept.settings, accounts=kept.accounts, calendars=kept.calendars, mails=kept.mails)
    world.groups = kept.groups
    world.channels.living = kept.channels
    world.channels.ever = set(kept.channels)
    world.clock.offset = kept.settings.clock_offset_seconds
    service.world = service.oauth.world = world
    service.oauth.codes, service.oauth.access, service.oauth.refresh = kept.codes, kept.access, kept.refresh
