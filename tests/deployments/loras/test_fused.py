"""A placement's LoRAs are in the weights from the start, at their strengths, and only if they fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from configs.errors import ConfigError
from configs.schema import LicencePart, LoraConfig
from configs.weights import Weights
from deployments.families.family import FusedLora
from deployments.families.flux import Flux, load
from tests.deployments.tiny import save_tiny, tiny_config

LAYER = "transformer_blocks.0.attn.to_q"
WIDTH, RANK = 32, 4


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("base"))


def write(folder: Path, seed: int, width: int = WIDTH, layer: str = LAYER) -> Path:
    generator = torch.Generator().manual_seed(seed)
    file = folder / f"lora-{seed}.safetensors"
    save_file(
        {
            f"transformer.{layer}.lora_A.weight": torch.randn(RANK, width, generator=generator),
            f"transformer.{layer}.lora_B.weight": torch.randn(width, RANK, generator=generator),
        },
        file,
    )
    return file


def use(file: Path, strength: float = 1.0, family: str = "flux") -> FusedLora:
    parts = (LicencePart(part="adapter", licence="apache-2.0"),)
    weights = Weights(path=str(file))
    config = LoraConfig(id=file.stem, name=file.stem, family=family, weights=weights, licence_parts=parts)
    return FusedLora(config, strength)


def weight_of(flux: Flux) -> torch.Tensor:
    weight: torch.Tensor = flux._pipeline.transformer.get_submodule(LAYER).weight.detach()
    return weight


def change(file: Path) -> torch.Tensor:
    tensors = load_file(file)
    return tensors[f"transformer.{LAYER}.lora_B.weight"] @ tensors[f"transformer.{LAYER}.lora_A.weight"]


def test_two_loras_are_added_at_their_strengths(base: Path, tmp_path: Path) -> None:
    one, other = write(tmp_path, 1), write(tmp_path, 2)
    fused = load(tiny_config(base), [use(one, 0.8), use(other, -0.5)])
    expected = weight_of(load(tiny_config(base))) + 0.8 * change(one) - 0.5 * change(other)
    assert torch.allclose(weight_of(fused), expected, atol=1e-5)
    assert not any("lora" in name for name, _ in fused._pipeline.transformer.named_modules())


def test_the_hash_names_the_loras_too(base: Path, tmp_path: Path) -> None:
    file = write(tmp_path, 1)
    assert load(tiny_config(base), [use(file)]).weights != load(tiny_config(base)).weights


@pytest.mark.parametrize(
    ("width", "layer", "sentence"),
    [(48, LAYER, "does not fit"), (WIDTH, "no.such.layer", "does not fit")],
)
def test_a_lora_of_another_model_is_refused(base: Path, tmp_path: Path, width: int, layer: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as refusal:
        load(tiny_config(base), [use(write(tmp_path, 1, width, layer))])
    assert "LoRA 'lora-1'" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_lora_of_another_family_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="was made for family 'sdxl', this model is 'flux'"):
        load(tiny_config(base), [use(write(tmp_path, 1), family="sdxl")])


def test_a_lora_file_cut_short_is_refused(base: Path, tmp_path: Path) -> None:
    file = write(tmp_path, 1)
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(ConfigError, match=r"LoRA 'lora-1': .*lora-1.safetensors has"):
        load(tiny_config(base), [use(file)])
