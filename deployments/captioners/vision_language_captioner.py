"""A captioner that is a vision-language model of transformers: Florence-2, BLIP, PaliGemma, or one that chats.

Written against transformers 5.23, whose processors of images need no torchvision; those of a model that sees videos,
too (Qwen-VL, SmolVLM), do, and are refused where it is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from configs.captioners import CaptionerConfig
from configs.errors import ConfigError
from deployments.captioners.captioner import Asked, Caption
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display
from deployments.families.assembly import quieten
from deployments.messages import Picture

_ASKED = "Say in one sentence what this picture shows: its subject, its colours and where it is, not its style."
_SENTENCE_ENDS = ".!?"


class VisionLanguageCaptioner:
    """Writes the likeliest words, one after another: the same picture and wishes give the same caption."""

    def __init__(self, model: Any, processor: Any, config: CaptionerConfig) -> None:
        self._model, self._processor, self._config = model.eval(), processor, config

    @torch.inference_mode()
    def caption(self, picture: Picture, asked: Asked, /) -> Caption:
        """`unsure` where it was cut at the captioner's `max_new_tokens`, or says nothing."""
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        given = self._read(image, asked).to(self._model.device, self._model.dtype)
        most = self._config.max_new_tokens
        ids = self._model.generate(**given, max_new_tokens=most, do_sample=False, num_beams=1)[0]
        written = _without(given.get("input_ids"), ids)
        text = str(self._processor.batch_decode(written[None], skip_special_tokens=True)[0]).strip()
        if len(written) < most or int(written[-1]) in self._ends():
            return Caption(text, unsure=not text)
        return Caption(text[: 1 + max(text.rfind(end) for end in _SENTENCE_ENDS)] or text, unsure=True)

    def _read(self, image: Image.Image, asked: Asked) -> Any:
        if not self._config.takes_instructions:
            words = {"text": self._config.instruction} if self._config.instruction else {}
            return self._processor(images=image, return_tensors="pt", **words)
        content = [{"type": "image"}, {"type": "text", "text": _wish(self._config.instruction, asked)}]
        chat = [{"role": "user", "content": content}]
        text = self._processor.apply_chat_template(chat, add_generation_prompt=True)
        return self._processor(images=[image], text=[text], return_tensors="pt")

    def _ends(self) -> frozenset[int]:
        """Tokens after which nothing comes."""
        ends = self._model.generation_config.eos_token_id
        return frozenset(ends if isinstance(ends, list) else [ends])


def load_vision_language(
    config: CaptionerConfig, folder: Path, device: torch.device, dtype: torch.dtype, owner: str
) -> VisionLanguageCaptioner:
    """Of a folder as the hub has them, safetensors only, whose code is transformers' own. Raises `ConfigError`."""
    quieten()
    files = sorted(folder.glob("*.safetensors"))
    for file in files:
        read_header(file, owner)
    model_class: Any = AutoModelForImageTextToText
    processor_class: Any = AutoProcessor
    try:
        model, loading = model_class.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True, output_loading_info=True
        )
        processor = processor_class.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise _refusal(f"is no captioner that can be loaded: {why}", folder, owner) from None
    if loading["missing_keys"]:
        raise _refusal(f"lacks weights, such as {min(loading['missing_keys'])}: fetch it again", folder, owner)
    if config.takes_instructions and not getattr(processor, "chat_template", None):
        raise _refusal("holds a model that does not chat: set takes_instructions to false", folder, owner)
    return VisionLanguageCaptioner(model.to(device), processor, config)


def _refusal(why: str, folder: Path, owner: str) -> ConfigError:
    return ConfigError(f"{owner}: {display(folder)} {why}", "weights")


def _wish(instruction: str, asked: Asked) -> str:
    """What a model that chats is asked: the captioner's words, then people's."""
    words = [instruction or _ASKED]
    if asked.instructions:
        words.append(asked.instructions)
    if asked.glossary:
        words.append(f"Where they fit, use these words: {', '.join(asked.glossary)}.")
    return " ".join(words)


def _without(given: torch.Tensor | None, ids: torch.Tensor) -> torch.Tensor:
    """What a model added to the words that it was given; some repeat these first."""
    length = 0 if given is None else given.shape[1]
    repeats = given is not None and len(ids) >= length and bool(torch.equal(ids[:length], given[0].to(ids.device)))
    return ids[length:] if repeats else ids
