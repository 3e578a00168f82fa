"""What is measured of a checkpoint's pictures, a row each: of which prompts, what the number says, and where it should
lie. Everything here is pure: pictures in, numbers out."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from configs.judgement import Mark, MeasureName, PromptKind
from training.lora.judging.eyes import Vectors
from training.lora.judging.references import score, style_rank
from training.lora.judging.seen import Seen, Views

_ROUNDS = 400
TRIGGERED: frozenset[PromptKind] = frozenset({"held_out", "unseen", "foreign"})
"""Prompts by which a look is judged: those of which no picture was learned."""


Value: TypeAlias = Callable[[Seen, int], "float | None"]
Side: TypeAlias = Callable[[Seen], Views]
_DRAWN: Side = operator.attrgetter("drawn")
_BASE: Side = operator.attrgetter("base")


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` of one shot; None where nothing can be said of it. `against` gives the same of the base: then the mark is
    the ratio of both means."""

    says: str
    better: Literal["higher", "lower"]
    kinds: frozenset[PromptKind]
    value: Value
    against: Value | None = None


def measure(seen: Seen) -> dict[MeasureName, Mark]:
    """All marks that can be given, in the order of `MEASURES`."""
    marks = {name: _mark(seen, row) for name, row in MEASURES.items()}
    return {name: mark for name, mark in marks.items() if mark is not None}


def per_prompt(seen: Seen, name: MeasureName) -> dict[str, float]:
    """A measure's mean for each prompt, by its text."""
    row = MEASURES[name]
    found: dict[str, list[float]] = {}
    for place in seen.of(row.kinds):
        value = row.value(seen, place)
        if value is not None:
            found.setdefault(seen.shots[place].prompt.text, []).append(value)
    return {text: float(np.mean(values)) for text, values in found.items()}


def _mark(seen: Seen, row: Measure) -> Mark | None:
    """Over prompts, each with the mean of its seeds: seeds of one prompt are no witnesses of each other."""
    prompts: dict[str, list[tuple[float, float]]] = {}
    for place in seen.of(row.kinds):
        value = row.value(seen, place)
        other = 1.0 if row.against is None else row.against(seen, place)
        if value is not None and other is not None:
            prompts.setdefault(seen.shots[place].prompt.text, []).append((value, other))
    if not prompts:
        return None
    means = np.array([np.mean(pairs, axis=0) for pairs in prompts.values()])
    drawn = np.random.default_rng(0).integers(len(means), size=(_ROUNDS, len(means)))
    again = means[drawn].mean(axis=1)
    value, errors = _ratio(means.mean(axis=0)), [_ratio(each) for each in again]
    return Mark(value=round(value, 4), error=round(float(np.std(errors)), 4))


def _ratio(pair: Vectors) -> float:
    return float(pair[0] / max(float(pair[1]), 1e-3))


def _style(seen: Seen, place: int) -> float:
    references = seen.references
    palette = min(1.0, references.palette_share(seen.drawn.pictures[place]) / max(references.own_palette, 1e-3))
    asked = seen.of(TRIGGERED)
    ranks = [
        style_rank(references, which, own[place], base[asked])
        for which, (own, base) in enumerate(zip(seen.drawn.manners, seen.base.manners, strict=True))
    ]
    return float((palette + np.mean(ranks)) / 2)


def _subject(seen: Seen, place: int) -> float | None:
    """Of captions of the set, whose picture is known: the share of its other pictures that are less like."""
    captions, caption = seen.references.captions, seen.shots[place].prompt.text
    if caption not in captions or len(captions) < 2:
        return None
    like = seen.references.shapes @ seen.drawn.shapes[place]
    right = captions.index(caption)
    others = np.delete(like, right)
    return float((others < like[right]).mean())


def _plain_fidelity(side: Side) -> Value:
    def value(seen: Seen, place: int) -> float | None:
        if seen.scorer is None:
            return None
        return score(seen.scorer, side(seen).pictures[place], seen.shots[place].prompt.subject)

    return value


def _fidelity(seen: Seen, place: int) -> float | None:
    """Only where the scorer is a witness: of a look that it never saw it may know nothing."""
    return None if seen.own_fidelity is None else _plain_fidelity(_DRAWN)(seen, place)


def _possible_fidelity(seen: Seen, place: int) -> float | None:
    """The base's, and no more than the set's own pictures have: a look may cost some of it."""
    base = _plain_fidelity(_BASE)(seen, place)
    return None if base is None or seen.own_fidelity is None else min(base, seen.own_fidelity)


def _spread(side: Side) -> Value:
    """How much the seeds of a prompt differ: this one from the others."""

    def value(seen: Seen, place: int) -> float | None:
        prompt = seen.shots[place].prompt
        others = [n for n, shot in enumerate(seen.shots) if shot.prompt == prompt and n != place]
        found = side(seen).levels
        return float(np.abs(found[others] - found[place]).mean()) if others else None

    return value


def _copied(seen: Seen, place: int) -> float:
    """Whether a new subject's picture is nearer to one that was learned than those are to each other."""
    like = seen.references.shapes[: seen.references.learned_count] @ seen.drawn.shapes[place]
    return float(like.max() > seen.references.nearest_known)


def _moved(seen: Seen, place: int) -> float:
    return float(np.abs(seen.drawn.levels[place] - seen.base.levels[place]).mean())


def _strangeness(seen: Seen, place: int) -> float | None:
    """How far the base's picture lies from those of the other prompts of its kind: as far as there is to go."""
    others = [n for n in seen.of(frozenset({"plain"})) if seen.shots[n].prompt != seen.shots[place].prompt]
    return float(np.abs(seen.base.levels[others] - seen.base.levels[place]).mean()) if others else None


_PLAIN: frozenset[PromptKind] = frozenset({"plain"})
_NEW: frozenset[PromptKind] = frozenset({"unseen", "foreign"})
_ASKED: frozenset[PromptKind] = TRIGGERED | {"known"}

MEASURES: Mapping[MeasureName, Measure] = MappingProxyType(
    {
        "style": Measure(
            "how often a picture is nearer to the set than decoys are, and how much of it is in the set's colours",
            "higher",
            TRIGGERED,
            _style,
        ),
        "subject": Measure(
            "of captions of the set: the share of its other pictures that are less like the right one",
            "higher",
            frozenset({"known", "held_out"}),
            _subject,
        ),
        "prompt": Measure(
            "how well pictures show what is asked for, against the base's or, if that is less, the set's own",
            "higher",
            _ASKED,
            _fidelity,
            _possible_fidelity,
        ),
        "diversity": Measure(
            "how much seeds differ, against the base's",
            "higher",
            _ASKED,
            _spread(_DRAWN),
            _spread(_BASE),
        ),
        "copying": Measure(
            "the share of new subjects that are nearer to a learned picture than those are to each other",
            "lower",
            _NEW,
            _copied,
        ),
        "drift": Measure(
            "how far pictures without the trigger move, against how unlike those of the base are among each other",
            "lower",
            _PLAIN,
            _moved,
            _strangeness,
        ),
        "plain_prompt": Measure(
            "how well pictures without the trigger show what is asked for, against the base's",
            "higher",
            _PLAIN,
            _plain_fidelity(_DRAWN),
            _plain_fidelity(_BASE),
        ),
    }
)
