"""Guidance distillation: a student takes the guidance scale as input and draws in one pass what took two."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from training.mini import denoiser
from training.mini.denoiser import NO_GUIDANCE, Batch, Corpus, DenoiserPlan, Learner, prepare, rate_share, velocity
from training.mini.networks import Networks, Shape
from training.mini.parallel import Crew
from training.mini.workspace import Workspace

STAGE = "student"


@dataclass(frozen=True)
class DistillationPlan:
    """How long the student learns, and from which guidance scales."""

    steps: int = 200
    batch: int = 48
    learning_rate: float = 2e-4
    lowest: float = 1.0
    highest: float = 6.0
    people_share: float = 0.4
    compiled: bool = False
    log_every: int = 10
    save_every: int = 50
    shape: Shape = field(default_factory=Shape)


def train_student(space: Workspace, plan: DistillationPlan, crew: Crew) -> Iterator[dict[str, float]]:
    """Train (or resume) to plan.steps; yields figures every plan.log_every steps from the leading worker."""
    corpus = Corpus.open(space)
    learned = space.load(denoiser.STAGE)
    if learned is None:
        raise FileNotFoundError("the denoiser is not trained yet: run `python -m training.mini denoiser`")
    sizes = (plan.shape, len(corpus.clip), len(corpus.t5))
    teacher = _with_weights(Networks(*sizes), learned["mean"]).bfloat16().requires_grad_(False)
    schedule = DenoiserPlan(
        steps=plan.steps, cooldown=plan.steps // 2, warmup=10, learning_rate=plan.learning_rate, shape=plan.shape
    )
    student = _with_weights(Networks(*sizes), learned["mean"])
    learner = Learner(student, plan.learning_rate)
    prepare(teacher, False)
    prepare(student, plan.compiled)
    state = space.load(STAGE)
    start = learner.restore(state) if state else 0
    began, total = time.monotonic(), 0.0
    for step in range(start, plan.steps):
        torch.manual_seed((space.seed * 1_000_003 + step) * 64 + crew.rank)
        batch = corpus.batch(10**7 + step, plan.batch, plan.people_share, crew)
        loss = student_loss(student, teacher, batch, corpus, plan)
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
        norm = learner.step(rate_share(step, schedule), min(0.97, (step + 1) / (step + 10)), crew)
        done = step + 1
        if crew.leads and done % plan.log_every == 0:
            figures = {"step": done, "loss": total / plan.log_every, "norm": norm, "seconds": time.monotonic() - began}
            total = 0.0
            space.log(STAGE, figures)
            yield figures
        if crew.leads and (done % plan.save_every == 0 or done == plan.steps):
            space.save(STAGE, learner.state(done))


def student_loss(student: Networks, teacher: Networks, batch: Batch, corpus: Corpus, plan: DistillationPlan) -> Tensor:
    """Squared distance between the student at scale g and the teacher's guided velocity at g."""
    clean, noise = batch.latents, torch.randn_like(batch.latents)
    count = len(clean)
    moment = torch.randn(count).sigmoid()
    share = moment[:, None, None]
    noisy = ((1 - share) * clean + share * noise).bfloat16()
    scale = plan.lowest + (plan.highest - plan.lowest) * torch.rand(count)
    with torch.no_grad():
        fixed = torch.full((count,), NO_GUIDANCE, dtype=torch.bfloat16)
        told, empty = (batch.clip_ids, batch.t5_ids), corpus.tokenise([""] * count, batch.t5_ids.shape[1])
        with_text, without = (
            velocity(teacher, teacher.encode(*ids), batch.positions, noisy, moment.bfloat16(), fixed).float()
            for ids in (told, empty)
        )
    target = without + scale[:, None, None] * (with_text - without)
    text = student.encode(batch.clip_ids, batch.t5_ids)
    predicted = velocity(student, text, batch.positions, noisy, moment.bfloat16(), scale.bfloat16())
    return (predicted.float() - target).square().mean()


def _with_weights(networks: Networks, weights: list[Tensor]) -> Networks:
    with torch.no_grad():
        for parameter, value in zip(networks.parameters(), weights, strict=True):
            parameter.copy_(value)
    return networks
