"""Step for step what diffusers' own training script for FLUX LoRAs computes: losses, gradients, and what is learned.

Its step is stated here anew, in the library's own functions: latents packed and numbered by `FluxPipeline`, times by
`compute_density_for_timestep_sampling`, weights of the loss by `compute_loss_weighting_for_sd3`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from diffusers.training_utils import compute_density_for_timestep_sampling, compute_loss_weighting_for_sd3

from configs.schema import ModelConfig
from deployments.families.training import Trainable
from tests.deployments.tiny import parts
from tests.training.lora.conftest import changed, plain
from training.lora import noise
from training.lora.adapter import Adapter
from training.lora.cache import Cache, Lesson
from training.lora.loss import Learner

STEPS, RANK, GUIDANCE, RATE = 6, 4, 3.5, 1e-2
SETTINGS = changed(rank=RANK, guidance_scale=GUIDANCE, rate=RATE, caption_dropout=0, targets="attention", alpha=8.0)
TARGETS = ["attn.to_k", "attn.to_q", "attn.to_v", "attn.to_out.0"]
TARGETS += ["attn.add_k_proj", "attn.add_q_proj", "attn.add_v_proj", "attn.to_add_out"]


@dataclass
class Draw:
    """What is random in a step: the noise, and places in the scheduler's table."""

    noise: torch.Tensor
    places: torch.Tensor


class Script:
    """The script's side: a pipeline of its own, with peft's layers and AdamW."""

    def __init__(self, folder: str) -> None:
        from peft import LoraConfig

        self.pipeline: Any = parts.FluxPipeline.from_pretrained(folder)
        self.transformer = self.pipeline.transformer
        self.transformer.requires_grad_(False)
        self.scheduler = copy.deepcopy(self.pipeline.scheduler)
        configuration: Any = LoraConfig
        self.transformer.add_adapter(
            configuration(r=RANK, lora_alpha=8, init_lora_weights="gaussian", target_modules=TARGETS)
        )
        self.learned = {name: one for name, one in self.transformer.named_parameters() if one.requires_grad}
        self.optimiser = torch.optim.AdamW(self.learned.values(), lr=RATE, weight_decay=SETTINGS.weight_decay)

    def loss(self, latents: torch.Tensor, prompts: Sequence[str], draw: Draw) -> torch.Tensor:
        timesteps = self.scheduler.timesteps[draw.places]
        sigmas = self.scheduler.sigmas[draw.places].view(-1, 1, 1, 1)
        noisy = (1.0 - sigmas) * latents + sigmas * draw.noise
        count, channels, height, width = latents.shape
        with torch.no_grad():
            told, pooled, text_ids = self.pipeline.encode_prompt(
                prompt=list(prompts), prompt_2=None, max_sequence_length=64
            )
        said = self.transformer(
            hidden_states=self.pipeline._pack_latents(noisy, count, channels, height, width),
            timestep=timesteps / 1000,
            guidance=torch.tensor([GUIDANCE]).expand(count),
            pooled_projections=pooled,
            encoder_hidden_states=told,
            txt_ids=text_ids,
            img_ids=self.pipeline._prepare_latent_image_ids(count, height // 2, width // 2, "cpu", torch.float32),
            return_dict=False,
        )[0]
        factor = self.pipeline.vae_scale_factor
        predicted = self.pipeline._unpack_latents(said, height * factor, width * factor, factor)
        weighting = compute_loss_weighting_for_sd3(weighting_scheme="none", sigmas=sigmas)
        wrong = weighting.float() * (predicted.float() - (draw.noise - latents).float()) ** 2
        loss: torch.Tensor = wrong.reshape(count, -1).mean(1).mean()
        return loss


class Ours:
    """The trainer's side, with its random shares replaced by those of the script's table."""

    def __init__(self, model: Trainable, scheduler: Any) -> None:
        self.model, self.scheduler = model, scheduler
        self.adapter = Adapter(model, SETTINGS)
        self.optimiser = torch.optim.AdamW(self.adapter.parameters, lr=RATE, weight_decay=SETTINGS.weight_decay)
        self.learner = Learner(model, SETTINGS, model.encode_text([""])[0])

    def loss(self, lessons: Sequence[Lesson], step: int, draw: Draw, patch: pytest.MonkeyPatch) -> torch.Tensor:
        patch.setattr(noise, "shares", lambda *_: self.scheduler.sigmas[draw.places])
        return self.learner.loss(lessons, noise.generator(0, step)).mean


def test_losses_gradients_and_weights_are_the_scripts(
    model: Trainable, config: ModelConfig, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.weights.path is not None
    script = Script(config.weights.path)
    ours = Ours(model, script.scheduler)
    try:
        with torch.no_grad():
            for name, parameter in zip(ours.adapter.names, ours.adapter.parameters, strict=True):
                script.learned[name].copy_(parameter)
        pictures = [plain(colour, (96, 64)) for colour in ("red", "green", "blue", "black")]
        lessons = Cache(model, tmp_path).lessons(pictures, 80)
        latents = torch.cat([lesson.latents for lesson in lessons])
        for step in range(STEPS):
            density = compute_density_for_timestep_sampling("logit_normal", len(lessons), logit_mean=0, logit_std=1)
            draw = Draw(noise.like(latents, noise.generator(0, step)), (density * 1000).long())
            theirs = script.loss(latents, [one.caption for one in pictures], draw)
            mine = ours.loss(lessons, step, draw, monkeypatch)
            assert mine.item() == pytest.approx(theirs.item(), abs=1e-5)
            _step(script.optimiser, theirs)
            _step(ours.optimiser, mine)
            for name, parameter in zip(ours.adapter.names, ours.adapter.parameters, strict=True):
                other = script.learned[name]
                assert parameter.grad is not None
                assert other.grad is not None
                assert torch.allclose(parameter.grad, other.grad, atol=1e-5), name
                assert torch.allclose(parameter, other, atol=1e-5), name
    finally:
        ours.adapter.remove()


def _step(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
