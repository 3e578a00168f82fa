"""Training of the network, resumable at any step; and its figures on renders that no training saw."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from deployments.networks.matting import MattingNet
from training.matting.samples import Pixels, Sample, make_batch, make_sample, sample_scene
from training.mini.autoencoder import learning_rate
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES

STAGE = "matting"


@dataclass(frozen=True)
class MattingPlan:
    """The network's width and its schedule."""

    steps: int = 1900
    batch: int = 12
    width: int = 16
    learning_rate: float = 3e-3
    log_every: int = 50
    save_every: int = 100


@dataclass(frozen=True)
class Figures:
    """Over pictures: the mean error of alpha (0..1), and how much of the subject's area and its guess are one (IoU)."""

    error: float
    overlap: float
    count: int


def train(space: Workspace, plan: MattingPlan) -> Iterator[dict[str, float]]:
    """Train (or resume) to `plan.steps`; yields figures every `plan.log_every` steps."""
    torch.manual_seed(space.seed)
    network = MattingNet(plan.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), plan.learning_rate, weight_decay=0.01, fused=True)
    state = space.load(STAGE)
    if state:
        network.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    began, total = time.monotonic(), 0.0
    for step in range(state["step"] if state else 0, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, plan.steps, plan.learning_rate, 100)
        total += _take_step(network, optimiser, make_batch(space.seed, step, plan.batch))
        done = step + 1
        if done % plan.log_every == 0:
            figures = {"step": done, "loss": total / plan.log_every, "seconds": time.monotonic() - began}
            total = 0.0
            space.log(STAGE, figures)
            yield figures
        if done % plan.save_every == 0 or done == plan.steps:
            space.save(STAGE, {"model": network.state_dict(), "optimiser": optimiser.state_dict(), "step": done})


def load(space: Workspace, plan: MattingPlan) -> MattingNet:
    """The network as far as it is trained."""
    state = space.load(STAGE)
    if state is None:
        raise FileNotFoundError("the network is not trained yet: run `python -m training.matting`")
    network = MattingNet(plan.width)
    network.load_state_dict(state["model"])
    return network.eval()


def export(network: MattingNet, target: Path) -> None:
    """Write `model.safetensors` (float16)."""
    target.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in network.state_dict().items()}, target / "model.safetensors")
    (target / "model.safetensors").chmod(0o644)


def held_out(seed: int, count: int, multiple: int) -> list[Sample]:
    """Samples of subjects in colours that training never showed, sizes in turn."""
    samples = []
    for index in range(count):
        rng = random.Random(f"matting-held-out-{seed}-{index}")
        samples.append(make_sample(sample_scene(rng, True, SIZES[index % len(SIZES)]), rng, multiple))
    return samples


def measure(alphas: Sequence[Pixels], samples: Sequence[Sample]) -> Figures:
    """Of guessed alphas (h × w, 0..255) beside the true ones."""
    errors, overlaps = [], []
    for guess, sample in zip(alphas, samples, strict=True):
        errors.append(float(np.abs(guess.astype(np.float32) - sample.alpha).mean()) / 255)
        one, other = guess > 127, sample.alpha > 127
        overlaps.append(float((one & other).sum() / max(1, (one | other).sum())))
    return Figures(float(np.mean(errors)), float(np.mean(overlaps)), len(samples))


def to_tensors(samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
    """Pictures n × 3 × h × w and alphas n × 1 × h × w, both 0..1."""
    pictures = torch.from_numpy(np.stack([sample.picture for sample in samples])).permute(0, 3, 1, 2).float() / 255
    alphas = torch.from_numpy(np.stack([sample.alpha for sample in samples]))[:, None].float() / 255
    return pictures.contiguous(memory_format=torch.channels_last), alphas


def _take_step(network: MattingNet, optimiser: torch.optim.Optimizer, samples: Sequence[Sample]) -> float:
    pictures, alphas = to_tensors(samples)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(pictures)
    logits = logits.float()
    loss = F.binary_cross_entropy_with_logits(logits, alphas) + (logits.sigmoid() - alphas).abs().mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())
