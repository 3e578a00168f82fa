"""`python -m tests.bench.best_of`: does the best of four drawings, chosen by mini's scorer, win against the first one?

The jury is the judge that `training.mini.evaluate` asks, another network that was trained on other pictures; it has no
part in the choice. Of each prompt it sees the drawing of the first seed and the chosen one; the chosen one wins where
more of what was asked is right, or as much and the judge is surer of it. The same drawing twice is a tie.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from configs.load import load_catalog
from deployments.messages import Picture
from deployments.scorers.table import load_scorer
from router.choosing import Choice
from training.mini.evaluate import WEIGHTS, draw, load_pipeline
from training.mini.examination import Question, set_questions
from training.mini.judges import IGNORED, REQUIRED, Judge, JudgePlan, answers_of, fit, load_judge, to_input, train_judge
from training.mini.workspace import DEFAULT, SEED, Workspace
from training.mini.world.scene import HELD_OUT

Pixels = np.ndarray[Any, Any]
_CONFIDENCE = 1.96  # of 95 %


@dataclass(frozen=True)
class Verdict:
    """Of one picture: the questions answered right, of how many, and how sure the judge is of the right answers."""

    right: int
    asked: int
    sureness: float

    def beats(self, other: Verdict) -> bool:
        return (self.right, self.sureness) > (other.right, other.sureness)


def pick_questions(seed: int, count: int) -> list[Question]:
    """Half of them people, whose garments go wrong most; the rest things, half in pairs never seen, as far as there are
    so many of those, and in known pairs."""
    people, unseen = count // 2, min((count - count // 2) // 2, len(HELD_OUT))
    things = count - people - unseen
    questions = set_questions(seed, things, people)
    never_seen = random.Random(seed).sample(questions[things : len(questions) - people], unseen)
    return [*questions[:things], *never_seen, *questions[len(questions) - people :]]


def wilson(wins: float, of: int) -> tuple[float, float]:
    """The interval that holds the true share with 95 %."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = wins / of, _CONFIDENCE**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _CONFIDENCE * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return middle - half, middle + half


@torch.no_grad()
def judge_pictures(judge: Judge, questions: Sequence[Question], pictures: Sequence[Pixels]) -> list[Verdict]:
    """What the judge says of each question's picture."""
    verdicts = []
    for question, picture in zip(questions, pictures, strict=True):
        logits = judge(to_input(fit(picture)[None]))
        right = asked = 0
        sureness = 0.0
        for answer, values in zip(answers_of(question.scene), logits.values(), strict=True):
            if answer == IGNORED:
                continue
            asked += 1
            right += int(values[0].argmax() == answer)
            sureness += float(values[0].float().log_softmax(0)[answer])
        verdicts.append(Verdict(right, asked, sureness))
    return verdicts


def choose_each(questions: Sequence[Question], candidates: Sequence[Sequence[Pixels]]) -> list[int]:
    """Which candidate of each question the studio would take, by the scorer of mini, as its walk does."""
    catalog = load_catalog()
    scorer = load_scorer(catalog.scorers[catalog.models["mini"].scorer or ""])
    choice = Choice(best_of=len(candidates[0]), keep=1)
    chosen = []
    for question, pictures in zip(questions, candidates, strict=True):
        scores = [scorer.score(_picture(picture), question.prompt) for picture in pictures]
        found = {number: {} if score is None else {"fidelity": score} for number, score in enumerate(scores)}
        chosen.append(choice.choose(found)[0])
    return chosen


def _picture(pixels: Pixels) -> Picture:
    return Picture(pixels.shape[1], pixels.shape[0], np.ascontiguousarray(pixels).tobytes())


def draw_candidates(questions: Sequence[Question], best_of: int, seed: int, steps: int) -> Iterator[list[Pixels]]:
    """Of each question `best_of` drawings, of so many steps."""
    pipeline = load_pipeline(WEIGHTS, "float32")
    repeated = [question for question in questions for _ in range(best_of)]
    drawn: list[Pixels] = []
    for picture in draw(pipeline, repeated, seed, steps=steps):
        drawn.append(picture)
        if len(drawn) == best_of:
            yield drawn
            drawn = []


def main() -> int:
    """Draw, choose, judge, print; exit status 1 where the chosen ones do not win."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.best_of", description=__doc__)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--steps", type=int, default=12, help="as mini's drafts (default %(default)s)")
    parser.add_argument("--best-of", type=int, default=4)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--root", type=Path, default=DEFAULT, help="where the judge is kept (default %(default)s)")
    parser.add_argument("--judge", default=JudgePlan.name, help="its checkpoint (default %(default)s)")
    parser.add_argument("--judge-steps", type=int, default=JudgePlan.steps, help="train it to so many steps")
    parser.add_argument("--judge-scenes", type=int, default=JudgePlan.scenes)
    options = parser.parse_args()
    console, space = Console(highlight=False), Workspace(options.root, SEED)
    plan = JudgePlan(name=options.judge, steps=options.judge_steps, scenes=options.judge_scenes)
    *_, figures = train_judge(space, plan)
    judge = load_judge(space, plan)
    assert judge is not None
    console.print(
        f"the judge on held-out renders: {min(figures.values()):.1%} at worst (full training asks {REQUIRED:.0%})"
    )
    questions = pick_questions(options.seed + 1, options.prompts)
    candidates = []
    for drawn in draw_candidates(questions, options.best_of, options.seed, options.steps):
        candidates.append(drawn)
        sys.stderr.write(f"\rdrawn {len(candidates)} of {len(questions)}")
    chosen = choose_each(questions, candidates)
    first = judge_pictures(judge, questions, [pictures[0] for pictures in candidates])
    best = judge_pictures(judge, questions, [pictures[i] for pictures, i in zip(candidates, chosen, strict=True)])
    return report(console, options.best_of, chosen, first, best)


def report(
    console: Console, best_of: int, chosen: Sequence[int], first: Sequence[Verdict], best: Sequence[Verdict]
) -> int:
    """Print both sides, and who wins."""
    wins = sum(b.beats(a) for a, b in zip(first, best, strict=True))
    losses = sum(a.beats(b) for a, b in zip(first, best, strict=True))
    low, high = wilson(wins, wins + losses)
    table = Table("", "questions right", "all right")
    for name, verdicts in ((f"first of 1, {len(first)} prompts", first), (f"best of {best_of}", best)):
        right, asked = sum(v.right for v in verdicts), sum(v.asked for v in verdicts)
        whole = sum(v.right == v.asked for v in verdicts)
        table.add_row(name, f"{right / asked:.1%} ({right} of {asked})", f"{whole / len(verdicts):.1%} ({whole})")
    console.print(table)
    ties = len(first) - wins - losses
    gains = np.array([b.sureness - a.sureness for a, b in zip(first, best, strict=True)])
    spread = _CONFIDENCE * gains.std(ddof=1) / math.sqrt(len(gains))
    console.print(
        f"best of {best_of} against first of 1: {wins} won, {losses} lost, {ties} ties;"
        f" of the decided {wins / max(1, wins + losses):.1%} won (95 % interval {low:.1%} to {high:.1%}).\n"
        f"What was asked is judged likelier by {gains.mean():+.3f} nats a picture (+-{spread:.3f})"
    )
    return 0 if low > 0.5 else 1


if __name__ == "__main__":
    raise SystemExit(main())
