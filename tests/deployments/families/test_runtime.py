"""Runtime settings: those that are exact draw the same picture, the others what they say; none is taken in silence."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from configs.errors import ConfigError
from configs.load import load_catalog, load_tested
from configs.runtime import Runtime, find_untested
from configs.schema import AppliedLora
from deployments.families import arrangement, assembly, hardware
from deployments.families.arrangement import arrange, quantisation_of
from deployments.families.flux import Flux, load
from deployments.families.registry import FAMILIES
from deployments.families.sd3 import load as load_sd3
from deployments.messages import GenerateRequest
from tests.deployments import stepping, tiny_sd3
from tests.deployments.diffusers_alone import begin, difference, draw_alone, finish
from tests.deployments.flux_loras import put_loras, random_loras, selection
from tests.deployments.tiny import Shape, parts, request, save_tiny, tiny_config

CPU = torch.device("cpu")
LARGE = request(width=160, height=96, num_inference_steps=2)
WORN = request(seed=3, num_inference_steps=2, loras=(AppliedLora(lora="small", strength=0.8),))
CATALOG = load_catalog()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), Shape(True, "kl", layers=2))


@pytest.fixture(autouse=True)
def _a_cpu_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits elsewhere and comes to the device for its turn: both are main memory here."""
    monkeypatch.setattr("deployments.families.assembly.choose_device", lambda *_: CPU)


def held(weights: Path, **settings: Any) -> Flux:
    runtime = Runtime(device="cpu", threads=1, **settings)
    return load(tiny_config(weights, runtime=runtime, lora_slots={8: 2, 32: 2}))


def drawn(flux: Flux, asked: GenerateRequest, changed: Flux | None = None) -> torch.Tensor:
    """Latents, with the LoRAs that `asked` names, made for the weights of `changed`."""
    slots = put_loras(flux, random_loras(changed or flux)) if asked.loras else {}
    state = begin(flux, asked, selection(asked, slots))
    finish(flux, [state])
    return state.latents


@pytest.mark.parametrize("asked", [LARGE, WORN])
def test_a_model_whose_blocks_wait_elsewhere_draws_the_same(weights: Path, asked: GenerateRequest) -> None:
    waiting = held(weights, offload="group")
    assert torch.equal(drawn(waiting, asked), drawn(held(weights), asked))


@pytest.fixture(scope="module")
def sd3_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sd3")
    tiny_sd3.build(folder)
    return folder


@pytest.mark.parametrize(("settings", "exact"), [({"offload": "group"}, True), ({"quantisation": "fp8"}, False)])
def test_sd3_draws_so_too(sd3_weights: Path, settings: dict[str, Any], exact: bool) -> None:
    plain = tiny_sd3.config(sd3_weights).model_copy(update={"controls": {}})
    runtime = Runtime(device="cpu", threads=1, **settings)
    special = plain.model_copy(update={"runtime": runtime})
    asked = request(num_inference_steps=2)
    one, other = (stepping.draw(load_sd3(config), asked).latents for config in (plain, special))
    assert torch.equal(one, other) == exact
    assert difference(other, one) < 0.2


def test_slicing_and_tiling_decode_as_the_stock_pipeline_does(weights: Path) -> None:
    tiled = held(weights, vae_slicing=True, vae_tiling=True)
    assert (tiled._pipeline.vae.use_slicing, tiled._pipeline.vae.use_tiling) == (True, True)
    state = begin(tiled, LARGE)
    finish(tiled, [state])
    stock = parts.FluxPipeline.from_pretrained(weights, dtype=torch.float32, use_safetensors=True)
    stock.vae.enable_tiling()
    with torch.no_grad():
        pixels = draw_alone(stock, LARGE, output_type="pt").images[0]
    ours = tiled._parts.latents.decode(state.latents, LARGE.width, LARGE.height)
    assert difference((ours / 2 + 0.5).clamp(0, 1), pixels) <= 1e-5
    whole = held(weights)._parts.latents.decode(state.latents, LARGE.width, LARGE.height)
    assert difference(ours, whole) > 1e-5  # it was decoded in parts


def test_eight_bits_draw_what_weights_rounded_to_them_draw(weights: Path) -> None:
    casting, rounded = held(weights, quantisation="fp8"), held(weights)
    stored = {n: m for n, m in casting._pipeline.transformer.named_modules() if isinstance(m, nn.Linear)}
    small = [name for name, linear in stored.items() if linear.weight.dtype == torch.float8_e4m3fn]
    assert small
    assert not any("norm" in name for name in small)
    with torch.no_grad():
        for name in small:
            linear = rounded._pipeline.transformer.get_submodule(name)
            for each in linear.parameters():
                each.copy_(each.to(torch.float8_e4m3fn).float())
    assert casting.dtype == "float32"
    for asked in (LARGE, WORN):
        assert difference(drawn(casting, asked, rounded), drawn(rounded, asked)) <= 1e-5
    assert difference(drawn(casting, LARGE), drawn(held(weights), LARGE)) > 1e-5


