"""Memory as predicted: against published numbers of parameters, against what is written, and against tiny models."""

from __future__ import annotations

import pytest

from configs.architecture import Figures
from configs.load import ROOT, load_architectures, load_catalog
from configs.memory import ROWS, activations, predict, weights
from configs.runtime import Runtime
from configs.schema import ModelConfig
from deployments.engine.turns import Limits
from deployments.families.registry import FAMILIES
from deployments.memory.counting import build, count

ARCHITECTURES, COMPONENTS = load_architectures()
CATALOG = load_catalog()
CAN = FAMILIES.table().find("flux", "base")
PUBLISHED = sorted(id for id, component in COMPONENTS.items() if component.published is not None)


def figures_of(component: str) -> Figures:
    """As written for one of the architectures that have it."""
    for id, architecture in ARCHITECTURES.items():
        for name, used in architecture.components.items():
            if used == component:
                return CATALOG.figures[id][name]
    raise AssertionError(f"no architecture has {component}")


@pytest.mark.parametrize("id", PUBLISHED)
def test_numbers_are_those_of_the_published_files(id: str) -> None:
    assert figures_of(id).numbers == pytest.approx(COMPONENTS[id].published, rel=0.001)


def test_every_config_has_a_second_source() -> None:
    assert [id for id, each in COMPONENTS.items() if not each.confirmed] == []


@pytest.mark.parametrize("id", ["clip-l", "t5-xxl", "flux-2-klein-4b-transformer", "llama-3.1-8b", "flux-1-vae"])
def test_what_is_written_is_what_is_counted(id: str) -> None:
    name = {"flux-2-klein-4b-transformer": "transformer", "flux-1-vae": "vae"}.get(id, "text_encoder")
    assert count(name, COMPONENTS[id]) == figures_of(id)


def test_every_architecture_and_component_is_written_and_used() -> None:
    assert set(CATALOG.figures) == set(ARCHITECTURES)
    used = {component for each in ARCHITECTURES.values() for component in each.components.values()}
    assert used == set(COMPONENTS)
    for id, architecture in ARCHITECTURES.items():
        if architecture.components:
            assert set(CATALOG.figures[id]) == set(architecture.components)


def test_every_model_has_an_architecture() -> None:
    assert all(model.architecture in ARCHITECTURES for model in CATALOG.models.values())


def test_a_component_counted_without_weights_has_no_memory() -> None:
    assert {tensor.device.type for tensor in build(COMPONENTS["clip-l"]).parameters()} == {"meta"}


def test_the_engine_is_counted_with_the_batch_that_it_takes() -> None:
    assert Limits().rows == ROWS


def flux(**runtime: object) -> ModelConfig:
    plain = CATALOG.models["flux-1-dev"]
    settings = {"dtype": "bfloat16", "device": "cuda", **runtime}
    return plain.model_copy(update={"runtime": Runtime.model_validate(settings)})


def test_flux_has_a_preset_below_16_gb_and_others_between() -> None:
    model, parts = CATALOG.models["flux-1-dev"], CATALOG.figures["flux-1-dev"]
    taken = {
        name: predict(model.model_copy(update={"runtime": preset.runtime}), parts, CAN).gb
        for name, preset in CATALOG.presets.items()
    }
    assert taken["small"] < 16 < taken["offload"] < taken["fast"]
    assert taken["blocks"] < taken["small"] < taken["fp8"]


def test_the_page_tells_what_is_predicted_of_each_preset() -> None:
    page = (ROOT / "deployments/families/README.md").read_text(encoding="utf-8")
    model, parts = CATALOG.models["flux-1-dev"], CATALOG.figures["flux-1-dev"]
    for name, preset in CATALOG.presets.items():
        taken = predict(model.model_copy(update={"runtime": preset.runtime}), parts, CAN).gb
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert line.endswith(f"| {taken:.1f} GB |")
        assert ("| yes |" in line) == preset.exact


def test_every_way_to_save_memory_is_predicted_to_save_some() -> None:
    parts = CATALOG.figures["flux-1-dev"]
    plain = predict(flux(), parts, CAN).total
    for saving in ({"offload": "model"}, {"offload": "group"}, {"quantisation": "fp8"}, {"quantisation": "nf4"}):
        assert predict(flux(**saving), parts, CAN).total < plain
    assert predict(flux(dtype="float32"), parts, CAN).total > plain


def test_weights_are_numbers_times_bytes() -> None:
    part = CATALOG.figures["flux-1-dev"]["transformer"]
    assert weights("transformer", part, Runtime(dtype="bfloat16")) == 2 * part.numbers
    halved = weights("transformer", part, Runtime(dtype="bfloat16", quantisation="fp8"))
    assert halved == pytest.approx(2 * part.numbers - part.cast)
    assert part.cast < part.linear  # what scales and shifts is kept as it is
    quartered = weights("transformer", part, Runtime(dtype="bfloat16", quantisation="nf4"))
    assert 0.5 * part.numbers < quartered < 0.56 * part.numbers


def test_tiling_bounds_what_decoding_takes() -> None:
    part = CATALOG.figures["flux-1-dev"]["vae"]
    large = flux().model_copy(update={"native_sizes": CATALOG.models["qwen-image"].native_sizes})
    tiled = large.model_copy(update={"runtime": large.runtime.model_copy(update={"vae_tiling": True})})
    assert activations("vae", part, tiled, 8) < activations("vae", part, large, 8)
