"""Over TLS it is the name that must be vouched for, though an address is connected to."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from configs.webhooks import WebhookConfig
from router.webhooks import posting
from router.webhooks.posting import Answer, Courier

NAME = "hooks.example"
BODY = b"{}"


def _certify(folder: Path) -> Path:
    """A key, and a certificate of `NAME` that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, Path, list[str | None]]]:
    """A TLS receiver on a port of this machine, its certificate, and the names that it was asked for."""
    file, asked = _certify(tmp_path), list[str | None]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def note(_: object, name: str | None, __: object) -> None:
        asked.append(name)

    context.sni_callback = note
    listening = socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                asking = b""
                while not asking.endswith(BODY):  # a connection that is closed with bytes unread is reset
                    read = secure.recv(65536)
                    if not read:
                        break
                    asking += read
                secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], file, asked
    listening.close()


async def _here(host: str, port: int) -> tuple[str, ...]:
    return ("127.0.0.1",)


def _post(name: str, port: int) -> Answer:
    courier = Courier(WebhookConfig(allow=(f"{name}:{port}",)), _here)
    return asyncio.run(courier.post(f"https://{name}:{port}/", {}, BODY))


@pytest.fixture
def _fresh() -> Iterator[None]:
    """Authorities are read once in a process."""
    posting._trust.cache_clear()
    yield
    posting._trust.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_the_name_of_the_url_is_what_the_certificate_must_be_for(
    served: tuple[int, Path, list[str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, certificate, asked = served
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert _post(NAME, port) == Answer(204)
    assert asked == [NAME]
    other = _post("other.example", port)
    assert other.status is None
    assert "certificate" in other.error.lower()
    assert asked == [NAME, "other.example"]


@pytest.mark.usefixtures("_fresh")
def test_a_certificate_that_nobody_vouches_for_is_no_answer(served: tuple[int, Path, list[str | None]]) -> None:
    port, _, _ = served
    answer = _post(NAME, port)
    assert answer.status is None
    assert "certificate" in answer.error.lower()
