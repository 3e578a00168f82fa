"""Chains and keys: a wrong one refuses the start in words, one's own is made once, and no key is ever told."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from configs.credentials import CredentialsConfig
from configs.errors import ConfigError
from deployments.provenance.certificate import make_chain, read_certificate, write_key
from deployments.provenance.own_chain import own_chain
from deployments.provenance.signatory import Signatory
from deployments.provenance.signing import Signing
from tests.deployments.provenance.samples import active, told, written


def opened(folder: Path, **config: object) -> Signatory:
    found = Signing(CredentialsConfig.model_validate(config), str(folder), "state").open({"SIGNING_KEY": KEY.decode()})
    assert found is not None
    return found


CHAIN, KEY = make_chain()


def lay(folder: Path, chain: bytes = CHAIN, key: bytes = KEY) -> None:
    (folder / "chain.pem").write_bytes(chain)
    (folder / "key.pem").write_bytes(key)


def test_ones_own_is_made_once_by_whoever_comes_first_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        chains = set(threads.map(lambda _: own_chain(tmp_path), range(16)))
    assert len(chains) == 1
    assert stat.S_IMODE((tmp_path / "credentials" / "key.pem").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["credentials"]


@pytest.mark.parametrize("key", ["key.pem", "env:SIGNING_KEY"])
def test_yours_signs_from_a_file_and_from_a_variable(tmp_path: Path, key: str) -> None:
    lay(tmp_path)
    signatory = opened(tmp_path, certificate="chain.pem", key=key)
    assert signatory.certificate.subject == "Atelier, self-made, Studio"
    info = active(told(written("png", signatory), "png"))["signature_info"]
    assert (info["alg"], info["common_name"]) == ("Es256", "Studio")
    assert not (tmp_path / "state").exists()


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, key=write_key(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ConfigError, match="not the key of the certificate"):
        opened(tmp_path, certificate="chain.pem", key="key.pem")


@pytest.mark.parametrize("key", [b"", b"-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_refused_and_not_told(tmp_path: Path, key: bytes) -> None:
    lay(tmp_path, key=key)
    with pytest.raises(ConfigError, match="no private key in PEM") as refused:
        opened(tmp_path, certificate="chain.pem", key="key.pem")
    assert "secret" not in str(refused.value)


def test_a_file_or_a_variable_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'certificate'.*nowhere\.pem.*No such file"):
        opened(tmp_path, certificate="nowhere.pem", key="key.pem")
    lay(tmp_path)
    with pytest.raises(ConfigError, match="variable OTHER is not set"):
        opened(tmp_path, certificate="chain.pem", key="env:OTHER")


def test_what_c2pa_does_not_take_is_refused_in_words() -> None:
    years = timedelta(days=365 * 11)
    leaf = CHAIN[: CHAIN.index(b"-----END") + 30]
    leaf, root = (b"-----BEGIN" + part for part in CHAIN.split(b"-----BEGIN")[1:] if b"END" in part)
    for pem, now, why in (
        (CHAIN, datetime.now(UTC) + years, "expired on"),
        (CHAIN, datetime.now(UTC) - years, "not valid before"),
        (root, None, "is self-signed"),
        (root + leaf, None, "not for signing"),
        (leaf + make_chain()[0], None, "not in order"),
        (b"no pem", None, "no certificate in PEM"),
    ):
        with pytest.raises(ConfigError, match=why):
            read_certificate(pem, "the chain", now)


def test_a_certificate_and_a_key_come_together() -> None:
    with pytest.raises(ValueError, match="write both"):
        CredentialsConfig(certificate="chain.pem")


def test_nothing_is_signed_where_that_is_off(tmp_path: Path) -> None:
    assert Signing(CredentialsConfig(enabled=False), str(tmp_path), "state").open() is None
    assert not any(tmp_path.iterdir())
