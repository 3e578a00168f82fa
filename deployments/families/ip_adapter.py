"""An IP-Adapter of a UNet: each row of a batch reads its own picture prompts, at its own scales, or none.

diffusers' processors have one scale for a whole batch and want pictures for every row of it; these read what `reading`
says. A row without pictures is what it would be without the adapter, to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from configs.errors import ConfigError, StageError
from configs.schema import ImagePromptConfig, Runtime
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.preflight import Component
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import LORA_FILES, display, locate
from deployments.families.offloading import place_readers
from deployments.families.pictures import check_pixels, opened
from deployments.messages import GenerateRequest, ImagePrompt

_PROJECTIONS = ("ImageProjection", "IPAdapterPlusImageProjection", "IPAdapterFullImageProjection")
_LAYOUT = ("image_proj", "ip_adapter")
_ENCODER = "CLIPVisionModelWithProjection"


@dataclass(frozen=True, slots=True)
class Read:
    """An image prompt as cross-attention reads it: [1, T, D] each, for the row with the prompt and the negative one."""

    tokens: torch.Tensor
    negative_tokens: torch.Tensor
    scale: float


@dataclass(slots=True)
class Reading:
    """What the rows of the batch under way read: for each entry its row [E], its tokens [E, T, D] and their scale
    [E, 1, 1]. None if no row reads any."""

    entries: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None


class Attention(nn.Module):
    """A processor of diffusers' cross-attention, in place of `stock` with its weights."""

    def __init__(self, stock: Any, reading: Reading) -> None:
        super().__init__()
        self.to_k_ip = stock.to_k_ip[0]
        self.to_v_ip = stock.to_v_ip[0]
        self._reading = reading

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        attention_mask: None = None,  # noqa: ARG002 - SDXL masks nothing, and diffusers says so to every processor
    ) -> torch.Tensor:
        """`hidden_states` [B, S, C] after they attended to `encoder_hidden_states` [B, T, D]."""
        query, reading = attn.to_q(hidden_states), self._reading
        text = attn.to_k(encoder_hidden_states), attn.to_v(encoder_hidden_states)
        attended = _attend(query, *text, attn.heads)
        if reading.entries is not None:
            rows, tokens, scales = reading.entries
            extra = _attend(query[rows], self.to_k_ip(tokens), self.to_v_ip(tokens), attn.heads)
            attended = attended.index_add(0, rows, (scales * extra).to(attended))
        drawn: torch.Tensor = attn.to_out[1](attn.to_out[0](attended))
        return drawn


class ImagePrompts:
    """The adapter of a pipeline, loaded into its UNet, and its image encoder."""

    def __init__(self, pipeline: Any, config: ImagePromptConfig, runtime: Runtime, owner: str) -> None:
        """Raises ConfigError for files that are missing, not whole, or not an IP-Adapter of this UNet."""
        if config.kind != "ip-adapter":
            raise ConfigError(
                f"{owner}: it reads pictures with an ip-adapter, not '{config.kind}'.", "image_prompt.kind"
            )
        file = find(config, owner)
        encoder = find_encoder(config, file, owner)
        self.weights = fingerprint([file, encoder])
        self._pipeline = pipeline
        self._reading = Reading()
        _load(pipeline, file, encoder, owner)
        unet = pipeline.unet
        self._projection = unet.encoder_hid_proj.image_projection_layers[0]
        if type(self._projection).__name__ not in _PROJECTIONS:
            raise ConfigError(f"{owner}: {display(file)} reads faces, which need another encoder than CLIP.")
        # Pictures are projected once for a request; what the UNet then gets of them is in `reading`. Where the UNet is
        # moved on and off a GPU, the projection does not go with it: it comes for its call.
        unet.encoder_hid_proj = None
        place_readers([pipeline.image_encoder, self._projection], pipeline, runtime)
        unet.set_attn_processor(
            {
                name: Attention(processor, self._reading) if hasattr(processor, "to_k_ip") else processor
                for name, processor in unet.attn_processors.items()
            }
        )

    def check(self, request: GenerateRequest) -> None:
        """Raises StageError for an image prompt that cannot be read."""
        for prompt in request.image_prompts:
            check_pixels(prompt.image, "image prompt", "image_prompts")
            if not math.isfinite(prompt.scale):
                raise StageError("the scale of an image prompt must be a number", "image_prompts")

    def read(self, prompt: ImagePrompt) -> Read:
        """A picture as tokens; of the negative row, those of no picture."""
        pixels = type(self._projection).__name__ == "ImageProjection"
        seen = self._pipeline.encode_image(opened(prompt.image), self._pipeline._execution_device, 1, not pixels)
        tokens, negative = (self._projection(embedding) for embedding in seen)
        return Read(tokens, negative, prompt.scale)

    @contextmanager
    def reading(self, rows: Sequence[Sequence[tuple[torch.Tensor, float]]]) -> Iterator[None]:
        """For one call of the UNet: row i of its batch reads the tokens in `rows[i]`, each at its scale."""
        entries = [(index, *entry) for index, row in enumerate(rows) for entry in row]
        if not entries:
            yield
            return
        like = entries[0][1]
        self._reading.entries = (
            torch.tensor([row for row, _, _ in entries], device=like.device),
            torch.cat([tokens for _, tokens, _ in entries]),
            # In float32, as a Python number would be: a scale of 0.7 is not one in bfloat16.
            torch.tensor([scale for _, _, scale in entries], device=like.device).view(-1, 1, 1),
        )
        try:
            yield
        finally:
            self._reading.entries = None


