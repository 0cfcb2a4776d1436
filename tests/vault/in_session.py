"""Runs inside a private D-Bus session (see test_secret_service.py): does what it is told, prints JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from calsyncctl.errors import VaultFault
from calsyncctl.vault.vault import Vault, choose_backend, open_vault

SERVICE = "calsyncctl:test"
PASSWORD = b"test-password"


def start_keyring(*, unlock: bool) -> subprocess.Popen[bytes]:
    """Start gnome-keyring and wait until the bus knows it."""
    options = ["--unlock"] if unlock else ["--start"]
    command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", *options]
    daemon = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert daemon.stdin is not None
    daemon.stdin.write(PASSWORD if unlock else b"")
    daemon.stdin.close()
    for _ in range(200):
        if known_to_the_bus():
            return daemon
        time.sleep(0.05)
    raise SystemExit("gnome-keyring did not come up")


def known_to_the_bus() -> bool:
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    with open_dbus_connection() as connection:
        call = new_method_call(bus, "NameHasOwner", "s", ("org.freedesktop.secrets",))
        return bool(connection.send_and_get_reply(call).body[0])


def vault() -> Vault:
    nowhere = Path("/nonexistent")
    return open_vault("service", service=SERVICE, directory=nowhere, key_file=nowhere, credentials_directory=None)


def keep_and_forget() -> dict[str, object]:
    opened = vault()
    opened.set("refresh:1", "first")
    opened.set("refresh:1", "second")
    opened.set("access:1", "other")
    found = [opened.get("refresh:1"), vault().get("access:1")]
    opened.delete("refresh:1")
    opened.delete("refresh:1")
    return {"found": found, "after": opened.get("refresh:1"), "kept": opened.get("access:1")}


def fault() -> dict[str, object]:
    begun = time.monotonic()
    try:
        vault().set("refresh:1", "canary")
    except VaultFault as error:
        return {"what": error.what, "to_do": error.what_to_do, "seconds": time.monotonic() - begun}
    return {"what": ""}


def choose() -> dict[str, object]:
    return {"backend": choose_backend(service=SERVICE)}


def leave_nothing() -> dict[str, object]:
    """Choose, then list what the probe left behind."""
    choose_backend(service=SERVICE)
    import secretstorage

    with secretstorage.dbus_init() as bus:
        items = secretstorage.get_default_collection(bus).get_all_items()
        return {"left": [item.get_label() for item in items]}


def main() -> None:
    mode, task = sys.argv[1:]
    daemon = start_keyring(unlock=mode == "unlocked") if mode != "none" else None
    tasks = {"keep": keep_and_forget, "fault": fault, "choose": choose, "leave": leave_nothing}
    try:
        print(json.dumps(tasks[task]()), flush=True)
    finally:
        if daemon is not None:
            daemon.terminate()
            daemon.wait(10)
    os._exit(0)  # a call that a deadline gave up on may still be waiting in its thread


if __name__ == "__main__":
    main()
