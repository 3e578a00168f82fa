"""The autoencoder's last lesson: the decoder alone learns flat colours and clean edges from imperfect latents."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

from training.mini.autoencoder import (
    STAGE,
    AutoencoderPlan,
    build_autoencoder,
    draw_crops,
    learning_rate,
    load_autoencoder,
    psnr,
    reconstruction_loss,
    to_tensor,
)
from training.mini.dataset import load_pictures
from training.mini.parallel import Crew
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES

POLISHED = "polish"


@dataclass(frozen=True)
class PolishPlan:
    """The encoder stays as it is, so cached latents and the denoiser stay valid."""

    steps: int = 800
    batch: int = 24
    crop: int = 80
    learning_rate: float = 4e-4
    latent_noise: float = 0.08
    log_every: int = 100
    save_every: int = 100


def polish_decoder(space: Workspace, plan: PolishPlan, crew: Crew) -> Iterator[dict[str, float]]:
    """Train (or resume) the decoder to plan.steps; yields figures every plan.log_every steps."""
    model = load_autoencoder(space, AutoencoderPlan()).to(crew.device).train()
    model.encoder.requires_grad_(False)
    optimiser = torch.optim.AdamW(model.decoder.parameters(), plan.learning_rate, (0.9, 0.98), fused=True)
    state = space.load(POLISHED)
    if state:
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
    sampling = replace(AutoencoderPlan(), steps=10**9, batch=plan.batch, crop=plan.crop, share=0.12)
    probe = to_tensor(load_pictures(space, SIZES[0])[-32:], crew.device)
    began, total = time.monotonic(), 0.0
    for step in range(state["step"] if state else 0, plan.steps):
        torch.manual_seed((space.seed * 1_000_003 + step) * 64 + crew.rank)
        pictures = to_tensor(draw_crops(space, sampling, 10**6 + step, crew), crew.device)
        with torch.autocast(crew.device, torch.bfloat16):
            with torch.no_grad():
                latents = model.encoder(pictures).float()
            strength = plan.latent_noise * torch.rand(len(latents), 1, 1, 1, device=crew.device)
            output = model.decoder(latents + strength * torch.randn_like(latents)).float()
        loss = reconstruction_loss(output, pictures)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        crew.average(p.grad for p in model.decoder.parameters())
        torch.nn.utils.clip_grad_norm_(model.decoder.parameters(), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, plan.steps, plan.learning_rate, 50)
        optimiser.step()
        total += float(loss.detach())
        done = step + 1
        if crew.leads and done % plan.log_every == 0:
            figures = {"step": done, "loss": total / plan.log_every, "seconds": time.monotonic() - began}
            figures["psnr"] = psnr(model, probe)
            total = 0.0
            space.log(POLISHED, figures)
            yield figures
        if crew.leads and (done % plan.save_every == 0 or done == plan.steps):
            space.save(POLISHED, {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": done})


def load_polished(space: Workspace) -> Any:
    """The autoencoder with its polished decoder; as first trained where the polish has not run."""
    state = space.load(POLISHED) or space.load(STAGE)
    if state is None:
        raise FileNotFoundError("the autoencoder is not trained yet: run `python -m training.mini autoencoder`")
    model = build_autoencoder(AutoencoderPlan())
    model.load_state_dict(state["model"])
    return model.eval()
