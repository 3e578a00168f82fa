"""How files are signed, as it crosses to the replicas that write them; light, since the router knows it, too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from configs.credentials import CredentialsConfig
from configs.errors import ConfigError
from configs.formats import Format
from deployments.provenance.own_chain import FOLDER, own_chain

if TYPE_CHECKING:
    from deployments.provenance.certificate import Certificate
    from deployments.provenance.signatory import Signatory
    from deployments.provenance.vault import VaultKey

SIGNED: tuple[Format, ...] = ("png", "jpeg", "webp", "avif")
"""Formats that carry a manifest. SVG and PDF are text, which the tools that they are for write anew: they have XMP."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How files are signed, as it crosses to a replica: the profile's words, the folder that paths in them count from,
    and the studio's state."""

    config: CredentialsConfig
    root: str
    state: str

    def open(self, environment: Mapping[str, str] = os.environ) -> Signatory | None:
        """Who signs; None where nothing is signed. Raises `ConfigError` for a certificate or a key that cannot."""
        if not self.config.enabled:
            return None
        from deployments.provenance.signatory import Signatory  # its library, which only a replica needs

        return Signatory(*self._credentials(environment), self.config.time_stamp_url)

    def check(self, environment: Mapping[str, str] = os.environ) -> None:
        """Raises `ConfigError` where `open` would, and for certificates to trust that are not there. No vault is asked
        for anything."""
        if self.config.enabled:
            self._credentials(environment)
        if self.config.trusted is not None:
            self._read(self.config.trusted, "trusted")

    def _credentials(self, environment: Mapping[str, str]) -> tuple[Certificate, bytes | VaultKey]:
        from deployments.provenance.certificate import check_key, read_certificate, read_key, write_key

        chain, key = self._chain()
        certificate = read_certificate(chain, self._place)
        if self.config.source == "key vault":
            return certificate, self._vault(certificate)
        pem = read_key(self._key(environment) if key is None else key, "the key in 'key'")
        check_key(pem, certificate, "the key in 'key'")
        return certificate, write_key(pem)

    @property
    def _place(self) -> str:
        if self.config.certificate is None:
            return f"the chain in {Path(self.root, self.state, FOLDER)} (remove the folder, and a new one is made)"
        return f"'{self.config.certificate}'"

    def _chain(self) -> tuple[bytes, bytes | None]:
        if self.config.certificate is None:
            return own_chain(Path(self.root, self.state))
        return self._read(self.config.certificate, "certificate"), None

    def _key(self, environment: Mapping[str, str]) -> bytes:
        assert self.config.key is not None
        if self.config.source == "file":
            return self._read(self.config.key, "key")
        if not environment.get(self.config.variable):
            raise ConfigError(
                f"content credentials: the variable {self.config.variable} is not set where files are written: set it "
                "to the key in PEM on every node, or write another 'key'",
                "credentials",
            )
        return environment[self.config.variable].encode()

    def _read(self, path: str, name: str) -> bytes:
        try:
            return Path(self.root, path).read_bytes()
        except OSError as error:
            raise ConfigError(
                f"content credentials: the file of '{name}', {Path(self.root, path)}, cannot be read "
                f"({error.strerror or error}): every node that writes files needs it",
                "credentials",
            ) from None

    def _vault(self, certificate: Certificate) -> VaultKey:
        from azure.identity import DefaultAzureCredential

        from deployments.provenance.vault import VaultKey

        assert self.config.key is not None
        return VaultKey(self.config.key, certificate.algorithm, DefaultAzureCredential())
