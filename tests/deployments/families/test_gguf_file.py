"""A transformer in a GGUF file: drawn as what it unpacks to, with LoRAs; refused in a sentence where it is broken."""

from __future__ import annotations

import importlib.util
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.numpy import load_file

from configs.architecture import Architecture
from configs.errors import BadLora, ConfigError
from configs.gguf import bits
from configs.load import load_tested
from configs.memory import weights as predicted_weights
from configs.runtime import Runtime, find_untested
from configs.schema import AppliedLora, ModelConfig
from configs.weights import Weights
from deployments.checkpoints.gguf_headers import read_gguf_header
from deployments.families import hardware
from deployments.families.flux import Flux, load
from deployments.families.registry import FAMILIES
from deployments.loras.changes import Dora
from deployments.loras.effect import measure_prediction
from deployments.loras.keys import Place
from deployments.loras.merged import Merged, Part
from deployments.loras.preflight import check_packed
from deployments.memory.counting import count_architecture
from deployments.messages import GenerateRequest
from tests.deployments import stepping
from tests.deployments.diffusers_alone import begin, difference, finish
from tests.deployments.families.conformance.tinies import find
from tests.deployments.flux_loras import put_loras, random_loras, selection
from tests.deployments.gguf_files import TRANSFORMER, gguf_weights, unpack_into, without_transformer, write_gguf
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config

PLAIN = request(width=160, height=96, num_inference_steps=2)
WORN = request(seed=3, num_inference_steps=2, loras=(AppliedLora(lora="small", strength=0.8),))
PACKINGS = ["F16", "Q8_0", "Q4_0", "Q5_1", "BF16"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), Shape(True, "kl", layers=2))


@pytest.fixture(scope="module")
def configs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_transformer(folder, tmp_path_factory.mktemp("configs") / "tiny")


@pytest.fixture(scope="module")
def file(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(folder, tmp_path_factory.mktemp("file") / "tiny-Q8_0.gguf", "Q8_0")


def config(weights: Weights, quantisation: str = "gguf", **settings: Any) -> ModelConfig:
    runtime = Runtime.model_validate({"device": "cpu", "threads": 1, "quantisation": quantisation, **settings})
    return tiny_config(Path(), weights=weights, runtime=runtime, lora_slots={8: 2, 32: 2})


def drawn(flux: Flux, asked: GenerateRequest, changed: Flux) -> torch.Tensor:
    slots = put_loras(flux, random_loras(changed)) if asked.loras else {}
    state = begin(flux, asked, selection(asked, slots))
    finish(flux, [state])
    return state.latents


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_gguf_draws_what_it_unpacks_to(packing: str, folder: Path, configs: Path, tmp_path: Path) -> None:
    file = write_gguf(folder, tmp_path / "tiny.gguf", packing)
    packed = load(config(gguf_weights(file, configs)))
    unpack_into(file, Path(shutil.copytree(folder, tmp_path / "plain")))
    plain = load(config(Weights(path=str(tmp_path / "plain")), quantisation="none"))
    for asked in (PLAIN, WORN):
        # Q5_1 adds a minimum to each block in half precision, so it is rounded twice.
        near = 1e-3 if packing == "Q5_1" else 1e-5
        assert difference(drawn(packed, asked, plain), drawn(plain, asked, plain)) <= near
    if packing != "F16":  # which torch knows by itself
        assert any(type(each).__name__ == "SlottedGGUFLinear" for each in packed._pipeline.transformer.modules())
    assert (packed.dtype, packed._pipeline.vae.dtype) == ("float32", torch.float32)


@pytest.mark.parametrize("family", ["sd3", "flux2", "z-image", "qwen-image"])
def test_other_families_draw_so_too(family: str, tmp_path: Path) -> None:
    tiny = find(family, "base")
    tiny.build(tmp_path / "tiny")
    configs = without_transformer(tmp_path / "tiny", tmp_path / "configs")
    file = write_gguf(tmp_path / "tiny", tmp_path / "tiny.gguf", "Q8_0", lambda name: name.endswith(".weight"))
    unpack_into(file, tmp_path / "tiny")
    plain = tiny.config(tmp_path / "tiny").model_copy(update={"controls": {}})
    settings = plain.runtime.model_copy(update={"quantisation": "gguf"})
    packed = plain.model_copy(update={"weights": gguf_weights(file, configs), "runtime": settings})
    models: list[Any] = [FAMILIES.find(family)(one) for one in (packed, plain)]
    drawn = [latents(model, tiny.ask(num_inference_steps=2)) for model in models]
    assert models[0].anatomy.packed
    assert torch.equal(*drawn)


def latents(model: Any, asked: GenerateRequest) -> torch.Tensor:
    if hasattr(model, "draw"):
        (picture,) = model.draw([asked], lambda _step, _steps: None)
        return torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8).float()
    return stepping.draw(model, asked).latents.float()


