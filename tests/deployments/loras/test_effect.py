"""A LoRA that does not change what the model predicts for a fixed seed is refused; the weights stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from configs.capabilities import Capabilities
from configs.errors import BadLora
from configs.schema import ModelConfig
from deployments.families.flux import Flux, load
from deployments.families.registry import FAMILIES
from deployments.loras.changes import Change, LowRank
from deployments.loras.effect import check_prediction, fixed_request, measure_prediction
from deployments.loras.keys import Anatomy, Place
from deployments.loras.preflight import NEGLIGIBLE
from deployments.messages import GenerateRequest, Picture
from tests.deployments.loras.published import DOUBLE
from tests.deployments.tiny import save_tiny, tiny_config

LAYER = Place("transformer", f"{DOUBLE}.attn.to_q")
CAN = FAMILIES.table().find("flux", "base")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> ModelConfig:
    return tiny_config(save_tiny(tmp_path_factory.mktemp("flux")))


@pytest.fixture(scope="module")
def model(config: ModelConfig) -> Flux:
    return load(config)


def change(weight: torch.Tensor, relative: float) -> dict[Place, Change]:
    """A LoRA of one layer whose size, relative to the layer's, is `relative`."""
    generator = torch.Generator().manual_seed(4)
    a, b = torch.randn(4, weight.shape[1], generator=generator), torch.randn(weight.shape[0], 4, generator=generator)
    size = LowRank(a, b).size(weight)
    return {LAYER: LowRank(a, b * (relative * float(weight.detach().norm()) / size))}


def measure(model: Flux, config: ModelConfig, changes: Mapping[Place, Change]) -> float:
    return measure_prediction(model, config, CAN, changes)


def test_a_change_that_only_weights_show_is_refused(model: Flux, config: ModelConfig) -> None:
    weight = model.anatomy.weights[LAYER]
    faint = change(weight, 5 * NEGLIGIBLE)
    before = weight.detach().clone()
    with pytest.raises(BadLora, match="LoRA 'x': has no measurable effect: .* what 'tiny' predicts changes by"):
        check_prediction(model, config, CAN, faint, "LoRA 'x'")
    assert torch.equal(weight, before)
    assert check_prediction(model, config, CAN, change(weight, 3.0), "LoRA 'x'") > 1e-3


def test_a_change_that_breaks_the_prediction_is_refused(model: Flux, config: ModelConfig) -> None:
    weight = model.anatomy.weights[LAYER]
    before = weight.detach().clone()
    broken = {LAYER: LowRank(torch.full((1, 32), 3e38), torch.full((32, 1), 3e38))}
    with pytest.raises(BadLora, match="predict values that are not numbers"):
        check_prediction(model, config, CAN, broken, "LoRA 'x'")
    assert torch.equal(weight, before)


def test_the_measure_repeats_and_grows_with_the_change(model: Flux, config: ModelConfig) -> None:
    weight = model.anatomy.weights[LAYER]
    small, again, large = (measure(model, config, change(weight, size)) for size in (0.1, 0.1, 0.4))
    assert small == again
    assert 2 * small < large < 8 * small
    assert measure(model, config, {}) == 0


def test_a_change_of_a_text_encoder_is_seen(model: Flux, config: ModelConfig) -> None:
    place = next(place for place in model.anatomy.weights if place.component == "text_encoder")
    weight = model.anatomy.weights[place]
    (low_rank,) = change(weight, 2.0).values()
    assert measure(model, config, {place: low_rank}) > 1e-5


def test_models_without_txt2img_get_the_pictures_that_they_need(config: ModelConfig) -> None:
    plain = fixed_request(config, CAN)
    assert (plain.image, plain.mask, plain.references) == (None, None, ())
    assert (plain.width, plain.height) == (96, 160)
    fill = fixed_request(config, CAN.model_copy(update={"modes": ("inpaint",)}))
    assert all(isinstance(one, Picture) and (one.width, one.height) == (96, 160) for one in (fill.image, fill.mask))
    refiner = fixed_request(config, CAN.model_copy(update={"modes": ("img2img", "inpaint")}))
    assert refiner.image is not None
    assert refiner.mask is None
    assert len(fixed_request(config, CAN.model_copy(update={"modes": ("edit",)})).references) == 1


@dataclass
class Whole:
    """A model that is called whole: every channel is what one weight says."""

    weight: torch.Tensor
    dtype: str = "float32"
    least_steps: int = 2
    asked: list[GenerateRequest] = field(default_factory=list)

    @property
    def anatomy(self) -> Anatomy:
        return Anatomy("transformer", SimpleNamespace, {LAYER: self.weight}, {})

    def draw(self, requests: list[GenerateRequest], watch: Any) -> list[Picture]:
        self.asked += requests
        levels = (self.weight.flatten()[:12] * 100).round().byte().repeat(4)
        return [Picture(4, 4, bytes(levels.tolist()))]


def test_a_model_that_is_called_whole_draws_its_picture(config: ModelConfig, tmp_path: Path) -> None:
    can: Capabilities = CAN.model_copy(update={"engine": "pipeline"})
    whole: Any = Whole(torch.linspace(0, 1, 16).view(4, 4))
    tiny = {LAYER: LowRank(torch.full((1, 4), 1e-4), torch.ones(4, 1))}
    with pytest.raises(BadLora, match="no measurable effect"):
        check_prediction(whole, config, can, tiny, "LoRA 'x'")
    strong = {LAYER: LowRank(torch.rand(1, 4), torch.rand(4, 1))}
    assert check_prediction(whole, config, can, strong, "LoRA 'x'") > 0.1
    assert {request.num_inference_steps for request in whole.asked} == {2}
