"""Four bits by bitsandbytes, for real and on the CPU: drawn as what they unpack to, with LoRAs in slots, in the memory
that is predicted. What is replaced here is diffusers' word that it wants a GPU for it, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bitsandbytes
import pytest
import torch
from torch import nn

from configs.architecture import Architecture
from configs.memory import weights as predicted_weights
from configs.runtime import Runtime
from configs.schema import AppliedLora
from deployments.families.flux import Flux, load
from deployments.families.registry import FAMILIES
from deployments.loras.effect import measure_prediction
from deployments.loras.keys import Place
from deployments.memory.counting import count_architecture
from deployments.messages import GenerateRequest
from tests.deployments import stepping, tiny_sd3
from tests.deployments.diffusers_alone import begin, difference, finish
from tests.deployments.flux_loras import put_loras, random_loras, selection
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config

PLAIN = request(width=160, height=96, num_inference_steps=2)
WORN = request(seed=3, num_inference_steps=2, loras=(AppliedLora(lora="small", strength=0.8),))


@pytest.fixture(autouse=True)
def _on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    quantizer = "diffusers.quantizers.bitsandbytes.bnb_quantizer.BnB4BitDiffusersQuantizer"
    monkeypatch.setattr(f"{quantizer}.validate_environment", lambda *_, **__: None)
    monkeypatch.setattr(f"{quantizer}.update_device_map", lambda _, given: given or {"": "cpu"})
    # A kernel of newer CPUs lays weights out in its own way; without it they are unpacked as on a GPU.
    monkeypatch.setattr("bitsandbytes.nn.modules.has_avx512bf16", lambda: False)
    monkeypatch.setattr("deployments.families.assembly.choose_device", lambda *_: torch.device("cpu"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), Shape(True, "kl", width=4, layers=2))


def held(folder: Path, **settings: Any) -> Flux:
    runtime = Runtime(device="cpu", threads=1, **settings)
    return load(tiny_config(folder, runtime=runtime, lora_slots={8: 2, 32: 2}))


def drawn(flux: Flux, asked: GenerateRequest, changed: Flux) -> torch.Tensor:
    slots = put_loras(flux, random_loras(changed)) if asked.loras else {}
    state = begin(flux, asked, selection(asked, slots))
    finish(flux, [state])
    return state.latents


def packed(model: nn.Module) -> dict[str, Any]:
    """The linears in four bits, by name."""
    layers: Any = bitsandbytes.nn
    return {name: module for name, module in model.named_modules() if isinstance(module, layers.Linear4bit)}


def unpack_into(plain: nn.Module, four: nn.Module) -> None:
    with torch.no_grad():
        for name, linear in packed(four).items():
            weight = bitsandbytes.functional.dequantize_4bit(linear.weight.data, linear.weight.quant_state)
            plain.get_parameter(f"{name}.weight").copy_(weight)


@pytest.mark.parametrize("offload", ["none", "model"])
def test_four_bits_draw_what_they_unpack_to(folder: Path, offload: str) -> None:
    four, plain, exact = held(folder, quantisation="nf4", offload=offload), held(folder), held(folder)
    for name in ("transformer", "text_encoder_2"):
        unpack_into(getattr(plain._pipeline, name), getattr(four._pipeline, name))
    assert not packed(four._pipeline.text_encoder)  # CLIP, which is small
    assert len(packed(four._pipeline.transformer)) == len(four.slots.targets)
    for asked in (PLAIN, WORN):
        assert difference(drawn(four, asked, exact), drawn(plain, asked, exact)) <= 1e-5
    assert difference(drawn(four, PLAIN, exact), drawn(exact, PLAIN, exact)) > 1e-3


def test_sd3_in_four_bits_draws_nearly_the_same(tmp_path: Path) -> None:
    tiny_sd3.build(tmp_path)
    plain = tiny_sd3.config(tmp_path).model_copy(update={"controls": {}})
    four = plain.model_copy(update={"runtime": Runtime(device="cpu", threads=1, quantisation="nf4")})
    models: list[Any] = [FAMILIES.find("sd3")(config) for config in (four, plain)]
    assert packed(models[0]._architecture.denoiser)
    one, other = (stepping.draw(model, request(num_inference_steps=2)).latents for model in models)
    assert 1e-3 < difference(one, other) < 0.3


def test_a_lora_is_tried_in_a_slot(folder: Path) -> None:
    four, exact = held(folder, quantisation="nf4"), held(folder)
    changes = {Place("transformer", name): change for name, change in random_loras(exact)["small"].items()}
    can = FAMILIES.table().find("flux", "base")
    settings = tiny_config(folder)
    one, other = (measure_prediction(model, settings, can, changes) for model in (four, exact))
    assert one == pytest.approx(other, rel=0.2)


def test_bfloat16_is_what_it_computes_in(folder: Path) -> None:
    four = held(folder, quantisation="nf4", dtype="bfloat16")
    linear = four._pipeline.transformer.transformer_blocks[0].attn.to_q
    assert (four.dtype, linear.compute_dtype, linear.weight.dtype) == ("bfloat16", torch.bfloat16, torch.uint8)
    assert linear.weight.quant_state.quant_type == "nf4"
    assert torch.isfinite(drawn(four, WORN, held(folder))).all()


def test_the_denoiser_takes_what_is_predicted(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "wide", Shape(True, "kl", width=16))
    runtime = Runtime(device="cpu", threads=1, quantisation="nf4", dtype="bfloat16")
    figures = count_architecture(Architecture(id="wide", source="the test", folder="wide"), {}, tmp_path)
    four = load(tiny_config(folder, runtime=runtime))._pipeline.transformer
    states = [linear.weight.quant_state for linear in packed(four).values()]
    scales = sum(state.absmax.nbytes + state.state2.absmax.nbytes for state in states)
    measured = sum(each.nbytes for each in four.parameters()) + scales
    predicted = predicted_weights("transformer", figures["transformer"], runtime)
    assert measured == pytest.approx(predicted, rel=0.02)
    assert measured < 0.35 * 2 * figures["transformer"].numbers
