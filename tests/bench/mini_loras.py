"""LoRAs of random weights that mini takes."""

from __future__ import annotations

from pathlib import Path

from configs.fitness import TRAINING_DATA
from configs.load import ROOT
from configs.schema import LicencePart, LoraConfig
from configs.weights import Weights


def mini_lora(folder: Path, name: str, seed: int) -> LoraConfig:
    """Random, of rank 4, for mini's queries."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    draw, tensors = torch.Generator().manual_seed(seed), {}
    with safe_open(next((ROOT / "deployments/weights/mini/transformer").glob("*.safetensors")), "pt") as file:
        for key in (key for key in file.keys() if key.endswith("attn.to_q.weight")):  # noqa: SIM118 - not a dict
            outputs, inputs = file.get_slice(key).get_shape()
            layer = f"transformer.{key.removesuffix('.weight')}"
            tensors[f"{layer}.lora_A.weight"] = torch.randn(4, inputs, generator=draw) * 0.05
            tensors[f"{layer}.lora_B.weight"] = torch.randn(outputs, 4, generator=draw) * 0.05
    path = folder / f"{name}.safetensors"
    save_file(tensors, path)
    licences = tuple(LicencePart(part=part, licence="apache-2.0") for part in ("adapter", TRAINING_DATA))
    return LoraConfig(id=name, name=name, family="flux", weights=Weights(path=str(path)), licence_parts=licences)
