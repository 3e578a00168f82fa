"""What an experiment has found: verdict, arms with intervals, guardrails, and what to be careful with."""

from __future__ import annotations

from atelier.models import Body


class Interval(Body):
    """A value, and what it lies between."""

    low: float
    value: float
    high: float


class ArmResult(Body):
    """An arm beside the champion, whose own `share`, `diff` and `e_value` are None. `share` is how often it would be
    preferred to the champion, a tie being half; `diff` the same in logits, adjusted for the number of arms, and
    `diff_styled` with brightness and the like taken out, where that was asked for. `rank` is (best, worst)."""

    id: str
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int = 0
    raters: int = 0
    strength: float = 0.0
    rank: tuple[int, int] | None = None
    share: Interval | None = None
    diff: Interval | None = None
    diff_styled: Interval | None = None
    e_value: float | None = None


class GuardrailReading(Body):
    """What a guardrail says of an arm: a share of its jobs, or a ratio to the champion's seconds, beside its limit."""

    arm: str
    metric: str
    value: float
    limit: float
    count: int
    e_value: float
    tripped: bool


class SliceArm(Body):
    """An arm beside the champion, in a part of the votes."""

    id: str
    votes: int
    share: Interval


class Slice(Body):
    """The votes on one asset type or quality. `grey`: too few to say anything by themselves."""

    value: str
    votes: int
    grey: bool
    both_bad: float
    arms: tuple[SliceArm, ...]


class ArmCost(Body):
    """Seconds of a device that a picture of an arm took, on average; `ratio` is that to the champion's."""

    id: str
    pictures: int
    seconds: float | None = None
    ratio: float | None = None


class BoardArm(Body):
    """An arm by screens of several pictures, of which one is picked. `share` is how often it would be preferred to the
    champion."""

    id: str
    screens: int
    picked: int
    rank: tuple[int, int] | None = None
    diff: Interval | None = None
    share: float | None = None


class RaterReport(Body):
    """A rater, by pseudonym. `alike`: of hidden repeats, how often the answer was the same; `gold`: of pairs whose
    better side is known, how often it was said. `flags` say what stands out."""

    rater: str
    votes: int
    alike: float | None = None
    gold: float | None = None
    left: float | None = None
    flags: tuple[str, ...] = ()


class JudgeReport(Body):
    """How far a judge that was asked is to be trusted for an asset type: how often it says what people say, beside how
    often they say the same as each other (`ceiling`). Off where it is no better than a coin, and `why`."""

    judge: str
    asset_type: str
    votes: int
    accuracy: Interval
    ceiling: float | None = None
    enabled: bool
    why: str


class StyleEffect(Body):
    """By how many logits a picture is preferred that has more of a feature, by one standard deviation of what pictures
    differ in it."""

    name: str
    effect: Interval


class Style(Body):
    """What `diff_styled` of the arms is without, by `votes` on so many `pictures`; those of `missing` votes are not
    there any more."""

    votes: int
    pictures: int
    missing: int = 0
    effects: tuple[StyleEffect, ...] = ()


class ForestRow(Body):
    """An arm in a forest plot; shares from 0 to 1. `clear`: its interval does not hold one half."""

    label: str
    low: float
    value: float
    high: float
    numbers: str
    clear: bool


class Forest(Body):
    """A forest plot in numbers and words; the axis goes from `low` to `high`."""

    title: str
    axis: str
    low: float
    high: float
    rows: tuple[ForestRow, ...]


class Results(Body):
    """What the votes of a phase say. `verdict` is a sentence; `decision` is prefer:ARM, equal, undecided or suspended;
    `stop`: no more votes are wanted, else about `more_votes` are missing (None where that cannot be said). `e_value` is
    the evidence against "no difference" and `srm_e` that against "shared out by the weights"; `side` by how many logits
    the left picture is preferred; `agreement` Krippendorff's alpha; `notes` what to be careful with."""

    experiment: str
    phase: int
    mode: str
    champion: str
    verdict: str
    decision: str
    stop: bool
    more_votes: int | None = None
    more_raters: int = 0
    votes: int
    raters: int
    prompts: int
    checks: int = 0
    arms: tuple[ArmResult, ...]
    e_value: float
    srm_e: float
    side: Interval
    agreement: float | None = None
    both_bad: float
    guardrails: tuple[GuardrailReading, ...] = ()
    notes: tuple[str, ...] = ()
    by: tuple[Slice, ...] = ()
    costs: tuple[ArmCost, ...] = ()
    board: tuple[BoardArm, ...] = ()
    people: tuple[RaterReport, ...] = ()
    judges: tuple[JudgeReport, ...] = ()
    style: Style | None = None
    forest: Forest
