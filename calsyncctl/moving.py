"""Moving a profile's secrets (`profile secrets --move-to`, `init --vault`): which vaults, in which order, and the key.

`systemd` is no vault of its own: it is the encrypted file, its key handed over by systemd (`LoadCredential=`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calsyncctl.connections import carrying
from calsyncctl.errors import UsageFault, VaultFault

if TYPE_CHECKING:
    from calsyncctl.runtime import Runtime

SYSTEMD = "systemd"


@dataclass(frozen=True, slots=True)
class Moved:
    """How a move ended: how many secrets went from where; `left`: what could not be cleared in the old place, or ""."""

    before: str
    now: str
    carried: int
    left: str = ""


def move_secrets(runtime: Runtime, wish: str) -> Moved:
    """Move all secrets to the vault that is wished for; needs the profile alone.

    Raises:
        Later: another command, or the daemon, works on the profile.
        VaultFault: a vault is out of reach; the secrets are where they were.
        UsageFault: the wish cannot be had here.
    """
    for _, origin in runtime.config.outranked(["vault.backend"]):
        raise UsageFault(f"{origin} is set and decides where secrets are.", "Take it away, then move them.")
    before = runtime.config.settings.vault.backend or "file"
    target = _target(runtime, wish, before)
    with runtime.alone():
        if target != before:
            return change_vault(runtime, before, target, lambda: _switch(runtime, target))
        carried = reseal(runtime) if wish == SYSTEMD else 0
        return Moved(before, target, carried, _clear_left(runtime, target))


def change_vault(runtime: Runtime, before: str, target: str, switch: Callable[[], None]) -> Moved:
    """Carry everything over, switch, then clear the old place. For who has the profile alone."""
    source = runtime.open_vault(before)
    store = runtime.store
    carrying.note_left(store, before, target)
    carried = carrying.carry(source, runtime.open_vault(target), carrying.entries(store))
    switch()
    carrying.settle(store, target)
    return Moved(before, target, carried, _clear_left(runtime, target))


def reseal(runtime: Runtime) -> int:
    """Seal the encrypted file with the key that systemd hands over, in place of the key file; return how many secrets.

    The new file is written and read back whole before it takes the old one's name; then the old key is of no use.
    """
    from calsyncctl.vault.keys import find_key  # noqa: PLC0415
    from calsyncctl.vault.sealed_file import FILE  # noqa: PLC0415

    handed = runtime.credentials_directory
    if handed is None or not runtime.key_file.exists():
        return 0
    old, new = find_key(runtime.key_file, None), find_key(runtime.key_file, handed)
    if old is None or new is None or old.value == new.value:
        return 0
    draft = runtime.paths.vault_dir.with_name(".vault-moving")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        source = runtime.open_vault("file", credentials=False)
        carried = carrying.carry(source, runtime.open_vault("file", directory=draft), carrying.entries(runtime.store))
        if carried:
            (draft / FILE).replace(runtime.paths.vault_dir / FILE)
        runtime.key_file.unlink()
        return carried
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _target(runtime: Runtime, wish: str, before: str) -> str:
    """Return the backend that a wish means here."""
    if wish == SYSTEMD:
        return "file"
    if wish == before:
        return before  # nothing to try: it is in use
    if wish == "file" and runtime.credentials_directory is not None and runtime.key_file.exists():
        raise UsageFault(
            "Here systemd hands over the key of the encrypted file.", "Move to it by: profile secrets --move-to systemd"
        )
    return runtime.choose_vault(wish)


def _switch(runtime: Runtime, target: str) -> None:
    from calsyncctl.config_file import edit_config  # noqa: PLC0415  (tomlkit: 25 ms)

    edit_config(runtime.paths, {"vault.backend": target})


def _clear_left(runtime: Runtime, now: str) -> str:
    """Clear what a move, this one or one that was cut off, left behind; return what could not be cleared."""
    for left in carrying.left_in(runtime.store, now):
        try:
            carrying.clear(runtime.open_vault(left), runtime.store)
        except VaultFault as error:
            return f"Secrets are still in the vault “{left}”: {error.what}"
    carrying.forget_left(runtime.store)
    return ""
