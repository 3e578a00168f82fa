"""Janus's weights and texts from a folder: found, checked, and built without the processors that need torchvision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.errors import ConfigError
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import fingerprint
from deployments.checkpoints.preflight import inspect_model
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate
from deployments.families.assembly import quieten
from deployments.families.family import FusedLora
from deployments.families.hardware import DTYPES, choose_device

_CLASS = "JanusForConditionalGeneration"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that draws: the model on its device, its tokenizer with the template of a conversation, and the mean
    and deviation by which its pixels were normalised."""

    model: Any
    tokenizer: Any
    template: str
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    weights: str


def read_checkpoint(config: ModelConfig, loras: Sequence[FusedLora]) -> Checkpoint:
    """Raises ConfigError with one plain sentence for whatever cannot be used."""
    owner = f"model '{config.id}'"
    if loras:
        raise ConfigError(f"{owner}: family 'janus' takes no LoRAs: take them out of its placement.", "loras")
    if config.runtime.offload != "none":
        raise ConfigError(f"{owner}: family 'janus' cannot be offloaded: set it to 'none'.", "runtime.offload")
    device = choose_device(config.runtime, owner)
    folder = locate(config.weights, owner)
    component = inspect_model(folder, (_CLASS,), owner)
    quieten()
    check_shapes(component, owner)
    model, tokenizer, pixels = _build(folder, config, owner)
    _name_tokens(model.generation_config, tokenizer)
    return Checkpoint(
        model=model.to(device).eval(),
        tokenizer=tokenizer,
        template=_template(tokenizer, folder, owner),
        mean=tuple(pixels.image_mean),
        deviation=tuple(pixels.image_std),
        weights=fingerprint([folder]),
    )


def _build(folder: Path, config: ModelConfig, owner: str) -> tuple[Any, Any, Any]:
    from transformers import AutoTokenizer, JanusForConditionalGeneration
    from transformers.models.janus.image_processing_pil_janus import JanusImageProcessorPil

    dtype, only = DTYPES[config.runtime.dtype], {"local_files_only": True}
    classes: Any = (JanusForConditionalGeneration, AutoTokenizer, JanusImageProcessorPil)
    try:
        return (
            classes[0].from_pretrained(folder, dtype=dtype, use_safetensors=True, **only),
            classes[1].from_pretrained(folder, **only),
            classes[2].from_pretrained(folder, **only),
        )
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(folder)} passed its checks and still does not load: {first}") from None


def _name_tokens(generation: Any, tokenizer: Any) -> None:
    """The tokens that the model's loop looks up, where it looks: checkpoints have them in different places."""
    begin = tokenizer.convert_tokens_to_ids(tokenizer.boi_token)
    generation.generation_kwargs = {**(getattr(generation, "generation_kwargs", None) or {}), "boi_token_id": begin}
    generation.bos_token_id = tokenizer.bos_token_id
    generation.pad_token_id = tokenizer.pad_token_id


def _template(tokenizer: Any, folder: Path, owner: str) -> str:
    """How a conversation is written: with the tokenizer, or, from releases before that, in a file of its own."""
    file = folder / "chat_template.json"
    if getattr(tokenizer, "chat_template", None):
        return str(tokenizer.chat_template)
    if file.is_file():
        return str(json.loads(file.read_text(encoding="utf-8"))["chat_template"])
    raise ConfigError(f"{owner}: {display(folder)} has no chat template. Copy or export it again.", "weights")
