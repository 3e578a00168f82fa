"""What a judge is: pictures of one prompt in, a number for each out, from what people would see and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
"""Height x width x 3, sRGB; what was transparent is on white."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture as judges see it: its pixels, and what its stages have measured of it. No name of what drew it is
    anywhere in here."""

    pixels: Pixels
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Score:
    """What a judge says of a picture. `value` is better when it is higher, and compares pictures of one prompt by one
    judge; None where it can say nothing of this one. `sha256` is of what the judge consists of: scores of two hashes
    do not compare."""

    value: float | None
    criterion: str
    judge: str
    sha256: str
    seconds: float


class Judge(Protocol):
    """One judge. The same picture and prompt have the same score, whatever is scored beside it. It looks at one picture
    at a time, so that no order of two can matter."""

    @property
    def id(self) -> str: ...

    @property
    def criterion(self) -> str:
        """What it judges: `overall`, or a part of it such as `colours`."""
        ...

    @property
    def sha256(self) -> str: ...

    def score(self, pictures: Sequence[Seen], prompt: str, references: Sequence[Seen] = ()) -> Sequence[Score]:
        """One of each picture, in their order. `references` are what the pictures are to be like, for judges that look
        at any."""
        ...
