"""A key that never leaves its vault: a server on loopback that signs as Azure's does, and fails as it may."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from configs.errors import ConfigError, StageError
from deployments.provenance.certificate import make_chain, read_certificate
from deployments.provenance.signatory import Signatory
from deployments.provenance.vault import VaultKey
from tests.deployments.provenance.samples import told, written

CHAIN, KEY = make_chain()
CERTIFICATE = read_certificate(CHAIN, "a chain")


class Credential:
    """Who asks, as azure-identity tells it."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        assert scopes == ("https://vault.azure.net/.default",)
        return AccessToken("a-token", 2**40)


class Vault(ThreadingHTTPServer):
    """What it was asked, and how many answers are refusals before it signs."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.refusals: list[int] = []
        key = serialization.load_pem_private_key(KEY, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.key = key

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/keys/studio/1"


class _Handler(BaseHTTPRequestHandler):
    server: Vault

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append({"path": self.path, "token": self.headers["authorization"], **body})
        if self.server.refusals:
            self._answer(self.server.refusals.pop(), {})
            return
        digest = base64.urlsafe_b64decode(body["value"] + "==")
        numbers = decode_dss_signature(self.server.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))))
        raw = b"".join(number.to_bytes(32, "big") for number in numbers)
        self._answer(200, {"value": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()})

    def _answer(self, status: int, told_of: dict[str, Any]) -> None:
        data = json.dumps(told_of).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def vault() -> Iterator[Vault]:
    with Vault() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def key_of(vault: Vault) -> VaultKey:
    return VaultKey(vault.url, "es256", Credential(), pause_seconds=0.01)


def test_a_file_is_signed_by_digests_alone(vault: Vault) -> None:
    signed = written("png", Signatory(CERTIFICATE, key_of(vault)))
    assert told(signed, "png")["validation_state"] == "Valid"
    (asked,) = vault.asked
    assert (asked["alg"], asked["token"]) == ("ES256", "Bearer a-token")
    assert asked["path"] == "/keys/studio/1/sign?api-version=7.4"
    assert len(base64.urlsafe_b64decode(asked["value"] + "==")) == 32


def test_a_vault_that_is_busy_is_asked_again(vault: Vault) -> None:
    vault.refusals = [503, 429]
    assert key_of(vault).sign(b"data")
    assert len(vault.asked) == 3


def test_a_vault_that_refuses_or_is_away_says_so(vault: Vault) -> None:
    vault.refusals = [403]
    with pytest.raises(StageError, match=r"refused to sign \(status 403\)"):
        key_of(vault).sign(b"data")
    gone = VaultKey("http://127.0.0.1:1/keys/studio", "es256", Credential(), pause_seconds=0.01)
    with pytest.raises(StageError, match="does not answer"):
        gone.sign(b"data")


@pytest.mark.parametrize("url", ["https://vault.azure.net", "https://v.azure.net/secrets/a", "https:///keys/a"])
def test_a_url_that_names_no_key_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="names no key of a vault"):
        VaultKey(url, "es256", Credential())


def test_an_algorithm_that_the_vault_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not sign with ed25519"):
        VaultKey("https://v.vault.azure.net/keys/a", "ed25519", Credential())
