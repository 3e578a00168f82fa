"""The autoencoder: 8× down to 16 channels, without norms, so that flat colours stay exactly flat."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor

from training.mini.dataset import Size, hold_pictures, load_pictures
from training.mini.parallel import Crew
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES

STAGE = "autoencoder"
AUTOENCODER: Any = AutoencoderTiny  # diffusers has no types


@dataclass(frozen=True)
class AutoencoderPlan:
    """How long and on what the autoencoder learns. Crops first: a border every 64 pixels teaches edges sooner."""

    steps: int = 4800
    batch: int = 32
    crop: int = 64
    whole_share: float = 0.1
    learning_rate: float = 8e-4
    latent_noise: float = 0.05
    share: float = 0.25
    log_every: int = 50
    save_every: int = 250
    probe: int = 32
    encoder_blocks: tuple[int, ...] = (0, 1, 3, 3)
    decoder_blocks: tuple[int, ...] = (4, 3, 1, 1)


def build_autoencoder(plan: AutoencoderPlan) -> Any:
    """Few blocks at full resolution, where they cost most and flat art needs least."""
    model = AUTOENCODER(
        latent_channels=16, num_encoder_blocks=plan.encoder_blocks, num_decoder_blocks=plan.decoder_blocks
    )
    initialise(model)
    return model


def initialise(model: Any) -> None:
    """Keep signals at their size through the depth, and let residual blocks begin near the identity.

    There are no norms to do this during training; torch's default lost 3 dB over the first hundred steps.
    """
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)
    for module in model.modules():
        if isinstance(module, AutoencoderTinyBlock):
            with torch.no_grad():
                for index, gain in ((0, 2**0.5), (2, 2**0.5), (4, 0.1)):
                    module.conv[index].weight.mul_(gain)


def to_tensor(pictures: np.ndarray[Any, Any], device: str) -> Tensor:
    """uint8 n × h × w × 3 to floats in -1..1, n × 3 × h × w, channels last."""
    batch = torch.from_numpy(np.array(pictures)).to(device).permute(0, 3, 1, 2)
    return batch.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def draw_crops(space: Workspace, plan: AutoencoderPlan, step: int, crew: Crew) -> np.ndarray[Any, Any]:
    """This worker's part of the step's batch: a function of seed and step, so that a resumed run sees the same."""
    rng = np.random.default_rng((space.seed, 1, step))
    size: Size = SIZES[rng.choice(3, p=(0.7, 0.15, 0.15))]
    pictures = hold_pictures(space, size, plan.share)
    if step >= plan.steps * (1 - plan.whole_share):
        rows = rng.integers(0, len(pictures), max(crew.size, plan.batch // 3))
        return pictures[np.sort(rows[crew.rank :: crew.size])]
    crop = min(plan.crop, *size)
    rows, tops, lefts = (
        rng.integers(0, n, plan.batch) for n in (len(pictures), size[1] - crop + 1, size[0] - crop + 1)
    )
    places = list(zip(rows, tops, lefts, strict=True))[crew.rank :: crew.size]
    return np.stack([pictures[r, t : t + crop, c : c + crop] for r, t, c in places])


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """L1 plus squared error, four times as heavy where the target has an edge within a pixel."""
    edge = (F.max_pool2d(target, 3, 1, 1) + F.max_pool2d(-target, 3, 1, 1)).amax(1, keepdim=True)
    weight = 1 + 3 * (edge > 0.1).to(output.dtype)
    difference = output - target
    return (weight * (difference.abs() + 2 * difference.square())).mean()


def learning_rate(step: int, total: int, peak: float, warmup: int = 200) -> float:
    """Linear warm-up, then a cosine down to a hundredth."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, total - warmup)
    return peak * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * min(1.0, progress)))))


def psnr(model: Any, pictures: Tensor) -> float:
    """Mean PSNR in dB over whole pictures in -1..1."""
    with torch.no_grad(), torch.autocast(pictures.device.type, torch.bfloat16):
        output = model.decoder(model.encoder(pictures)).float().clamp(-1, 1)
    error = (output - pictures).div(2).square().mean(dim=(1, 2, 3)).clamp_min(1e-8)
    return float((-10 * error.log10()).mean())


def train_autoencoder(space: Workspace, plan: AutoencoderPlan, crew: Crew) -> Iterator[dict[str, float]]:
    """Train (or resume) to plan.steps; yields figures every plan.log_every steps."""
    torch.manual_seed(space.seed)
    model = build_autoencoder(plan).to(crew.device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), plan.learning_rate, (0.9, 0.98), weight_decay=1e-4, fused=True)
    start = _restore(space, model, optimiser)
    probe = to_tensor(load_pictures(space, SIZES[0])[-plan.probe :], crew.device)
    began, total = time.monotonic(), 0.0
    for step in range(start, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, plan.steps, plan.learning_rate)
        torch.manual_seed((space.seed * 1_000_003 + step) * 64 + crew.rank)
        total += _take_step(model, optimiser, to_tensor(draw_crops(space, plan, step, crew), crew.device), plan, crew)
        done = step + 1
        if done % plan.log_every == 0 and crew.leads:
            figures = {"step": done, "loss": total / plan.log_every, "seconds": time.monotonic() - began}
            figures["psnr"] = psnr(model, probe)
            total = 0.0
            space.log(STAGE, figures)
            yield figures
        if crew.leads and (done % plan.save_every == 0 or done == plan.steps):
            space.save(STAGE, {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": done})


def _restore(space: Workspace, model: Any, optimiser: torch.optim.Optimizer) -> int:
    state = space.load(STAGE)
    if state is None:
        return 0
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _take_step(
    model: Any, optimiser: torch.optim.Optimizer, pictures: Tensor, plan: AutoencoderPlan, crew: Crew
) -> float:
    with torch.autocast(pictures.device.type, torch.bfloat16):
        latents = model.encoder(pictures).float()
        noisy = latents + plan.latent_noise * torch.randn_like(latents)
        output = model.decoder(noisy).float()
    # The small pull on the latents' size keeps the noise from being outgrown and the decoder's clamp out of play.
    loss = reconstruction_loss(output, pictures) + 1e-3 * latents.square().mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    crew.average(p.grad for p in model.parameters())
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def load_autoencoder(space: Workspace, plan: AutoencoderPlan) -> Any:
    """The trained autoencoder in float32, ready to encode."""
    state = space.load(STAGE)
    if state is None:
        raise FileNotFoundError("the autoencoder is not trained yet: run `python -m training.mini autoencoder`")
    model = build_autoencoder(plan)
    model.load_state_dict(state["model"])
    return model.eval().to(memory_format=torch.channels_last)
