"""Signs a file that is finished: the last thing that happens to its bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cached_property, partial
from typing import Protocol

from c2pa import Builder, C2paError, C2paSignerInfo, C2paSigningAlg, Context, Settings, Signer

from configs.errors import StageError
from configs.formats import MEDIA_TYPES, Format
from deployments.provenance.certificate import Certificate
from deployments.provenance.claim import Claim
from deployments.provenance.containers import carrier_of, find_stores
from deployments.provenance.layout import find_layout, put_signature
from deployments.provenance.signatures import SigningKey, is_signed, make_key_like, signature_length, signing_key

_LARGEST_PARENT = 64 * 1024
"""Bytes of a parent's own manifest that are taken along: a picture that was changed twenty times stays a small file."""
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},  # which would add a megabyte
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}


class Signs(Protocol):
    """What signs bytes with a key that nobody here has."""

    def sign(self, data: bytes) -> bytes:
        """The signature as COSE has it. Raises `StageError`."""
        ...


class Signatory:
    """Signs files in the name of one certificate. `key` is a PEM, or what signs in its place. Any thread may call."""

    def __init__(self, certificate: Certificate, key: bytes | Signs, time_stamp_url: str | None = None) -> None:
        self.certificate = certificate
        self._key, self._time_stamp_url = key, time_stamp_url
        self._context = Context(settings=Settings.from_dict(_SETTINGS))

    def sign(self, file: bytes, kind: Format, claim: Claim, parent: bytes | None = None) -> bytes:
        """`file` with the `claim` in it. `parent` is the file of the claim's parent, whose own manifest is taken along
        where it has a small one. Raises `StageError`."""
        try:
            if isinstance(self._key, bytes):
                return self._write(file, kind, claim, parent, partial(self._local_signer, self._key))
            if self._time_stamp_url is None:
                return self._sign_laid_out(file, kind, claim, parent)
            return self._sign_stamped(file, kind, claim, parent)
        except StageError as error:
            raise StageError(f"the {kind} file could not be signed: {error.message}") from None

    def _write(
        self, file: bytes, kind: Format, claim: Claim, parent: bytes | None, make: Callable[[], Signer]
    ) -> bytes:
        signed = io.BytesIO()
        try:
            with self._builder(claim, parent) as builder, make() as signer:
                builder.sign(signer, MEDIA_TYPES[kind], io.BytesIO(file), signed)
        except C2paError as error:
            raise StageError(_short(error)) from None
        return signed.getvalue()

    def _sign_laid_out(self, file: bytes, kind: Format, claim: Claim, parent: bytes | None) -> bytes:
        """With the signature from elsewhere in the place of that of a key that was made for nothing else."""
        stand_in, public = self._stand_in
        signed = self._write(file, kind, claim, parent, partial(self._local_signer, stand_in))
        layout = find_layout(signed, signature_length(public))
        if not is_signed(layout.signed, layout.signature, self.certificate, public):
            raise StageError(
                "what is signed is not what C2PA has: this release of its library writes it in another way"
            )
        return put_signature(signed, layout, self._ask(layout.signed))

    def _sign_stamped(self, file: bytes, kind: Format, claim: Claim, parent: bytes | None) -> bytes:
        """By the library, since a time stamp is of the signature: it reserves 10 kB of the file for both."""
        failures: list[StageError] = []

        def sign(data: bytes) -> bytes:
            try:
                return self._ask(data)
            except StageError as error:
                failures.append(error)
                return b""  # which the library refuses, and logs nothing of

        algorithm = C2paSigningAlg[self.certificate.algorithm.upper()]
        make = partial(Signer.from_callback, sign, algorithm, self.certificate.pem, self._time_stamp_url)
        try:
            return self._write(file, kind, claim, parent, make)
        except StageError as error:
            raise (failures[0] if failures else error) from None

    def _ask(self, data: bytes) -> bytes:
        """The signature from elsewhere, which is looked at: a vault may hold another certificate's key."""
        assert not isinstance(self._key, bytes), "a key that is here is given to the library"
        signature = self._key.sign(data)
        if not is_signed(data, signature, self.certificate, signing_key(self.certificate)):
            raise StageError("the signature is not by the key of the certificate: name the key that it was made for")
        return signature

    @cached_property
    def _stand_in(self) -> tuple[bytes, SigningKey]:
        return make_key_like(signing_key(self.certificate))

    def _local_signer(self, key: bytes) -> Signer:
        """Of a key as PEM, for whose signature the library reserves what it takes, and 10 kB for a time stamp."""
        url = None if self._time_stamp_url is None else self._time_stamp_url.encode()
        name, chain = self.certificate.algorithm.encode(), self.certificate.pem.encode()
        return Signer.from_info(C2paSignerInfo(name, chain, key, url))

    def _builder(self, claim: Claim, parent: bytes | None) -> Builder:
        carrier = None if parent is None else carrier_of(parent)
        if claim.parent is None or parent is None or carrier is None or not _is_small(parent):
            return Builder(claim.whole, context=self._context)
        builder = Builder(claim.definition, context=self._context)
        try:
            builder.add_ingredient(claim.parent, MEDIA_TYPES[carrier], io.BytesIO(parent))
        except C2paError:  # what it says of itself cannot be read: that it is the parent is true all the same
            builder.close()
            return Builder(claim.whole, context=self._context)
        return builder


def _is_small(parent: bytes) -> bool:
    stores = find_stores(parent)
    return bool(stores) and sum(map(len, stores)) <= _LARGEST_PARENT


def _short(error: C2paError) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
