"""How an installation signs the files that it writes, and whose signatures it trusts."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from configs.frozen import Frozen
from configs.service import HTTP_URL

FilePath: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00]+$")]
Source: TypeAlias = Literal["self-made", "file", "environment", "key vault"]
_VARIABLE, _VAULT = "env:", "https://"


class CredentialsConfig(Frozen):
    """Content credentials (C2PA). Without `certificate` and `key` the studio makes a chain of its own once, in its
    state folder, which nobody else trusts. Paths count from the checkout, as `state` does."""

    enabled: bool = Field(default=True, description="false: files carry XMP and recipe, and are not signed")
    optional: bool = Field(default=False, description="true: spaces and requests may have files left unsigned")
    certificate: FilePath | None = Field(
        default=None, description="file with the chain in PEM: the certificate that signs first, then those above it"
    )
    key: FilePath | None = Field(
        default=None,
        description="of that certificate: a PEM file, env:NAME of a variable that has the PEM, or a key of Azure Key "
        "Vault, https://VAULT.vault.azure.net/keys/NAME/VERSION",
    )
    time_stamp_url: str | None = Field(
        default=None, pattern=HTTP_URL, description="of an RFC 3161 authority, which is asked for every file"
    )
    trusted: FilePath | None = Field(
        default=None,
        description="file with the certificates in PEM whose signatures /verify calls trusted; none if absent",
    )

    @property
    def source(self) -> Source:
        """Where the key is."""
        if self.key is None:
            return "self-made"
        if self.key.startswith(_VAULT):
            return "key vault"
        return "environment" if self.key.startswith(_VARIABLE) else "file"

    @property
    def variable(self) -> str:
        """The name of the variable that has the key, where one does."""
        return (self.key or "").removeprefix(_VARIABLE)

    @model_validator(mode="after")
    def _whole(self) -> CredentialsConfig:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("write both 'certificate' and 'key', or neither: the studio makes its own then")
        return self
