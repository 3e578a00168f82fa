"""How many bits a GGUF file keeps a number in, as far as its name says: memory is predicted before a file is here."""

from __future__ import annotations

import re

_KIND = re.compile(r"(?<![A-Za-z0-9])(IQ4_XS|IQ4_NL|Q\d_K|Q\d_[01]|BF16|F16|F32)(?![0-9])", re.IGNORECASE)
_BITS = {
    "Q2_K": 2.625,
    "Q3_K": 3.4375,
    "Q4_0": 4.5,
    "Q4_1": 5.0,
    "Q4_K": 4.5,
    "Q5_0": 5.5,
    "Q5_1": 6.0,
    "Q5_K": 5.5,
    "Q6_K": 6.5625,
    "Q8_0": 8.5,
    "IQ4_XS": 4.25,
    "IQ4_NL": 4.5,
    "F16": 16.0,
    "BF16": 16.0,
    "F32": 32.0,
}
_UNSAID = 8.5


def bits(file: str | None) -> float:
    """Of a number in a matrix: `flux1-dev-Q4_K_S.gguf` → 4.5. Of a file that does not say: those of Q8_0."""
    found = _KIND.search(file or "")
    return _BITS.get(found[1].upper(), _UNSAID) if found else _UNSAID
