"""Lessons in words for the text encoders: who wears what in which colour, from captions alone, before pictures or among
them. A colour bound to the wrong garment there is painted on the wrong garment later."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTokenizer, T5Tokenizer

from training.mini import denoiser
from training.mini.alignment import Companions, Weights
from training.mini.denoiser import DenoiserPlan, Learner
from training.mini.exercises import draw_exercise
from training.mini.networks import Networks
from training.mini.parallel import Crew
from training.mini.tokenizers import TEXT_LENGTH
from training.mini.workspace import Workspace

STAGE = "lessons"


@dataclass(frozen=True)
class LessonPlan:
    """How long and how fast; `anchor` holds a trained denoiser's encoders near to what it knows."""

    steps: int = 600
    batch: int = 128
    learning_rate: float = 1e-3
    anchor: float = 0.5
    log_every: int = 50


def train_lessons(space: Workspace, plan: LessonPlan, crew: Crew) -> Iterator[dict[str, float]]:
    """Train both encoders inside the denoiser's checkpoint (made new where there is none)."""
    clip = CLIPTokenizer.from_pretrained(space.path("tokenizer", "clip"))
    t5 = T5Tokenizer.from_pretrained(space.path("tokenizer", "t5"))
    shape = DenoiserPlan().shape
    torch.manual_seed(space.seed)
    networks, companions = Networks(shape, len(clip), len(t5)), Companions(shape)
    whole = Learner(networks, plan.learning_rate, companions)
    state = space.load(denoiser.STAGE)
    if state is not None:
        whole.restore(state)
    painter = len(list(networks.transformer.parameters()))
    known = Networks(shape, len(clip), len(t5)).bfloat16().requires_grad_(False)
    known.load_state_dict(networks.state_dict())
    learner = Learner(nn.ModuleDict({"t5": networks.t5, "clip": networks.clip}), plan.learning_rate, companions)
    learner.restore({"master": whole.master[painter:], "mean": whole.mean[painter:], "step": 0})
    began, total = time.monotonic(), torch.zeros(2)
    for step in range(plan.steps):
        rng = random.Random(f"{STAGE}-{space.seed}-{step}-{crew.rank}")
        count, length = plan.batch // crew.size, 48 if rng.random() < 0.75 else TEXT_LENGTH
        exercise = draw_exercise(rng, count, count * 3 // 4, clip, t5, length)
        text = networks.encode(exercise.clip_ids, exercise.t5_ids)
        told = companions.lesson(text, exercise, Weights(lessons=1.0))
        strayed = _strayed(text, known.encode(exercise.clip_ids, exercise.t5_ids), exercise.people)
        loss = told + (plan.anchor * strayed if state is not None else 0)
        loss.backward()  # type: ignore[no-untyped-call]
        total += torch.stack([told, strayed]).detach()
        learner.step(min(1.0, (step + 1) / 50, 1.05 - step / plan.steps), 0.98, crew)
        if crew.leads and (step + 1) % plan.log_every == 0:
            parts = dict(zip(("told", "strayed"), (total / plan.log_every).tolist(), strict=True))
            total.zero_()
            yield {"step": step + 1, **parts, "seconds": time.monotonic() - began}
    if crew.leads:
        learned = whole.state(int(state["step"]) if state else 0)
        for name, own in (("master", learner.master), ("mean", learner.mean)):
            learned[name] = [*getattr(whole, name)[:painter], *own]
        space.save(denoiser.STAGE, learned)


def _strayed(text: tuple[Tensor, Tensor], known: tuple[Tensor, Tensor], people: Tensor) -> Tensor:
    """Mean squared distance from what the encoders said before; people, about whom they shall learn, count little."""
    weight = torch.where(people, 0.1, 1.0)
    pooled = F.mse_loss(text[0].float(), known[0].float(), reduction="none").mean(1)
    states = F.mse_loss(text[1].float(), known[1].float(), reduction="none").mean((1, 2))
    return ((pooled + states) * weight).mean()
