"""Parts that wait in main memory and come for their turn: every family draws what it draws without, by the real hooks
of accelerate and diffusers, which here move them from the CPU to the CPU."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import accelerate  # type: ignore[import-untyped]
import pytest
import torch

from configs.load import load_tested
from configs.runtime import Runtime, find_untested
from configs.schema import AppliedLora, ModelConfig
from deployments.families.registry import FAMILIES
from deployments.messages import GenerateRequest
from tests.deployments import stepping
from tests.deployments.families.conformance.tinies import find
from tests.deployments.flux_loras import put_loras, random_loras, selection
from tests.deployments.tiny import request

CPU = torch.device("cpu")
WHOLE = ("model", "sequential")
CASES = [
    *((family, offload) for family in ("flux", "flux2", "sd3", "sdxl", "hidream") for offload in WHOLE),
    *((family, offload) for family in ("qwen-image", "z-image", "diffusers") for offload in WHOLE),
    ("flux", "group"),
    ("sd3", "group"),
]
WORN = request(seed=3, num_inference_steps=2, loras=(AppliedLora(lora="small", strength=0.8),))


@pytest.fixture(autouse=True)
def _a_cpu_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    published: Any = accelerate.cpu_offload

    def without_number(model: Any, device: torch.device, **settings: Any) -> Any:
        # torch copies from `cpu` to `cpu:0` each time, and a copy is no parameter any more; a GPU has its number.
        return published(model, torch.device(device.type), **settings)

    monkeypatch.setattr(accelerate, "cpu_offload", without_number)
    monkeypatch.setattr("deployments.families.assembly.choose_device", lambda *_: CPU)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModelConfig]:
    @lru_cache
    def built(family: str) -> ModelConfig:
        folder = tmp_path_factory.mktemp(family)
        find(family, "base").build(folder)
        config: ModelConfig = find(family, "base").config(folder)
        return config.model_copy(update={"controls": {}, "image_prompt": None})

    return built


def loaded(config: ModelConfig, offload: str) -> Any:
    runtime = Runtime.model_validate({"device": "cpu", "threads": 1, "offload": offload})
    return FAMILIES.find(config.family)(config.model_copy(update={"runtime": runtime}))


def drawn(model: Any, asked: GenerateRequest) -> tuple[torch.Tensor, ...]:
    """Latents, where they can be had, and the levels of the picture."""
    if hasattr(model, "draw"):
        (picture,) = model.draw([asked], lambda _step, _steps: None)
        return (torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8),)
    latents = stepping.draw(model, asked)
    picture = model.decode(latents)
    return latents.latents, torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8)


@pytest.mark.parametrize(("family", "offload"), CASES)
def test_what_waits_elsewhere_draws_the_same(family: str, offload: str, build: Callable[[str], ModelConfig]) -> None:
    config = build(family)
    assert find_untested(Runtime.model_validate({"offload": offload}), family, load_tested()) is None
    asked = find(family, "base").ask(num_inference_steps=2)
    waiting, plain = loaded(config, offload), loaded(config, "none")
    for _ in range(2):  # and again, when everything has gone back
        assert all(map(stepping.alike, drawn(waiting, asked), drawn(plain, asked)))


@pytest.mark.parametrize("offload", WHOLE)
def test_loras_are_worn_by_what_waits_elsewhere(offload: str, build: Callable[[str], ModelConfig]) -> None:
    config = build("flux")
    waiting, plain = loaded(config, offload), loaded(config, "none")
    changes = random_loras(plain)
    denoiser = waiting._pipeline.transformer
    assert hasattr(denoiser if offload == "model" else denoiser.proj_out, "_hf_hook")
    assert all(each.is_meta == (offload == "sequential") for each in denoiser.parameters())
    latents = []
    for model in (waiting, plain):
        state = stepping.begin(model, WORN, selection(WORN, put_loras(model, changes)))
        stepping.finish(model, [state])
        latents.append(state.latents)
    assert stepping.alike(*latents)
    assert not stepping.alike(latents[0], stepping.draw(plain, WORN).latents)
