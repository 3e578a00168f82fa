"""What a picture is, as terms of the same index that holds its words: a filter is one more term to be found.

A term such as `type:icon` is kept as a token of its hash, so that whatever stands in it (a tag in any script, an
owner's id) is one token on both engines and never part of a query's syntax.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

SEEN = "seen:"
"""Of every picture that anybody is shown."""
_MARK = "zq"  # no word of a language begins so


@lru_cache(4096)
def token(term: str) -> str:
    """Sixteen letters and digits."""
    return _MARK + blake2b(term.encode(errors="replace"), digest_size=7).hexdigest()


def tokens(terms: Iterable[str]) -> str:
    """As the column `terms` has them: each once, in order, with spaces between."""
    return " ".join(sorted({token(term) for term in terms}))


def term(facet: str, value: str) -> str:
    """`value` of `facet`, as it is counted and asked for."""
    return f"{facet}:{value}"


def split(term: str) -> tuple[str, str]:
    """The facet and the value of a term."""
    facet, _, value = term.partition(":")
    return facet, value
