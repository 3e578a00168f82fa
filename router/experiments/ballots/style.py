"""What the pictures of each ballot differ in beside what they show: light, contrast, colour and sharpness, measured in
the stored files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from router.experiments.ballots.model import Answered, Compared
from router.experiments.ballots.taste import MOST_PICTURES
from router.experiments.judges.learned import Numbers
from router.experiments.judges.pixel_statistics import STATISTICS
from router.experiments.statistics.style import Style

FEATURES: Mapping[str, str] = {
    "brightness": "lightness",
    "contrast": "contrast",
    "saturation": "saturation",
    "sharpness": "fine_detail",
}
"""As results name them, and as `pixel_statistics` does."""

_PLACES = [STATISTICS.index(name) for name in FEATURES.values()]
_UNKNOWN = (math.nan,) * len(FEATURES)


class StyleReport(Style):
    """With how many `pictures` were measured, and of how many votes the pictures are `missing`: they are not in the
    studio, or there are too many to look at."""

    pictures: int
    missing: int


def voted_pictures(pool: Sequence[Compared], answered: Sequence[Answered]) -> list[str]:
    """Files of the pictures that votes on pairs are of: the first two thousand."""
    files = _files(pool)
    voted = (files.get((one.pair, arm)) for one in answered if _counts(one) for arm in one.arms)
    return list(dict.fromkeys(file for file in voted if file is not None))[:MOST_PICTURES]


def differences(
    pool: Sequence[Compared], answered: Sequence[Answered], statistics: Mapping[str, Numbers]
) -> dict[str, tuple[float, ...]]:
    """Of each ballot how much more of each feature its left picture has than its right one, not a number where that is
    not known. `statistics` are those of pictures, by file."""
    files = _files(pool)
    return {one.id: _difference(one, files, statistics) for one in answered if _counts(one)}


def _difference(
    one: Answered, files: Mapping[tuple[str, str], str], statistics: Mapping[str, Numbers]
) -> tuple[float, ...]:
    left, right = (statistics.get(files.get((one.pair, arm), "")) for arm in one.arms)
    if left is None or right is None:
        return _UNKNOWN
    return tuple(float(left[place] - right[place]) for place in _PLACES)


def _files(pool: Sequence[Compared]) -> dict[tuple[str, str], str]:
    return {(one.pair, arm): picture.sha256 for one in pool for arm, picture in one.pictures.items()}


def _counts(one: Answered) -> bool:
    """Checks say nothing of arms."""
    return len(one.arms) == 2 and one.gold is None and not one.repeats
