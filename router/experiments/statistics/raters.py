"""What each rater's votes say of the rater: hidden checks, haste, and whether one side is pressed whatever it shows. A
flag is for a person to look at; nobody is barred by it, and no vote is taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from configs.frozen import Frozen
from router.experiments.statistics.agreement import reliability
from router.experiments.statistics.distributions import binomial_tail
from router.experiments.statistics.votes import Vote

LEAST_ALIKE = 0.7
LEAST_DWELL_MS = 700
_ENOUGH_CHECKS = 5
_ENOUGH_VOTES = 10
_BY_CHANCE = 0.001


class RaterReport(Frozen):
    """`alike`: of hidden repeats, how often the answer was the same; `reliability` how often they press what they mean,
    by that; `gold`: of pairs whose better side is known, how often it was said. None where there were none. `left` is
    the share of left among left and right. `flags` are sentences, empty where nothing stands out."""

    rater: str
    votes: int
    repeats: int
    alike: float | None
    reliability: float | None
    golds: int
    gold: float | None
    left: float | None
    dwell_ms: int | None
    flags: tuple[str, ...]


def report_raters(rows: Iterable[Vote]) -> tuple[RaterReport, ...]:
    """One of each, by name; checks included in `rows`, since they are what this is about."""
    by_rater: dict[str, list[Vote]] = defaultdict(list)
    for row in rows:
        by_rater[row.rater].append(row)
    return tuple(_report(rater, by_rater[rater]) for rater in sorted(by_rater))


def _report(rater: str, rows: Sequence[Vote]) -> RaterReport:
    votes = [row for row in rows if row.check is None]
    alike = _compare_repeats(rows)
    gold = [row.choice == row.expected for row in rows if row.check == "gold" and row.expected is not None]
    sides = [row.choice == "left" for row in votes if row.choice in ("left", "right")]
    dwells = [row.dwell_ms for row in rows if row.dwell_ms is not None]
    dwell = round(median(dwells)) if dwells else None
    return RaterReport(
        rater=rater,
        votes=len(votes),
        repeats=len(alike),
        alike=_share(alike),
        reliability=reliability(sum(alike) / len(alike)) if alike else None,
        golds=len(gold),
        gold=_share(gold),
        left=_share(sides),
        dwell_ms=dwell,
        flags=(*_flag_checks(alike, gold), *_flag_haste(dwell, len(dwells)), *_flag_side(sides)),
    )


def _compare_repeats(rows: Sequence[Vote]) -> list[bool]:
    """Of each repeat, whether the same arm was preferred as the first time, or neither both times."""
    first: dict[tuple[str, frozenset[str]], str | None] = {}
    alike = []
    for row in rows:
        key = row.prompt, frozenset((row.left, row.right))
        if row.check is None:
            first.setdefault(key, _preferred(row))
        elif row.check == "repeat" and key in first:
            alike.append(first[key] == _preferred(row))
    return alike


def _preferred(row: Vote) -> str | None:
    return {"left": row.left, "right": row.right}.get(row.choice)


def _share(answers: Sequence[bool]) -> float | None:
    return sum(answers) / len(answers) if answers else None


def _flag_checks(alike: Sequence[bool], gold: Sequence[bool]) -> Iterable[str]:
    if len(alike) >= _ENOUGH_CHECKS and sum(alike) / len(alike) < LEAST_ALIKE:
        yield f"answers {sum(alike)} of {len(alike)} repeated pairs as before"
    if len(gold) >= _ENOUGH_CHECKS and sum(gold) / len(gold) < LEAST_ALIKE:
        yield f"finds the better picture in {sum(gold)} of {len(gold)} pairs where it is known"


def _flag_haste(dwell: int | None, times: int) -> Iterable[str]:
    if dwell is not None and times >= _ENOUGH_VOTES and dwell < LEAST_DWELL_MS:
        yield f"looks at a pair for {dwell} ms"


def _flag_side(sides: Sequence[bool]) -> Iterable[str]:
    """Sides are balanced, so that a side pressed this often by chance is rarer than one rater in a thousand."""
    left, n = sum(sides), len(sides)
    most, name = max((left, "left"), (n - left, "right"))
    if n >= _ENOUGH_VOTES and 2 * binomial_tail(most, n, 0.5) < _BY_CHANCE and most >= 0.8 * n:
        yield f"presses {name} in {most} of {n} votes"
