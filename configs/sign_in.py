"""How an installation knows who asks: nobody signs in (a laptop), or people do with an OpenID Connect issuer."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from configs.frozen import Frozen

RoleName: TypeAlias = Literal["designer", "evaluator", "brand_engineer", "operator", "admin", "service"]
Algorithm: TypeAlias = Literal["RS256", "PS256", "ES256"]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[!-~]+$")]
TENANT = "{tid}"
"""Stands for a tenant in the URL of an issuer."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on `host`: an address, or `localhost`."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname and is_loopback(parts.hostname):
        return url
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write an https:// URL as the issuer's tokens have it in 'iss'")
    return url


class IssuerConfig(Frozen):
    """Who signs people in, and what its tokens must say. Of Entra ID, the URL has `{tid}` and `tenants` are listed:
    `https://login.microsoftonline.com/{tid}/v2.0`."""

    issuer: Annotated[Text, AfterValidator(_check_url)] = Field(description="exactly as in the tokens' 'iss'")
    audience: Text = Field(description="of tokens for this studio: with Entra ID, the client id of the API")
    tenants: tuple[Text, ...] = Field(default=(), description="of Entra ID, by id ('tid'); they alone may sign in")
    clients: tuple[Text, ...] = Field(default=(), description="that may bring tokens ('azp'); all if absent")
    scope: Text = Field(description="that a person's token must have, such as access_as_user")
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256",), min_length=1)
    roles_claim: Text = Field(default="roles", description="whose values are mapped to roles: roles, groups …")
    roles: dict[Text, RoleName] = Field(default={}, description="value of that claim -> role")
    everybody: tuple[RoleName, ...] = Field(default=("designer",), description="roles of all who sign in")
    admins: tuple[Text, ...] = Field(
        default=(), description="who is admin whatever the token says: 'oid' with Entra ID, else 'sub'"
    )
    guests: bool = Field(default=False, description="whether guests of a tenant may sign in")
    web_client: Text | None = Field(
        default=None, description="client id of the page /device, a public client with PKCE; it is in 'clients', too"
    )
    web_scope: Annotated[str, StringConstraints(max_length=400, pattern=r"^[ -~]*$")] = Field(
        default="", description="what that page asks for beside openid; with Entra ID api://…/access_as_user"
    )

    @property
    def is_entra(self) -> bool:
        """Whether it is Entra ID, whose tokens name a tenant."""
        return bool(self.tenants)

    @property
    def issuers(self) -> tuple[str, ...]:
        """The issuers that are trusted, as they are written in tokens."""
        if not self.tenants:
            return (self.issuer,)
        return tuple(self.issuer.replace(TENANT, tenant) for tenant in self.tenants)

    @model_validator(mode="after")
    def _fits(self) -> IssuerConfig:
        if (TENANT in self.issuer) != bool(self.tenants):
            raise ValueError(f"write {TENANT} in the issuer's URL and list the tenants, or neither")
        return self


class KeyLifetimes(Frozen):
    """How long an issuer's public keys are believed."""

    refresh_seconds: float = Field(default=3600, gt=0, description="after which they are looked for again")
    keep_seconds: float = Field(default=86_400, gt=0, description="that they last while the issuer is away")
    cooldown_seconds: float = Field(default=30, ge=1, description="between two looks for a key that is not known")
    timeout_seconds: float = Field(default=3, gt=0, le=30, description="for one answer of the issuer")


class SignInConfig(Frozen):
    """`dev`: everybody is the developer, and only this machine may reach the studio. `oidc`: people sign in."""

    mode: Literal["dev", "oidc"] = "dev"
    issuers: tuple[IssuerConfig, ...] = ()
    leeway_seconds: float = Field(default=30, ge=0, le=120, description="that clocks may differ by")
    keys: KeyLifetimes = KeyLifetimes()

    @model_validator(mode="after")
    def _whole(self) -> SignInConfig:
        if self.mode == "oidc" and not self.issuers:
            raise ValueError("with mode oidc, say who signs people in: list at least one of 'issuers'")
        if self.mode == "dev" and self.issuers:
            raise ValueError("with issuers, the mode is oidc: write 'mode: oidc'")
        urls = [url for issuer in self.issuers for url in issuer.issuers]
        if len(urls) != len(set(urls)):
            raise ValueError("two of 'issuers' are the same issuer: write it once")
        return self
