"""Whatever is wrong with weights is one plain sentence that names the file, before anything is built."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from configs.errors import ConfigError
from configs.runtime import Runtime
from configs.weights import Weights
from deployments.checkpoints import source
from deployments.families.flux import load
from tests.deployments.tiny import save_tiny, tiny_config

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "weights"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def cut_header(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


def corrupt_header(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[8:12] = b"\xff\xfe\x00!"
    file.write_bytes(content)


def point_to_lfs(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def quantise(file: Path) -> None:
    save_file({name: tensor.to(torch.int8) for name, tensor in load_file(file).items()}, file)


def reshape(file: Path) -> None:
    tensors = load_file(file)
    save_file(tensors | {"x_embedder.bias": torch.zeros(3)}, file)


def forget(file: Path) -> None:
    tensors = load_file(file)
    del tensors["x_embedder.bias"]
    save_file(tensors, file)


def pickle_instead(file: Path) -> None:
    file.rename(file.with_name("diffusion_pytorch_model.bin"))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut, "has .* bytes where its header promises"),
        (cut_header, "is cut short in its header"),
        (empty, "is empty: its download or its copy broke off"),
        (corrupt_header, "has a corrupt header"),
        (point_to_lfs, "is a Git LFS pointer.*git lfs pull"),
        (quantise, "has dtype I8; export the weights as float32"),
        (reshape, r"tensor 'x_embedder.bias' is \(3,\) where its config says \(32,\)"),
        (forget, "tensor 'x_embedder.bias' is missing"),
        (pickle_instead, "pickled weights"),
        (Path.unlink, "is missing"),
    ],
)
def test_a_damaged_file_is_named(folder: Path, damage: Callable[[Path], None], sentence: str) -> None:
    damage(folder / TRANSFORMER)
    with pytest.raises(ConfigError, match=sentence) as refusal:
        load(tiny_config(folder))
    assert "weights/transformer" in str(refusal.value)
    assert "model 'tiny'" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "name",
    [
        "model_index.json",
        "vae/config.json",
        "text_encoder/model.safetensors",
        "text_encoder_2/config.json",
        "tokenizer/tokenizer.json",
        "scheduler/scheduler_config.json",
    ],
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ConfigError, match="is missing") as refusal:
        load(tiny_config(folder))
    assert str(Path(name).parent) in str(refusal.value)


def test_a_missing_component_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "text_encoder_2")
    with pytest.raises(ConfigError, match="weights/text_encoder_2 is missing"):
        load(tiny_config(folder))


def test_a_missing_folder_is_named_with_its_setting() -> None:
    with pytest.raises(ConfigError, match="'no/such/folder' do not exist.*weights.path") as refusal:
        load(tiny_config(Path("no/such/folder")))
    assert refusal.value.field == "weights.path"


def test_another_pipeline_is_refused(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": "StableDiffusionPipeline"}))
    with pytest.raises(ConfigError, match="holds a StableDiffusionPipeline, but this family loads FluxPipeline"):
        load(tiny_config(folder))


def test_a_checkpoint_cannot_name_code_of_its_own(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"vae": ["os", "system"]}))
    with pytest.raises(ConfigError, match="takes 'vae' from 'os', which is not allowed"):
        load(tiny_config(folder))


def test_a_broken_json_file_is_named(folder: Path) -> None:
    (folder / "vae" / "config.json").write_text("{")
    with pytest.raises(ConfigError, match="vae/config.json is not a JSON object"):
        load(tiny_config(folder))


def test_a_path_starts_at_the_installation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "ROOT", folder.parent)
    assert load(tiny_config(Path("weights"))).device == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="asks for a CUDA device and torch finds none"):
        load(tiny_config(folder, runtime=Runtime(device="cuda")))
    with pytest.raises(ConfigError, match="there is no GPU here"):
        load(tiny_config(folder, runtime=Runtime(device="cpu", offload="model")))


def test_a_hub_that_does_not_answer_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub

    def refuse(*_: object, **__: object) -> None:
        raise huggingface_hub.errors.LocalEntryNotFoundError("offline")

    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(ConfigError, match="'studio/model' is not in the local cache and the hub does not answer"):
        load(tiny_config(tmp_path, weights=Weights(repo="studio/model", revision="a" * 40)))


def test_the_hash_follows_the_weights_and_nothing_else(folder: Path) -> None:
    before = load(tiny_config(folder)).weights
    (folder / "README.md").write_text("a model card")
    assert load(tiny_config(folder)).weights == before
    tensors = load_file(folder / TRANSFORMER)
    save_file(tensors | {"x_embedder.bias": tensors["x_embedder.bias"] + 1}, folder / TRANSFORMER)
    assert load(tiny_config(folder)).weights != before
