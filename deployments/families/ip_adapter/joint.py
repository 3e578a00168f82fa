"""An IP-Adapter of a transformer with joint attention (SD 3.5), which reads pictures anew at each step.

diffusers' processors want pictures for every row of a batch, at one scale; these read what `reading` says. A row
without pictures is what it would be without the adapter, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from configs.errors import ConfigError
from configs.inputs import InputImage
from configs.runtime import Runtime
from configs.schema import ImagePromptConfig
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.source import display
from deployments.families.denoising import Row
from deployments.families.hardware import DTYPES
from deployments.families.ip_adapter import files
from deployments.families.offloading import place_readers
from deployments.families.pictures import opened
from deployments.messages import Picture

_ENCODER = "SiglipVisionModel"


@dataclass(frozen=True, slots=True)
class Seen:
    """An image prompt as its encoder sees it: `features` [1, patches, D]. The negative row sees zeros."""

    features: torch.Tensor
    scale: float


class Entries(NamedTuple):
    """What the rows of a batch read, an entry for each picture: the row [E], its tokens [E, T, D], the time step that
    they were made for [E, H], and their scale [E, 1, 1]."""

    rows: torch.Tensor
    tokens: torch.Tensor
    steps: torch.Tensor
    scales: torch.Tensor


@dataclass(slots=True)
class Reading:
    """What is read in the call under way; None if no row reads anything."""

    entries: Entries | None = None


class Attention(nn.Module):
    """A processor of diffusers' joint attention, in place of `stock` with its weights."""

    def __init__(self, stock: Any, reading: Reading) -> None:
        super().__init__()
        self.norm_ip, self.norm_q, self.norm_k, self.norm_ip_k = _modules(
            stock, "norm_ip", "norm_q", "norm_k", "norm_ip_k"
        )
        self.to_k_ip, self.to_v_ip = _modules(stock, "to_k_ip", "to_v_ip")
        self._reading = reading

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: None = None,  # noqa: ARG002 - SD3 masks nothing, and diffusers says so to every processor
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """The picture's tokens [B, S, C] after they attended to themselves and, where given, to the words' [B, T, C];
        then those of the words too."""
        heads, length = attn.heads, hidden_states.shape[1]
        own = tuple(_split(linear(hidden_states), heads) for linear in (attn.to_q, attn.to_k, attn.to_v))
        attended = _attend(*_join(attn, own, encoder_hidden_states))
        picture, rest = attended[:, :length], attended[:, length:]
        if self._reading.entries is not None:
            picture = self._read(picture, own, self._reading.entries)
        drawn: torch.Tensor = attn.to_out[1](attn.to_out[0](picture))
        if encoder_hidden_states is None:
            return drawn
        return drawn, rest if attn.context_pre_only else attn.to_add_out(rest)

    def _read(self, picture: torch.Tensor, own: Sequence[torch.Tensor], entries: Entries) -> torch.Tensor:
        """`picture` with what those rows find that look at themselves and their image prompts together."""
        rows, heads = entries.rows, own[0].shape[1]
        shown = self.norm_ip(entries.tokens, temb=entries.steps)
        keys = torch.cat([self.norm_k(own[1][rows]), self.norm_ip_k(_split(self.to_k_ip(shown), heads))], dim=2)
        values = torch.cat([own[2][rows], _split(self.to_v_ip(shown), heads)], dim=2)
        found = _attend(self.norm_q(own[0][rows]), keys, values)
        return picture.index_add(0, rows, (entries.scales * found).to(picture))


