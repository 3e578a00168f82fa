"""An IP-Adapter of a UNet: each row of a batch reads its own picture prompts, at its own scales, or none.

diffusers' processors have one scale for a whole batch and want pictures for every row of it; these read what `reading`
says. A row without pictures is what it would be without the adapter, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from configs.errors import ConfigError
from configs.inputs import InputImage
from configs.runtime import Runtime
from configs.schema import ImagePromptConfig
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.source import display
from deployments.families.ip_adapter import files
from deployments.families.offloading import place_readers
from deployments.families.pictures import opened
from deployments.messages import GenerateRequest, Picture

_PROJECTIONS = ("ImageProjection", "IPAdapterPlusImageProjection", "IPAdapterFullImageProjection")
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
        file = files.find(config, owner)
        encoder = files.find_encoder(config, file, _ENCODER, owner)
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
        files.check_prompts(request)

    def read(self, prompt: InputImage[Picture]) -> Read:
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


def _load(pipeline: Any, file: Path, encoder: Path, owner: str) -> None:
    import transformers

    clip: Any = getattr(transformers, _ENCODER)
    weights = files.read(file, owner)
    try:
        model = clip.from_pretrained(encoder, dtype=pipeline.unet.dtype, use_safetensors=True, local_files_only=True)
        pipeline.register_modules(image_encoder=model.eval())
        pipeline.load_ip_adapter(weights, subfolder="", weight_name="", image_encoder_folder=None)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise files.misfit(file, error, owner) from None


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int) -> torch.Tensor:
    """[B, S, C] of `query` [B, S, C] over `key` and `value` [B, T, C]."""
    query, key, value = (one.view(*one.shape[:2], heads, -1).transpose(1, 2) for one in (query, key, value))
    return nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
