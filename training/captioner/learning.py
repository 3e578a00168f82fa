"""The captioner's training: the scorer's picture tower goes on learning, from renders and from made-up looks."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from deployments.captioners.attributes import AttributeClassifier
from training.captioner.looks import draw_look
from training.captioner.questions import ASKED, Truth, of_scene
from training.mini.judges import IGNORED, fit, roughen, to_input
from training.mini.workspace import Workspace
from training.mini.world.pictures import rasterise, render
from training.scorer.export import WEIGHTS as SCORER
from training.scorer.pictures import scene_at

STAGE = "captioner"


@dataclass(frozen=True)
class CaptionerPlan:
    """How the captioner learns: of each batch `look_share` are pictures in made-up looks, the rest the world's own."""

    renders: int = 4000
    looks: int = 10_000
    steps: int = 2000
    batch: int = 40
    look_share: float = 0.6
    learning_rate: float = 1.5e-3
    log_every: int = 20
    save_every: int = 20


@dataclass(frozen=True)
class Album:
    """Pictures on a common 128 x 128 canvas (uint8), and what each shows."""

    pictures: np.ndarray[Any, Any]
    truths: tuple[Truth, ...]


def render_world(name: str, seed: int, count: int) -> Album:
    """`count` of the world's own pictures, which no other `name` has."""
    scenes = [scene_at(f"captioner-{name}", seed, index) for index in range(count)]
    return Album(np.stack([fit(render(scene)) for scene in scenes]), tuple(map(of_scene, scenes)))


def render_looks(name: str, seed: int, count: int) -> Album:
    """`count` pictures in looks made up by chance."""
    drawn = [draw_look(random.Random(f"captioner-{name}-{seed}-{index}")) for index in range(count)]
    return Album(np.stack([rasterise(svg, (128, 128)) for svg, _ in drawn]), tuple(truth for _, truth in drawn))


def make_classifier() -> AttributeClassifier:
    """One that sees as the scorer does, and answers nothing yet."""
    network = AttributeClassifier([len(answers) for answers in ASKED.values()])
    seen = load_file(Path(SCORER, "model.safetensors"))
    tower = {name.removeprefix("picture."): part.float() for name, part in seen.items() if name.startswith("picture.")}
    network.picture.load_state_dict(tower)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def train_captioner(space: Workspace, plan: CaptionerPlan) -> Iterator[dict[str, float]]:
    """Train (or resume) to `plan.steps`; yields figures every `plan.log_every` steps."""
    torch.manual_seed(space.seed)
    network = make_classifier()
    optimiser = torch.optim.AdamW(network.parameters(), plan.learning_rate, weight_decay=0.02, fused=True)
    state = space.load(STAGE)
    if state:
        network.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    start = state["step"] if state else 0
    if start >= plan.steps:
        return
    world = _kept(space, "world", plan.renders, partial(render_world, "world", space.seed))
    looks = _kept(space, "looks", plan.looks, partial(render_looks, "looks", space.seed))
    began, total = time.process_time(), 0.0
    for step in range(start, plan.steps):
        total += _take_step(network, optimiser, world, looks, plan, step)
        if (step + 1) % plan.log_every == 0:
            figures = {"step": step + 1, "loss": total / plan.log_every, "cpu_seconds": time.process_time() - began}
            total = 0.0
            space.log(STAGE, figures)
            yield figures
        if (step + 1) % plan.save_every == 0 or step + 1 == plan.steps:
            kept = {"model": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
            space.save(STAGE, kept)


def _kept(space: Workspace, name: str, count: int, make: Any) -> Album:
    """An album, made once."""
    file = space.path(STAGE, f"{name}-{count}.npz")
    if not file.exists():
        album = make(count)
        np.savez(file, pictures=album.pictures, answers=np.array([truth.answers for truth in album.truths]))
    with np.load(file) as found:
        return Album(found["pictures"], tuple(Truth(tuple(map(int, row))) for row in found["answers"]))


def _take_step(
    network: AttributeClassifier,
    optimiser: torch.optim.Optimizer,
    world: Album,
    looks: Album,
    plan: CaptionerPlan,
    step: int,
) -> float:
    rng = random.Random(f"{STAGE}-{step}")
    made_up = round(plan.look_share * plan.batch)
    picks = [
        (album, rng.randrange(len(album.truths))) for album in [looks] * made_up + [world] * (plan.batch - made_up)
    ]
    pictures = np.stack([album.pictures[row][:, :: rng.choice((1, -1))] for album, row in picks])
    answers = torch.tensor([album.truths[row].answers for album, row in picks])
    network.train()
    torch.manual_seed(step)
    share = min(1.0, (step + 1) / 50, max(0.01, 1.1 * (1 - step / plan.steps)))
    for group in optimiser.param_groups:
        group["lr"] = plan.learning_rate * share
    with torch.autocast("cpu", torch.bfloat16):
        seen = network.picture(roughen(to_input(np.ascontiguousarray(pictures))))
    loss = loss_of(network.answer(seen), answers)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def loss_of(logits: tuple[Tensor, ...], answers: Tensor) -> Tensor:
    """Cross entropy of all questions that are asked, a picture's subject counting double."""
    weights = [2.0 if name == "subject" else 1.0 for name in ASKED]
    losses = [
        weight * F.cross_entropy(one, answers[:, i], ignore_index=IGNORED, reduction="sum")
        for i, (weight, one) in enumerate(zip(weights, logits, strict=True))
    ]
    return torch.stack(losses).sum() / len(answers)


def load_classifier(space: Workspace, plan: CaptionerPlan) -> AttributeClassifier:
    """The trained one. Raises where it is not trained to the plan yet."""
    state = space.load(STAGE)
    if state is None or state["step"] < plan.steps:
        raise FileNotFoundError("the captioner is not trained yet: run `python -m training.captioner`")
    network = AttributeClassifier([len(answers) for answers in ASKED.values()])
    network.load_state_dict(state["model"])
    return network.eval()
