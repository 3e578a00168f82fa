"""What a model takes of a GPU, predicted from figures of its architecture: pure arithmetic, so anybody may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from configs.architecture import Figures, role_of
from configs.frozen import Frozen
from configs.schema import ModelConfig, Runtime, Size

GB = 10**9
ROWS = 8
"""Lines of a batch that an engine steps at once (its `Limits`); a pipeline called whole is counted with one picture."""
CONTEXT = 600_000_000
"""Bytes that CUDA, cuBLAS and the allocator's rounding take of a GPU for one process: a round figure, not counted."""
PROMPTS = 256 * 2**20
"""Bytes of encoded prompts that an engine keeps (its `Limits`)."""

_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0}
# 4 bits and a scale per 64 numbers, itself in 8 bits with a scale per 256 (double quantisation); or 8 bits.
_QUANTISED = {"nf4": 0.5 + 1 / 64 + 4 / (64 * 256), "fp8": 1.0}
_LARGE = 10**9  # a text encoder of more numbers than this is quantised by nf4


class Prediction(Frozen):
    """Bytes on the device, at the model's first native size: weights, the largest activations, LoRA slots, the rest."""

    weights: int
    activations: int
    adapters: int
    overhead: int

    @property
    def total(self) -> int:
        return self.weights + self.activations + self.adapters + self.overhead

    @property
    def gb(self) -> float:
        """In units of 10^9 bytes, as GPUs are sold by, rounded up to a tenth."""
        return -(-self.total // (GB // 10)) / 10


def predict(model: ModelConfig, parts: Mapping[str, Figures], engine: Literal["steps", "pipeline"]) -> Prediction:
    """For `model` under its runtime. An engine is counted with a full batch.

    Weights: numbers x bytes, of those that are on the device together. Activations: the largest of what an encoder, the
    denoiser and the autoencoder need, as they run one after another. Slots: lines x ranks, and one copy beside them
    for a batch whose rows all wear a LoRA of the smallest rank.
    """
    runtime, element = model.runtime, _BYTES[model.runtime.dtype]
    rows = ROWS if engine == "steps" else 2
    active = {name: activations(name, part, model, rows) for name, part in parts.items()}
    held = {name: weights(name, part, runtime) for name, part in parts.items()}
    if runtime.offload == "none":
        on_device, working = sum(held.values()), max(active.values())
    else:
        largest = max(parts, key=lambda name: held[name] + active[name])
        on_device, working = held[largest], active[largest]
        if runtime.offload == "group":
            on_device += sum(held[name] for name in parts if name != largest and role_of(name) == "autoencoder")
    taking = role_of("transformer") if runtime.quantisation != "nf4" else None  # 4-bit weights take no LoRAs
    lines = sum(part.lines for name, part in parts.items() if role_of(name) == taking)
    ranks = sum(rank * count for rank, count in model.lora_slots.items())
    beside = rows * min((rank for rank, count in model.lora_slots.items() if count), default=0)
    overhead = CONTEXT + (PROMPTS if engine == "steps" else 0) if runtime.device != "cpu" else 0
    return Prediction(
        weights=on_device, activations=working, adapters=int(lines * (ranks + beside) * element), overhead=overhead
    )


def weights(name: str, part: Figures, runtime: Runtime) -> int:
    """Bytes of a component that are on the device while it runs."""
    element = _BYTES[runtime.dtype]
    if runtime.offload == "sequential":
        return int(part.layer * element)
    whole = part.numbers * element
    if _is_quantised(name, part, runtime):
        fewer = part.linear if runtime.quantisation == "nf4" else part.cast
        whole -= fewer * (element - _QUANTISED[runtime.quantisation])
    if runtime.offload == "group" and role_of(name) == "denoiser":
        # The block that runs, and what belongs to no block.
        return int(whole * (part.loose + part.block) / part.numbers)
    if runtime.offload == "group" and role_of(name) == "encoder":
        return int(whole * part.layer / part.numbers)
    return int(whole)


def activations(name: str, part: Figures, model: ModelConfig, rows: int) -> int:
    """Bytes that a component needs beside its weights at the model's first native size: tokens x numbers of a token.

    8 x width: what goes in, what is kept to be added, normed and scaled, queries, keys and values, and what attention
    made of them. 2 x inner: before and after the activation. 5 x width of a pixel, where the decoder has come to the
    full size: the upsampled, its norm, the convolved, and copies. Attention is one that keeps no table of all pairs.
    """
    role, size, element = role_of(name), model.native_sizes[0], _BYTES[model.runtime.dtype]
    if role == "autoencoder":
        return int(_decoded(size, part, model.runtime) * 5 * part.width * element)
    per_token = 8 * part.width + 2 * part.inner
    if role == "encoder":
        return int(model.text_length * per_token * element)
    tokens = size.pixels // part.patch**2
    if model.variant == "kontext":
        tokens *= 2  # the picture that is edited lies beside the one that is drawn
    if "UNet" not in part.cls:
        tokens += model.text_length
    return int(rows * tokens * (per_token + part.cache) * element)


def _decoded(size: Size, part: Figures, runtime: Runtime) -> int:
    """Pixels that an autoencoder has in hand at a time."""
    if runtime.vae_tiling and part.tile:
        return min(size.width, part.tile) * min(size.height, part.tile)
    return size.pixels


def _is_quantised(name: str, part: Figures, runtime: Runtime) -> bool:
    if runtime.quantisation not in _QUANTISED:
        return False
    role = role_of(name)
    return role == "denoiser" or (runtime.quantisation == "nf4" and role == "encoder" and part.numbers > _LARGE)
