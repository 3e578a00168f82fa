"""A real OpenID Connect server for tests, oauth2-mock-server: it signs what a test wants signed, and can be away."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.azurite.server import node
from tests.ports import free_port

HERE = Path(__file__).resolve().parent
TENANT = "8f3c2a4e-0000-4000-8000-5a1d10000001"
_INSTALL = "oauth2-mock-server is not installed: run `npm ci` in tests/oidc (`make test` does it) and test again"


class OidcServer:
    """Two issuers: `entra`, shaped as a tenant of Entra ID, and `plain`."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.base = f"http://127.0.0.1:{port}"
        self.entra_template = f"{self.base}/{{tid}}/v2.0"
        self.entra = self.entra_template.replace("{tid}", TENANT)
        self.plain = f"{self.base}/plain"

    def sign(self, issuer: str, claims: dict[str, Any], kid: str = "", header: dict[str, Any] | None = None) -> str:
        """A token with `claims` beside the server's own (iss, iat, nbf, exp); None takes one away."""
        return str(self._do("sign", issuer=issuer, kid=kid or f"{issuer}-1", claims=claims, header=header))

    def add_key(self, issuer: str, kid: str) -> None:
        """A further key, which tokens can be signed with from now on."""
        self._do("key", issuer=issuer, kid=kid)

    def set_page_claims(self, claims: dict[str, Any]) -> None:
        """What tokens say, beside the server's own claims, that a page gets for whoever signs in there."""
        self._do("page", claims=claims)

    def set_away(self, away: bool) -> None:
        """Hang up on whoever asks, or answer again."""
        self._do("away", away=away)

    @property
    def times_asked_for_keys(self) -> int:
        return int(self._do("asked"))

    def _do(self, order: str, **more: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **more}) + "\n")
        self._process.stdin.flush()
        return self.answer()["told"]

    def answer(self) -> dict[str, Any]:
        """The next line that it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the OpenID Connect server has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


def claims_of(person: str = "ana", **changed: Any) -> dict[str, Any]:
    """What an access token of Entra ID says of a person."""
    said = {
        "aud": "api://studio",
        "tid": TENANT,
        "oid": f"oid-{person}",
        "sub": f"pairwise-{person}",
        "ver": "2.0",
        "scp": "access_as_user",
        "azp": "the-page",
        "name": person.title(),
        "preferred_username": f"{person}@studio.example",
        "exp": int(time.time()) + 3600,
    }
    return said | changed


@contextmanager
def running_oidc() -> Iterator[OidcServer]:
    """Raises `RuntimeError` saying what to install when it is not on this machine."""
    if not (HERE / "node_modules/oauth2-mock-server").exists():
        raise RuntimeError(_INSTALL)
    port = free_port()
    command = [node(), str(HERE / "serve.mjs"), str(port), TENANT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        server = OidcServer(process, port)
        server.answer()
        try:
            yield server
        finally:
            process.kill()
