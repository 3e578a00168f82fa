"""A certificate chain that signs files: read and judged, so that a wrong one refuses the start and not a picture; or
made here, for a studio that has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from configs.errors import ConfigError

Algorithm: TypeAlias = Literal["es256", "es384", "es512", "ps256", "ed25519"]
"""As C2PA names them."""

SELF_MADE = "Atelier, self-made"
"""The organisation in a chain that was made here: whoever reads it sees that no authority has looked."""
_YEARS = 10
_SIGNS_DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_SIGNS_CLAIMS = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")  # C2PA 2.2, 14.5.1
_PURPOSES = {ExtendedKeyUsageOID.EMAIL_PROTECTION, _SIGNS_DOCUMENTS, _SIGNS_CLAIMS}
_CURVES: dict[str, Algorithm] = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_LEAST_RSA = 2048  # bits


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain in PEM, the certificate that signs first. `subject` and `issuer` are names for people."""

    pem: str
    algorithm: Algorithm
    subject: str
    issuer: str
    ends: datetime
    is_self_made: bool

    @property
    def public_key(self) -> bytes:
        """DER, of the certificate that signs."""
        first = x509.load_pem_x509_certificates(self.pem.encode())[0]
        return _der(first.public_key())


def read_certificate(pem: bytes, place: str, now: datetime | None = None) -> Certificate:
    """A chain as `place` has it. Raises `ConfigError` for one that C2PA does not take, which says
    what is wrong and what to do."""
    try:
        chain = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise _refused(place, "has no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----") from None
    leaf, now = chain[0], now or datetime.now(UTC)
    if leaf.not_valid_after_utc < now:
        raise _refused(place, f"expired on {leaf.not_valid_after_utc:%Y-%m-%d}: renew the certificate")
    if leaf.not_valid_before_utc > now:
        raise _refused(place, f"is not valid before {leaf.not_valid_before_utc:%Y-%m-%d}: look at this machine's clock")
    if len(chain) < 2 and leaf.issuer == leaf.subject:
        raise _refused(place, "is self-signed, which C2PA does not take: it needs an authority above it, in this file")
    _check_purpose(leaf, place)
    _check_order(chain, place)
    return Certificate(
        pem=b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain).decode(),
        algorithm=_algorithm(leaf.public_key(), place),
        subject=_name(leaf.subject),
        issuer=_name(leaf.issuer),
        ends=leaf.not_valid_after_utc,
        is_self_made=_organisation(leaf.issuer) == SELF_MADE,
    )


def check_key(key: PrivateKeyTypes, certificate: Certificate, place: str) -> None:
    """Raises `ConfigError` where `key` is another certificate's."""
    if _der(key.public_key()) != certificate.public_key:
        raise _refused(place, "is not the key of the certificate in 'certificate': their public keys differ")


def read_key(pem: bytes, place: str) -> PrivateKeyTypes:
    """A private key without a passphrase. Raises `ConfigError`, which tells nothing of what is in it."""
    try:
        return serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise _refused(place, "has no private key in PEM that is open to read (PKCS #8, without passphrase)") from None


def make_chain(now: datetime | None = None) -> tuple[bytes, bytes]:
    """A new certificate with an authority of its own above it, and its key, each as PEM. The authority's key is thrown
    away: nothing else can ever be issued by it."""
    now = now or datetime.now(UTC)
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = (
        _draft("Studio root", "Studio root", above.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(above, hashes.SHA256())
    )
    leaf = (
        _draft("Studio", "Studio root", own.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        .sign(above, hashes.SHA256())
    )
    chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, root))
    return chain, write_key(own)


def write_key(key: PrivateKeyTypes) -> bytes:
    """A private key as PEM, PKCS #8, which is what the library reads."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _draft(subject: str, issuer: str, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # for clocks that go after ours
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(name: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, SELF_MADE)
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _check_purpose(leaf: x509.Certificate, place: str) -> None:
    try:
        purposes = set(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        purposes = set()
    if not purposes & _PURPOSES:
        raise _refused(
            place,
            "is of a certificate that is not for signing: its extended key usage needs C2PA claim signing, document "
            "signing or email protection",
        )


def _check_order(chain: list[x509.Certificate], place: str) -> None:
    for below, above in zip(chain, chain[1:], strict=False):
        if below.issuer != above.subject:
            raise _refused(place, "is not in order: the certificate that signs first, then each one's issuer")


def _algorithm(key: PublicKeyTypes, place: str) -> Algorithm:
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA:
        return "ps256"
    raise _refused(
        place, "has a key that C2PA does not take: P-256, P-384, P-521, Ed25519, or RSA of 2048 bits and more"
    )


def _der(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return ", ".join(filter(None, [_organisation(name), str(common[0].value) if common else ""]))


def _organisation(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _refused(place: str, why: str) -> ConfigError:
    return ConfigError(f"content credentials: {place} {why}", "credentials")
