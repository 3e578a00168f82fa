"""Every sampler that SDXL checkpoints come with steps as in diffusers' pipelines, and can step again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from deployments.families.sampling import SAMPLERS, SamplerSchedule
from deployments.families.schedule import Stepped
from deployments.families.sdxl import load
from tests.deployments.diffusers_alone import difference
from tests.deployments.sdxl_alone import ask, draw, over, stock
from tests.deployments.tiny import parts
from tests.deployments.tiny_sdxl import SCHEDULE, build, config


def samplers() -> dict[str, Any]:
    made = {name: getattr(parts, name)(**({} if name.startswith("EDM") else SCHEDULE)) for name in sorted(SAMPLERS)}
    third = parts.DPMSolverMultistepScheduler(**SCHEDULE, algorithm_type="sde-dpmsolver++", solver_order=3)
    karras = parts.EulerDiscreteScheduler(**SCHEDULE, use_karras_sigmas=True, prediction_type="v_prediction")
    return made | {"sde of third order": third, "karras sigmas": karras}


@pytest.mark.parametrize("name", samplers())
def test_every_sampler_equals_the_pipeline_in_a_mixed_batch(tmp_path: Path, name: str) -> None:
    build(tmp_path, scheduler=samplers()[name])
    family = load(config(tmp_path, "edm" if name.startswith("EDM") else "base"))
    asked = [
        ask(seed=1, num_inference_steps=3, guidance_scale=1.0),
        over(0.7, seed=2, num_inference_steps=6),
        over(0.9, masked=True, seed=3, num_inference_steps=4),
    ]
    for state, each in zip(draw(family, asked), asked, strict=True):
        assert difference(state.latents, stock(tmp_path, each)) <= 1e-5
        if each.mask is None:
            assert state.clean is not None
            assert difference(state.clean, state.latents) <= 1e-2, "the last preview is the picture"


@pytest.mark.parametrize("name", ["DPMSolverMultistepScheduler", "EulerAncestralDiscreteScheduler"])
def test_a_step_that_failed_can_be_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    build(tmp_path, scheduler=samplers()[name])
    family, asked = load(config(tmp_path)), ask(num_inference_steps=5)
    (whole,) = draw(family, [asked])
    first, second = (family.start(asked, family.encode(asked.prompt, asked.negative_prompt)) for _ in range(2))
    family.step([first, second])
    taken: list[int] = []
    advance = SamplerSchedule.advance

    def fail_for_the_second(self: SamplerSchedule, *arguments: Any) -> Stepped:
        taken.append(1)
        if len(taken) % 2 == 0:
            raise RuntimeError("after the first was advanced")
        return advance(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(SamplerSchedule, "advance", fail_for_the_second)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                family.step([first, second])
    while first.step < first.steps:
        family.step([first, second])
    assert torch.equal(first.latents, second.latents)
    assert difference(first.latents, whole.latents) <= 1e-5
