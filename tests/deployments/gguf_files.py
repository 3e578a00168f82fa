"""GGUF files written by the format's own package, of the transformer of a pipeline in diffusers' layout."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import load_file, save_file

from configs.weights import Weights

TRANSFORMER = Path("transformer/diffusion_pytorch_model.safetensors")


def write_gguf(folder: Path, file: Path, kind: str, chosen: Callable[[str], bool] = lambda _: True) -> Path:
    """The transformer of `folder` as a GGUF whose matrices are of `kind` (`Q8_0`, `F16` …) where they are `chosen` and
    as wide as its blocks; all others are F32."""
    packing = gguf.GGMLQuantizationType[kind]
    writer = gguf.GGUFWriter(file, "flux")
    for name, tensor in _transformer(folder).items():
        packed = chosen(name) and _takes(tensor, packing)
        kept = packing if packed else gguf.GGMLQuantizationType.F32
        writer.add_tensor(name, gguf.quantize(tensor, kept), raw_dtype=kept)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def unpack_into(file: Path, folder: Path) -> None:
    """Make the transformer of `folder` what `file` holds, unpacked by the format's own package; in half precision, as
    diffusers unpacks."""
    plain = {tensor.name: _unpacked(tensor) for tensor in gguf.GGUFReader(file).tensors}
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in plain.items()}, folder / TRANSFORMER)


def without_transformer(folder: Path, to: Path) -> Path:
    """A copy of `folder` as a YAML's `weights.config` finds it on the hub: no weights of the transformer."""
    shutil.copytree(folder, to)
    (to / TRANSFORMER).unlink()
    return to


def gguf_weights(file: Path, configs: Path, *components: str) -> Weights:
    """What a YAML says of them; `components` are all that have weights if none is named."""
    named = components or tuple(sorted({weights.parent.name for weights in configs.glob("*/*.safetensors")}))
    return Weights(path=str(file.parent), file=file.name, config=Weights(path=str(configs), components=named))


def _unpacked(tensor: gguf.ReaderTensor) -> np.ndarray[Any, Any]:
    numbers = gguf.dequantize(tensor.data, tensor.tensor_type).reshape(tuple(reversed(tensor.shape.tolist())))
    plain = tensor.tensor_type in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.BF16)
    return numbers if plain else numbers.astype(np.float16).astype(np.float32)


def _transformer(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    return {name: tensor.astype(np.float32) for name, tensor in load_file(folder / TRANSFORMER).items()}


def _takes(tensor: np.ndarray[Any, Any], packing: gguf.GGMLQuantizationType) -> bool:
    return tensor.ndim == 2 and tensor.shape[1] % gguf.GGML_QUANT_SIZES[packing][0] == 0
