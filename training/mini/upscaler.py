"""The ×4 upscaler: from a 128-pixel draft, clean or as the autoencoder left it, to the same scene drawn at 512."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from deployments.networks.srvgg import SRVGGNetCompact
from training.mini.autoencoder import learning_rate
from training.mini.parallel import Crew
from training.mini.polish import load_polished
from training.mini.workspace import Workspace
from training.mini.world.pictures import render
from training.mini.world.scene import Scene, sample

STAGE = "upscaler"


@dataclass(frozen=True)
class UpscalerPlan:
    """The network's sizes and its schedule."""

    steps: int = 4000
    batch: int = 16
    crop: int = 48
    scenes: int = 400
    num_feat: int = 32
    num_conv: int = 10
    learning_rate: float = 8e-4
    latent_noise: float = 0.08
    log_every: int = 200
    save_every: int = 500


def build_upscaler(plan: UpscalerPlan) -> SRVGGNetCompact:
    """The network, begun as exact nearest-neighbour with every feature carried whole to the last layer.

    With torch's default, nothing reached that layer: 2,000 steps left it where it began.
    """
    model = SRVGGNetCompact(num_feat=plan.num_feat, num_conv=plan.num_conv)
    convolutions = [layer for layer in model.body if isinstance(layer, torch.nn.Conv2d)]
    for layer in convolutions:
        torch.nn.init.kaiming_normal_(layer.weight, a=0.25)
        torch.nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    with torch.no_grad():
        for layer in convolutions[1:-1]:
            layer.weight.mul_(0.3)
            layer.weight[:, :, 1, 1] += torch.eye(plan.num_feat)
        convolutions[-1].weight.zero_()
    return model


@torch.no_grad()
def solve_last_layer(model: SRVGGNetCompact, small: Tensor, large: Tensor, ridge: float = 1e-3) -> None:
    """Set the last layer to its least-squares solution for these crops: better than Lanczos before the first step."""
    features = small
    for layer in model.body[:-1]:
        features = layer(features)
    residual = F.pixel_unshuffle(large - F.interpolate(small, scale_factor=4.0, mode="nearest"), 4)
    patches = F.unfold(features, 3, padding=1).transpose(1, 2).flatten(0, 1)
    inputs = torch.cat([patches, torch.ones(len(patches), 1)], 1).double()
    wanted = residual.flatten(2).transpose(1, 2).flatten(0, 1).double()
    gram = inputs.T @ inputs / len(inputs)
    gram += ridge * gram.diagonal().mean() * torch.eye(len(gram), dtype=torch.float64)
    solution = torch.linalg.solve(gram, inputs.T @ wanted / len(inputs)).float()
    last = model.body[-1]
    last.weight.copy_(solution[:-1].T.reshape(last.weight.shape))  # type: ignore[operator]
    last.bias.copy_(solution[-1])  # type: ignore[operator]


def upscaler_scene(seed: int, index: int) -> Scene:
    """Scenes of their own, apart from those the denoiser sees."""
    return sample(random.Random(f"upscaler-{seed}-{index}"))


@dataclass(frozen=True)
class Pair:
    """One scene small (clean, reconstructed, reconstructed from noisy latents) and large; uint8."""

    small: np.ndarray[Any, Any]
    large: np.ndarray[Any, Any]


def make_pair(scene: Scene, vae: Any, noise: float) -> Pair:
    """Render both sizes and degrade the small one the ways a draft is degraded."""
    small = render(scene)
    clean = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float().div(127.5).sub(1)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        latents = vae.encoder(clean)
        drafts = vae.decoder(torch.cat([latents, latents + noise * torch.randn_like(latents)]))
    versions = torch.cat([clean, drafts.float().clamp(-1, 1)]).add(1).mul(127.5).round().byte()
    return Pair(versions.permute(0, 2, 3, 1).numpy(), render(scene, 4))


