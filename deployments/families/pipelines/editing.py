"""Pictures changed as they are told to be: what Qwen-Image-Edit reads, and several of them in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AutoTokenizer, Qwen2VLProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.processing_utils import ProcessorMixin

from configs.errors import ConfigError, StageError
from deployments.checkpoints.preflight import Component
from deployments.checkpoints.source import display
from deployments.families.pictures import check_pixels, check_unread, opened
from deployments.messages import GenerateRequest

SEEN = 1024 * 1024
"""Pixels that the transformer sees of each reference, whatever its size."""


class Reader(Qwen2VLProcessor):
    """transformers' processor of words and pictures without that of videos, which needs torchvision."""

    def __init__(self, image_processor: Any, tokenizer: Any) -> None:
        self.image_token, self.video_token = "<|image_pad|>", "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        mixed: Any = ProcessorMixin  # whose constructor is not typed
        mixed.__init__(self, image_processor, tokenizer)

    @classmethod
    def get_attributes(cls) -> list[str]:
        return ["image_processor", "tokenizer"]


def build_reader(component: Component, owner: str) -> Reader:
    """Of a `processor` folder. Raises ConfigError with one plain sentence."""
    classes: Any = (Qwen2VLImageProcessorPil, AutoTokenizer)
    try:
        return Reader(*(each.from_pretrained(component.folder, local_files_only=True) for each in classes))
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(component.folder)} does not load: {first}", "weights") from None


def check_references(request: GenerateRequest, most: int) -> None:
    """Raises StageError unless the request brings the pictures that a model needs which changes up to `most`; none for
    a model that changes no pictures."""
    if not most:
        check_unread(request, "references")
        return
    for field in ("image", "mask"):
        if getattr(request, field) is not None:
            raise StageError("this model draws over no pictures: give them as 'references', and say what to do", field)
    count = len(request.references)
    if not 1 <= count <= most:
        raise StageError(f"this model changes 1 to {most} pictures, and {count} are given", "references")
    for picture in request.references:
        check_pixels(picture, "reference", "references")


@contextmanager
def in_company(pipeline: Any, requests: Sequence[GenerateRequest]) -> Iterator[dict[str, Any]]:
    """diffusers draws any number of pictures of one prompt and its references. Meanwhile `pipeline` takes these for
    pictures of one, and reads for each what that is told and shown; yields how it is to be called."""
    rows = [[opened(picture) for picture in request.references] for request in requests]
    stock = pipeline.encode_prompt, pipeline.prepare_latents
    pipeline.encode_prompt = _reading(stock[0], pipeline.image_processor, rows)
    pipeline.prepare_latents = _seeing(stock[1], pipeline.image_processor, rows)
    try:
        yield {
            "prompt": [tuple(request.prompt for request in requests)],
            "negative_prompt": [tuple(request.negative_prompt for request in requests)],
            "image": rows[0],
            "num_images_per_prompt": len(rows),
        }
    finally:
        del pipeline.encode_prompt, pipeline.prepare_latents


def _reading(stock: Callable[..., Any], processor: Any, rows: Sequence[Sequence[Any]]) -> Callable[..., Any]:
    """`encode_prompt` for all rows, padded to the longest; `image` are the first row's pictures in the size to show."""

    def encode(prompt: Sequence[Sequence[str]], image: Sequence[Any], device: Any, **_: Any) -> tuple[Any, Any]:
        tokens = []
        for text, pictures in zip(prompt[0], rows, strict=True):
            pairs = zip(pictures, image, strict=True)
            shown = [processor.resize(each, like.height, like.width) for each, like in pairs]
            tokens.append(stock(prompt=text, image=shown, device=device)[0][0])
        read = torch.nn.utils.rnn.pad_sequence(tokens, batch_first=True)
        lengths = torch.tensor([len(each) for each in tokens], device=read.device)
        mask = torch.arange(read.shape[1], device=read.device)[None] < lengths[:, None]
        return read, None if mask.all() else mask.long()

    return encode


def _seeing(stock: Callable[..., Any], processor: Any, rows: Sequence[Sequence[Any]]) -> Callable[..., Any]:
    """`prepare_latents` for all rows; `images` are the first row's pixels [1, 3, 1, H, W], place by place."""

    def prepare(images: Sequence[torch.Tensor], *rest: Any) -> Any:
        seen = [
            torch.cat([processor.preprocess(pictures[place], *like.shape[-2:]).unsqueeze(2) for pictures in rows])
            for place, like in enumerate(images)
        ]
        return stock(seen, *rest)

    return prepare