class ImagePrompts:
    """The adapter of a pipeline, loaded into its transformer, and its image encoder.

    `module` makes tokens of what the encoder saw, at every step: it stands beside the transformer as a ControlNet does,
    and is placed with those.
    """

    def __init__(self, pipeline: Any, config: ImagePromptConfig, runtime: Runtime, owner: str) -> None:
        """Raises ConfigError for files that are missing, not whole, or not an IP-Adapter of this transformer."""
        file = files.find(config, owner)
        folder = files.find_encoder(config, file, _ENCODER, owner)
        self.weights = fingerprint([file, folder])
        self._device, self._dtype = torch.device(pipeline._execution_device), DTYPES[runtime.dtype]
        self._reading = Reading()
        self.module = _load(pipeline.transformer, file, self._reading, self._dtype, owner)
        self._encoder, self._pixels = _load_encoder(folder, self._dtype, owner)
        place_readers([self._encoder], pipeline, runtime)

    def see(self, prompt: InputImage[Picture]) -> Seen:
        """A picture as the encoder sees it, once for a request."""
        pixels = self._pixels(opened(prompt.image), return_tensors="pt").pixel_values
        states = self._encoder(pixels.to(self._device, self._dtype), output_hidden_states=True).hidden_states
        return Seen(states[-2], prompt.scale)

    @contextmanager
    def reading(self, rows: Sequence[Row[Any]]) -> Iterator[None]:
        """For one call of the transformer: each of `rows` reads what its state's `extra` has seen, if anything."""
        entries = [(index, row, seen) for index, row in enumerate(rows) for seen in row.state.extra]
        if entries:
            self._reading.entries = self._make(entries)
        try:
            yield
        finally:
            self._reading.entries = None

    def _make(self, entries: Sequence[tuple[int, Row[Any], Seen]]) -> Entries:
        features = [torch.zeros_like(seen.features) if row.negative else seen.features for _, row, seen in entries]
        tokens, steps = self.module(torch.cat(features), torch.stack([row.timestep for _, row, _ in entries]))
        return Entries(
            rows=torch.tensor([index for index, _, _ in entries], device=tokens.device),
            tokens=tokens,
            steps=steps,
            # In float32, as a Python number would be: a scale of 0.7 is not one in bfloat16.
            scales=torch.tensor([seen.scale for _, _, seen in entries], device=tokens.device).view(-1, 1, 1),
        )


def _load(transformer: Any, file: Path, reading: Reading, dtype: torch.dtype, owner: str) -> Any:
    """The adapter's keys and values into `transformer`, and what makes tokens. Raises ConfigError."""
    tensors = files.read(file, owner)
    try:
        transformer._load_ip_adapter_weights(tensors)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise files.misfit(file, error, owner) from None
    projection = transformer.image_proj.to(dtype) if not _is_short(transformer.image_proj) else None
    transformer.image_proj = None  # no part of it: LoRAs are not made for that
    processors = transformer.attn_processors
    if projection is None or any(_is_short(each) for each in processors.values()):
        raise ConfigError(f"{owner}: {display(file)} lacks tensors: it was made for another model.", "image_prompt")
    transformer.set_attn_processor({name: Attention(each, reading).to(dtype) for name, each in processors.items()})
    return projection.eval().requires_grad_(False)


def _is_short(module: nn.Module) -> bool:
    """Whether its file left some of its tensors out."""
    return any(each.is_meta for each in module.parameters())


def _load_encoder(folder: Path, dtype: torch.dtype, owner: str) -> tuple[Any, Any]:
    """The encoder, and what makes pixels for it. Raises ConfigError."""
    import transformers

    siglip, processor = getattr(transformers, _ENCODER), transformers.SiglipImageProcessor
    try:
        encoder: Any = siglip.from_pretrained(folder, dtype=dtype, use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(folder)} does not load: {first}", "image_prompt.image_encoder") from None
    side = encoder.config.image_size
    return encoder.eval().requires_grad_(False), processor(size={"height": side, "width": side})


def _split(tokens: torch.Tensor, heads: int) -> torch.Tensor:
    """[B, heads, S, D] of [B, S, C]."""
    return tokens.view(*tokens.shape[:2], heads, -1).transpose(1, 2)


def _join(attn: Any, own: Sequence[torch.Tensor], words: torch.Tensor | None) -> Sequence[torch.Tensor]:
    """Queries, keys and values of the picture's tokens (`own`), and of the `words`' behind them."""
    joint = _normed(own, attn.norm_q, attn.norm_k)
    if words is None:
        return joint
    linears = (attn.add_q_proj, attn.add_k_proj, attn.add_v_proj)
    added = _normed([_split(linear(words), attn.heads) for linear in linears], attn.norm_added_q, attn.norm_added_k)
    return [torch.cat(both, dim=2) for both in zip(joint, added, strict=True)]


def _modules(stock: Any, *names: str) -> Iterator[Any]:
    return (getattr(stock, name) for name in names)


def _normed(triple: Sequence[torch.Tensor], query: Any, key: Any) -> tuple[torch.Tensor, ...]:
    """Queries, keys and values, the first two normed where the model has norms for them."""
    norms = (query, key, None)
    return tuple(each if norm is None else norm(each) for each, norm in zip(triple, norms, strict=True))


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """[B, S, C] of `query` [B, heads, S, D] over `key` and `value` [B, heads, T, D]."""
    attended = nn.functional.scaled_dot_product_attention(query, key, value)
    return attended.transpose(1, 2).flatten(2).to(query.dtype)