def find(config: ImagePromptConfig, owner: str) -> Path:
    """The one safetensors file of an adapter. Raises ConfigError."""
    path = locate(config.weights, owner, LORA_FILES)
    files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
    if len(files) != 1 or not files[0].is_file() or files[0].suffix != ".safetensors":
        raise ConfigError(
            f"{owner}: {display(path)} must be, or hold, exactly one .safetensors file; name it in "
            "'image_prompt.weights.file'.",
            "image_prompt.weights",
        )
    return files[0]


def find_encoder(config: ImagePromptConfig, file: Path, owner: str) -> Path:
    """The folder of the image encoder, checked: the configured one, or `image_encoder` beside the adapter's `file`.
    Raises ConfigError."""
    folder = file.parent / "image_encoder" if config.image_encoder is None else locate(config.image_encoder, owner)
    weights = folder / "model.safetensors"
    if not weights.is_file() or not (folder / "config.json").is_file():
        raise ConfigError(
            f"{owner}: {display(folder)} holds no config.json and model.safetensors of an image encoder; say in "
            "'image_prompt.image_encoder' where they are.",
            "image_prompt.image_encoder",
        )
    check_shapes(Component("image_encoder", "transformers", _ENCODER, folder, read_header(weights, owner)), owner)
    return folder


def _load(pipeline: Any, file: Path, encoder: Path, owner: str) -> None:
    import transformers

    clip: Any = getattr(transformers, _ENCODER)
    weights = _read(file, owner)
    try:
        model = clip.from_pretrained(encoder, dtype=pipeline.unet.dtype, use_safetensors=True, local_files_only=True)
        pipeline.register_modules(image_encoder=model.eval())
        pipeline.load_ip_adapter(weights, subfolder="", weight_name="", image_encoder_folder=None)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(
            f"{owner}: {display(file)} was made for another model: {first}", "image_prompt.weights"
        ) from None


def _read(file: Path, owner: str) -> Mapping[str, Mapping[str, torch.Tensor]]:
    names = read_header(file, owner)
    if any(not any(name.startswith(f"{part}.") for name in names) for part in _LAYOUT):
        raise ConfigError(
            f"{owner}: {display(file)} is no IP-Adapter: its tensors begin with {' and '.join(_LAYOUT)}.",
            "image_prompt.weights",
        )
    tensors = load_file(file)
    return {
        part: {name.removeprefix(f"{part}."): value for name, value in tensors.items() if name.startswith(f"{part}.")}
        for part in _LAYOUT
    }


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int) -> torch.Tensor:
    """[B, S, C] of `query` [B, S, C] over `key` and `value` [B, T, C]."""
    query, key, value = (one.view(*one.shape[:2], heads, -1).transpose(1, 2) for one in (query, key, value))
    return nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
