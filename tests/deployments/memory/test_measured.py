"""Predicted memory against what tiny models really take: weights to the byte, activations within a factor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from configs.architecture import Architecture, Figures
from configs.memory import activations, predict, weights
from configs.runtime import Runtime
from configs.schema import ModelConfig, Size
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.memory.counting import count_architecture
from tests.deployments import tiny, tiny_flux2, tiny_sd3, tiny_sdxl
from tests.deployments.watching import peak_bytes

FACTOR = 1.25
"""Predictions of activations are right within this, up or down."""
SIDE = 256


def tiny_flux(folder: Path) -> ModelConfig:
    tiny.save_tiny(folder, tiny.Shape(guidance_embeds=True, width=4))
    return tiny.tiny_config(folder)


def tiny_of(module: Any) -> Any:
    def built(folder: Path) -> ModelConfig:
        module.build(folder)
        config: ModelConfig = module.config(folder)
        return config

    return built


MODELS = {"flux": tiny_flux, "flux2": tiny_of(tiny_flux2), "sd3": tiny_of(tiny_sd3), "sdxl": tiny_of(tiny_sdxl)}


@pytest.fixture(scope="module", params=list(MODELS.values()), ids=list(MODELS))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModelConfig:
    config: ModelConfig = request.param(tmp_path_factory.mktemp("tiny"))
    runtime = Runtime(device="cpu", threads=1)
    plain = config.model_copy(update={"controls": {}, "image_prompt": None})  # these are not predicted
    return plain.model_copy(update={"runtime": runtime, "native_sizes": (Size(width=SIDE, height=SIDE),)})


@pytest.fixture(scope="module")
def parts(model: ModelConfig) -> dict[str, Figures]:
    folder = Path(model.weights.path or "")
    return count_architecture(Architecture(id="tiny", source="the test", folder=folder.name), {}, folder.parent)


@pytest.fixture(scope="module")
def family(model: ModelConfig) -> AnyFamily:
    loaded: Any = FAMILIES.find(model.family)(model)
    return loaded  # type: ignore[no-any-return]


def pipeline_of(family: Any) -> Any:
    return family._pipeline if hasattr(family, "_pipeline") else family._architecture.pipeline


def test_weights_are_predicted_to_the_byte(model: ModelConfig, parts: dict[str, Figures], family: AnyFamily) -> None:
    for name, part in parts.items():
        component = getattr(pipeline_of(family), name)
        assert isinstance(component, nn.Module)
        tensors = {id(each): each for each in (*component.parameters(), *component.buffers())}
        held = sum(each.nbytes for each in tensors.values() if each.is_floating_point())
        assert weights(name, part, model.runtime) == held, name
    can = FAMILIES.table().find(model.family, model.variant)
    assert predict(model, parts, can).weights == sum(weights(n, p, model.runtime) for n, p in parts.items())


@pytest.mark.parametrize("rows", [1, 4])
def test_a_step_takes_what_is_predicted(
    model: ModelConfig, parts: dict[str, Figures], family: AnyFamily, rows: int
) -> None:
    asked = tiny.request(width=SIDE, height=SIDE, guidance_scale=1.0)
    conditioning = family.encode(asked.prompt, asked.negative_prompt)
    states = [family.start(asked, conditioning) for _ in range(rows)]
    measured = peak_bytes(lambda: family.step(states))
    name = next(name for name in ("transformer", "unet") if name in parts)
    predicted = activations(name, parts[name], model, rows)
    assert measured / FACTOR <= predicted <= FACTOR * measured, (measured, predicted)


def test_decoding_takes_what_is_predicted(model: ModelConfig, parts: dict[str, Figures], family: AnyFamily) -> None:
    vae = pipeline_of(family).vae
    latents = torch.zeros(1, vae.config.latent_channels, SIDE // 8, SIDE // 8)
    with torch.inference_mode():
        measured = peak_bytes(lambda: vae.decode(latents))
    predicted = activations("vae", parts["vae"], model, 1)
    assert measured / FACTOR <= predicted <= FACTOR * measured, (measured, predicted)
