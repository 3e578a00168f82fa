"""FLUX as the trainer sees it: `predict` is what a serving step computes, and latents are what it draws from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from configs.errors import ConfigError
from configs.load import load_catalog
from configs.schema import ModelConfig
from deployments.families import flux
from deployments.families.training import Trainable, load_trainable
from tests.deployments.tiny import request
from training.lora.buckets import fit


def test_predict_is_what_a_serving_step_computes(model: Trainable, config: ModelConfig) -> None:
    family = flux.load(config)
    asked = request(width=96, height=160)
    state = family.start(asked, family.encode(asked.prompt, ""))
    before, share = state.latents.clone(), state.schedule.sigma(0)
    family.step([state])
    conditions = model.encode_text([asked.prompt])
    noisy = family._parts.latents._pipeline._unpack_latents(before, 160, 96, 8)
    told = torch.tensor([asked.guidance_scale])
    with torch.no_grad():
        predicted = model.predict(noisy, share[None], conditions, told)
    assert state.velocity is not None
    velocity = family._parts.latents._pipeline._unpack_latents(state.velocity, 160, 96, 8)
    assert torch.allclose(predicted, velocity, atol=1e-5)


def test_rows_of_a_batch_are_as_if_alone(model: Trainable) -> None:
    noisy, s = torch.randn(3, 4, 8, 12), torch.tensor([0.2, 0.5, 0.9])
    conditions = model.encode_text(["a red square", "", "a mug"])
    told = torch.tensor([1.0, 3.5, 5.0])
    with torch.no_grad():
        together = model.predict(noisy, s, conditions, told)
        alone = [
            model.predict(noisy[i : i + 1], s[i : i + 1], conditions[i : i + 1], told[i : i + 1]) for i in range(3)
        ]
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


def test_mini_knows_pictures_of_its_own_world_and_not_their_negatives() -> None:
    """The sign, the scale and the packing: with any of them wrong, the loss is above that of saying nothing."""
    from training.mini.world.pictures import render
    from training.mini.world.scene import Scene

    model = load_trainable(load_catalog().models["mini"])
    picture = Image.fromarray(render(Scene("mug", "red", "white", "icon")))
    pixels = torch.from_numpy(np.array(fit(picture, model.manner.size)))[None] / 127.5 - 1
    clean = model.encode_picture(pixels.permute(0, 3, 1, 2))
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    s = torch.tensor([0.7])
    with torch.no_grad():
        said = model.predict(model.noisy(clean, noise, s), s, model.encode_text(["a red mug"]), torch.ones(1))
    target = model.target(clean, noise, s)
    right, wrong = (float((sign * said - target).square().mean()) for sign in (1, -1))
    assert right < 0.4 * float(target.square().mean())
    assert wrong > 2 * right


def test_the_shift_is_that_of_the_schedule_it_draws_with(model: Trainable, config: ModelConfig) -> None:
    latents = torch.zeros(1, 4, 16, 16)
    scheduler: Any = model.pipeline.scheduler
    slope = (scheduler.config.max_shift - scheduler.config.base_shift) / (4096 - 256)
    assert model.shift(latents) == pytest.approx(math.exp(scheduler.config.base_shift + slope * (64 - 256)))


def test_variants_that_are_only_drawn_with_are_refused(config: ModelConfig) -> None:
    with pytest.raises(ConfigError, match="the variant 'fill' is not trained on"):
        load_trainable(config.model_copy(update={"variant": "fill"}))


def test_a_family_without_training_is_refused(config: ModelConfig) -> None:
    with pytest.raises(ConfigError, match="LoRAs of janus cannot be trained here; of .*flux.* they can"):
        load_trainable(config.model_copy(update={"family": "janus"}))