def test_its_weights_stay_packed_and_have_a_name(file: Path, configs: Path, folder: Path) -> None:
    packed = load(config(gguf_weights(file, configs), dtype="bfloat16"))
    plain = load(config(Weights(path=str(folder)), quantisation="none", dtype="bfloat16"))
    linear = packed._pipeline.transformer.transformer_blocks[0].attn.to_q
    assert linear.weight.nbytes == linear.in_features * linear.out_features * 34 // 32
    drawn_packed, drawn_plain = drawn(packed, PLAIN, plain), drawn(plain, PLAIN, plain)
    assert drawn_packed.dtype == drawn_plain.dtype
    assert difference(drawn_packed.float(), drawn_plain.float()) < 0.05
    assert packed.weights != plain.weights


@pytest.mark.parametrize("packing", ["Q4_0", "Q5_1", "Q8_0"])
def test_it_takes_the_memory_that_its_name_says(packing: str, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "wide", Shape(True, "kl", width=16))
    file = write_gguf(folder, tmp_path / f"wide-{packing}.gguf", packing)
    settings = config(gguf_weights(file, folder), dtype="bfloat16")
    figures = count_architecture(Architecture(id="wide", source="the test", folder="wide"), {}, tmp_path)
    measured = sum(each.nbytes for each in load(settings)._pipeline.transformer.parameters())
    predicted = predicted_weights("transformer", figures["transformer"], settings.runtime, file.name)
    assert measured == pytest.approx(predicted, rel=0.02)


def test_a_name_that_does_not_say_is_counted_as_eight_bits() -> None:
    names = {
        "flux1-dev-Q4_K_S.gguf": 4.5,
        "a.q6_k.gguf": 6.5625,
        "BF16.gguf": 16.0,
        "x.gguf": 8.5,
        "FLUX-Q100.gguf": 8.5,
    }
    assert {name: bits(name) for name in names} == names
    assert bits(None) == 8.5


def test_a_lora_is_tried_in_a_slot_and_what_must_be_merged_is_refused(file: Path, configs: Path, folder: Path) -> None:
    settings = config(gguf_weights(file, configs))
    packed, plain = load(settings), load(config(Weights(path=str(folder)), quantisation="none"))
    changes = {Place("transformer", name): change for name, change in random_loras(plain)["small"].items()}
    can = FAMILIES.table().find("flux", "base")
    effects = [measure_prediction(model, settings, can, changes) for model in (packed, plain)]
    assert effects[0] == pytest.approx(effects[1], rel=0.05)
    assert packed.slots.free() == packed.slots.capacity
    place, change = next(iter(changes.items()))
    assert packed.anatomy.shape(place) == plain.anatomy.weights[place].shape
    dora = {place: Dora(change, torch.ones(change.b.shape[0]))}
    with pytest.raises(BadLora, match="it is a DoRA, so it can only be merged into weights, and this model keeps them"):
        check_packed("it is a DoRA", dora, packed.anatomy, "LoRA 'x'")
    before = drawn(packed, PLAIN, plain)
    with pytest.raises(Exception, match="kept in few bits: nothing can be merged into it"):
        Merged(packed.anatomy).apply("x", [Part(dora, 1.0)])
    assert torch.equal(drawn(packed, PLAIN, plain), before)


def test_components_that_the_folder_lacks_are_told(file: Path, configs: Path, tmp_path: Path) -> None:
    lacking = Path(shutil.copytree(configs, tmp_path / "configs"))
    shutil.rmtree(lacking / "text_encoder_2")
    with pytest.raises(ConfigError, match=r"must be named in 'weights\.config\.components'"):
        load(config(gguf_weights(file, lacking, "text_encoder", "vae")))


