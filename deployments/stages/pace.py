"""How long work on a picture takes by how large it is, where that is not in proportion to its pixels: as measured at
that size; until then as it was guessed, corrected by how far off the guesses at other sizes were."""

from __future__ import annotations

from deployments.stages.kind import Learned, Speeds


def expected_seconds(speeds: Speeds, work: str, megapixels: float, guess: float) -> float:
    """Of `work` on a picture of so many `megapixels`; `guess` is in seconds for that picture."""
    return speeds.seconds(_at(work, megapixels), guess * speeds.seconds(_off(work), 1.0))


def learned_seconds(work: str, megapixels: float, guess: float, seconds: float) -> tuple[Learned, ...]:
    """What is known once it took `seconds` where the guess was `guess`."""
    return Learned(_at(work, megapixels), seconds), Learned(_off(work), seconds / guess)


def _at(work: str, megapixels: float) -> str:
    return f"{work} at {megapixels:.3g} MP"


def _off(work: str) -> str:
    return f"{work} per guessed second"
