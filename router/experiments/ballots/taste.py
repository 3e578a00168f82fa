"""The studio's own taste as a judge: learned from the votes of the phase at hand, each half of its prompts from the
other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from configs.errors import InvalidRequest
from router.experiments.ballots.judged import Judgement, Values, weigh
from router.experiments.ballots.model import Answered, Compared
from router.experiments.judges.crossed import CrossedJudge, learn_crossed
from router.experiments.judges.learned import ComparedPair, Numbers
from router.experiments.statistics.votes import POINTS

MOST_PICTURES = 2000
"""That are looked at for one answer: of more, those that were voted on. A picture takes some milliseconds, once."""


def pictures_to_look_at(pool: Sequence[Compared], answered: Sequence[Answered]) -> list[str]:
    """Files of pictures, those that were voted on first."""
    voted = {one.pair for one in answered}
    ordered = sorted(pool, key=lambda one: one.pair not in voted)
    return [picture.sha256 for one in ordered for picture in one.pictures.values()][:MOST_PICTURES]


def judge_by_taste(
    pool: Sequence[Compared], answered: Sequence[Answered], statistics: Mapping[str, Numbers]
) -> Judgement:
    """`statistics` are those of pictures, by file. Raises `InvalidRequest` where there are too few votes to learn
    from."""
    by_pair = {one.pair: one for one in pool}
    try:
        judge = learn_crossed(list(_lessons(by_pair, answered, statistics)))
    except ValueError as error:
        raise InvalidRequest(f"judge: {error}", "judge") from None
    why = f"{judge.id} can say nothing here: the pictures are not there any more"
    return weigh(pool, answered, judge.id, judge.sha256, _values(pool, judge, statistics), why)


def _lessons(
    by_pair: Mapping[str, Compared], answered: Sequence[Answered], statistics: Mapping[str, Numbers]
) -> Iterator[ComparedPair]:
    """Votes on pictures that are still there; checks teach nothing."""
    for one in answered:
        compared = by_pair.get(one.pair)
        if compared is None or one.gold is not None or one.repeats or len(one.arms) != 2:
            continue
        files = [compared.pictures[arm].sha256 for arm in one.arms if arm in compared.pictures]
        points = next((points for choice, points in POINTS.items() if choice == one.choice), None)
        if points is not None and len(files) == 2 and all(file in statistics for file in files):
            yield ComparedPair(statistics[files[0]], statistics[files[1]], points, compared.prompt)


def _values(pool: Sequence[Compared], judge: CrossedJudge, statistics: Mapping[str, Numbers]) -> Values:
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for one in pool:
        for arm, picture in one.pictures.items():
            if picture.sha256 in statistics:
                values[one.pair][arm] = judge.value_of(statistics[picture.sha256], one.prompt)
    return values
