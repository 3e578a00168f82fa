"""Seeds that were not drawn yet."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection

from configs.errors import InvalidRequest

SEEDS = 2**32


def choose_seed(
    drawn: Collection[int], count: int, asked: int | None = None, draw: Callable[[], int] = lambda: secrets.randbits(32)
) -> int:
    """The first of `count` seeds that follow one another, none of them `drawn`. Raises `InvalidRequest` for one that
    was `asked` for and is followed by one that was."""
    if asked is not None:
        if (again := next((seed for seed in _run(asked, count) if seed in drawn), None)) is not None:
            message = f"seed {again} was drawn already: it would be the same picture; give another seed, or none"
            raise InvalidRequest(message, "seed")
        return asked
    first = draw()
    while any(seed in drawn for seed in _run(first, count)):
        first = draw()
    return first


def _run(first: int, count: int) -> list[int]:
    return [(first + place) % SEEDS for place in range(count)]
