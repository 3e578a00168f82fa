"""Secrets that the studio gives out: an API key, a device's tokens. Told once, and kept as SHA-256.

`ak_7Fj2kQ9x_<43 letters and digits>_<6>`: what it is (`ak` an API key, `at` an access token, `rt` a refresh token, `dc`
a device code), eight characters by which it is found, 256 random bits, and the CRC-32 of all before it, by which
scanners of repositories know one and a mistyped one is told apart without asking the database.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(r"(ak|at|rt|dc)_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})")


class Kind(StrEnum):
    """What a secret is for, and how it begins."""

    KEY = "ak"
    ACCESS = "at"
    REFRESH = "rt"
    DEVICE = "dc"


@dataclass(frozen=True, slots=True)
class Opaque:
    """A secret as it was shown. Nothing of it is printed but its kind and its id."""

    kind: Kind
    id: str
    sha256: str

    def matches(self, sha256: str) -> bool:
        """Whether it is the one that was kept; takes as long whichever character differs."""
        return hmac.compare_digest(self.sha256, sha256)


def mint(kind: Kind) -> tuple[str, Opaque]:
    """A new secret: its text, which is told once, and what is kept of it."""
    id, secret = (_random(8), _random(43))
    body = f"{kind}_{id}_{secret}"
    text = f"{body}_{_check(body)}"
    return text, Opaque(kind, id, _hash(text))


def read(text: str) -> Opaque | None:
    """What is shown, if it has the form of a secret of ours and no letter of it is wrong."""
    found = _FORM.fullmatch(text)
    if found is None or _check(text.rpartition("_")[0]) != found[4]:
        return None
    return Opaque(Kind(found[1]), found[2], _hash(text))


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _check(body: str) -> str:
    left, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        left, digit = divmod(left, len(_LETTERS))
        digits = _LETTERS[digit] + digits
    return digits


def _hash(text: str) -> str:
    """The secret is random, so that a slow hash would add nothing."""
    return hashlib.sha256(text.encode()).hexdigest()