class Recorder(nn.Module):
    """A denoiser that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Any]] = []

    def set_attention_backend(self, name: str) -> None:
        self.asked.append(("attention", name))

    def enable_layerwise_casting(self, **options: Any) -> None:
        self.asked.append(("cast", options))


class Pipeline(SimpleNamespace):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("enable_"):
            return lambda device: self.asked.append((name, device))
        raise AttributeError(name)


def asked_of_libraries(**settings: Any) -> list[tuple[str, Any]]:
    denoiser = Recorder()
    pipeline = Pipeline(transformer=denoiser, vae=nn.Identity(), components={}, asked=denoiser.asked)
    pipeline.to = lambda device: denoiser.asked.append(("to", device))
    arrange(pipeline, torch.device("cuda"), Runtime(dtype="bfloat16", device="cuda", **settings), "model 'm'")
    return denoiser.asked


def test_what_is_asked_of_the_libraries_for_a_gpu() -> None:
    cuda = torch.device("cuda")
    assert asked_of_libraries() == [("to", cuda)]
    assert asked_of_libraries(attention="cudnn") == [("attention", "_native_cudnn"), ("to", cuda)]
    assert asked_of_libraries(offload="model") == [("enable_model_cpu_offload", cuda)]
    assert asked_of_libraries(offload="sequential") == [("enable_sequential_cpu_offload", cuda)]
    cast = ("cast", {"storage_dtype": torch.float8_e4m3fn, "compute_dtype": torch.bfloat16})
    assert asked_of_libraries(quantisation="fp8") == [cast, ("to", cuda)]


def test_the_attention_of_a_preset_is_one_that_diffusers_has() -> None:
    from diffusers.models.attention_dispatch import AttentionBackendName

    known: Any = AttentionBackendName
    assert all(known(name) for name in arrangement._BACKENDS.values())


def test_blocks_are_compiled_only_where_a_model_names_some() -> None:
    with pytest.raises(ConfigError, match="Recorder names no blocks"):
        asked_of_libraries(compile="regional")


def test_a_setting_that_the_autoencoder_lacks_is_refused() -> None:
    with pytest.raises(ConfigError, match="Identity knows no tiling"):
        asked_of_libraries(vae_tiling=True)


def test_four_bits_are_asked_for_the_denoiser_and_large_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr("diffusers.PipelineQuantizationConfig", lambda **options: asked.update(options))
    classes = [("transformer", "FluxTransformer2DModel"), ("vae", "AutoencoderKL"), ("tokenizer", "CLIPTokenizer")]
    encoders = [("text_encoder", "CLIPTextModel"), ("text_encoder_2", "T5EncoderModel")]
    assert quantisation_of([*classes, *encoders], Runtime()) == {}
    quantisation_of([*classes, *encoders], Runtime(quantisation="nf4", dtype="bfloat16"))
    assert asked["components_to_quantize"] == ["transformer", "text_encoder_2"]
    assert asked["quant_backend"] == "bitsandbytes_4bit"
    assert asked["quant_kwargs"]["bnb_4bit_compute_dtype"] == torch.bfloat16


def test_what_is_not_installed_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "bitsandbytes" else found(name))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    for runtime, said in (
        (Runtime(quantisation="nf4"), "pip install .*bitsandbytes"),
        (Runtime(compile="regional"), "apt install g"),
    ):
        with pytest.raises(ConfigError, match=said):
            hardware.check_libraries(runtime, "model 'm'")


def test_a_replica_takes_no_more_of_a_gpu_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []
    gpu = SimpleNamespace(total_memory=80 * 10**9)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: gpu)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", limits.append)
    for gigabytes in (20.0, 100.0):
        hardware.limit_memory(gigabytes)
    assert limits == [0.25, 1.0]


def test_fused_loras_and_four_bits_are_refused(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fused: Any = (SimpleNamespace(),)
    config = tiny_config(weights, runtime=Runtime(quantisation="nf4"))
    monkeypatch.setattr(assembly, "find_loras", lambda *_: [])
    with pytest.raises(ConfigError, match="nf4 weights take no fused LoRAs"):
        assembly.assemble("FluxPipeline", config, fused)


def test_an_untested_combination_names_the_nearest_one() -> None:
    said = find_untested(Runtime(dtype="bfloat16", compile="regional", quantisation="nf4"), "flux", load_tested())
    assert said is not None
    assert "'compile: regional' with 'quantisation: nf4' was not tested together for family flux" in said
    assert said.endswith(("has 'compile: none'", "has 'quantisation: none'"))
    gguf = find_untested(Runtime(quantisation="gguf"), "sdxl", load_tested())
    assert gguf is not None
    assert "nearest that was has 'quantisation: none'" in gguf


def test_every_family_and_every_preset_has_been_tested_somewhere() -> None:
    for family in FAMILIES.names():
        assert find_untested(Runtime(), family, load_tested()) is None
        assert any(family in row.families for row in load_tested())
    for preset in CATALOG.presets.values():
        assert find_untested(preset.runtime, "flux", load_tested()) is None


def test_a_preset_holds_where_nothing_else_is_said() -> None:
    filled = CATALOG.presets["small"].fill(Runtime(preset="small", vae_tiling=False, threads=2))
    assert (filled.preset, filled.quantisation, filled.vae_tiling, filled.threads) == ("small", "nf4", False, 2)
