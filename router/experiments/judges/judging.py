"""A judge's numbers as chances that people prefer one picture to another: what saves votes, and says which pairs are
worth asking people about."""

from __future__ import annotations

from collections.abc import Sequence

from router.experiments.judges.calibration import Calibration
from router.experiments.judges.judge import Judge, Seen


def judge_pairs(
    judge: Judge,
    calibration: Calibration,
    pairs: Sequence[tuple[Seen, Seen]],
    prompt: str,
    references: Sequence[Seen] = (),
) -> list[float | None]:
    """Of each pair the chance that people prefer the left picture; None where the judge can say nothing of one of them.
    Raises `ValueError` for a judge that is off for this asset type, or whose calibration is that of another."""
    if not calibration.enabled:
        raise ValueError(f"judge '{judge.id}' is off for {calibration.asset_type}: {calibration.why}")
    if (judge.id, judge.sha256) != (calibration.judge, calibration.sha256):
        raise ValueError(f"judge '{judge.id}' was not calibrated as it is now: calibrate it anew")
    scores = judge.score([seen for pair in pairs for seen in pair], prompt, references)
    return [
        None if left.value is None or right.value is None else calibration.chance(left.value - right.value)
        for left, right in zip(scores[::2], scores[1::2], strict=True)
    ]


def ask_first(chances: Sequence[float | None]) -> list[int]:
    """The places of pairs in the order in which a vote on them tells most: those that the judge finds hardest first,
    and before them those of which it can say nothing. Not where the votes are to be joined with the judge's
    (`statistics/judged.py`), which takes a fair sample of the pairs."""
    return sorted(range(len(chances)), key=lambda place: _distance_from_even(chances[place]))


def _distance_from_even(chance: float | None) -> float:
    return -1.0 if chance is None else abs(chance - 0.5)
