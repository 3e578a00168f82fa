"""Whose a file is, told by its keys: every family here and every usual stranger, in every way of naming its layers."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import pytest
import torch
from torch import nn

from deployments.families.registry import FAMILIES
from deployments.loras import counting
from deployments.loras.counting import pattern_of
from deployments.loras.models import MODELS, Model
from deployments.loras.origin import guess

BY_NAME = {model.name: model for model in MODELS}
KNOWN = json.loads(counting.FILE.read_text())
BUILT = [model.name for model in MODELS if model.classes]


class Entry(NamedTuple):
    shape: tuple[int, ...]


Files = dict[str, Entry]
Sizes = Mapping[str, tuple[int, int]]


def _pair(a: str, b: str, dotted: bool = True) -> Callable[[Sizes], Files]:
    def write(layers: Sizes) -> Files:
        files: Files = {}
        for name, (outputs, inputs) in layers.items():
            name = name if dotted else name.replace(".", "_")
            files |= {a.format(name): Entry((4, inputs)), b.format(name): Entry((outputs, 4))}
        return files

    return write


def _lokr(layers: Sizes) -> Files:
    files: Files = {}
    for name, (outputs, inputs) in layers.items():
        name = f"lycoris_{name.replace('.', '_')}"
        files |= {
            f"{name}.lokr_w1": Entry((2, 2)),
            f"{name}.lokr_w2_a": Entry((outputs // 2, 8)),
            f"{name}.alpha": Entry(()),
        }
        files |= {f"{name}.lokr_w2_b": Entry((8, inputs // 2))}
    return files


SCHEMES: dict[str, Callable[[Sizes], Files]] = {
    "diffusers": _pair("transformer.{}.lora_A.weight", "transformer.{}.lora_B.weight"),
    "diffusers, UNet": _pair("unet.{}.lora_A.weight", "unet.{}.lora_B.weight"),
    "bare": _pair("{}.lora_A.weight", "{}.lora_B.weight"),
    "adapter's name": _pair("transformer.{}.lora_A.default.weight", "transformer.{}.lora_B.default.weight"),
    "PEFT": _pair("base_model.model.{}.lora_A.weight", "base_model.model.{}.lora_B.weight"),
    "ComfyUI": _pair("diffusion_model.{}.lora_A.weight", "diffusion_model.{}.lora_B.weight"),
    "kohya": _pair("lora_unet_{}.lora_down.weight", "lora_unet_{}.lora_up.weight", dotted=False),
    "OneTrainer": _pair("lora_transformer_{}.lora_down.weight", "lora_transformer_{}.lora_up.weight", dotted=False),
    "LyCORIS": _lokr,
}


@functools.cache
def built(name: str) -> Sizes:
    """The linears of a model's first class, in every block."""
    (first, *_) = BY_NAME[name].classes
    if isinstance(first, str):
        from configs.load import load_architectures
        from deployments.memory.counting import build

        module = build(load_architectures()[1][first])
    else:
        import diffusers

        with torch.device("meta"):
            module = getattr(diffusers, first[0])(**first[1])
    layers = ((path, one) for path, one in module.named_modules() if isinstance(one, nn.Linear))
    return {path: (one.out_features, one.in_features) for path, one in layers}


def inside_blocks(layers: Sizes) -> Sizes:
    return {name: size for name, size in layers.items() if re.search(r"(blocks|layers|refiner)\.\d", name)}


def attention(layers: Sizes) -> Sizes:
    return {name: size for name, size in inside_blocks(layers).items() if re.search(r"attn|attention", name)}


def has_all(model: Model, layers: Sizes) -> bool:
    """Whether a model has layers of these names and sizes, so that nobody could tell."""
    known = KNOWN[model.name]
    return all(list(size) in map(list, known.get(pattern_of(name)[0], (0, []))[1]) for name, size in layers.items())


def test_every_family_that_is_served_is_known_and_no_other_is_said_to_be() -> None:
    known = {model.family for model in MODELS if model.family}
    assert known == set(FAMILIES.names()) - {"diffusers"}  # of which nobody knows the layers
    assert len(BY_NAME) == len(MODELS)


def test_what_was_counted_is_what_the_classes_have() -> None:
    assert counting.FILE.read_text() == counting.to_json(), "run python -m deployments.loras.counting"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", BUILT)
def test_a_file_of_a_models_layers_is_that_models(name: str, scheme: str) -> None:
    for choose in (inside_blocks, attention):
        layers = choose(built(name))
        assert layers
        found = guess(SCHEMES[scheme](layers))
        assert found is not None
        others = [one for one in BY_NAME if one in found.name and one != name and one not in name]
        assert name in found.name, f"{found.name} for {choose.__name__}"
        assert all(has_all(BY_NAME[one], layers) for one in others), f"{found.name} for {choose.__name__}"
        assert BY_NAME[name].family in (None, *found.families)


