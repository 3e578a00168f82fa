"""Tokens of share links: the id of a link, and a signature over what it shows and until when.

What a token says is held against the row of its link, which can be revoked.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256


def sign(secret: bytes, id: str, kind: str, target: str, expires_at: datetime) -> str:
    """The token of a link."""
    return f"{id}.{_signature(secret, id, kind, target, expires_at)}"


def split(token: str) -> tuple[str, str]:
    """The id and the signature in it."""
    id, _, signature = token.partition(".")
    return id, signature


def is_signed(secret: bytes, signature: str, id: str, kind: str, target: str, expires_at: datetime) -> bool:
    """Whether we have signed that."""
    ours = _signature(secret, id, kind, target, expires_at)
    return hmac.compare_digest(signature.encode(errors="replace"), ours.encode())


def _signature(secret: bytes, id: str, kind: str, target: str, expires_at: datetime) -> str:
    said = "\n".join(("share link", id, kind, target, str(int(expires_at.timestamp()))))
    return urlsafe_b64encode(hmac.digest(secret, said.encode(), sha256)).decode().rstrip("=")
