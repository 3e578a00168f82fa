"""A pipeline is built from a folder, from files of one precision, from one file, and with components from elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import ConfigError
from configs.schema import ModelConfig
from configs.weights import Weights
from deployments.families.assembly import Assembled, assemble
from tests.deployments.tiny import save_tiny, tiny_config

TRANSFORMER = Path("transformer/diffusion_pytorch_model.safetensors")
OTHERS = ("scheduler", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "vae")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "tiny"))


def built(weights: Weights, **changes: Any) -> Assembled:
    return assemble("FluxPipeline", config(weights, **changes), ())


def config(weights: Weights, **changes: Any) -> ModelConfig:
    return tiny_config(Path(), weights=weights, **changes)


def same(one: Any, other: Any) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_a_checkpoint_in_one_file_is_the_model_that_its_folder_is(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.safetensors"
    shutil.move(folder / TRANSFORMER, file)
    (folder / TRANSFORMER).parent.joinpath("note").touch()
    rest = Weights(path=str(folder), components=OTHERS)
    one = built(Weights(path=str(tmp_path), file=file.name, config=rest))
    shutil.copy(file, folder / TRANSFORMER)
    whole = built(Weights(path=str(folder)))
    for name in ("transformer", "vae", "text_encoder", "text_encoder_2"):
        assert same(getattr(one.pipeline, name), getattr(whole.pipeline, name))
    assert one.weights == whole.weights


def test_a_checkpoint_in_one_file_needs_configs(folder: Path) -> None:
    with pytest.raises(ConfigError, match="a checkpoint in one file needs 'weights.config'"):
        built(Weights(path=str(folder), file=str(TRANSFORMER)))


def test_a_component_that_one_file_lacks_is_told(folder: Path) -> None:
    rest = Weights(path=str(folder), components=("vae",))
    shutil.rmtree(folder / "text_encoder_2")
    with pytest.raises(ConfigError, match=r"does not load as a FluxPipeline: .*named in 'weights\.config\.components'"):
        built(Weights(path=str(folder), file=str(TRANSFORMER), config=rest))


def test_a_cut_file_is_refused_before_anything_is_built(folder: Path) -> None:
    (folder / TRANSFORMER).write_bytes((folder / TRANSFORMER).read_bytes()[:-10])
    with pytest.raises(ConfigError, match="bytes where its header promises"):
        built(Weights(path=str(folder), file=str(TRANSFORMER), config=Weights(path=str(folder))))


def test_a_pipeline_that_has_no_such_format_says_so(folder: Path) -> None:
    weights = Weights(path=str(folder), file=str(TRANSFORMER), config=Weights(path=str(folder)))
    with pytest.raises(ConfigError, match="QwenImagePipeline cannot be read from one file: give a diffusers folder"):
        assemble("QwenImagePipeline", config(weights), ())


def test_a_precision_is_read_from_its_own_files(folder: Path) -> None:
    whole = built(Weights(path=str(folder)))
    for file in folder.rglob("*.safetensors"):
        file.rename(file.with_suffix(".fp16.safetensors"))
        file.write_bytes(b"not read")
    half = built(Weights(path=str(folder), precision="fp16"))
    assert same(half.pipeline.transformer, whole.pipeline.transformer)
    with pytest.raises(ConfigError, match="is a text that begins 'not read', not weights"):
        built(Weights(path=str(folder)))


def test_a_precision_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"\*\.fp16\.safetensors is missing"):
        built(Weights(path=str(folder), precision="fp16"))


def test_a_component_that_the_index_forgets_is_named(folder: Path) -> None:
    index = folder / "model_index.json"
    index.write_text(json.dumps({k: v for k, v in json.loads(index.read_text()).items() if k != "vae"}))
    with pytest.raises(ConfigError, match=r"model_index\.json lists no vae, and FluxPipeline needs it"):
        built(Weights(path=str(folder)))


def test_a_component_is_taken_from_elsewhere(folder: Path, tmp_path: Path) -> None:
    whole = built(Weights(path=str(folder)))
    index = folder / "model_index.json"
    lacking = {k: v for k, v in json.loads(index.read_text()).items() if k not in ("text_encoder_2", "tokenizer_2")}
    index.write_text(json.dumps(lacking))
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder / "tokenizer_2", elsewhere)
    shutil.copytree(folder / "text_encoder_2", elsewhere, dirs_exist_ok=True)
    other = Weights(path=str(elsewhere), layout="model")
    for name in ("text_encoder_2", "tokenizer_2"):
        shutil.rmtree(folder / name)
    lent = built(Weights(path=str(folder)), borrowed={"text_encoder_2": other, "tokenizer_2": other})
    assert same(lent.pipeline.text_encoder_2, whole.pipeline.text_encoder_2)
    assert lent.pipeline.tokenizer_2("abc").input_ids == whole.pipeline.tokenizer_2("abc").input_ids
    assert lent.weights == whole.weights


def test_a_borrowed_component_that_the_pipeline_does_not_have_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match="text_encoder_9 of model 'tiny': FluxPipeline has no such component"):
        built(Weights(path=str(folder)), borrowed={"text_encoder_9": Weights(path=str(folder), layout="model")})
