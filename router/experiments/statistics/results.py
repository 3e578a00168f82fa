"""What an experiment has found, whole: from votes and a stop rule to every number that a page shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from configs.frozen import Frozen
from router.experiments.statistics import sample_ratio
from router.experiments.statistics.agreement import krippendorff_alpha
from router.experiments.statistics.arm_results import ArmResult, Comparison, result_arms
from router.experiments.statistics.bradley_terry import Strengths, fit
from router.experiments.statistics.clusters import Method
from router.experiments.statistics.davidson import fit_ties
from router.experiments.statistics.guardrails import GuardrailReading
from router.experiments.statistics.intervals import Interval
from router.experiments.statistics.judged import JudgedPair, chances_between, judged_share
from router.experiments.statistics.notes import say_notes
from router.experiments.statistics.sample_size import Advice, advise
from router.experiments.statistics.stopping import Look, StopRule, look
from router.experiments.statistics.style import Style, fit_styled, say_style_notes, tell_style
from router.experiments.statistics.verdict import Standing, say_verdict
from router.experiments.statistics.votes import Votes


class Results(Frozen):
    """`e_value` is the largest of any arm against the champion; `srm_e` that against "shared out by the weights";
    `side` by how many logits the left one is preferred; `agreement` Krippendorff's alpha of what raters saw alike (None
    where no two saw the same); `both_bad` a share of all votes. `decision` is `prefer:ID`, `equal`, `undecided` or
    `suspended`; `stop` says that no more votes are wanted; `more_votes` about how many are missing, None where it
    cannot be said; `more_raters` how many more people, where these cannot decide it. `method` is over what intervals
    are clustered. `style` is what `diff_styled` of the arms is without, None where nobody has measured pictures.
    `notes` are sentences on what to be careful with."""

    champion: str
    votes: int
    raters: int
    prompts: int
    arms: tuple[ArmResult, ...]
    e_value: float
    srm_e: float
    side: Interval
    agreement: float | None
    both_bad: float
    method: Method
    guardrails: tuple[GuardrailReading, ...]
    decision: str
    stop: bool
    more_votes: int | None
    more_raters: int
    verdict: str
    notes: tuple[str, ...]
    style: Style | None = None


def find_results(
    votes: Votes,
    champion: str,
    rule: StopRule | None = None,
    srm_e: float = 1.0,
    guardrails: Sequence[GuardrailReading] = (),
    judged: Sequence[JudgedPair] = (),
) -> Results:
    """Of votes on all arms. `srm_e` comes from `sample_ratio`, `guardrails` from `guardrails`: they watch jobs, not
    votes. `judged` are pairs that a judge has seen and nobody has voted on, beside those of the votes. Answers whatever
    the votes: none, one rater, arms that never met. Raises `ValueError` for a champion that is no arm."""
    rule = rule or StopRule()
    if champion not in votes.arms:
        raise ValueError(f"champion: no arm '{champion}'; there are {', '.join(votes.arms)}")
    comparison = _compare(votes, champion, rule, judged)
    looks, plain = comparison.looks, comparison.plain
    decision = _decide(champion, looks, plain)
    if srm_e >= sample_ratio.ALARM or any(reading.tripped for reading in guardrails):
        decision = "suspended"
    stop = decision != "undecided" or len(votes) >= rule.max_votes
    standing, advice = _standing(comparison, rule)
    both_bad = float(votes.both_bad.mean()) if len(votes) else 0.0
    arms = result_arms(votes, comparison)
    notes = (
        *say_notes(champion, plain, both_bad, srm_e, guardrails, rule),
        *say_style_notes(arms, votes.covariate_names),
    )
    return Results(
        champion=champion,
        votes=len(votes),
        raters=votes.raters_present(),
        prompts=len(np.unique(votes.prompt)),
        arms=arms,
        e_value=max((found.e_value for found in looks.values()), default=1.0),
        srm_e=srm_e,
        side=plain.side_effect(rule.alpha),
        agreement=krippendorff_alpha(votes),
        both_bad=both_bad,
        method=plain.method,
        guardrails=tuple(guardrails),
        decision=decision,
        stop=stop,
        more_votes=None if stop else advice.more,
        more_raters=0 if stop else advice.raters,
        verdict=say_verdict(standing, decision, advice, stop, len(votes)),
        notes=notes,
        style=tell_style(votes, comparison.styled, rule.alpha),
    )


def _compare(votes: Votes, champion: str, rule: StopRule, judged: Sequence[JudgedPair]) -> Comparison:
    others = [arm for arm in votes.arms if arm != champion]
    last = len(votes) >= rule.max_votes
    return Comparison(
        champion=champion,
        plain=fit(votes, covariates=False),
        styled=fit_styled(votes),
        ties=fit_ties(votes),
        looks={arm: look(votes, arm, champion, rule, len(others), last) for arm in others},
        judged={
            arm: judged_share(votes.between(arm, champion), chances_between(judged, arm, champion), rule.alpha)
            for arm in (others if judged else ())
        },
        alpha=rule.alpha,
    )


def _decide(champion: str, looks: Mapping[str, Look], strengths: Strengths) -> str:
    """The strongest of those that are surely better than the champion; the champion where it is surely better than
    all; "equal" where none differs from it by more than the margin, but for the worse."""
    better = [arm for arm, found in looks.items() if found.outcome == "better"]
    if better:
        return f"prefer:{_strongest(better, strengths)}"
    outcomes = {found.outcome for found in looks.values()}
    if outcomes == {"worse"}:
        return f"prefer:{champion}"
    return "equal" if outcomes and outcomes <= {"equal", "worse"} else "undecided"


def _strongest(arms: Sequence[str], strengths: Strengths) -> str:
    return max(arms, key=lambda arm: float(strengths.theta[strengths.arms.index(arm)]))


def _standing(comparison: Comparison, rule: StopRule) -> tuple[Standing | None, Advice]:
    """The arm that the verdict speaks of, which is the strongest beside the champion, and what it still takes."""
    looks = comparison.looks
    if not looks:
        return None, Advice(None)
    leader = _strongest(list(looks), comparison.plain)
    found = looks[leader]
    rate, n = found.all_votes, found.decisive
    standing = Standing(leader, comparison.champion, rate.interval, rate.votes, rate.raters)
    if n < rule.min_votes or rate.raters < rule.min_raters:
        words = f"{rule.min_votes} votes that are no ties, of {rule.min_raters} raters,"
        few = max(0, rule.min_raters - rate.raters)
        return standing, Advice(max(rule.min_votes - n, few), few, words)
    shrunk = (found.sequence.value * n + 1) / (n + 2)
    return standing, advise(shrunk, n, rate.votes, rate.raters, found.design_effect, rule.alpha / len(looks))