def test_a_gguf_of_another_model_is_told(folder: Path, configs: Path, tmp_path: Path) -> None:
    other = save_tiny(tmp_path / "other", Shape(True, "kl", width=4, layers=2))
    file = write_gguf(other, tmp_path / "other.gguf", "Q8_0")
    with pytest.raises(ConfigError, match="does not load as the FluxTransformer2DModel of .* another model"):
        load(config(gguf_weights(file, configs)))
    deeper = save_tiny(tmp_path / "deeper", Shape(True, "kl", layers=3))
    with pytest.raises(ConfigError, match="names that are not known, or some are missing"):
        load(config(gguf_weights(write_gguf(folder, tmp_path / "two.gguf", "Q8_0"), deeper)))


def test_configs_of_another_pipeline_are_told(file: Path, configs: Path, tmp_path: Path) -> None:
    index = Path(shutil.copytree(configs, tmp_path / "configs")) / "model_index.json"
    index.write_text(index.read_text().replace("FluxPipeline", "FluxFillPipeline"))
    with pytest.raises(ConfigError, match="is of a FluxFillPipeline, but this family loads FluxPipeline"):
        load(config(gguf_weights(file, index.parent)))


def test_a_header_says_what_the_format_s_own_reader_says(folder: Path, file: Path) -> None:
    found = read_gguf_header(file, "m")
    tensors = load_file(folder / TRANSFORMER)
    assert {name: entry.shape for name, entry in found.items()} == {name: one.shape for name, one in tensors.items()}
    assert found["transformer_blocks.0.attn.to_q.weight"].dtype == "Q8_0"
    assert found["transformer_blocks.0.attn.to_q.bias"].dtype == "F32"


def _header(tensors: int = 0, settings: int = 0, rest: bytes = b"", version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, settings) + rest


def _name(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def _tensor(kind: int, shape: tuple[int, ...] = (32, 32), offset: int = 0) -> bytes:
    return _name(b"x") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


BROKEN = {
    "is not a GGUF file": b"PK\x03\x04" + bytes(100),
    "is a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\n",
    "is of GGUF version 1, and 2 and 3 are read": _header(version=1),
    "is cut short in its header": b"GGUF\x03\x00",
    "promises 18,446,744,073,709,551,615 tensors": _header(tensors=2**64 - 1),
    "promises 10,000,000 settings": _header(settings=10**7),
    "promises 1,099,511,627,776 bytes of a name": _header(settings=1, rest=struct.pack("<Q", 2**40)),
    "has one of more than": _header(settings=1, rest=_name(b"a") + struct.pack("<IQ", 8, 2**60)),
    "is cut short": _header(settings=1, rest=_name(b"a") + struct.pack("<IIQ", 9, 8, 2**60)),
    "has an array of the type 9": _header(settings=1, rest=_name(b"a") + struct.pack("<IIQ", 9, 9, 1)),
    "unknown type 77": _header(settings=1, rest=_name(b"a") + struct.pack("<I", 77)),
    "aligns its tensors to 3 bytes": _header(settings=1, rest=_name(b"general.alignment") + struct.pack("<II", 4, 3)),
    "with 9 dimensions": _header(tensors=1, rest=_tensor(0, (1,) * 9)),
    r"type \(number 24\) that diffusers does not unpack": _header(tensors=1, rest=_tensor(24)),
    "in blocks that do not fit its shape": _header(tensors=1, rest=_tensor(8, (16, 32))),
    "'x', which is no matrix, as BF16": _header(tensors=1, rest=_tensor(30, (32,))),
    "'x' twice": _header(tensors=2, rest=_tensor(0) + _tensor(0) + bytes(4200)),
    "bytes where its header promises": _header(tensors=1, rest=_tensor(0)),
}


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_file_is_refused_before_anything_is_allocated(said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(BROKEN[said])
    with pytest.raises(ConfigError, match=said):
        read_gguf_header(file, "model 'm'")


def test_a_cut_file_is_refused(file: Path, configs: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ConfigError, match="bytes where its header promises"):
        load(config(gguf_weights(cut, configs)))


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gguf" else found(name))
    with pytest.raises(ConfigError, match="'runtime.quantisation: gguf' needs gguf, .*pip install -c"):
        hardware.check_libraries(Runtime(quantisation="gguf"), "model 'm'")


def test_it_was_tested_for_the_families_that_load_it() -> None:
    for family in ("flux", "sd3", "flux2", "z-image", "qwen-image"):
        assert find_untested(Runtime(dtype="bfloat16", quantisation="gguf"), family, load_tested()) is None
    assert find_untested(Runtime(dtype="bfloat16", quantisation="gguf"), "sdxl", load_tested()) is not None
