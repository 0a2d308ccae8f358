"""Several servers behind nginx on this machine, with the configuration in deploy/."""

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

from tests.browser.server import PATIENCE, ROOT, Server, answers, free_port

CONFIGURATION: Final = ROOT / "deploy" / "nginx.conf"
NGINX: Final = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
"""The path of nginx (Debian's package nginx), or None if this machine has none."""


class Replicas:
    """A context in which `count` servers run, with nginx in front of them."""

    def __init__(self, count: int = 2, *options: str, https: bool = False) -> None:
        """options: those of each server; https: nginx speaks it, with a self-signed certificate.

        Raises RuntimeError if there is no nginx.
        """
        if NGINX is None:
            raise RuntimeError("needs nginx to stand in front of several servers: install it")
        self.servers = [Server("app.py", *options) for _ in range(count)]
        self.port = free_port()
        self.https = https
        self.url = f"http{'s' * https}://localhost:{self.port}/"
        self._stack = ExitStack()
        self._nginx: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for server in self.servers:
                stack.enter_context(server)
            folder = Path(stack.enter_context(TemporaryDirectory()))
            folder.chmod(0o711)  # nginx that root starts works as another user
            self._start_nginx(folder)
            stack.callback(self._stop_nginx)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def _start_nginx(self, folder: Path) -> None:
        assert NGINX is not None
        text = CONFIGURATION.read_text(encoding="utf-8")
        servers = "\n".join(
            f"server 127.0.0.1:{server.port} max_fails=1 fail_timeout=5s;"
            for server in self.servers
        )
        listening = f"listen 127.0.0.1:{self.port};"
        if self.https:
            listening = listening.replace(";", f" ssl http2; {_certified(folder)}")
        for what, here in {
            "server app:8501 max_fails=1 fail_timeout=5s;": servers,
            "listen 8080;": listening,
            "/tmp/nginx": f"{folder}/nginx",
        }.items():
            if what not in text:
                raise RuntimeError(f"{CONFIGURATION} needs {what!r}, which is replaced here")
            text = text.replace(what, here)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        self._nginx = subprocess.Popen(command)
        if not answers(self._nginx, self.port):
            self._stop_nginx()
            raise RuntimeError("nginx did not start; it says above why")

    def _stop_nginx(self) -> None:
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait(PATIENCE)


def _certified(folder: Path) -> str:
    """Create a certificate for this machine; return the lines with it for nginx."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    where = ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request, *where], check=True, capture_output=True)
    return f"ssl_certificate {certificate}; ssl_certificate_key {key};"
