"""Keys that sign as a vault does, in this process: any kind of key, with a certificate for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deployments.provenance.certificate import Algorithm, Certificate, read_certificate

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_HASHES = {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384(), "secp521r1": hashes.SHA512()}


def make_key(algorithm: Algorithm) -> Key:
    """A new key, as C2PA names its algorithm."""
    if algorithm == "ps256":
        return rsa.generate_private_key(65537, 2048)
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"es256": ec.SECP256R1(), "es384": ec.SECP384R1(), "es512": ec.SECP521R1()}
    return ec.generate_private_key(curves[algorithm])


def certify(key: Key, organisation: str = "Studio of the tests") -> Certificate:
    """A certificate of `key`, by an authority that nobody keeps."""
    above, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
    root = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{organisation}, root")])
    usage = {"content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False}
    usage |= {"key_cert_sign": False, "crl_sign": False, "encipher_only": False, "decipher_only": False}
    leaf = (
        x509.CertificateBuilder(root, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        .sign(above, hashes.SHA256())
    )
    return read_certificate(leaf.public_bytes(serialization.Encoding.PEM), "the tests' chain")


@dataclass
class Elsewhere:
    """Signs as COSE has it, and counts what it was asked."""

    key: Key
    asked: list[bytes] = field(default_factory=list)

    def sign(self, data: bytes) -> bytes:
        self.asked.append(data)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        numbers = decode_dss_signature(self.key.sign(data, ec.ECDSA(_HASHES[self.key.curve.name])))
        length = (self.key.curve.key_size + 7) // 8
        return b"".join(number.to_bytes(length, "big") for number in numbers)
