"""Reading the OAuth client file that the operator got from Google's console. Light: the configuration uses it too."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from calsyncctl.errors import ConfigFault
from calsyncctl.model.account import OAuthClient
from calsyncctl.settings import GOOGLE_AUTH_URI, GOOGLE_REVOKE_URI, GOOGLE_TOKEN_URI, GOOGLE_USERINFO_URI

_GOOGLE: Final = {
    "auth_uri": GOOGLE_AUTH_URI,
    "token_uri": GOOGLE_TOKEN_URI,
    "revoke_uri": GOOGLE_REVOKE_URI,
    "userinfo_uri": GOOGLE_USERINFO_URI,
}

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_HELP: Final = "Make a client of the type “Desktop app” and download its file: calsyncctl help google-project"
_WHERE_SECRETS_ARE: Final = (
    "Google shows a client's secret only when it is made: add a new secret to the client in the console and "
    "download the file again: calsyncctl help google-project"
)


class _Installed(msgspec.Struct):
    client_id: str = ""
    client_secret: str = ""
    auth_uri: str = ""
    token_uri: str = ""
    revoke_uri: str = ""
    userinfo_uri: str = ""


class _File(msgspec.Struct):
    installed: _Installed | None = None
    web: msgspec.Raw = msgspec.Raw()
    type: str = ""


def read_client_file(path: Path) -> OAuthClient:
    """Read a client file of Google's console; its own addresses are honoured, those it lacks are Google's.

    Raises:
        ConfigFault: if it is not there, not JSON, of another kind of client, or lacks something.
    """
    installed = _installed(path, _decode(path))
    if not installed.client_id:
        raise ConfigFault(f"The client file {path} has no client_id.", _HELP)
    if not installed.client_secret:
        raise ConfigFault(f"The client file {path} has no client_secret.", _WHERE_SECRETS_ARE)
    addresses = {name: getattr(installed, name) or usual for name, usual in _GOOGLE.items()}
    for name, address in addresses.items():
        _refuse_plain_http(path, name, address)
    return OAuthClient(installed.client_id, installed.client_secret, **addresses)


def _decode(path: Path) -> _File:
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)  # Windows' editors put one there
        return msgspec.json.decode(content, type=_File)
    except OSError as error:
        raise ConfigFault(f"The client file {path} cannot be read: {error.strerror}.", "Check its path.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # Not chained: the decoder's message may quote the file, and the file holds the client's secret.
        raise ConfigFault(f"{path} is not a client file of Google's console.", _HELP) from None


def _installed(path: Path, file: _File) -> _Installed:
    if file.installed is not None:
        return file.installed
    if file.web:
        raise ConfigFault(f"The client file {path} is for a web application, which cannot sign in here.", _HELP)
    if file.type == "service_account":
        raise ConfigFault(f"{path} is the key of a service account, not an OAuth client file.", _HELP)
    raise ConfigFault(f"{path} is not a client file of Google's console.", _HELP)


def _refuse_plain_http(path: Path, name: str, uri: str) -> None:
    parts = urlsplit(uri)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise ConfigFault(
        f"The client file {path} names an address that is not https: {name}.",
        "Plain http is for this machine only (127.0.0.1, localhost). Download the file from Google's console again.",
    )
