"""Every published key layout becomes the same change of the model's own layers, and every key is accounted for."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import BadLora, ConfigError
from deployments.loras import files, preflight
from deployments.loras.changes import Dora, LoKr, LowRank
from deployments.loras.convert import convert
from deployments.loras.faults import Misfit
from deployments.loras.keys import Anatomy, Place
from deployments.loras.layers import judge, read_change
from tests.deployments.loras import published
from tests.deployments.loras.published import DOUBLE, LAYOUTS, configured, draw, save


def check(file: Path, anatomy: Anatomy) -> preflight.Checked:
    return preflight.check(configured(file), "flux", anatomy, 16)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_becomes_the_change_that_was_trained(layout: str, tmp_path: Path, anatomy: Anatomy) -> None:
    lora = draw()
    checked = check(save(tmp_path, "lora", *LAYOUTS[layout](lora)), anatomy)
    assert checked.report.format == layout
    assert checked.report.matched == checked.report.total > 0
    assert checked.report.exclusive is None
    for place, change in checked.converted.changes.items():
        assert isinstance(change, LowRank)
        torch.testing.assert_close(change.b @ change.a, lora.delta(place.module))
    attention_only = layout == "XLabs"
    assert len(checked.converted.changes) == (4 if attention_only else len(lora.layers))


def test_the_models_own_names_are_read_with_underscores_too(tmp_path: Path, anatomy: Anatomy) -> None:
    lora = draw()
    checked = check(save(tmp_path, "lora", *published.kohya_own_names(lora)), anatomy)
    assert {place.module for place in checked.converted.changes} == lora.layers.keys()


def test_alpha_beside_a_peft_file_counts(tmp_path: Path, anatomy: Anatomy) -> None:
    lora = draw()
    tensors = {f"base_model.model.{layer}.lora_A.weight": a for layer, (a, _) in lora.layers.items()}
    tensors |= {f"base_model.model.{layer}.lora_B.weight": b for layer, (_, b) in lora.layers.items()}
    file = save(tmp_path, "adapter_model", tensors)
    file.with_name("adapter_config.json").write_text('{"r": 4, "lora_alpha": 2, "alpha_pattern": {"attn.to_q": 8}}')
    changes = check(file, anatomy).converted.changes
    for module, scale in ((f"{DOUBLE}.attn.to_k", 1.0), (f"{DOUBLE}.attn.to_q", 4.0)):
        change = changes[Place("transformer", module)]
        assert isinstance(change, LowRank)
        torch.testing.assert_close(change.b @ change.a, lora.delta(module) * scale)


def test_dora_and_lokr_and_text_encoders_are_exclusive(tmp_path: Path, anatomy: Anatomy) -> None:
    layer = f"transformer.{DOUBLE}.attn.to_q"
    a, b = torch.randn(4, 32), torch.randn(32, 4)
    dora = {f"{layer}.lora_A.weight": a, f"{layer}.lora_B.weight": b, f"{layer}.lora_magnitude_vector": torch.rand(32)}
    lokr = {f"{layer}.lokr_w1": torch.randn(4, 4), f"{layer}.lokr_w2": torch.randn(8, 8)}
    clip = "lora_te1_text_model_encoder_layers_0_self_attn_q_proj"
    encoder = {f"{clip}.lora_down.weight": a, f"{clip}.lora_up.weight": b, f"{clip}.alpha": torch.tensor(4.0)}
    for name, tensors, why in (("dora", dora, "DoRA"), ("lokr", lokr, "LoKr"), ("encoder", encoder, "text encoder")):
        report = check(save(tmp_path, name, tensors), anatomy).report
        assert why in (report.exclusive or "")
    assert report.encoders == ("text_encoder",)
    kinds = [type(c) for t in (dora, lokr) for c in convert(t, {}, anatomy).changes.values()]
    assert kinds == [Dora, LoKr]


def test_a_rank_above_the_largest_slot_is_exclusive(tmp_path: Path, anatomy: Anatomy) -> None:
    report = check(save(tmp_path, "lora", *published.diffusers(draw(rank=20))), anatomy).report
    assert report.rank == 20
    assert "rank 20" in (report.exclusive or "")


def refusal(file: Path, anatomy: Anatomy, kind: type[ConfigError] = BadLora) -> str:
    with pytest.raises(kind) as refused:
        check(file, anatomy)
    message = str(refused.value)
    assert message.startswith(f"LoRA '{file.stem}': ")
    assert "\n" not in message
    return message


def test_a_lora_of_another_family_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    file = save(tmp_path, "lora", *published.diffusers(draw()))
    with pytest.raises(BadLora, match="made for family 'sdxl', this model is 'flux'"):
        preflight.check(configured(file, family="sdxl"), "flux", anatomy, 16)
    name = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    other = {f"{name}.lora_down.weight": torch.randn(4, 640), f"{name}.lora_up.weight": torch.randn(640, 4)}
    assert "none of its layers is in this model; by its keys it was made for" in refusal(
        save(tmp_path, "other", other), anatomy
    )


@pytest.mark.parametrize("layout", ["diffusers", "kohya"])
def test_a_key_left_over_is_refused_by_its_own_name(layout: str, tmp_path: Path, anatomy: Anatomy) -> None:
    tensors, metadata = LAYOUTS[layout](draw())
    name = {
        "diffusers": "transformer.transformer_blocks.7.attn.to_q.lora_{}.weight",
        "kohya": "lora_unet_x.lora_{}.weight",
    }
    for side, value in (("down" if layout == "kohya" else "A", (4, 32)), ("up" if layout == "kohya" else "B", (32, 4))):
        tensors[name[layout].format(side)] = torch.randn(value)
    message = refusal(save(tmp_path, "lora", tensors, metadata), anatomy)
    assert "does not fit" in message
    assert name[layout].split("{")[0] in message


def test_a_key_that_diffusers_drops_without_a_word_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    tensors, metadata = published.kohya(draw())
    tensors["lora_unet_double_blocks_0_img_attn_proj.diff_b"] = torch.randn(32)
    message = refusal(save(tmp_path, "lora", tensors, metadata), anatomy)
    assert "diff_b" in message


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        *(("hada_w1_a", "LoHa"), ("hada_t1", "LoHa"), ("lora_mid.weight", "middle matrix"), ("lokr_t2", "Tucker")),
        *(("oft_blocks", "an OFT"), ("oft_R.weight", "an OFT"), ("boft_R", "a BOFT"), ("boft_s", "a BOFT")),
        *((f"{part}.weight", "GLoRA") for part in ("a1", "a2", "b1", "b2")),
        *(("on_input", "IA3"), ("ia3_l", "IA3"), ("vera_lambda_b", "VeRA"), ("lora_B.bias", "biases")),
        *(("q_layer.weight", "T-LoRA"), ("lambda_layer", "T-LoRA"), ("w_norm", "norms"), ("b_norm", "norms")),
        *(("diff", "whole differences"), ("diff_b", "whole differences")),
    ],
)
def test_a_kind_that_cannot_be_used_is_named(part: str, kind: str, tmp_path: Path, anatomy: Anatomy) -> None:
    tensors, metadata = published.diffusers(draw())
    tensors[f"transformer.{DOUBLE}.attn.to_q.{part}"] = torch.randn(4, 4)
    message = refusal(save(tmp_path, "lora", tensors, metadata), anatomy)
    assert kind in message
    assert part in message
    assert "cannot be used here: LoRA, DoRA and LoKr can" in message


@pytest.mark.parametrize("layer", ["x_embedder", f"base_model.model.{DOUBLE}.attn.to_q", "lora_unet_img_in"])
@pytest.mark.parametrize("part", ["bias", "weight", "base_layer.bias", "scalar", "reshape_weight"])
def test_a_part_of_a_layer_of_this_model_is_not_said_to_be_of_none(
    part: str, layer: str, tmp_path: Path, anatomy: Anatomy
) -> None:
    tensors, metadata = published.diffusers(draw())
    tensors[f"{layer}.{part}"] = torch.randn(4, 4)
    message = refusal(save(tmp_path, "lora", tensors, metadata), anatomy)
    known = layer != "lora_unet_img_in"
    assert (f"is of '{layer}', but no part of a LoRA" if known else "is of nothing in this model") in message


def test_a_kind_that_only_its_settings_name_is_named(tmp_path: Path, anatomy: Anatomy) -> None:
    file = save(tmp_path, "lora", {f"base_model.model.{DOUBLE}.attn.to_q.hra_u": torch.randn(32, 4)})
    file.with_name("adapter_config.json").write_text('{"peft_type": "HRA", "r": 4}')
    assert "of PEFT's kind HRA" in refusal(file, anatomy)


def test_a_model_is_told_from_a_lora(tmp_path: Path, pipeline: Any, anatomy: Anatomy) -> None:
    file = save(tmp_path, "lora", {name: tensor.clone() for name, tensor in pipeline.transformer.state_dict().items()})
    assert "it is a model, or a part of one" in refusal(file, anatomy)


@pytest.mark.parametrize("extra", [(), (1, 1)], ids=["as linears", "as convolutions"])
def test_factors_of_a_1x1_convolution_are_those_of_a_linear(
    extra: tuple[int, ...], tmp_path: Path, anatomy: Anatomy
) -> None:
    tensors, metadata = published.diffusers(draw())
    shaped = {name: tensor.reshape(*tensor.shape, *extra) for name, tensor in tensors.items()}
    place = Place("transformer", f"{DOUBLE}.attn.to_q")
    changes = [convert(one, metadata, anatomy).changes for one in (tensors, shaped)]
    weight = anatomy.weights[place]
    torch.testing.assert_close(*(change[place].merged(weight, 1.0) for change in changes))
    assert check(save(tmp_path, "lora", shaped, metadata), anatomy).report.matched == len(tensors)


def test_the_other_way_round_too() -> None:
    a, b = torch.randn(4, 8), torch.randn(6, 4)
    judged = judge({"a": a, "b": b}, torch.Size((6, 8, 1, 1)))
    assert judged.output == (6, 8, 1, 1)
    weight = torch.zeros(6, 8, 1, 1)
    torch.testing.assert_close(read_change(judged, 1.0).merged(weight, 1.0), (b @ a)[..., None, None])
    with pytest.raises(Misfit):
        judge({"a": a, "b": b}, torch.Size((6, 8, 3, 3)))


@pytest.mark.parametrize("alpha", [math.inf, math.nan, 1e5, 0.0])
def test_the_alpha_of_whole_factors_says_nothing_whatever_it_is(alpha: float, tmp_path: Path, anatomy: Anatomy) -> None:
    layer = f"lycoris_{DOUBLE}_attn_to_q".replace(".", "_")
    factors = {f"{layer}.lokr_w1": torch.randn(4, 4), f"{layer}.lokr_w2": torch.randn(8, 8)}
    file = save(tmp_path, "lora", factors | {f"{layer}.alpha": torch.tensor(alpha, dtype=torch.float16)})
    checked = check(file, anatomy)
    assert checked.report.matched == 3
    weight = torch.zeros(32, 32)
    change = checked.converted.changes[Place("transformer", f"{DOUBLE}.attn.to_q")]
    torch.testing.assert_close(change.merged(weight, 1.0), torch.kron(*factors.values()))


def test_a_lora_of_a_wider_model_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    wide = {f"{DOUBLE}.attn.to_q": (48, 48)}
    lora = published.Drawn({layer: (torch.randn(4, i), torch.randn(o, 4)) for layer, (i, o) in wide.items()})
    assert "layer of another size" in refusal(save(tmp_path, "lora", *published.diffusers(lora)), anatomy)


def test_a_lora_without_effect_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    untrained = published.Drawn({layer: (a, b * 0) for layer, (a, b) in draw().layers.items()})
    assert "no measurable effect" in refusal(save(tmp_path, "zero", *published.diffusers(untrained)), anatomy)
    faint = draw(size=1e-5)
    assert "no measurable effect" in refusal(save(tmp_path, "faint", *published.kohya(faint)), anatomy)


def test_a_lora_of_broken_numbers_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    lora = draw()
    lora.layers[f"{DOUBLE}.attn.to_q"][1][0, 0] = float("nan")
    assert "not numbers" in refusal(save(tmp_path, "nan", *published.diffusers(lora)), anatomy)


def test_what_is_no_whole_safetensors_file_is_refused(tmp_path: Path, anatomy: Anatomy) -> None:
    pickled = tmp_path / "pickled.safetensors"
    torch.save({"x": torch.ones(1)}, pickled)
    assert "is a pickle" in refusal(pickled, anatomy, ConfigError)
    integers = save(tmp_path, "integers", {"x": torch.ones(4, dtype=torch.int64)})
    assert "'x' has dtype I64: a LoRA here is of floats" in refusal(integers, anatomy, ConfigError)


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2, torch.float16, torch.float64])
def test_every_kind_of_float_is_the_same_lora_up_to_its_own_rounding(
    dtype: torch.dtype, tmp_path: Path, anatomy: Anatomy
) -> None:
    tensors, metadata = published.kohya(draw())
    rounded = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    changes = check(save(tmp_path, "lora", rounded, metadata), anatomy).converted.changes
    same = convert({name: tensor.float() for name, tensor in rounded.items()}, metadata, anatomy).changes
    assert changes.keys() == same.keys()
    for place, change in changes.items():
        weight = anatomy.weights[place]
        torch.testing.assert_close(change.merged(weight, 1.0), same[place].merged(weight, 1.0))


@pytest.mark.parametrize("adapter", ["default", "default_0", "my-style", "default.weight"])
def test_the_name_that_peft_gave_an_adapter_is_no_part_of_a_layers(
    adapter: str, tmp_path: Path, anatomy: Anatomy
) -> None:
    lora = draw()
    named = {name.removesuffix(".weight") + f".{adapter}": t for name, t in published.peft(lora)[0].items()}
    if adapter != "default.weight":
        named = {f"{name}.weight": tensor for name, tensor in named.items()}
    for layer, (_, b) in lora.layers.items():
        named[f"base_model.model.{layer}.lora_magnitude_vector.{adapter}"] = torch.rand(len(b)) + 0.5
    converted = check(save(tmp_path, "lora", named), anatomy).converted
    assert (converted.matched, len(converted.changes)) == (3 * len(lora.layers), len(lora.layers))
    assert all(isinstance(change, Dora) for change in converted.changes.values())


def test_what_is_beside_a_lora_is_noted_and_not_used(tmp_path: Path, anatomy: Anatomy) -> None:
    tensors, metadata = published.diffusers(draw())
    beside = {"bundle_emb.my style.clip_l": torch.rand(2, 128)}
    beside |= {name.replace(".weight", ".bias"): torch.zeros(len(t)) for name, t in tensors.items() if "lora_B" in name}
    checked = check(save(tmp_path, "lora", tensors | beside, metadata), anatomy)
    assert (checked.report.skipped, checked.report.matched) == (len(beside), len(tensors))


@pytest.mark.parametrize("suffix", [
    *(f"{side}.{factor}.bias" for side in (".lora", "_lora", ".lora_linear_layer") for factor in ("up", "down")),
    ".lora_A.bias", ".lora_B.bias", ".lora_up.bias", ".lora_down.bias", ".lora_B.default.bias",
])  # fmt: skip
def test_a_bias_is_refused_by_name_however_it_is_spelled(suffix: str, tmp_path: Path, anatomy: Anatomy) -> None:
    for make in (published.diffusers, published.kohya):
        tensors, metadata = make(draw())
        layer = re.split(r"\.lora_|_lora\.", next(iter(tensors)))[0]
        message = refusal(save(tmp_path, "biased", tensors | {layer + suffix: torch.ones(32)}, metadata), anatomy)
        assert "it is a LoRA with biases (" in message
        check(save(tmp_path, "zeros", tensors | {layer + suffix: torch.zeros(32)}, metadata), anatomy)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.uint16, torch.uint8])
def test_an_alpha_that_is_a_whole_number_counts(dtype: torch.dtype, tmp_path: Path, anatomy: Anatomy) -> None:
    tensors, metadata = published.kohya(draw())
    whole = {name: t.to(dtype) if name.endswith(".alpha") else t for name, t in tensors.items()}
    changes = check(save(tmp_path, "lora", whole, metadata), anatomy).converted.changes
    for place, change in convert(tensors, metadata, anatomy).changes.items():
        weight = anatomy.weights[place]
        torch.testing.assert_close(changes[place].merged(weight, 1.0), change.merged(weight, 1.0))


def test_files_out_of_bounds_are_refused(tmp_path: Path, anatomy: Anatomy, monkeypatch: pytest.MonkeyPatch) -> None:
    file = save(tmp_path, "lora", *published.diffusers(draw()))
    monkeypatch.setattr(files, "LARGEST_HEADER", 100)
    assert "has a header of" in refusal(file, anatomy, ConfigError)
    monkeypatch.setattr(files, "LARGEST_FILE", 1000)
    assert "a LoRA has 1,000 at most" in refusal(file, anatomy, ConfigError)
