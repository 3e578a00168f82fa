"""A key in Azure Key Vault, which never leaves it: digests go there, signatures come back (REST, api-version 7.4)."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse

from configs.errors import ConfigError, StageError
from deployments.provenance.certificate import Algorithm

_SCOPE = "https://vault.azure.net/.default"
_VERSION = "7.4"
_SECONDS = 5.0  # for one answer
_TRIES = 3
_HASHES = {
    "es256": ("ES256", hashlib.sha256),
    "es384": ("ES384", hashlib.sha384),
    "es512": ("ES512", hashlib.sha512),
    "ps256": ("PS256", hashlib.sha256),
}
"""By C2PA's name: that of the vault, which is JSON Web Algorithms', and what is hashed before."""


class VaultKey:
    """Signs with the key at `url` (…/keys/NAME, or …/keys/NAME/VERSION), as whom `credential` says. Any thread may
    call."""

    def __init__(self, url: str, algorithm: Algorithm, credential: TokenCredential, pause_seconds: float = 0.2) -> None:
        """Raises `ConfigError` for a URL that names no key, and for an algorithm that the vault does not have."""
        parts = urlsplit(url)
        if not parts.hostname or len(parts.path.strip("/").split("/")) not in (2, 3) or "/keys/" not in parts.path:
            raise ConfigError(
                f"content credentials: '{url}' names no key of a vault: write "
                "https://VAULT.vault.azure.net/keys/NAME/VERSION",
                "credentials",
            )
        if algorithm not in _HASHES:
            raise ConfigError(
                f"content credentials: Azure Key Vault does not sign with {algorithm}: take a certificate of an "
                "elliptic curve (P-256) or of RSA",
                "credentials",
            )
        self._url, (self._named, self._hash) = url.rstrip("/"), _HASHES[algorithm]
        self._is_secure = parts.scheme == "https"
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            f"{parts.scheme}://{parts.netloc}",
            policies=[
                RetryPolicy(
                    retry_total=_TRIES - 1,
                    retry_backoff_factor=pause_seconds,
                    timeout=_TRIES * _SECONDS,
                ),
                BearerTokenCredentialPolicy(credential, _SCOPE),
            ],
        )

    def sign(self, data: bytes) -> bytes:
        """The vault's signature of `data`; of elliptic curves both numbers one after another. Raises `StageError`."""
        body = {"alg": self._named, "value": _to_text(self._hash(data).digest())}
        request = HttpRequest("POST", f"{self._url}/sign?api-version={_VERSION}", json=body)
        try:
            answer = self._client.send_request(
                request,
                connection_timeout=_SECONDS,
                read_timeout=_SECONDS,
                retry_on_methods={"POST"},  # signing twice changes nothing
                enforce_https=self._is_secure,
            )
            if answer.status_code != 200:
                raise StageError(f"the key vault refused to sign (status {answer.status_code})")
            return _to_bytes(answer.json()["value"])
        except AzureError as error:
            raise StageError(f"the key vault does not answer ({type(error).__name__})") from None
        except (KeyError, TypeError, ValueError):
            raise StageError("the key vault answered with something else than a signature") from None

    def close(self) -> None:
        """Let its connections go."""
        self._client.close()


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _to_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
