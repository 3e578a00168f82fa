"""Signatures as COSE has them (RFC 9053): how long they are, and whether one that comes from elsewhere is right."""

from __future__ import annotations

from typing import assert_never

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from deployments.provenance.certificate import Certificate, write_key

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "es256": hashes.SHA256(),
    "es384": hashes.SHA384(),
    "es512": hashes.SHA512(),
}
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)  # RFC 8230, 2

SigningKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey
"""Public keys that sign for C2PA."""


def signing_key(certificate: Certificate) -> SigningKey:
    """The public key of the certificate that signs."""
    key = load_der_public_key(certificate.public_key)
    assert isinstance(key, SigningKey), "a certificate has another key than it was read with"
    return key


def signature_length(key: SigningKey) -> int:
    """Bytes of a signature: of elliptic curves both numbers one after another, each as long as the curve's order."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return 2 * _number_length(key)
    if isinstance(key, rsa.RSAPublicKey):
        return (key.key_size + 7) // 8
    return 64  # RFC 8032, 5.1.6


def make_key_like(key: SigningKey) -> tuple[bytes, SigningKey]:
    """A new private key of the same kind and size, as PEM, and its public one."""
    made: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if isinstance(key, ec.EllipticCurvePublicKey):
        made = ec.generate_private_key(key.curve)
    elif isinstance(key, rsa.RSAPublicKey):
        made = rsa.generate_private_key(65537, key.key_size)
    else:
        made = ed25519.Ed25519PrivateKey.generate()
    return write_key(made), made.public_key()


def is_signed(data: bytes, signature: bytes, certificate: Certificate, key: SigningKey) -> bool:
    """Whether `signature` is one of `data` by `key`, in the way of `certificate`."""
    if len(signature) != signature_length(key):
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            half = _number_length(key)
            numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            key.verify(encode_dss_signature(*numbers), data, ec.ECDSA(_HASHES[certificate.algorithm]))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _PSS, hashes.SHA256())
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            assert_never(key)
    except InvalidSignature:
        return False
    return True


def _number_length(key: ec.EllipticCurvePublicKey) -> int:
    return (key.curve.key_size + 7) // 8
