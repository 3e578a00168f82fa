"""The vocabulary of blind votes: what can be compared, ballots, and what was said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from configs.formats import Format
from configs.frozen import Frozen
from configs.schema import Identifier

LEASE = timedelta(minutes=15)
"""How long a ballot waits for its answer before it has to be asked for again."""

IMPORTED = "imported "
"""Before the id that an imported ballot had where it was answered."""

SIDES = ("left", "right")
NEITHER = ("tie", "both_bad", "skip")

Spoiling: TypeAlias = Literal["blur", "jpeg"]
"""How a picture is made worse, so that the better one of two is known."""

Check: TypeAlias = Literal["repeat", "gold"]


class ShownPicture(Frozen):
    """A picture on a ballot, and everything about it that its rater must not know. `asset_type` may name the version
    that drew it; `scores` is what was measured of it."""

    arm: Identifier
    job: str
    sha256: str
    format: Format
    seed: int
    asset_type: str = ""
    scores: dict[str, float] = {}


class Shown(Frozen):
    """What a ballot shows, from left to right. Imported votes have no pictures. `spoil` is done to all places but that
    of `Ballot.gold`."""

    prompt: str
    pictures: tuple[ShownPicture, ...] = ()
    width: int = 0
    height: int = 0
    spoil: Spoiling | None = None


NOTHING_SHOWN = Shown(prompt="")
"""Of a ballot that another release has written."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Pictures of one prompt that differ in their arms alone, by arm: complete, of the same seeds and size."""

    pair: str
    prompt: str
    prompt_hash: str
    asset_type: str
    quality: str
    width: int
    height: int
    pictures: Mapping[str, ShownPicture]


@dataclass(frozen=True, slots=True)
class Cast:
    """What a rater said of a ballot: a side, a place on a screen of several (`0`, `1` …), tie, both_bad or skip.
    `number` counts the answers to a ballot from 1; the last one counts."""

    number: int
    choice: str
    criteria: Mapping[str, str]
    dwell_ms: int | None
    client: str
    revealed: bool
    created_at: datetime

    def says(self, choice: str, criteria: Mapping[str, str]) -> bool:
        """Whether it is that answer."""
        return self.choice == choice and dict(self.criteria) == dict(criteria)


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a rater (a pseudonym) is shown. `once` may be there once; `arms` are from left to right. `repeats` is the
    ballot that it shows again, sides swapped; `gold` the place of the picture that is known to be better."""

    id: str
    experiment: str
    phase: int
    rater: str
    sitting: int
    place: int
    pair: str
    once: str
    arms: tuple[str, ...]
    prompt_hash: str
    asset_type: str
    quality: str
    shown: Shown
    probability: float
    leased_until: datetime
    created_at: datetime
    repeats: str | None = None
    gold: int | None = None
    cast: Cast | None = None

    @property
    def check(self) -> Check | None:
        """Which hidden check it is; None for one that counts."""
        return "gold" if self.gold is not None else "repeat" if self.repeats is not None else None

    @property
    def is_revealed(self) -> bool:
        """Its rater knows which arm drew what."""
        return self.cast is not None and self.cast.revealed

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be said of it."""
        return (*(SIDES if len(self.arms) == 2 else map(str, range(len(self.arms)))), *NEITHER)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answered ballot as results read it: no document, no picture."""

    id: str
    rater: str
    pair: str
    arms: tuple[str, ...]
    prompt_hash: str
    asset_type: str
    quality: str
    choice: str
    dwell_ms: int | None
    probability: float
    repeats: bool
    gold: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rater says. `supersedes` is the number of the answer that this one takes the place of."""

    choice: str
    criteria: Mapping[str, str]
    dwell_ms: int | None = None
    client: str = ""
    supersedes: int | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """A rater's ballots of one sitting, in order."""

    number: int
    ballots: tuple[Ballot, ...]
