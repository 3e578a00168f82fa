"""Pictures in the order of a score."""

from __future__ import annotations

from collections.abc import Sequence

from configs.errors import UnknownName
from deployments.stages.measures import MEASURES
from router.jobs.model import ImageRecord


def sort_by(images: Sequence[ImageRecord], score: str | None) -> tuple[ImageRecord, ...]:
    """The best first, those without the score last; in their own order without a score. Raises `UnknownName` for one
    that none of them has."""
    if score is None:
        return tuple(images)
    known = tuple(sorted({name for image in images for name in image.scores}))
    if score not in known:
        there = f"it has {', '.join(known)}" if known else "it has none so far"
        raise UnknownName(f"no picture of this job has the score '{score}'; {there}", "sort", known)
    row = dict(MEASURES).get(score)  # type: ignore[call-overload] # any name may be asked for
    sign = 1 if row is not None and row.better == "lower" else -1

    def rank(image: ImageRecord) -> tuple[bool, float, int]:
        return score not in image.scores, sign * image.scores.get(score, 0.0), image.index

    return tuple(sorted(images, key=rank))
