"""An experiment in a sentence: who is preferred, how surely, by how many people, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from router.experiments.statistics.intervals import Interval
from router.experiments.statistics.sample_size import Advice


@dataclass(frozen=True, slots=True)
class Standing:
    """An arm beside the champion: how often it is preferred, by direct votes on the two."""

    arm: str
    champion: str
    share: Interval
    votes: int
    raters: int


def say_verdict(standing: Standing | None, decision: str, advice: Advice, stop: bool, votes: int) -> str:
    """`klein preferred 64 %, 55-72, 312 votes, 9 raters; about 60 more`: the interval is of 95 % by default."""
    if standing is None or not votes:
        return "no votes yet"
    if not standing.votes:
        return f"no votes yet on {standing.arm} beside {standing.champion}; {_count(votes, 'vote')} on others"
    ahead, share = standing.arm, standing.share
    if share.value < 0.5:
        ahead, share = standing.champion, Interval(low=1 - share.high, value=1 - share.value, high=1 - share.low)
    numbers = f"{_percent(share.value)} %, {_percent(share.low)}-{_percent(share.high)}"
    people = f"{_count(standing.votes, 'vote')}, {_count(standing.raters, 'rater')}"
    if decision == "equal":
        return f"{standing.arm} and {standing.champion} are equal: {ahead} preferred {numbers}, {people}"
    ending = _ending(decision, advice, stop)
    return f"{ahead} preferred {numbers}, {people}; {ending}"


def _ending(decision: str, advice: Advice, stop: bool) -> str:
    if decision == "suspended":
        return "suspended, no result is to be trusted"
    if decision.startswith("prefer:"):
        return f"decided for {decision.removeprefix('prefer:')}"
    if stop:
        return "ended undecided"
    if advice.early:
        return f"too early to say: {advice.early} are needed"
    if advice.more is not None:
        return f"about {_round(advice.more)} more" if advice.more else "decided after the next round"
    if advice.raters:
        return f"these raters cannot decide it: ask about {_round(advice.raters)} more people"
    return "no difference in sight"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _round(number: int) -> int:
    """To what one would say: 3, 20, 60, 150, 1200."""
    step = 1 if number < 10 else 5 if number < 30 else 10 if number < 200 else 50 if number < 1000 else 100
    return max(1, round(number / step) * step)
