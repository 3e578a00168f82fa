"""`make bench-experiments`: what it costs to tell what votes say, beside another implementation, on the same votes.

Ours answers more: strengths with the side and a covariate taken out, standard errors clustered by raters and prompts,
ranks. evalica's Bradley-Terry answers strengths alone, and its bootstrap errors as if each vote were another person's.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from datetime import date

import evalica
import numpy as np
from rich.console import Console
from rich.table import Table

from configs.experiments import LayerConfig
from router.experiments.assignment import Weighted, choose_arm, is_exposed, takes_slot
from router.experiments.statistics.bradley_terry import fit
from router.experiments.statistics.ranks import rank_ranges
from router.experiments.statistics.results import find_results
from router.experiments.statistics.votes import Votes
from tests.bench.experiments import accepting
from tests.bench.experiments.boards import draw_board
from tests.bench.sides import in_turn

LIMIT_MS, LIMIT_US = 50.0, 20.0
_WINNERS = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}


def main() -> int:
    """Measure and print; exit status 1 where ranks or an assignment take longer than they may."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.experiments", description=__doc__)
    parser.add_argument("--arms", type=int, default=20)
    parser.add_argument("--votes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    console, votes = Console(highlight=False), draw_board(options.arms, options.votes)
    ours, theirs = in_turn([lambda: _rank(votes), _theirs(votes)], options.rounds)
    bootstrap = in_turn([_theirs(votes, resampled=True)], 1)[0]
    (whole,) = in_turn([lambda: _whole(votes)], options.rounds)
    title = f"{options.arms} arms, {options.votes:,} votes, {platform.machine()}, {date.today()}"
    table = Table("", "ms", "of evalica's strengths", title=title)
    table.add_row("evalica: strengths", f"{theirs:.1f}", "1.0")
    table.add_row("evalica: strengths, 100 bootstraps", f"{bootstrap:.0f}", f"{bootstrap / theirs:.0f}")
    table.add_row("strengths, side, covariate, clustered errors, ranks", f"{ours:.1f}", f"{ours / theirs:.1f}")
    table.add_row("all of the results page", f"{whole:.1f}", f"{whole / theirs:.1f}")
    console.print(table)
    console.print(f"strengths differ by {_difference(votes):.1e} logits at most (without side and covariate)")
    assigned = _assign_us()
    console.print(f"assignment: {assigned:.1f} us a unit (layer, exposure and two arms)")
    plain, split = accepting.measure(options.rounds)
    added = split - plain
    console.print(f"accepting a job: {plain:.2f} ms plain, {split:.2f} ms as an arm of a split: {added:+.2f} ms")
    passed = ours <= LIMIT_MS and assigned <= LIMIT_US and added <= accepting.LIMIT_MS
    allowed = f"{LIMIT_MS:g} ms, {LIMIT_US:g} us and {accepting.LIMIT_MS:g} ms more"
    console.print(f"{'ok' if passed else 'TOO SLOW'}: {allowed} are allowed")
    return 0 if passed else 1


def _assign_us(units: int = 20_000) -> float:
    """Microseconds of a processor to say whether a unit takes part and in which arm it is."""
    arms, layer = [Weighted("champion", 1), Weighted("challenger", 1)], LayerConfig(name="icons", slots=(0, 10_000))
    names = [f"user-{number}" for number in range(units)]
    begun = time.process_time()
    for name in names:
        if takes_slot(layer, name) and is_exposed("bench", 1, name, 1.0):
            choose_arm("bench", 1, name, arms)
    return (time.process_time() - begun) / units * 1e6


def _rank(votes: Votes) -> None:
    rank_ranges(fit(votes))


def _whole(votes: Votes) -> None:
    find_results(votes, votes.arms[0])


def _theirs(votes: Votes, resampled: bool = False) -> Callable[[], None]:
    left, right = [votes.arms[i] for i in votes.left], [votes.arms[i] for i in votes.right]
    winners = [_WINNERS[y] for y in votes.outcome]

    def run() -> None:
        evalica.bradley_terry(left, right, winners)

    def run_often() -> None:
        evalica.bootstrap(
            evalica.bradley_terry, left, right, winners, n_resamples=100, bootstrap_method="percentile", random_state=0
        )

    return run_often if resampled else run


def _difference(votes: Votes) -> float:
    left, right = [votes.arms[i] for i in votes.left], [votes.arms[i] for i in votes.right]
    found = evalica.bradley_terry(left, right, [_WINNERS[y] for y in votes.outcome], tolerance=1e-10, limit=10_000)
    theirs = np.log(found.scores[list(votes.arms)].to_numpy())
    ours = fit(votes, covariates=False, side=False, ridge=0).theta
    return float(np.abs(ours - (theirs - theirs.mean())).max())


if __name__ == "__main__":
    raise SystemExit(main())
