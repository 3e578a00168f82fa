"""The vocabulary of collections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from router.assets.search.model import Listed

MOST_ITEMS = 1000
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Collection:
    """`pictures` counts those that are there."""

    id: str
    owner: str
    space: str
    name: str
    notes: str
    created_at: datetime
    changed_at: datetime
    pictures: int


@dataclass(frozen=True, slots=True)
class Item:
    """A picture of a collection, with what is noted of it there."""

    image: Listed
    note: str
