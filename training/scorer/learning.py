"""The scorer's training: each picture beside a sentence that is true of it, nearly true ones, and those of others."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deployments.scorers.towers import TwoTowers
from deployments.scorers.vocabulary import Vocabulary
from training.mini.judges import IGNORED, QUESTIONS, answers_of, roughen, to_input
from training.mini.workspace import Workspace
from training.scorer.pictures import Album, load_album, render_album
from training.scorer.sentences import LENGTH, make_vocabulary, tell

STAGE = "scorer"
DRAWN = "drawn"


@dataclass(frozen=True)
class ScorerPlan:
    """How the scorer learns. `drawn_share` of each batch, once `drawn_from` of the steps are done, are mini's own
    drawings, which now and then are not what was asked: they come late and few."""

    renders: int = 6000
    drawings: int = 400
    held_out: int = 80
    steps: int = 1600
    batch: int = 48
    drawn_share: float = 0.25
    drawn_from: float = 0.4
    learning_rate: float = 1.5e-3
    log_every: int = 50
    save_every: int = 200


@dataclass(frozen=True)
class Batch:
    """Pictures, the word numbers of all sentences (those that are true first), for each pair whether it fits (1), does
    not (0), or nobody knows (IGNORED), and the answers to the world's questions."""

    pictures: Tensor
    ids: Tensor
    fits: Tensor
    answers: Tensor


class Learner(nn.Module):
    """The towers, and a head that asks both vectors the world's questions; it is dropped at export."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.towers = TwoTowers(words, LENGTH)
        self.head = nn.Linear(256, sum(len(answers) for answers in QUESTIONS.values()))

    def told(self, vectors: Tensor, answers: Tensor) -> Tensor:
        """How badly the vectors answer."""
        parts = self.head(vectors * 16).split([len(one) for one in QUESTIONS.values()], 1)
        losses = [
            F.cross_entropy(part, answers[:, i], ignore_index=IGNORED, reduction="sum") for i, part in enumerate(parts)
        ]
        return torch.stack(losses).sum() / len(vectors)


def make_batch(vocabulary: Vocabulary, renders: Album, drawn: Album | None, plan: ScorerPlan, step: int) -> Batch:
    """The batch of this step: the same step gives the same batch."""
    rng = random.Random(f"{STAGE}-{step}")
    own = 0 if drawn is None else int(plan.drawn_share * plan.batch)
    albums = [renders if drawn is None or n >= own else drawn for n in range(plan.batch)]
    picks = [(album, rng.randrange(len(album.scenes))) for album in albums]
    scenes = [album.scenes[row] for album, row in picks]
    told = [tell(scene, rng) for scene in scenes]
    texts, owners = [true for true, _ in told], list(range(plan.batch))
    for n, (_, others) in enumerate(told):
        texts += others
        owners += [n] * len(others)
    fits = torch.full((plan.batch, len(texts)), float(IGNORED))
    for n, scene in enumerate(scenes):
        for m, owner in enumerate(owners):
            if owner == n:
                fits[n, m] = float(m == n)
            elif m < plan.batch and scenes[owner].subject != scene.subject and "person" not in texts[m].lower():
                fits[n, m] = 0.0
    pictures = np.stack([album.pictures[row][:, :: rng.choice((1, -1))] for album, row in picks])
    return Batch(
        to_input(np.ascontiguousarray(pictures)),
        _trim(torch.tensor([vocabulary.read(text) for text in texts])),
        fits,
        torch.tensor([answers_of(scene) for scene in scenes]),
    )


def _trim(ids: Tensor) -> Tensor:
    return ids[:, : max(1, int((ids != 0).any(0).sum()))]


def pair_loss(logits: Tensor, fits: Tensor) -> Tensor:
    """What fits counts as much as what nearly fits; the rest of the batch half as much."""
    losses = F.binary_cross_entropy_with_logits(logits, fits.clamp(min=0), reduction="none")
    n = len(fits)
    own = torch.zeros_like(fits, dtype=torch.bool)
    own[:, :n] = torch.eye(n, dtype=torch.bool)
    apart = (fits == 0) & (torch.arange(fits.shape[1]) < n)
    nearly = (fits == 0) & ~apart
    return losses[own].mean() + losses[nearly].mean() + 0.5 * losses[apart].mean()


def train_scorer(space: Workspace, plan: ScorerPlan) -> Iterator[dict[str, float]]:
    """Train (or resume) to plan.steps; yields figures every plan.log_every steps, and at last those of `examine`."""
    torch.manual_seed(space.seed)
    vocabulary = make_vocabulary()
    learner = Learner(len(vocabulary)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(learner.parameters(), plan.learning_rate, weight_decay=0.02, fused=True)
    state = space.load(STAGE)
    if state:
        learner.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    start = state["step"] if state else 0
    renders, drawn = render_album("renders", space.seed, plan.renders if start < plan.steps else 1), None
    began, total = time.monotonic(), torch.zeros(3)
    for step in range(start, plan.steps):
        if drawn is None and step >= plan.drawn_from * plan.steps:
            drawn = load_album(space, DRAWN, plan.drawings)
        total += _take_step(learner, optimiser, make_batch(vocabulary, renders, drawn, plan, step), plan, step)
        if (step + 1) % plan.log_every == 0:
            parts = dict(zip(("pairs", "seen", "read"), (total / plan.log_every).tolist(), strict=True))
            total.zero_()
            figures = {"step": step + 1, **parts, "seconds": time.monotonic() - began}
            space.log(STAGE, figures)
            yield figures
        if (step + 1) % plan.save_every == 0 or step + 1 == plan.steps:
            kept = {"model": learner.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
            space.save(STAGE, kept)


def _take_step(learner: Learner, optimiser: torch.optim.Optimizer, batch: Batch, plan: ScorerPlan, step: int) -> Tensor:
    learner.train()
    torch.manual_seed(step)
    share = min(1.0, (step + 1) / 100, max(0.01, 1.1 * (1 - step / plan.steps)))
    for group in optimiser.param_groups:
        group["lr"] = plan.learning_rate * share
    with torch.autocast("cpu", torch.bfloat16):
        seen = learner.towers.picture(roughen(batch.pictures))
    told = learner.towers.text(batch.ids)
    pairs = pair_loss(learner.towers.compare(seen, told), batch.fits)
    asked = learner.told(seen, batch.answers)
    understood = learner.told(told[: len(seen)], batch.answers)
    loss = pairs + 0.15 * asked + 0.05 * understood
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
    optimiser.step()
    return torch.stack([pairs, asked, understood]).detach()


def load_towers(space: Workspace, plan: ScorerPlan) -> TwoTowers:
    """The trained towers. Raises where they are not trained to the plan yet."""
    state: dict[str, Any] | None = space.load(STAGE)
    if state is None or state["step"] < plan.steps:
        raise FileNotFoundError("the scorer is not trained yet: run `python -m training.scorer`")
    learner = Learner(len(make_vocabulary()))
    learner.load_state_dict(state["model"])
    return learner.towers.eval()