def of_one_kind(layers: Sizes, part: str) -> Iterable[Sizes]:
    """The layers of each kind of block whose names have `part`: what a trainer changes who was told which."""
    kinds = {pattern_of(name)[0].partition("#")[0] for name in layers}
    for kind in sorted(kinds):
        chosen = {n: s for n, s in layers.items() if pattern_of(n)[0].startswith(f"{kind}#") and part in n}
        if chosen:
            yield chosen


@pytest.mark.parametrize("name", [name for name in BUILT if BY_NAME[name].family])
def test_one_kind_of_block_tells_a_model_from_those_with_another_number_of_them(name: str) -> None:
    for layers in of_one_kind(inside_blocks(built(name)), "attn.to_"):
        found = guess(SCHEMES["LyCORIS"](layers))
        assert found is not None
        assert name in found.name, f"{found.name} for {sorted(layers)[0]}"
        assert BY_NAME[name].family in found.families


@pytest.mark.parametrize("model", [model for model in MODELS if model.published], ids=lambda model: model.name)
@pytest.mark.parametrize("scheme", ["ComfyUI", "PEFT", "kohya", "bare"])
def test_published_names_are_known_too(model: Model, scheme: str) -> None:
    known = KNOWN[model.name]
    blocks = max(known[pattern][0] for pattern in model.published if pattern in known)
    layers = {
        pattern.replace("#", str(block), 1).replace("#", "1"): tuple(known[pattern][1][0])
        for pattern in model.published
        if pattern in known and "blocks_#_qkv" not in pattern and "blocks_#_proj" not in pattern
        for block in range(min(blocks, known[pattern][0]))
    }
    found = guess(SCHEMES[scheme](layers))
    assert found is not None
    assert model.name in found.name
    assert model.family in (None, *found.families)
    others = [one for one in BY_NAME if one in found.name and one not in model.name]
    assert all(has_all(BY_NAME[one], layers) for one in others), found.name


SGM = {"down_blocks.1.attentions.0": "input_blocks.4.1", "mid_block.attentions.0": "middle_block.1"}


@pytest.mark.parametrize("name", ["SDXL", "Stable Diffusion 1", "Stable Diffusion 2"])
def test_the_unets_are_told_apart_by_stabilitys_names_too(name: str) -> None:
    layers = {
        path.replace(ours, theirs): size
        for path, size in built(name).items()
        for ours, theirs in SGM.items()
        if path.startswith(ours)
    }
    found = guess(SCHEMES["kohya"](layers))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("names", "shape", "who"),
    [
        (["lora_te_text_model_encoder_layers_0_mlp_fc1"], (3072, 768), "Stable Diffusion 1"),
        (["lora_te_text_model_encoder_layers_0_self_attn_q_proj"], (1024, 1024), "Stable Diffusion 2"),
        (["model.layers.0.self_attn.q_proj", "model.layers.9.mlp.up_proj"], (64, 64), "a language model"),
        (["language_model.model.layers.0.self_attn.q_proj"], (64, 64), "Janus"),
        (["blocks.0.self_attn.q_proj", "blocks.0.cross_attn.output_proj"], (64, 64), "Cosmos"),
        (["double_blocks.0.processor.qkv_lora1.down.weight"], (64, 64), "FLUX.1"),
    ],
)
def test_others_are_told_by_their_names(names: Iterable[str], shape: tuple[int, int], who: str) -> None:
    found = guess(_pair("{}.lora_down.weight", "{}.lora_up.weight")(dict.fromkeys(names, shape)))
    assert found is not None
    assert who in found.name


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("flux-1-dev/lora", "FLUX.1"),
        ("Flux.1-dev", "FLUX.1"),
        ("chroma", "Chroma"),
        ("hunyuan-video", "HunyuanVideo"),
        ("qwen-image", "Qwen-Image"),
        ("stable-diffusion-v3/lora", "Stable Diffusion 3"),
    ],
)
def test_what_several_have_in_common_is_told_by_the_header(said: str, who: str) -> None:
    file = SCHEMES["diffusers"]({"transformer_blocks.0.attn.to_q": (64, 64)})
    everybody, one = guess(file), guess(file, {"modelspec.architecture": said})
    assert everybody is not None
    assert len(everybody.families) > 1
    assert one is not None
    assert one.name == who


def test_what_the_keys_say_is_stronger_than_the_header() -> None:
    found = guess(SCHEMES["ComfyUI"](inside_blocks(built("Wan"))), {"base_model": "flux-1-dev"})
    assert found is not None
    assert found.name == "Wan"
    assert guess({"x": Entry((4,))}) is None
    assert guess({}) is None
    stated = guess({"x": Entry((4,))}, {"ss_base_model_version": "sdxl_base_v1-0"})
    assert stated is not None
    assert stated.families == ("sdxl",)
