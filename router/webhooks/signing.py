"""Signatures as Standard Webhooks 1.0 has them: HMAC-SHA256 over `id.timestamp.body`.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

_PREFIX = "whsec_"
_SECRET_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """As a receiver is told it: `whsec_` and base64."""
    return _PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(keys: Sequence[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of an attempt that begins `at`: with a signature by each of `keys`, the newest first, so that a
    receiver may know either of two while one takes the place of the other."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((id.encode(), timestamp.encode(), body))
    signatures = (b64encode(hmac.digest(b64decode(key.removeprefix(_PREFIX)), signed, sha256)).decode() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
