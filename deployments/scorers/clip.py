"""CLIP and what came after it (SigLIP), as transformers has them: for installations that bring such weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

from configs.errors import ConfigError
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display
from deployments.messages import Picture

_KINDS = ("clip", "siglip", "siglip2")
_WEIGHT = 2.5  # of a cosine, as in CLIPScore (arXiv:2104.08718)
_PADDED_TO_THE_END = ("siglip", "siglip2")


class ClipScorer:
    """Of CLIP, CLIPScore: 2.5 times the cosine of both vectors, cut at 0 and 1. Of SigLIP, the probability it gives."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any) -> None:
        self._model, self._tokenizer, self._processor = model.eval(), tokenizer, processor

    @torch.inference_mode()
    def score(self, picture: Picture, prompt: str) -> float:
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        pixels = self._processor(images=image, return_tensors="pt").pixel_values
        padding = "max_length" if self._model.config.model_type in _PADDED_TO_THE_END else True
        text = self._tokenizer(prompt, padding=padding, truncation=True, return_tensors="pt")
        seen = self._model(pixel_values=pixels.to(self._model.device, self._model.dtype), **text.to(self._model.device))
        if hasattr(self._model, "logit_bias"):
            return float(seen.logits_per_image[0, 0].float().sigmoid())
        cosine = torch.cosine_similarity(seen.image_embeds.float(), seen.text_embeds.float())
        return min(1.0, max(0.0, _WEIGHT * float(cosine)))


def load_clip(folder: Path, device: torch.device, dtype: torch.dtype, owner: str) -> ClipScorer:
    """A folder as the hub has them, safetensors only. Raises `ConfigError`."""
    classes: Any = (AutoModel, AutoTokenizer, AutoImageProcessor)
    for file in sorted(folder.glob("*.safetensors")):
        read_header(file, owner)
    try:
        model = classes[0].from_pretrained(folder, dtype=dtype, use_safetensors=True).to(device)
        tokenizer = classes[1].from_pretrained(folder)
        processor = classes[2].from_pretrained(folder, backend="pil")
    except (OSError, ValueError, KeyError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(f"{owner}: {display(folder)} is no CLIP that can be loaded: {why}", "weights") from None
    if model.config.model_type not in _KINDS:
        kinds = ", ".join(_KINDS)
        message = f"{owner}: {display(folder)} holds a {model.config.model_type}; a scorer is one of {kinds}."
        raise ConfigError(message, "weights")
    tokenizer.model_max_length = min(tokenizer.model_max_length, model.config.text_config.max_position_embeddings)
    return ClipScorer(model, tokenizer, processor)
