"""The choice: gates first, then the earliest that looks as good as the best within the error of its own prompts.

A look is learned early, and what is untriggered goes on drifting (mini, step 200 to 600: +1.4 dB of the one, 60 % of
the other). So later is not better where it cannot be told from it. Drift itself stops nothing: a studio wears an
adapter where it is asked for, and as a gate it took a half-learned look. It is a caution, which decides between equals.
A person decides in the end; this says what speaks for what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from configs.judgement import JudgedAdapter, Mark, MeasureName, Pick
from training.lora.judging.losses import Losses, best_step, late

_SHOWN = 2  # beside the pick


@dataclass(frozen=True, slots=True)
class Gate:
    """Where a measure must lie, and what is wrong where it does not."""

    side: Literal["at least", "at most"]
    limit: float
    wrong: str

    def stops(self, mark: Mark) -> bool:
        return mark.value < self.limit if self.side == "at least" else mark.value > self.limit


GATES: Mapping[MeasureName, Gate] = MappingProxyType(
    {
        "prompt": Gate("at least", 0.9, "no longer draws what is asked for"),
        "copying": Gate("at most", 0.34, "draws pictures of the set where other subjects are asked for"),
        "overfit": Gate("at most", 1.25, "knows its pictures by heart: the loss of those held back has risen"),
    }
)
CAUTIONS: Mapping[MeasureName, Gate] = MappingProxyType(
    {
        "drift": Gate("at most", 0.6, "changes pictures that do not ask for it"),
        "plain_prompt": Gate("at least", 0.5, "no longer draws what is asked for without the trigger"),
    }
)


def failures(marks: Mapping[MeasureName, Mark], gates: Mapping[MeasureName, Gate] = GATES) -> tuple[str, ...]:
    """Those of `gates` that these marks do not pass, a sentence each."""
    return tuple(
        f"{gate.wrong} ({name.replace('_', ' ')} {marks[name].value:.2f}, {gate.side} {gate.limit:g})"
        for name, gate in gates.items()
        if name in marks and gate.stops(marks[name])
    )


def choose(judged: Sequence[JudgedAdapter], held_out: Losses | None = None) -> Pick:
    """Of those that pass and are within one standard error of the best look: those with the fewest cautions, of them
    the earliest step, at the strength that drifts least; where none passes, the one with the fewest faults. Raises
    ValueError for none at all."""
    alive = [one for one in judged if one.lost is None]
    if not alive:
        raise ValueError("there is nothing to choose from: no checkpoint draws anything")
    passing = [one for one in alive if one.passes]
    if not passing:
        return _least_bad(alive, held_out)
    best = max(passing, key=_style)
    found = _as_good(passing, best)
    return Pick(
        step=found.step, strength=found.strength, recommended=True, reasons=_reasons(found, best, alive, held_out)
    )


def others(judged: Sequence[JudgedAdapter], pick: Pick) -> tuple[Pick, ...]:
    """What a person should look at beside it: the best look, and the next step after the pick, if they are others."""
    alive = [one for one in judged if one.lost is None and (one.step, one.strength) != (pick.step, pick.strength)]
    by_style = sorted(alive, key=_style, reverse=True)
    later = [one for one in alive if one.step > pick.step and one.strength == pick.strength]
    wanted = [*by_style[:1], *later[:1], *by_style[1:]]
    unlike = {(one.step, one.strength): one for one in reversed(wanted)}
    chosen = [one for one in wanted if unlike.pop((one.step, one.strength), None) is one]
    return tuple(
        Pick(
            step=one.step,
            strength=one.strength,
            recommended=one.passes,
            reasons=(_said(one), *one.failed, *one.cautions),
        )
        for one in chosen[:_SHOWN]
    )


def finalists(judged: Sequence[JudgedAdapter], count: int = 2) -> list[int]:
    """The steps whose other strengths are worth looking at: the earliest as good as the best, and the best."""
    alive = [one for one in judged if one.lost is None]
    if not alive:
        return []
    best = max([one for one in alive if one.passes] or alive, key=_style)
    early = _as_good([one for one in alive if one.passes] or alive, best)
    return [*dict.fromkeys((early.step, best.step))][:count]


def _as_good(candidates: Sequence[JudgedAdapter], best: JudgedAdapter) -> JudgedAdapter:
    floor = _style(best) - _error(best)
    near = [one for one in candidates if _style(one) >= floor]
    return min(near, key=lambda one: (len(one.cautions), one.step, _value(one, "drift", 0.0), -abs(one.strength)))


def _least_bad(alive: Sequence[JudgedAdapter], held_out: Losses | None) -> Pick:
    found = min(alive, key=lambda one: (len(one.failed), -_style(one), one.step))
    helps = "what helps: more pictures, fewer steps, or a lower rank or rate"
    if held_out and (best := best_step(held_out)) > 0:
        helps += f"; the loss of pictures held back was least after step {best}"
    reasons = ("none of them can be recommended; this one has the fewest faults", *found.failed, helps)
    return Pick(step=found.step, strength=found.strength, recommended=False, reasons=reasons)


def _reasons(
    found: JudgedAdapter,
    best: JudgedAdapter,
    alive: Sequence[JudgedAdapter],
    held_out: Losses | None,
) -> tuple[str, ...]:
    reasons = [_said(found)]
    if found is best:
        reasons.append("no other that passes looks better")
    else:
        gain = _style(best) - _style(found)
        of_best = f"step {best.step} at strength {best.strength:g}"
        reasons.append(f"{of_best} looks better by {gain:.3f}, within its error of {_error(best):.3f}: that is chance")
    reasons += [f"it {why}: wear it only where it is asked for" for why in found.cautions]
    failed = {one.step: one.failed[0] for one in alive if one.failed and one.strength == 1.0}
    reasons += [f"step {step} at strength 1 {why}" for step, why in list(failed.items())[:2]]
    if held_out:
        least = min(held_out, key=lambda step: late(held_out[step]))
        reasons.append(f"the loss of held-out pictures at much noise is least at step {least}")
    return tuple(reasons)


def _said(one: JudgedAdapter) -> str:
    names: tuple[MeasureName, ...] = ("style", "prompt", "drift", "copying")
    marks = [f"{name} {one.marks[name].value:.2f}" for name in names if name in one.marks]
    return f"step {one.step} at strength {one.strength:g}: {', '.join(marks)}"


def _style(one: JudgedAdapter) -> float:
    return _value(one, "style", 0.0)


def _error(one: JudgedAdapter) -> float:
    return one.marks["style"].error if "style" in one.marks else 0.0


def _value(one: JudgedAdapter, name: MeasureName, missing: float) -> float:
    return one.marks[name].value if name in one.marks else missing
