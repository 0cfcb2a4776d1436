"""A real nginx before the daemon, configured as docs/push.md says; ended by its pid."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.daemon import eventually
from tests.support.sandbox import Sandbox
from tests.support.tools import need

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "push.md"
AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}
}}
"""


def configuration(folder: Path, *, outside: int, inside: int) -> str:
    """Return the document's server with our ports, name and certificate."""
    found = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found, "docs/push.md has no nginx block"
    server = found[1]
    for ours, theirs in (
        (f"listen 127.0.0.1:{outside} ssl", "listen 443 ssl"),
        ("server_name localhost", "server_name calendars.example.com"),
        (f"{folder}/cert.pem", "/etc/ssl/certs/calendars.example.com.pem"),
        (f"{folder}/key.pem", "/etc/ssl/private/calendars.example.com.key"),
        (f"http://127.0.0.1:{inside}", "http://127.0.0.1:8750"),
    ):
        assert theirs in server
        server = server.replace(theirs, ours)
    return AROUND.format(folder=folder, server=server)


@contextmanager
def nginx(google: Sandbox, folder: Path, *, outside: int, inside: int) -> Iterator[Path]:
    """Run it with a certificate of the authority that this Google trusts; yield that authority's certificate."""
    program = need("nginx")
    folder.mkdir()
    made = google.admin("POST", "/certificates", {"hosts": ["localhost"]})
    for name, content in (("cert.pem", "certificate"), ("key.pem", "key"), ("ca.pem", "ca")):
        (folder / name).write_text(made[content])
    (folder / "nginx.conf").write_text(configuration(folder, outside=outside, inside=inside))
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with subprocess.Popen(command) as process:
        try:
            eventually(lambda: (folder / "nginx.pid").exists() or process.poll() is not None)
            assert process.poll() is None, (folder / "error.log").read_text()
            yield folder / "ca.pem"
        finally:
            process.terminate()
            process.wait(10)
