"""Latents and encoded captions, made once and kept by what they were made of: never by a step or a place in a list."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file

from configs.schema import Size
from deployments.families.training import Conditions, Trainable
from training.lora.buckets import bucket, fit
from training.lora.files import write_tensors
from training.lora.pictures import TrainingPicture


@dataclass(frozen=True, slots=True)
class Lesson:
    """A picture as it is learned: `latents` [1, C, h, w], its caption encoded, and the shape it shares with others."""

    latents: torch.Tensor
    conditions: Conditions
    shape: Size
    is_prior: bool


class Cache:
    """What encoders said, in a folder; read in place of asking them again."""

    def __init__(self, trainable: Trainable, folder: Path) -> None:
        self._trainable, self._folder = trainable, folder

    def caption(self, text: str) -> Conditions:
        """`text` as the denoiser reads it."""
        return self._kept(f"caption {text}", lambda: self._trainable.encode_text([text])[0])

    def picture(self, image: Image.Image) -> torch.Tensor:
        """The latents [1, C, h, w] of a picture that has its shape already."""
        pixels = np.asarray(image)
        named = f"picture {image.width}x{image.height} {hashlib.sha256(pixels.tobytes()).hexdigest()}"

        def encode() -> Mapping[str, torch.Tensor]:
            scaled = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
            return {"latents": self._trainable.encode_picture(scaled)}

        return self._kept(named, encode)["latents"]

    def lesson(self, picture: TrainingPicture, side: int) -> Lesson:
        """`picture` in the shape of its bucket, with its caption. Raises ConfigError for one that is too small."""
        opened = picture.opened()
        shape = bucket(opened.width, opened.height, side, self._trainable.unit)
        return Lesson(self.picture(fit(opened, shape)), self.caption(picture.words), shape, picture.is_prior)

    def lessons(self, pictures: Sequence[TrainingPicture], side: int) -> list[Lesson]:
        """One of each, in order."""
        return [self.lesson(picture, side) for picture in pictures]

    def _kept(self, named: str, make: Callable[[], Mapping[str, torch.Tensor]]) -> Mapping[str, torch.Tensor]:
        key = hashlib.sha256(f"{self._trainable.encoder} {named}".encode()).hexdigest()
        file = self._folder / f"{key}.safetensors"
        try:
            return load_file(file)
        except (FileNotFoundError, SafetensorError):  # not there, or only a part of it
            made = {name: value.detach().cpu().contiguous() for name, value in make().items()}
            write_tensors(file, made)
            return made
