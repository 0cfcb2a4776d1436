"""The systemd unit, and what installing it takes: pure. One template serves every profile (`calsyncctl@PROFILE`).

The system's unit confines the daemon as far as it still works (systemd.exec(5)); `systemd-analyze security` rates it.
A user's manager cannot do most of that without privileges, so the user's unit has what needs none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

HOME = "/var/lib/calsyncctl"
"""Where the system's daemons keep their profiles; CALSYNCCTL_HOME of whoever works on them."""
USER = "calsyncctl"
HIDDEN = tuple(f"/{place}/" for place in ("home", "root", "run/user"))
"""What ProtectHome= hides: a program there cannot be run by the system's unit."""

FOR_ALL = "# when no other profile has a daemon"
_PLAIN = re.compile(r"[\w./+@:,=-]+")

_HEAD = """\
# One daemon per profile: systemctl enable --now calsyncctl@PROFILE
[Unit]
Description=calsyncctl, keeps calendars and Google Calendar the same (profile %i)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=10min
StartLimitBurst=10

[Service]
Type=notify
ExecStart={command} --profile %i daemon run
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=90
TimeoutStartSec=120
TimeoutStopSec=10
Restart=on-failure
RestartSec=5
# 2: the line is wrong, 6: the profile is not enabled; starting again cannot help
RestartPreventExitStatus=2 6
UMask=0077
"""

_OF_SYSTEM = f"""
User={USER}
Group={USER}
Environment=CALSYNCCTL_HOME={HOME}
StateDirectory=calsyncctl calsyncctl/%i
StateDirectoryMode=0700

AmbientCapabilities=
CapabilityBoundingSet=
DevicePolicy=closed
KeyringMode=private
PrivateDevices=yes
PrivateIPC=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
"""

_WITHOUT_PRIVILEGES = """
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
"""

_INSTALL = """
[Install]
WantedBy={target}
"""

SYSUSERS = f'u {USER} - "calsyncctl" {HOME}\n'
"""sysusers.d(5): the user that the system's daemons run as."""


TMPFILES = f"d {HOME} 0700 {USER} {USER}\n"
"""tmpfiles.d(5): the folder of their profiles, there before the first start so that `init` can fill it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What installing does: files to write, commands to run, in this order; and how to take it away again."""

    files: dict[str, str]
    commands: tuple[tuple[str, ...], ...]
    removal: tuple[str, ...]


def system_unit(command: str) -> str:
    """Return the template for the system's manager; `command`: the program's absolute path, as `words` writes it."""
    return (
        _HEAD.format(command=command)
        + _OF_SYSTEM
        + _WITHOUT_PRIVILEGES.lstrip("\n")
        + _INSTALL.format(target="multi-user.target")
    )


def user_unit(command: str, places: Mapping[str, str]) -> str:
    """Return the template for a user's manager; `places`: the variables of this shell that say where profiles are."""
    environment = "".join(f'Environment="{name}={_escaped(value)}"\n' for name, value in places.items())
    return _HEAD.format(command=command) + environment + _WITHOUT_PRIVILEGES + _INSTALL.format(target="default.target")


def for_system(command: str, profile: str, *, key: str | None, begin: bool) -> Plan:
    """Plan an installation for the machine; `key` is the vault's key file for systemd to hand over, `begin`: start it.

    A key whose name ends in `.cred` was made by `systemd-creds encrypt`.
    """
    unit = "/etc/systemd/system/calsyncctl@.service"
    users = "/etc/sysusers.d/calsyncctl.conf"
    folders = "/etc/tmpfiles.d/calsyncctl.conf"
    files = {users: SYSUSERS, folders: TMPFILES, unit: system_unit(command)}
    if key is not None:
        how = "LoadCredentialEncrypted" if key.endswith(".cred") else "LoadCredential"
        files[f"/etc/systemd/system/calsyncctl@{profile}.service.d/key.conf"] = (
            f"[Service]\n{how}=calsyncctl-key:{_escaped(key)}\n"
        )
    name = f"calsyncctl@{profile}"
    return Plan(
        files=files,
        commands=(
            ("systemd-sysusers", users),
            ("systemd-tmpfiles", "--create", folders),
            ("systemctl", "daemon-reload"),
            ("systemctl", "enable", *(("--now",) if begin else ()), name),
        ),
        removal=(
            f"systemctl disable --now {name}",
            *((f"rm /etc/systemd/system/{name}.service.d/key.conf",) if key is not None else ()),
            f"rm {unit} {users} {folders}  {FOR_ALL}",
            "systemctl daemon-reload",
        ),
    )


def for_user(command: str, profile: str, *, units: PurePosixPath, places: Mapping[str, str]) -> Plan:
    """Plan an installation for one user; `units` is the folder of that user's units, `places`: see `user_unit`."""
    unit = str(units / "calsyncctl@.service")
    name = f"calsyncctl@{profile}"
    return Plan(
        files={unit: user_unit(command, places)},
        commands=(
            ("systemctl", "--user", "daemon-reload"),
            ("systemctl", "--user", "enable", "--now", name),
        ),
        removal=(
            f"systemctl --user disable --now {name}",
            f"rm {unit}  {FOR_ALL}",
            "systemctl --user daemon-reload",
        ),
    )


def words(*command: str) -> str:
    """Write a command line as ExecStart= takes it (systemd.service(5)): what it would read otherwise is quoted."""
    return " ".join(one if _PLAIN.fullmatch(one) else f'"{_escaped(one).replace("$", "$$")}"' for one in command)


def _escaped(text: str) -> str:
    """Write a path so that systemd reads it as it is: % begins a specifier."""
    return text.replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
