"""What stands beside a model waits in main memory as the model does: it draws the same, and comes and goes in turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from configs.runtime import Runtime
from configs.schema import ModelConfig
from deployments.families import offloading
from deployments.families.registry import FAMILIES
from deployments.messages import GenerateRequest
from tests.deployments import asking, stepping, tiny, tiny_flux, tiny_sd3, tiny_sdxl, tiny_wholes
from tests.deployments.diffusers_alone import painting

PICTURE = painting(128, 128, seed=3)
SMALL = painting(64, 64, seed=3)


@pytest.fixture(autouse=True)
def _a_cpu_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits elsewhere and comes to the device for its turn: both are main memory here."""
    monkeypatch.setattr("deployments.families.assembly.choose_device", lambda *_: torch.device("cpu"))


def flux(folder: Path) -> tuple[ModelConfig, GenerateRequest]:
    tiny.save_tiny(folder, tiny.Shape(True, "kl", layers=2))
    nets = {"canny": tiny_flux.control_config(tiny_flux.save_control(folder / "canny", guidance_embeds=True))}
    config = tiny.tiny_config(
        folder, controls=nets, image_prompt=tiny_flux.redux_config(tiny_flux.save_redux(folder / "redux"))
    )
    asked = {"controls": (asking.control("canny", PICTURE),), "image_prompts": (asking.image_prompt(PICTURE, 0.7),)}
    return config, tiny.request(num_inference_steps=2, **asked)


def sd3(folder: Path) -> tuple[ModelConfig, GenerateRequest]:
    tiny_sd3.build(folder)
    controls = tuple(asking.control(kind, PICTURE) for kind in tiny_sd3.CONTROLS)
    asked = {"controls": controls, "image_prompts": (asking.image_prompt(PICTURE, 0.7),)}
    return tiny_sd3.config(folder), tiny.request(num_inference_steps=2, **asked)


def sdxl(folder: Path) -> tuple[ModelConfig, GenerateRequest]:
    tiny_sdxl.build(folder)
    asked = {"controls": (asking.control("canny", SMALL),), "image_prompts": (asking.image_prompt(SMALL, 0.7),)}
    return tiny_sdxl.config(folder), tiny.request(width=64, height=64, num_inference_steps=2, **asked)


def load(config: ModelConfig, offload: Any) -> Any:
    runtime = Runtime(device="cpu", threads=1, offload=offload)
    return FAMILIES.find(config.family)(config.model_copy(update={"runtime": runtime}))


def pipeline_of(family: Any) -> Any:
    return family._pipeline if hasattr(family, "_pipeline") else family._architecture.pipeline


@pytest.mark.parametrize(
    ("build", "offload"),
    [(flux, "model"), (flux, "group"), (sd3, "model"), (sd3, "group"), (sdxl, "model")],
)
def test_with_controls_and_image_prompts_it_draws_the_same(build: Any, offload: str, tmp_path: Path) -> None:
    config, asked = build(tmp_path)
    waiting = load(config, offload)
    once, again = (stepping.draw(waiting, asked).latents for _ in range(2))  # what came has gone again
    plain = stepping.draw(load(config, "none"), asked).latents
    assert stepping.alike(once, plain)
    assert stepping.alike(again, plain)


@pytest.mark.parametrize(
    ("family", "save", "kind", "variant"),
    [
        ("qwen-image", tiny_wholes.save_qwen, "canny", "base"),
        ("z-image", tiny_wholes.save_z, "depth", "base"),
        ("qwen-image", tiny_wholes.save_qwen_edit, None, "edit"),
    ],
)
def test_a_pipeline_called_whole_draws_the_same_along_a_control_or_from_a_reference(
    family: str, save: Any, kind: str | None, variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus

    for name in ("VAE_IMAGE_SIZE", "CONDITION_IMAGE_SIZE"):
        monkeypatch.setattr(pipeline_qwenimage_edit_plus, name, 64 * 64)  # those of the real sizes are slow
    config = tiny_wholes.whole_config(save(tmp_path), family, variant=variant, lora_slots={})
    shown = painting(tiny_wholes.SIDE, tiny_wholes.SIDE, seed=3)
    asked = tiny_wholes.whole_request(
        controls=() if kind is None else (asking.control(kind, shown),), references=(shown,) if kind is None else ()
    )
    waiting = load(config, "model")
    once, plain, again = (model.render([asked], lambda *_: None) for model in (waiting, load(config, "none"), waiting))
    assert stepping.alike(once, plain)
    assert stepping.alike(again, plain)


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The classes of what was sent to main memory, in turn."""
    gone: list[str] = []
    monkeypatch.setattr(offloading, "_send_home", lambda module: gone.append(type(module).__name__))
    return gone


def test_the_denoiser_goes_before_an_encoder_comes(tmp_path: Path, went: list[str]) -> None:
    config, asked = flux(tmp_path)
    family = load(config, "model")
    conditioning = family.encode(asked.prompt, asked.negative_prompt)
    assert went == ["FluxTransformer2DModel"] * 2  # once for each of its text encoders
    went.clear()
    family.start(asked, conditioning)
    assert went == ["FluxTransformer2DModel", "SiglipVisionModel", "FluxTransformer2DModel", "ReduxImageEncoder"]


def test_nets_move_with_their_denoiser_and_are_no_part_of_it(tmp_path: Path) -> None:
    config, _ = flux(tmp_path)
    family = load(config, "model")
    transformer = pipeline_of(family).transformer
    (net,) = family._parts.controls.nets
    assert all(module is not net.module for module in transformer.modules())
    transformer.to(torch.float64)
    assert next(net.module.parameters()).dtype == torch.float64
    assert not any(name.startswith("beside") for name in transformer.state_dict())
