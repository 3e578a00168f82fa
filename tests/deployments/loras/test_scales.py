"""How much a layer counts: as PEFT computes it from its settings, and as trainers note it elsewhere, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import BadLora, ConfigError
from deployments.loras import preflight
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Place
from deployments.loras.scales import STATED_NOWHERE, Scale, Scales, Wanted
from tests.deployments.loras.published import DOUBLE, SINGLE, configured, save
from tests.short_form import examples

PEFT: Any = peft
TARGETS = (
    f"{DOUBLE}.attn.to_q",
    f"{DOUBLE}.attn.to_k",
    f"{DOUBLE}.ff.net.0.proj",
    f"{SINGLE}.attn.to_q",
    f"{SINGLE}.proj_out",
)
PATTERNS = (
    *("to_q", "attn.to_q", f"{DOUBLE}.attn.to_q", r".*\.to_[qk]", "^transformer_blocks.0.attn.to_k", "to_"),
    *(r"single_transformer_blocks\.[0-4]\.attn\.to_[qkv]", "proj|to_k", r"(?:double|single)_.*", "proj_out$", "x.proj"),
    *(r"\d.attn.to_q", "q", ".to_q", "(attn|ff).*"),
)
ALPHAS = st.sampled_from([1, 2, 8.0, 0.5, 16, 3])


def written(transformer: Any, config: Any) -> tuple[Any, dict[str, torch.Tensor], dict[str, Any]]:
    """A copy with random PEFT layers, their tensors as PEFT saves them, and the settings that it writes beside."""
    torch.manual_seed(5)
    worn = PEFT.inject_adapter_in_model(config, deepcopy(transformer), adapter_name="x")
    state = {name: t.detach() for name, t in PEFT.get_peft_model_state_dict(worn, adapter_name="x").items()}
    found = {name: sorted(value) if isinstance(value, set) else value for name, value in config.to_dict().items()}
    return worn, state, json.loads(json.dumps(found, default=lambda one: getattr(one, "value", str(one))))


def assert_equal(worn: Any, state: Mapping[str, torch.Tensor], metadata: Mapping[str, str], anatomy: Anatomy) -> None:
    """Each layer adds what it adds in PEFT."""
    tensors = {f"transformer.{name}": tensor for name, tensor in state.items()}
    converted = convert(tensors, metadata, anatomy)
    assert converted.matched == len(tensors), converted.unknown
    for place, change in converted.changes.items():
        theirs = worn.get_submodule(place.module).get_delta_weight("x").detach()
        weight = torch.zeros_like(anatomy.weights[place])
        torch.testing.assert_close(change.merged(weight, 1.0), theirs, rtol=1e-4, atol=1e-6)
    assert {place.module for place in converted.changes} == set(TARGETS)


@given(data=st.data())
@settings(max_examples=examples(40), deadline=None)
def test_a_lora_of_any_settings_counts_as_in_peft(data: st.DataObject, pipeline: Any, anatomy: Anatomy) -> None:
    config = PEFT.LoraConfig(
        r=data.draw(st.sampled_from([1, 4, 8])),
        lora_alpha=data.draw(ALPHAS),
        alpha_pattern=data.draw(st.dictionaries(st.sampled_from(PATTERNS), ALPHAS, max_size=3)),
        rank_pattern=data.draw(st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from([2, 3, 16]), max_size=3)),
        use_rslora=data.draw(st.booleans()),
        target_modules=list(TARGETS),
        init_lora_weights=False,
    )
    worn, state, found = written(pipeline.transformer, config)
    prefixed = {f"transformer.{name}": value for name, value in found.items()}
    assert_equal(worn, state, {"lora_adapter_metadata": json.dumps(prefixed)}, anatomy)
    assert_equal(worn, state, {"adapter_config.json": json.dumps(found)}, anatomy)


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_lokr_of_any_settings_counts_as_in_peft(data: st.DataObject, pipeline: Any, anatomy: Anatomy) -> None:
    config = PEFT.LoKrConfig(
        r=data.draw(st.sampled_from([1, 2, 16])),
        alpha=data.draw(ALPHAS),
        alpha_pattern=data.draw(st.dictionaries(st.sampled_from(PATTERNS), ALPHAS, max_size=3)),
        rank_pattern=data.draw(st.dictionaries(st.sampled_from(PATTERNS), st.sampled_from([2, 3, 16]), max_size=3)),
        decompose_both=data.draw(st.booleans()),
        target_modules=list(TARGETS),
        init_weights=False,
    )
    worn, state, found = written(pipeline.transformer, config)
    assert_equal(worn, state, {"adapter_config.json": json.dumps(found)}, anatomy)


def test_a_dora_of_peft_counts_as_in_peft(pipeline: Any, anatomy: Anatomy) -> None:
    settings = {"r": 4, "lora_alpha": 6, "alpha_pattern": {"to_q": 1}, "use_rslora": True, "use_dora": True}
    config = PEFT.LoraConfig(**settings, target_modules=list(TARGETS), init_lora_weights=False)
    worn, state, found = written(pipeline.transformer, config)
    tensors = {f"transformer.{name}": tensor for name, tensor in state.items()}
    changes = convert(tensors, {"adapter_config.json": json.dumps(found)}, anatomy).changes
    for place, change in changes.items():
        layer = worn.get_submodule(place.module)
        layer.merge(safe_merge=True)
        merged = change.merged(anatomy.weights[place].detach(), 1.0)
        torch.testing.assert_close(merged, layer.get_base_layer().weight.detach(), rtol=1e-4, atol=1e-5)
    assert len(changes) == len(TARGETS)


LAYER = f"{DOUBLE}.attn.to_q"


def pair(rank: int = 16, layer: str = f"transformer.{LAYER}") -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    sides = {"lora_A.weight": (rank, 32), "lora_B.weight": (32, rank)}
    return {f"{layer}.{side}": torch.randn(shape, generator=generator) for side, shape in sides.items()}


def adapter(**found: Any) -> dict[str, str]:
    return {"lora_adapter_metadata": json.dumps(found)}


@pytest.mark.parametrize(
    ("metadata", "scale", "words"),
    [
        ({}, 1.0, "stated nowhere"),
        ({"lora_alpha": "1"}, 1 / 16, "'lora_alpha' in its header: alpha 1 of rank 16"),
        ({"rank": "16", "alpha": "1"}, 1 / 16, "'alpha' in its header"),
        ({"network_alpha": "8.0", "network_dim": "16"}, 0.5, "'network_alpha' in its header"),
        ({"transformer.lora_alpha": "4", "transformer.r": "16"}, 0.25, "in its header"),
        ({"lora_alpha": "4", "use_rslora": "True"}, 1.0, "by its root"),
        ({"lora_alpha": "4", "alpha_pattern": '{"to_q": 32}'}, 2.0, "'lora_alpha' in its header"),
        ({"ss_network_alpha": "4", "ss_network_dim": "16"}, 0.25, "'ss_network_alpha' in its header"),
        ({"ss_network_alpha": "4"}, 0.25, "'ss_network_alpha' in its header"),
        ({"ss_network_alpha": "None", "ss_network_dim": "16"}, 1.0, "stated nowhere"),
        ({"ss_network_alpha": "4", "ss_network_dim": "16", "ss_network_args": '{"rs_lora": "True"}'}, 1.0, "alpha 4"),
        (adapter(**{"transformer.lora_alpha": 4, "text_encoder.lora_alpha": 8}), 0.25, "'lora_adapter_metadata'"),
        (adapter(lora_alpha="1", r=16), 1 / 16, "'lora_adapter_metadata' in its header: alpha 1 of rank 16"),
        (adapter(**{"text_encoder.lora_alpha": 8}), 1.0, "stated nowhere"),
        (adapter(r=16), 0.5, "PEFT's default"),
        (adapter(**{"transformer.r": 16, "lora_alpha": 4}), 0.25, "alpha 4 of rank 16"),
        (adapter(lora_alpha=4) | {"ss_network_alpha": "1", "ss_network_dim": "16"}, 0.25, "'lora_adapter_metadata'"),
        (adapter(lora_alpha=4) | {"lora_alpha": "4.0"}, 0.25, "'lora_adapter_metadata'"),
        ({"adapter_config.json": '{"lora_alpha": 8, "peft_type": "LORA"}'}, 0.5, "adapter_config.json: alpha 8"),
    ],
)
def test_alpha_is_found_wherever_trainers_write_it(
    metadata: dict[str, str], scale: float, words: str, tmp_path: Path, anatomy: Anatomy
) -> None:
    tensors = pair()
    converted = convert(tensors, metadata, anatomy)
    plain = convert(tensors, {}, anatomy).changes[Place("transformer", LAYER)]
    weight = torch.zeros(32, 32)
    change = converted.changes[Place("transformer", LAYER)]
    torch.testing.assert_close(change.merged(weight, 1.0), plain.merged(weight, scale))
    assert [found.value for found in converted.scales] == [scale]
    described = preflight.describe_scales(converted)
    assert described.startswith(f"{scale:g} (")
    assert words in described


@pytest.mark.parametrize("metadata", [{"lora_alpha": "2"}, adapter(lora_alpha=2), {"ss_network_alpha": "Dynamic"}])
def test_a_layers_own_alpha_has_the_last_word(metadata: dict[str, str], anatomy: Anatomy) -> None:
    own = {f"transformer.{LAYER}.alpha": torch.tensor(8.0)}
    assert [*convert(pair() | own, metadata, anatomy).scales] == [Scale(0.5, "its own alpha")]


def test_a_layer_of_foreign_names_is_scaled_alike(anatomy: Anatomy) -> None:
    layer = "diffusion_model.double_blocks.0.img_attn.proj"
    place = Place("transformer", f"{DOUBLE}.attn.to_out.0")
    plain, scaled, by_pattern = (
        convert(pair(layer=layer), metadata, anatomy).changes[place].merged(torch.zeros(32, 32), 1.0)
        for metadata in ({}, {"lora_alpha": "4"}, adapter(lora_alpha=1, alpha_pattern={r"double_blocks\.\d+\..*": 4}))
    )
    torch.testing.assert_close(scaled, plain / 4)
    torch.testing.assert_close(by_pattern, plain / 4)


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "not JSON": ({"lora_adapter_metadata": "{"}, "'lora_adapter_metadata' in its header is no JSON object"),
    "a list": ({"lora_adapter_metadata": "[]"}, "is no JSON object"),
    "deep": ({"lora_adapter_metadata": '{"a":' * 99_999}, "is no JSON object"),
    "a pattern that is a list": (adapter(alpha_pattern=["a"]), "alpha_pattern ['a']"),
    "no regular expression": (
        adapter(lora_alpha=1, alpha_pattern={"(": 2}),
        "'(' in alpha_pattern, which is no regular expression",
    ),
    "one of all memory": (adapter(alpha_pattern={"((a{999}){999}){999}": 2}), "that can be followed"),
    "one of a megabyte": (adapter(alpha_pattern={"a" * 2**20: 2}), "that can be followed"),
    "text": (adapter(lora_alpha="four"), "lora_alpha 'four', which is no number"),
    "infinite": ({"lora_alpha": "1e999"}, "lora_alpha '1e999', which is no number"),
    "true": (adapter(lora_alpha=True), "lora_alpha True"),
    "another rank": (adapter(lora_alpha=4, r=8), "has rank 16, and 8 by"),
    "another rank by pattern": (adapter(lora_alpha=4, r=16, rank_pattern={"to_q": 4}), "has rank 16, and 4 by"),
    "half a rank": (adapter(lora_alpha=4, r=7.5), "r 7.5, which is no rank"),
    "one that nobody knows": (adapter(lora_alpha=4, use_magic=True), "use_magic"),
    "another beginning": (adapter(lora_alpha=4, init_lora_weights="pissa"), "init_lora_weights 'pissa'"),
    "another kind": (adapter(lora_alpha=4, peft_type="LOHA"), "of the kind 'LOHA'"),
    "DoRA without magnitudes": (adapter(lora_alpha=4, use_dora=True), "lacks magnitudes"),
    "two places": (adapter(lora_alpha=4) | {"adapter_config.json": '{"lora_alpha": 8}'}, "remove what is not true"),
    "two entries": ({"lora_alpha": "4", "alpha": "8"}, "its header says lora_alpha 4, alpha 8"),
    "an alpha of nobody": ({"my_alpha": "4"}, "an alpha in 'my_alpha', which is not known"),
    "an alpha within": ({"ot_config": '{"rank": 16, "lora_alpha": 1.0}'}, "an alpha in 'ot_config'"),
    "a class of POSIX": (adapter(alpha_pattern={"[[:alpha:]]+": 2}), "no regular expression"),
    "a look around": (adapter(alpha_pattern={"(?<!x)to_q": 2}), "that can be followed"),
    "dynamic": ({"ss_network_alpha": "Dynamic", "ss_network_dim": "Dynamic"}, "ss_network_alpha 'Dynamic'"),
    "another dim": ({"ss_network_alpha": "4", "ss_network_dim": "8"}, "has rank 16, and 8 by 'ss_network_dim'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_there_and_not_understood_is_refused_by_name(case: str, tmp_path: Path, anatomy: Anatomy) -> None:
    metadata, words = REFUSED[case]
    with pytest.raises(BadLora) as refused:
        preflight.check(configured(save(tmp_path, "lora", pair(), metadata)), "flux", anatomy, 16)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"", b"[" * 99_999, b" " * 2**21, b'{"lora_alpha": NaN'])
def test_settings_beside_a_file_that_cannot_be_read_are_not_passed_over(
    content: bytes, tmp_path: Path, anatomy: Anatomy
) -> None:
    file = save(tmp_path, "lora", pair())
    file.with_name("adapter_config.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"adapter_config.json beside it cannot be read as JSON.*mend it, or move it"):
        preflight.check(configured(file), "flux", anatomy, 16)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")], ids=["folder", "dangling link"])
def test_what_has_that_name_and_is_no_file_cannot_be_read_either(
    make: Callable[[Path], None], tmp_path: Path, anatomy: Anatomy
) -> None:
    file = save(tmp_path, "lora", pair())
    make(file.with_name("adapter_config.json"))
    with pytest.raises(ConfigError, match="cannot be read"):
        preflight.check(configured(file), "flux", anatomy, 16)


def test_settings_beside_a_file_may_begin_with_a_mark_of_their_encoding(tmp_path: Path, anatomy: Anatomy) -> None:
    file = save(tmp_path, "lora", pair())
    file.with_name("adapter_config.json").write_text('{"r": 16, "lora_alpha": 4}', encoding="utf-8-sig")
    report = preflight.check(configured(file), "flux", anatomy, 16).report
    assert report.scale.startswith("0.25 (adapter_config.json")


def test_a_pattern_that_backtracks_for_ever_in_python_ends(anatomy: Anatomy) -> None:
    endless = {"(?:" + "(?:.|..|...)*" * 9 + ")*!": 2}
    assert [*convert(pair(), adapter(lora_alpha=16, alpha_pattern=endless), anatomy).scales][0].value == 1.0


def test_kohyas_convolutions_have_an_alpha_of_their_own() -> None:
    arguments = '{"conv_dim": "4", "conv_alpha": "1"}'
    scales = Scales.read({"ss_network_alpha": "8", "ss_network_dim": "16", "ss_network_args": arguments}, "unet")
    assert scales.find(Wanted("x", 16, None)).value == 0.5
    assert scales.find(Wanted("x", 4, None, kernel=True)).value == 0.25
    assert Scales.read({}, "unet").find(Wanted("x", 4, None)) == STATED_NOWHERE
