"""A hub that cannot be asked because of the environment is a sentence that names the variables."""

from __future__ import annotations

import os

import pytest

from configs.errors import ConfigError
from configs.weights import Weights
from deployments.checkpoints.refusals import plainly

WEIGHTS = Weights(repo="someone/thing", revision="0" * 40)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value",
    ["socks5://127.0.0.1:9", "socks4://h", "ftp://h", "http://h:x", "http://[", "garbage:9", "http://127.0.0.1:9"],
)
def test_a_proxy_that_cannot_be_used_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert variable in str(refusal({variable: value}, monkeypatch))


@pytest.mark.parametrize("value", ["nowhere", "nowhere/at.all", f"{__file__}/below", "."])
def test_certificates_that_cannot_be_read_are_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SSL_CERT_FILE" in str(refusal({"SSL_CERT_FILE": value}, monkeypatch))


def test_a_mistake_of_ours_is_not_laid_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ValueError, match="of ours"), plainly(WEIGHTS, "model x"):
        raise ValueError("a mistake of ours")


def refusal(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ConfigError:
    """What is said of a question to the hub in this environment."""
    from huggingface_hub import HfApi, close_session

    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    close_session()  # it was opened in the environment of an earlier test
    try:
        with pytest.raises(ConfigError) as caught, plainly(WEIGHTS, "model x"):
            HfApi(endpoint="https://hub.invalid").model_info("someone/thing", timeout=1)
    finally:
        close_session()
    return caught.value