def _cut(pair: Pair, rng: np.random.Generator, crop: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    height, width = pair.small.shape[1:3]
    top, left = rng.integers(0, height - crop + 1), rng.integers(0, width - crop + 1)
    version = rng.choice(3, p=(0.3, 0.35, 0.35))
    small = pair.small[version, top : top + crop, left : left + crop]
    return small, pair.large[top * 4 : (top + crop) * 4, left * 4 : (left + crop) * 4]


def to_unit(pictures: np.ndarray[Any, Any]) -> Tensor:
    """uint8 n × h × w × 3 to 0..1, n × 3 × h × w, channels last."""
    batch = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(255)
    return batch.contiguous(memory_format=torch.channels_last)


def train_upscaler(space: Workspace, plan: UpscalerPlan, crew: Crew) -> Iterator[dict[str, float]]:
    """Train (or resume) to plan.steps; yields figures every plan.log_every steps."""
    torch.manual_seed(space.seed)
    vae = load_polished(space)
    mine = range(crew.rank, plan.scenes, crew.size)
    pairs = [make_pair(upscaler_scene(space.seed, i), vae, plan.latent_noise) for i in mine]
    torch.manual_seed(space.seed)
    model = build_upscaler(plan).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(model.parameters(), plan.learning_rate, (0.9, 0.98), fused=True)
    state = space.load(STAGE)
    if state:
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    else:
        rng = np.random.default_rng((space.seed, 3))
        picks = [_cut(pairs[rng.integers(len(pairs))], rng, plan.crop) for _ in range(120)]
        small, large = (to_unit(np.stack(side)) for side in zip(*picks, strict=True))
        solve_last_layer(model, small, large)
    began, total = time.monotonic(), 0.0
    for step in range(state["step"] if state else 0, plan.steps):
        rng = np.random.default_rng((space.seed, 3, step, crew.rank))
        picks = [_cut(pairs[rng.integers(len(pairs))], rng, plan.crop) for _ in range(plan.batch // crew.size)]
        small, large = (to_unit(np.stack(side)) for side in zip(*picks, strict=True))
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, plan.steps, plan.learning_rate, 100)
        total += _take_step(model, optimiser, small, large, crew)
        done = step + 1
        if crew.leads and done % plan.log_every == 0:
            figures = {"step": done, "loss": total / plan.log_every, "seconds": time.monotonic() - began}
            total = 0.0
            space.log(STAGE, figures)
            yield figures
        if crew.leads and (done % plan.save_every == 0 or done == plan.steps):
            space.save(STAGE, {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": done})


def _take_step(
    model: SRVGGNetCompact, optimiser: torch.optim.Optimizer, small: Tensor, large: Tensor, crew: Crew
) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        output = model(small).float()
    loss = (output - large).abs().mean()  # whose best answer to an edge in doubt is still an edge; a square's is a blur
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    crew.average(p.grad for p in model.parameters())
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def load_upscaler(space: Workspace, plan: UpscalerPlan) -> SRVGGNetCompact:
    state = space.load(STAGE)
    if state is None:
        raise FileNotFoundError("the upscaler is not trained yet: run `python -m training.mini upscaler`")
    model = build_upscaler(plan)
    model.load_state_dict(state["model"])
    return model.eval()


def export_upscaler(space: Workspace, plan: UpscalerPlan, target: Path) -> None:
    """Write `model.safetensors` (float16) and `config.json` with the network's sizes."""
    target.mkdir(parents=True, exist_ok=True)
    state = {k: v.half().contiguous() for k, v in load_upscaler(space, plan).state_dict().items()}
    save_file(state, target / "model.safetensors")
    sizes = {"num_in_ch": 3, "num_out_ch": 3, "num_feat": plan.num_feat, "num_conv": plan.num_conv}
    sizes |= {"upscale": 4}
    (target / "model.safetensors").chmod(0o644)
    (target / "config.json").write_text(json.dumps(sizes | {"act_type": "prelu"}, indent=2) + "\n")


def enlarge(model: SRVGGNetCompact, picture: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One uint8 picture, h × w × 3, four times as large."""
    with torch.no_grad():
        output = model(to_unit(picture[None].copy()))
    pixels = output[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0)
    result: np.ndarray[Any, Any] = pixels.contiguous().numpy()
    return result
