"""The trainer's step is that of diffusers' own LoRA training script for each family: loss, gradients, and where several
steps of AdamW lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import pytest
import torch

from configs.training import TrainingSettings
from deployments.families.assembly import Assembled
from deployments.families.sdxl_training import SdxlTraining
from tests.training.lora.families.scripts import SCRIPTS
from tests.training.lora.families.taught import SETTINGS, Classroom, Taught, every_row
from training.lora import noise
from training.lora.adapter import Adapter
from training.lora.cache import Lesson
from training.lora.loss import Learner
from training.lora.optimisers import build

STEPS = 3
PLAIN = SETTINGS.model_copy(update={"caption_dropout": 0.0, "warm_up": 0, "shift": 2.0, "noise": "logit_normal"})
Loss = Callable[[torch.Generator], torch.Tensor]


@every_row
def test_loss_gradients_and_weights_are_those_of_diffusers_script(taught: Taught) -> None:
    def script(pipeline: Any, *given: Any) -> torch.Tensor:
        with forced_inference(pipeline.transformer) if taught.row[0] == "hidream" else nullcontext():
            return SCRIPTS[taught.row[0]](pipeline, *given)

    with experts_that_pass_gradients():
        _compare(taught, PLAIN, script)


@pytest.mark.parametrize("says", ["epsilon", "v_prediction"])
def test_min_snr_weighs_as_diffusers_script_does(classroom: Classroom, says: str) -> None:
    base = classroom.find(("sdxl", "base"))
    taught = Taught(base.row, base.folder, base.config)
    scheduler = taught.model.pipeline.scheduler
    scheduler.register_to_config(prediction_type=says)
    taught.__dict__["model"] = SdxlTraining(Assembled(taught.model.pipeline, taught.model.weights), base.config)
    settings = PLAIN.model_copy(update={"min_snr": 5.0, "shift": 1.0, "noise": "uniform"})

    def script(*given: Any) -> torch.Tensor:
        return SCRIPTS["sdxl"](*given, snr_gamma=5.0)

    _compare(taught, settings, script)


def test_what_diffusers_script_learns_of_hidream_is_cut_off_at_its_experts(classroom: Classroom) -> None:
    """It forces the way of drawing, whose experts pass no gradients; here they do. The loss is the same."""
    taught = classroom.find(("hidream", "base"))
    adapter = taught.adapter()
    try:
        ours, theirs = _losses(taught, PLAIN, SCRIPTS["hidream"])
        mine = _gradients(adapter, ours)
        with forced_inference(taught.model.denoiser):
            cut = _gradients(adapter, theirs)
        assert not torch.allclose(mine, cut, rtol=1e-2)
        with experts_that_pass_gradients(), forced_inference(taught.model.denoiser):
            torch.testing.assert_close(mine, _gradients(adapter, theirs), rtol=1e-4, atol=1e-6)
    finally:
        adapter.remove()


class Walked(NamedTuple):
    """Where a few steps of AdamW led: the loss of each, the gradient of the first, and the adapter at the end."""

    losses: list[float]
    gradient: torch.Tensor
    end: torch.Tensor


def _compare(taught: Taught, settings: TrainingSettings, script: Callable[..., torch.Tensor]) -> None:
    """The same steps by both, from the same adapter."""
    ours, theirs = (_walk(taught, settings, loss) for loss in _losses(taught, settings, script))
    assert ours.losses == pytest.approx(theirs.losses, rel=1e-5)
    assert len(set(ours.losses)) == STEPS
    assert theirs.gradient.any()
    assert float((ours.gradient - theirs.gradient).abs().max() / theirs.gradient.abs().max()) <= 1e-5
    # AdamW divides a gradient by its own size: where that is next to nothing, rounding decides where the weight goes.
    apart = (ours.end - theirs.end).abs()
    assert float((apart > 1e-5).float().mean()) <= 1e-3
    assert float(apart.max()) <= STEPS * settings.rate


def _walk(taught: Taught, settings: TrainingSettings, loss: Loss) -> Walked:
    adapter = taught.adapter(settings)
    try:
        optimiser = build(settings, adapter.parameters)
        losses, gradients = [], []
        for step in range(STEPS):
            optimiser.zero_grad(set_to_none=True)
            value = loss(noise.generator(settings.seed, "test", step))
            value.backward()  # type: ignore[no-untyped-call]
            gradients.append(_flat([each.grad for each in adapter.parameters]))
            torch.nn.utils.clip_grad_norm_(adapter.parameters, settings.clip)
            optimiser.step()
            losses.append(float(value.detach()))
        return Walked(losses, gradients[0], _flat(list(adapter.parameters)))
    finally:
        adapter.remove()


def _losses(taught: Taught, settings: TrainingSettings, script: Callable[..., torch.Tensor]) -> tuple[Loss, Loss]:
    """Ours, by the trainer's own learner; and the script's, of the same latents and the same random numbers."""
    model = taught.model
    captions = ["a mug", "a blue key on a table"]
    numbers = torch.Generator().manual_seed(7)
    pixels = torch.rand(2, 3, 64, 64, generator=numbers) * 2 - 1
    conditions = taught.conditions(captions)
    latents = [model.encode_picture(each[None]) for each in pixels]
    shape = taught.config.native_sizes[0]
    lessons = [Lesson(one, told, shape, False) for one, told in zip(latents, conditions, strict=True)]
    learner = Learner(model, settings, taught.conditions([""])[0])

    def ours(numbers: torch.Generator) -> torch.Tensor:
        return learner.loss(lessons, numbers).mean

    def theirs(numbers: torch.Generator) -> torch.Tensor:
        clean = torch.cat(latents)
        random = noise.like(clean, numbers)
        sigmas = noise.shares(len(clean), settings, settings.shift or 1.0, numbers).view(-1, 1, 1, 1)
        return script(model.pipeline, clean, random, sigmas, conditions)

    return ours, theirs


def _gradients(adapter: Adapter, loss: Loss) -> torch.Tensor:
    for parameter in adapter.parameters:
        parameter.grad = None
    loss(noise.generator(0, "test")).backward()  # type: ignore[no-untyped-call]
    return _flat([parameter.grad for parameter in adapter.parameters])


def _flat(tensors: list[Any]) -> torch.Tensor:
    return torch.cat([each.detach().flatten() for each in tensors if each is not None])


@contextmanager
def experts_that_pass_gradients() -> Iterator[None]:
    """HiDream's experts as they are drawn with, but that gradients come through: each reads everything, and counts
    where it was chosen."""
    from diffusers.models.transformers import transformer_hidream_image

    cls: Any = transformer_hidream_image.MOEFeedForwardSwiGLU
    stock = cls.moe_infer

    def infer(self: Any, x: torch.Tensor, chosen: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        each = self.num_activated_experts
        shares = torch.zeros(len(x), len(self.experts)).scatter(1, chosen.view(-1, each), weights.view(-1, each))
        mixed: torch.Tensor = sum(shares[:, i : i + 1] * expert(x) for i, expert in enumerate(self.experts))
        return mixed

    cls.moe_infer = infer
    try:
        yield
    finally:
        cls.moe_infer = stock


@contextmanager
def forced_inference(denoiser: Any) -> Iterator[None]:
    """As the script loads it: `force_inference_output=True`."""
    experts = [each for each in denoiser.modules() if hasattr(each, "moe_infer")]
    for each in experts:
        each._force_inference_output = True
    try:
        yield
    finally:
        for each in experts:
            each._force_inference_output = False
