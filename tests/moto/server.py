"""A real S3 server for tests, moto's: a process of its own, at the end of a line that can be cut where a test says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

from tests.moto.line import Line
from tests.ports import free_port

_SERVER = Path(os.environ.get("VIRTUAL_ENV", Path(__file__).resolve().parents[2] / ".venv"), "s3/bin/moto_server")
_INSTALL = "moto's server is not installed: run tests/install-servers.sh (`make test` does it) and test again"
_SECONDS = 60
_REGION = "us-east-1"
_FORM = "application/x-www-form-urlencoded"


class S3Server:
    """It keeps buckets in memory, so they are lost with `kill`; `stop` cuts the line to it, and nothing is lost."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.line = Line(self._port)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What obstore reads to reach it; the URL of a bucket is `s3://<bucket>`."""
        keys = {"AWS_ACCESS_KEY_ID": "studio", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": _REGION}
        return keys | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.line.port}"}

    def create(self, bucket: str) -> None:
        """Make a bucket."""
        self._ask("PUT", f"/{bucket}", b"", {"Authorization": _claim("s3")})

    def user(self, name: str, policy: str) -> dict[str, str]:
        """A user with rights: the environment to be them. Rights count once `judge` was called."""
        self._iam(Action="CreateUser", UserName=name)
        self._iam(Action="PutUserPolicy", UserName=name, PolicyName="rights", PolicyDocument=policy)
        answer = self._iam(Action="CreateAccessKey", UserName=name)
        found = [re.search(f"<{tag}>(.*?)</{tag}>", answer) for tag in ("AccessKeyId", "SecretAccessKey")]
        key, secret = (match[1] if match else "" for match in found)
        return self.environment | {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}

    def judge(self) -> None:
        """From now on nobody may do what their policy does not allow, and signatures are checked."""
        self._ask("POST", "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})

    def start(self) -> None:
        """Serve, and join the line where it is cut."""
        if self._process is None:
            self._launch()
        self.line.join()

    def stop(self) -> None:
        """Cut the line, whatever is on it."""
        self.line.cut()

    def kill(self) -> None:
        """With all that it holds."""
        self.line.cut()
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_SECONDS)
            self._process = None

    def _launch(self) -> None:
        command = [str(_SERVER), "-H", "127.0.0.1", "-p", str(self._port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True)
        deadline = time.monotonic() + _SECONDS
        while True:
            with suppress(OSError):
                self._ask("GET", "/moto-api/data.json", None, {})
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"moto did not start: {(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def _iam(self, **parameters: str) -> str:
        body = urlencode({**parameters, "Version": "2010-05-08"}).encode()
        return self._ask("POST", "/", body, {"Authorization": _claim("iam"), "Content-Type": _FORM})

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> str:
        url = f"http://127.0.0.1:{self._port}{path}"
        asked = urllib.request.Request(url, body, dict(headers), method=method)
        try:
            with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            raise RuntimeError(f"moto refuses {method} {path}: {error.read().decode()}") from None


def _claim(service: str) -> str:
    """Whose request it is, not signed: moto finds the service by it, and checks nothing before `judge`."""
    scope = f"operator/20261130/{_REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Raises `RuntimeError` saying what to install when it is not on this machine."""
    if not _SERVER.exists():
        raise RuntimeError(_INSTALL)
    server = S3Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
