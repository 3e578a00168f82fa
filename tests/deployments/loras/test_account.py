"""Every tensor of a file is used, skipped, unknown or a misfit, and those that count as used change the weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, combinations
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import BadLora
from deployments.loras import preflight
from deployments.loras.account import Converted
from deployments.loras.convert import convert
from deployments.loras.keys import _PARTS, Anatomy
from tests.deployments.loras.published import DOUBLE, configured, save
from tests.short_form import examples

Shapes = Mapping[str, tuple[int, ...]]


def parts(outputs: int, inputs: int) -> Shapes:
    """Every part of every kind, as it is of a layer of that size."""
    return {
        "lora_A.weight": (4, inputs),
        "lora_B.weight": (outputs, 4),
        "alpha": (),
        "dora_scale": (outputs, 1),
        "lora_magnitude_vector": (outputs,),
        "lokr_w1": (4, 2),
        "lokr_w1_a": (4, 3),
        "lokr_w1_b": (3, 2),
        "lokr_w2": (outputs // 4, inputs // 2),
        "lokr_w2_a": (outputs // 4, 3),
        "lokr_w2_b": (3, inputs // 2),
    }


def strange(outputs: int, inputs: int) -> Shapes:
    """What else trainers write beside a layer, and other spellings of what is known."""
    known = {suffix.lstrip("._"): (4, inputs) if part == "a" else (outputs, 4) for suffix, part in _PARTS.items()}
    more = ["lora_mid.weight", "lokr_t2", "hada_w1_a", "hada_w1_b", "hada_t1", "oft_blocks", "bias", "lora_B.bias"]
    more += ["diff", "diff_b", "scalar", "lora_A.style.weight", "lora_B.style.weight", "b_norm", "on_input"]
    return {**known, **dict.fromkeys(more, (4, 4)), **parts(outputs, inputs)}


LAYERS = {
    f"transformer.{DOUBLE}.attn.to_q": (32, 32),
    f"lycoris_{DOUBLE}_ff_net_0_proj".replace(".", "_"): (128, 32),
    "lora_unet_single_blocks_0_linear1": (224, 32),
    "lora_unet_double_blocks_0_img_attn_proj": (32, 32),
    "diffusion_model.double_blocks.0.img_attn.qkv": (96, 32),
    "transformer.of_another_model": (32, 32),
}


def drawn(layer: str, shapes: Shapes) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {f"{layer}.{part}": torch.rand(shape, generator=generator) + 0.5 for part, shape in shapes.items()}


def assert_adds_up(converted: Converted, names: Iterable[str]) -> None:
    """Each name is in one account, none in two."""
    accounts = (converted.used, converted.skipped, converted.unknown, converted.misfits)
    assert sorted(chain.from_iterable(accounts)) == sorted(names)
    assert converted.matched == len(converted.used)


def merged(tensors: Mapping[str, torch.Tensor], anatomy: Anatomy) -> list[torch.Tensor]:
    """The weights that a file changes, after it."""
    changes = convert(tensors, {}, anatomy).changes
    return [changes[place].merged(anatomy.weights[place], 1.0) for place in sorted(changes)]


def assert_all_count(tensors: Mapping[str, torch.Tensor], used: Iterable[str], anatomy: Anatomy) -> None:
    """Another value of any tensor that counts as used is another weight."""
    before = merged(tensors, anatomy)
    for name in used:
        other = merged({**tensors, name: tensors[name] * 1.5 + 0.25}, anatomy)
        assert len(other) == len(before)
        assert any(not torch.allclose(one, two) for one, two in zip(other, before, strict=True)), name


@pytest.mark.parametrize("layer", LAYERS)
def test_every_subset_of_the_parts_of_a_layer_adds_up(layer: str, anatomy: Anatomy) -> None:
    shapes = parts(*LAYERS[layer])
    kinds = set()
    for subset in chain.from_iterable(combinations(shapes, size) for size in range(1, len(shapes) + 1)):
        tensors = drawn(layer, {part: shapes[part] for part in subset})
        converted = convert(tensors, {}, anatomy)
        assert_adds_up(converted, tensors)
        if converted.used:
            whole_factors = "lokr_w1" in subset and "lokr_w2" in subset
            silent = {f"{layer}.alpha"} if whole_factors else set()  # LyCORIS writes one that says nothing
            assert_all_count(tensors, converted.used - silent, anatomy)
            kinds.add(frozenset(subset) - {"alpha", "dora_scale", "lora_magnitude_vector"})
    if layer.startswith(("transformer.trans", "lycoris")):
        assert len(kinds) == 5  # a LoRA, and a LoKr with each factor whole or a product


@given(data=st.data())
@settings(max_examples=examples(300), deadline=None)
def test_any_parts_of_any_layers_add_up(data: st.DataObject, anatomy: Anatomy) -> None:
    tensors: dict[str, torch.Tensor] = {}
    for layer in data.draw(st.sets(st.sampled_from(sorted(LAYERS)), min_size=1)):
        shapes = strange(*LAYERS[layer])
        chosen = data.draw(st.sets(st.sampled_from(sorted(shapes)), min_size=1, max_size=5))
        tensors |= drawn(layer, {part: shapes[part] for part in chosen})
    converted = convert(tensors, {}, anatomy)
    assert_adds_up(converted, tensors)
    silent = {name for name in converted.used if name.endswith(".alpha")}
    assert_all_count(tensors, converted.used - silent, anatomy)


def refusal(tensors: Mapping[str, torch.Tensor], folder: Path, anatomy: Anatomy) -> str:
    with pytest.raises(BadLora) as refused:
        preflight.check(configured(save(folder, "lora", tensors)), "flux", anatomy, 16)
    return str(refused.value)


SPELLINGS = (
    f"transformer.{DOUBLE}.attn.to_out.0",
    f"diffusion_model.{DOUBLE}.attn.to_out.0",
    f"model.diffusion_model.{DOUBLE}.attn.to_out.0",
    f"base_model.model.diffusion_model.{DOUBLE}.attn.to_out.0",
    f"base_model.model.{DOUBLE}.attn.to_out.0",
    f"{DOUBLE}.attn.to_out",
    f"lora_transformer_{DOUBLE}_attn_to_out_0".replace(".", "_"),
    "lora_unet_double_blocks_0_img_attn_proj",
    "diffusion_model.double_blocks.0.img_attn.proj",
    "model.diffusion_model.double_blocks.0.img_attn.proj",
)


@pytest.mark.parametrize(("one", "other"), [*combinations(SPELLINGS, 2)])
def test_a_layer_under_two_names_is_refused(one: str, other: str, tmp_path: Path, anatomy: Anatomy) -> None:
    sides = ("lora_down.weight", "lora_up.weight") if one.startswith("lora_") else ("lora_A.weight", "lora_B.weight")
    tensors = drawn(one, {sides[0]: (4, 32), sides[1]: (32, 4)}) | drawn(
        other,
        {"lokr_w1": (4, 4), "lokr_w2": (8, 8)} if "double" not in other else {sides[0]: (4, 32), sides[1]: (32, 4)},
    )
    converted = convert(tensors, {}, anatomy)
    assert_adds_up(converted, tensors)
    assert len(converted.used) == 2
    assert len(converted.unknown) == 2
    refusal(tensors, tmp_path, anatomy)


def test_a_joint_layer_beside_one_of_its_own_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    joint = drawn("lora_unet_single_blocks_0_linear1", {"lora_down.weight": (4, 32), "lora_up.weight": (224, 4)})
    own = drawn(
        "transformer.single_transformer_blocks.0.attn.to_k", {"lora_A.weight": (4, 32), "lora_B.weight": (32, 4)}
    )
    assert "changes too, under another name" in refusal(joint | own, tmp_path, anatomy)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (["lora_A.weight", "lora_B.weight", "lokr_w1", "lokr_w2"], "a LoRA and a LoKr at once"),
        (["lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2"], "one of its factors in two forms"),
        (["lora_A.weight", "alpha"], "half a LoRA: it has lora_A alone"),
        (["lora_A.weight", "lora_down.weight", "lora_B.weight"], "has one part twice"),
        (["lora_A.weight", "lora_B.weight", "dora_scale", "lora_magnitude_vector"], "magnitudes twice"),
        (["alpha", "dora_scale"], "nothing that it belongs to"),
    ],
)
def test_a_layer_that_is_not_one_change_is_refused_by_name(
    chosen: list[str], words: str, tmp_path: Path, anatomy: Anatomy
) -> None:
    shapes = strange(32, 32)
    message = refusal(drawn(next(iter(LAYERS)), {part: shapes[part] for part in chosen}), tmp_path, anatomy)
    assert words in message
    assert f"'{next(iter(LAYERS))}." in message


@pytest.mark.parametrize("down", ["lora_A.weight", "lora_down.weight"])
def test_layers_of_rank_0_are_skipped_and_told(down: str, tmp_path: Path, anatomy: Anatomy) -> None:
    up = {"lora_A.weight": "lora_B.weight", "lora_down.weight": "lora_up.weight"}[down]
    layers = (
        list(LAYERS)[:1],
        ["transformer.single_transformer_blocks.0.proj_mlp", "lora_unet_double_blocks_0_img_attn_proj"],
    )
    tensors = drawn(layers[0][0], {down: (4, 32), up: (32, 4), "alpha": ()})
    for layer, outputs in zip(layers[1], (128, 32), strict=True):
        tensors |= drawn(layer, {down: (0, 32), up: (outputs, 0), "alpha": ()})
    checked = preflight.check(configured(save(tmp_path, "some", tensors)), "flux", anatomy, 16)
    assert (checked.report.matched, checked.report.skipped, checked.report.total) == (3, 6, 9)
    assert all(why == "of rank 0" for why in checked.converted.skipped.values())
    nothing = {name: tensor for name, tensor in tensors.items() if not name.startswith(layers[0][0])}
    assert "is empty" in refusal(nothing, tmp_path, anatomy)
