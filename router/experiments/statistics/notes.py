"""What whoever reads results should be careful with, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.experiments.statistics import sample_ratio
from router.experiments.statistics.bradley_terry import Strengths
from router.experiments.statistics.guardrails import GuardrailReading
from router.experiments.statistics.stopping import StopRule

_MANY_BAD = 0.2


def say_notes(
    champion: str,
    strengths: Strengths,
    both_bad: float,
    srm_e: float,
    guardrails: Sequence[GuardrailReading],
    rule: StopRule,
) -> Iterator[str]:
    """In order of weight: what suspends the results first."""
    if srm_e >= sample_ratio.ALARM:
        yield "Units were not shared out as the weights say: something in assignment or counting is broken."
    for reading in guardrails:
        if reading.tripped:
            yield f"{reading.arm}: {reading.metric} is {reading.value:.3g}, over its limit of {reading.limit:g}."
    if not strengths.votes.any():
        return
    if not strengths.connected:
        base = strengths.component[strengths.arms.index(champion)]
        apart = [arm for arm, part in zip(strengths.arms, strengths.component, strict=True) if part != base]
        yield f"No votes connect {', '.join(apart)} with {champion}: there are no ranks yet."
    if strengths.raters < rule.min_raters:
        people = "1 rater has" if strengths.raters == 1 else f"{strengths.raters} raters have"
        yield f"{people} voted, where {rule.min_raters} are asked for: the taste may be their own."
    side = strengths.side_effect(rule.alpha)
    if not side.low <= 0 <= side.high:
        yield f"Raters prefer the {'left' if side.value > 0 else 'right'} side; strengths are without it."
    if both_bad > _MANY_BAD:
        yield f"{both_bad:.0%} of the votes say that both are bad: the better one may not be good."
