"""Every family's published key layouts become the same change that diffusers makes of them, in slots or merged."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import BadLora
from deployments.families.registry import FAMILIES
from deployments.loras import preflight
from deployments.loras.changes import Dora, LowRank
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Place
from deployments.loras.merged import Merged, Part
from deployments.loras.slots import Adapter, Slots
from tests.deployments.loras.architectures import ARCHITECTURES, Architecture
from tests.deployments.loras.forwards import difference
from tests.deployments.loras.layouts import ALPHA, LAYOUTS, RANK, SGM, UNKNOWN_TO_DIFFUSERS, delta, draw, kohya
from tests.deployments.loras.published import configured, save

BUILT: dict[str, tuple[Architecture, Any, Anatomy]] = {}


def built(family: str) -> tuple[Architecture, Any, Anatomy]:
    """The pipeline of a family, once; who changes it puts it back."""
    torch.set_num_threads(1)
    if family not in BUILT:
        pipeline = ARCHITECTURES[family].build()
        BUILT[family] = ARCHITECTURES[family], pipeline, Anatomy.of(pipeline)
    return BUILT[family]


def test_every_family_that_takes_loras_has_its_layouts_here() -> None:
    takes = {family for family, variants in FAMILIES.table().families.items() if any(v.lora for v in variants.values())}
    # FLUX.1's are in `test_convert.py`; of pipelines that a YAML names, nobody knows the layouts.
    assert takes - {family for family, _ in LAYOUTS} == {"flux", "diffusers"}


@pytest.mark.parametrize(("family", "layout"), LAYOUTS)
def test_a_layout_becomes_the_change_that_was_trained(family: str, layout: str, tmp_path: Path) -> None:
    _, _, anatomy = built(family)
    drawn, tensors = LAYOUTS[family, layout](anatomy)
    file = save(tmp_path, "lora", tensors)
    checked = preflight.check(configured(file, family=family), family, anatomy, 16)
    assert checked.report.matched == checked.report.total == len(tensors)
    assert checked.converted.changes.keys() == drawn.keys()
    for place, change in checked.converted.changes.items():
        assert isinstance(change, LowRank)
        weight = anatomy.weights[place]
        torch.testing.assert_close(change.delta(weight), delta(drawn, place, weight))
    assert checked.report.rank == RANK


@pytest.mark.parametrize(("family", "layout"), [key for key in LAYOUTS if key not in UNKNOWN_TO_DIFFUSERS])
def test_it_draws_what_diffusers_own_loading_draws(family: str, layout: str) -> None:
    architecture, pipeline, anatomy = built(family)
    _, tensors = LAYOUTS[family, layout](anatomy)
    plain = architecture.forward(pipeline)
    copied = deepcopy(pipeline)
    copied.load_lora_weights({name: tensor.clone() for name, tensor in tensors.items()})
    theirs = architecture.forward(copied)
    merged = Merged(anatomy)
    merged.apply("lora", [Part(convert(tensors, {}, anatomy).changes, 1.0)])
    try:
        ours = architecture.forward(pipeline)
    finally:
        merged.clear()
    assert difference(ours, theirs) <= 1e-5
    assert difference(plain, theirs) > 1e-3
    assert torch.equal(architecture.forward(pipeline), plain)


def test_convolutions_are_exclusive_and_linears_alone_live_in_slots() -> None:
    architecture, pipeline, anatomy = built("sdxl")
    _, tensors = LAYOUTS["sdxl", "kohya SGM, convolutions"](anatomy)
    assert "convolutions" in (preflight.why_exclusive(convert(tensors, {}, anatomy), anatomy, 16) or "")
    changes = convert(kohya(draw(anatomy, SGM), SGM, {}), {}, anatomy).changes
    merged = Merged(anatomy)
    merged.apply("lora", [Part(changes, 1.0)])
    expected = architecture.forward(pipeline)
    merged.clear()
    copied = deepcopy(pipeline)
    linears = [name for name, module in copied.unet.named_modules() if isinstance(module, torch.nn.Linear)]
    slots = Slots(copied.unet, linears, {16: 1})
    tensors_by_name = {place.module: change for place, change in changes.items() if isinstance(change, LowRank)}
    slot = slots.put(Adapter("x", "sdxl", RANK, tensors_by_name, 0))
    with slots.select([((slot, 1.0),)] * 2):
        assert difference(architecture.forward(copied), expected) <= 1e-5


@pytest.mark.parametrize(
    ("family", "theirs", "module"),
    [
        ("sd3", "final_layer_adaLN_modulation_1", "norm_out.linear"),
        ("sd3", "joint_blocks_1_context_block_adaLN_modulation_1", "transformer_blocks.1.norm1_context.linear"),
        ("flux2", "final_layer.adaLN_modulation.1", "norm_out.linear"),
    ],
)
def test_the_last_norms_have_their_halves_the_other_way_round(family: str, theirs: str, module: str) -> None:
    _, _, anatomy = built(family)
    place = Place("transformer", module)
    drawn = draw(anatomy, [module])
    change = convert(kohya(drawn, {module: theirs}, {}), {}, anatomy).changes[place]
    assert isinstance(change, LowRank)
    weight = anatomy.weights[place]
    shift, scale = delta(drawn, place, weight).chunk(2)
    torch.testing.assert_close(change.delta(weight), torch.cat([scale, shift]))


def test_a_dora_with_sgm_names_keeps_its_magnitudes() -> None:
    _, _, anatomy = built("sdxl")
    module = next(iter(SGM))
    tensors = kohya(draw(anatomy, [module]), SGM, {})
    tensors[f"lora_unet_{SGM[module]}.dora_scale"] = torch.rand(64, 1)
    converted = convert(tensors, {}, anatomy)
    assert converted.matched == 4
    assert isinstance(converted.changes[Place("unet", module)], Dora)


def test_an_unknown_key_among_sgm_names_is_named_and_no_other() -> None:
    _, _, anatomy = built("sdxl")
    tensors = kohya(draw(anatomy, SGM), SGM, {})
    tensors |= {"foo.lora_down.weight": torch.ones(4, 64), "foo.lora_up.weight": torch.ones(64, 4)}
    converted = convert(tensors, {}, anatomy)
    assert set(converted.unknown) == {"foo.lora_down.weight", "foo.lora_up.weight"}


def test_alpha_beside_a_file_with_foreign_names_counts() -> None:
    _, _, anatomy = built("flux2")
    _, tensors = LAYOUTS["flux2", "PEFT, BFL's names"](anatomy)
    place = Place("transformer", "x_embedder")
    plain, scaled = (
        convert(tensors, metadata, anatomy).changes[place]
        for metadata in ({}, {"lora_adapter_metadata": f'{{"r": {RANK}, "lora_alpha": {3 * RANK}}}'})
    )
    assert isinstance(plain, LowRank)
    assert isinstance(scaled, LowRank)
    weight = anatomy.weights[place]
    torch.testing.assert_close(scaled.delta(weight), 3 * plain.delta(weight))
    assert ALPHA != RANK


@pytest.mark.parametrize(
    ("file", "model", "words"),
    [
        ("sdxl", "sd3", "SDXL"),
        ("sd3", "sdxl", "Stable Diffusion 3"),
        ("hidream", "sd3", "HiDream-I1"),
        ("flux2", "sdxl", "FLUX.1, FLUX.2"),
    ],
)
def test_a_file_of_another_family_is_told_by_its_keys(file: str, model: str, words: str, tmp_path: Path) -> None:
    layout = next(layout for family, layout in LAYOUTS if family == file and layout != "diffusers")
    _, tensors = LAYOUTS[file, layout](built(file)[2])
    denoiser_only = {name: tensor for name, tensor in tensors.items() if "text" not in name}
    saved = save(tmp_path, "lora", denoiser_only)
    with pytest.raises(BadLora, match=f"none of its layers is in this model; .* made for {words}"):
        preflight.check(configured(saved, family=model), model, built(model)[2], 16)
