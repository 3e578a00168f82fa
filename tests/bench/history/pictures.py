"""A made-up history: pictures as a studio of three years would have them, common and rare things among them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate

from router.assets.search.entry import Entry
from router.jobs.model import LicenceVerdict

OWNER = "ana"
"""Of nine pictures of ten."""
RARE_WORD, COMMON_WORD, RARE_MODEL, COLLECTION = "quetzal", "flat", "oldie", "col_spring"
BEGIN, DAYS = datetime(2023, 12, 1, tzinfo=UTC), 1095
_TYPES = ("icon", "illustration", "logo", "hero", "spot", "pattern", "photo", "poster", "avatar", "texture")
_MODELS = ("mini", "flux-schnell", "flux-dev", "sdxl", "turbo")
_LORAS = tuple(f"lora-{number}" for number in range(20))
_TAGS = tuple(f"tag {number}" for number in range(200))
_COLOURS = tuple(
    f"#{red:02x}{green:02x}{blue:02x}" for red in (20, 90, 160, 230) for green in (20, 120, 220) for blue in (40, 200)
)
_WORDS = tuple(
    sha256(str(number).encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))[:7]
    for number in range(5000)
)
_WEIGHTS = tuple(accumulate(1 / (rank + 3) for rank in range(len(_WORDS))))
_VERDICTS = (
    LicenceVerdict(reference="allowed", internal="allowed", product="allowed", licences=("apache-2.0",)),
    LicenceVerdict(reference="allowed", internal="allowed", product="conditional", licences=("openrail",)),
    LicenceVerdict(reference="allowed", internal="allowed", product="refused", licences=("non-commercial",)),
)


def make_entries(count: int) -> Iterator[Entry]:
    """The same `count` pictures every time, in the order in which they were made."""
    chance = random.Random(20261130)
    apart = timedelta(days=DAYS) / count
    for number in range(count):
        yield _entry(chance, number, count, BEGIN + apart * number)


def _entry(chance: random.Random, number: int, count: int, at: datetime) -> Entry:
    words = chance.choices(_WORDS, cum_weights=_WEIGHTS, k=8)
    words += [COMMON_WORD] if chance.random() < 0.6 else []
    words += [RARE_WORD] if number % max(count // 10, 1) == 7 else []
    owner = OWNER if chance.random() < 0.9 else f"user-{chance.randrange(99)}"
    return Entry(
        asset_id=f"pic_{number:024x}",
        owner=owner,
        space="home",
        kind="uploaded" if chance.random() < 0.03 else "drawn",
        created_at=at,
        prompt=" ".join(words),
        asset_type=_TYPES[min(int(chance.expovariate(0.5)), 9)],
        quality=chance.choice(("draft", "standard", "high")),
        model=RARE_MODEL if number % max(count // 100, 1) == 11 else _MODELS[min(int(chance.expovariate(1.0)), 4)],
        loras=(chance.choice(_LORAS),) if chance.random() < 0.4 else (),
        licence=_VERDICTS[min(int(chance.expovariate(1.2)), 2)],
        colours=tuple(dict.fromkeys(chance.choices(_COLOURS, k=3))),
        tags=(chance.choice(_TAGS),) if chance.random() < 0.03 else (),
        favourite_of=(owner,) if chance.random() < 0.05 else (),
        collections=(COLLECTION,) if number % max(count // 60, 1) == 3 else (),
    )
