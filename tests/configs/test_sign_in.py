"""What an installation may say of how people sign in, and what it is told otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from configs.sign_in import IssuerConfig, SignInConfig, is_loopback

ENTRA = {
    "issuer": "https://login.microsoftonline.com/{tid}/v2.0",
    "tenants": ["11111111-2222-3333-4444-555555555555", "t2"],
    "audience": "api",
    "scope": "access_as_user",
}
PLAIN = {"issuer": "https://id.studio.example", "audience": "studio", "scope": "studio"}


def test_without_a_word_everybody_is_the_developer() -> None:
    assert SignInConfig().mode == "dev"


def test_each_tenant_is_an_issuer() -> None:
    config = SignInConfig.model_validate({"mode": "oidc", "issuers": [ENTRA, PLAIN]})
    assert config.issuers[0].issuers == (
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
        "https://login.microsoftonline.com/t2/v2.0",
    )
    assert config.issuers[1].issuers == ("https://id.studio.example",)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"mode": "oidc"}, "list at least one of 'issuers'"),
        ({"issuers": [PLAIN]}, "write 'mode: oidc'"),
        ({"mode": "oidc", "issuers": [PLAIN, PLAIN]}, "the same issuer"),
        ({"mode": "oidc", "issuers": [PLAIN | {"issuer": "http://id.studio.example"}]}, "https://"),
        ({"mode": "oidc", "issuers": [PLAIN | {"issuer": "id.studio.example"}]}, "https://"),
        ({"mode": "oidc", "issuers": [PLAIN | {"tenants": ["t"]}]}, "list the tenants"),
        ({"mode": "oidc", "issuers": [{**ENTRA, "tenants": []}]}, "list the tenants"),
        ({"mode": "oidc", "issuers": [PLAIN | {"algorithms": ["HS256"]}]}, "RS256"),
        ({"mode": "oidc", "issuers": [PLAIN | {"algorithms": ["none"]}]}, "RS256"),
        ({"mode": "oidc", "issuers": [PLAIN | {"roles": {"Boss": "king"}}]}, "brand_engineer"),
        ({"mode": "oidc", "issuers": [PLAIN | {"adience": "x"}]}, "Extra inputs"),
        ({"mode": "none"}, "'dev' or 'oidc'"),
        ({"mode": "oidc", "issuers": [PLAIN], "leeway_seconds": 3600}, "less than or equal to 120"),
    ],
)
def test_what_cannot_be_is_said(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        SignInConfig.model_validate(said)


def test_an_issuer_on_this_machine_may_be_without_tls() -> None:
    assert IssuerConfig.model_validate(PLAIN | {"issuer": "http://127.0.0.1:8080/x"})


def test_what_only_this_machine_reaches() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "10.0.0.1", "studio.example", "", "localhost.example", "127.1"]))
