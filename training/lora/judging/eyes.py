"""What pictures are seen by: vectors in which what looks alike is near. Pixels alone suffice; an installation may bring
a network (CLIP, SigLIP, DINOv2) that transformers has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from PIL import Image, ImageFilter
from scipy import ndimage

from configs.errors import ConfigError
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display
from deployments.messages import Picture
from deployments.stages.oklab import to_oklab
from deployments.stages.sharpness import measure_sharpness

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
"""A row of length one for each picture."""

_SIDE = 128  # of what is looked at
_LIGHT, _HUE = 12, 13  # cells of the histogram: of lightness, and of each axis of colour
_SOFT = 0.7  # cells, over which a colour counts for its neighbours
_FLAT = 0.02  # of lightness between neighbours, below which a place is flat
_COARSE = 24


class Eyes(Protocol):
    """How pictures are looked at. The same picture gives the same vector, whatever else is looked at."""

    name: str

    def look(self, pictures: Sequence[Image.Image]) -> Vectors: ...


class Manner:
    """How a picture is made, whatever it shows: its colours, how flat and how sharp it is, and its edges."""

    name = "pixels: colours, edges, flatness, sharpness"

    def look(self, pictures: Sequence[Image.Image]) -> Vectors:
        return np.stack([_unit(self._of(fit(picture))) for picture in pictures])

    def _of(self, picture: Image.Image) -> Vectors:
        lab = to_oklab(np.asarray(picture))
        colours = np.sqrt(_histogram(lab))  # whose distance is Hellinger's
        steps = np.hypot(ndimage.sobel(lab[..., 0], 0), ndimage.sobel(lab[..., 0], 1)) / 4
        strengths = np.histogram(steps, (0, _FLAT, 0.05, 0.1, 0.2, 0.4, 2))[0] / steps.size
        message = Picture(picture.width, picture.height, picture.tobytes())
        sharp = measure_sharpness(message) or 0.0
        return np.concatenate([_unit(colours), 0.6 * _unit(np.sqrt(strengths)), [0.6 * sharp]]).astype(np.float32)


class Shape:
    """What a picture shows and where, beside what all pictures of a set have in common: one ground makes all alike."""

    name = "pixels: shapes beside what the set has in common"

    def __init__(self, pictures: Sequence[Image.Image]) -> None:
        """`pictures` are those of the set."""
        self._common = np.mean([_coarse(picture) for picture in pictures], axis=0)

    def look(self, pictures: Sequence[Image.Image]) -> Vectors:
        return np.stack([_unit(_coarse(picture) - self._common) for picture in pictures])


class Network:
    """A network's picture vectors. Raises ConfigError for a folder that holds none."""

    def __init__(self, folder: Path, device: torch.device | None = None) -> None:
        from transformers import AutoImageProcessor, AutoModel

        classes: Any = (AutoModel, AutoImageProcessor)
        for file in sorted(folder.glob("*.safetensors")):
            read_header(file, display(folder))
        try:
            self._model = classes[0].from_pretrained(folder, use_safetensors=True).eval()
            self._processor = classes[1].from_pretrained(folder, backend="pil")
        except (OSError, ValueError, KeyError) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ConfigError(f"{display(folder)} is no network that sees pictures: {why}", "eyes") from None
        self._device = device or torch.device("cpu")
        self._model.to(self._device)
        self.name = f"{self._model.config.model_type}: {folder.name}"

    @torch.inference_mode()
    def look(self, pictures: Sequence[Image.Image]) -> Vectors:
        pixels = self._processor(images=[*pictures], return_tensors="pt").pixel_values.to(self._device)
        if hasattr(self._model, "get_image_features"):
            seen = self._model.get_image_features(pixel_values=pixels)
        else:
            seen = self._model(pixel_values=pixels)
        found = seen if isinstance(seen, torch.Tensor) else seen.pooler_output
        vectors: Vectors = torch.nn.functional.normalize(found.float(), dim=1).cpu().numpy()
        return vectors


def fit(picture: Image.Image) -> Image.Image:
    """RGB, its shorter side 128 pixels, cropped to a square around its middle."""
    scale = _SIDE / min(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    small = picture.convert("RGB")
    small = small if small.size == size else small.resize(size, Image.Resampling.LANCZOS)
    left, top = (small.width - _SIDE) // 2, (small.height - _SIDE) // 2
    return small.crop((left, top, left + _SIDE, top + _SIDE))


def _histogram(lab: Vectors) -> Vectors:
    cells = np.stack(
        [
            (lab[..., 0] * _LIGHT).clip(0, _LIGHT - 1),
            *(((lab[..., axis] + 0.32) / 0.64 * _HUE).clip(0, _HUE - 1) for axis in (1, 2)),
        ],
        -1,
    ).reshape(-1, 3)
    counts = np.histogramdd(cells, (_LIGHT, _HUE, _HUE), ((0, _LIGHT), (0, _HUE), (0, _HUE)))[0] / len(cells)
    found: Vectors = ndimage.gaussian_filter(counts, _SOFT, mode="constant").reshape(-1).astype(np.float32)
    return found


def _coarse(picture: Image.Image) -> Vectors:
    soft = fit(picture).filter(ImageFilter.GaussianBlur(1.5)).resize((_COARSE, _COARSE), Image.Resampling.BOX)
    found: Vectors = to_oklab(np.asarray(soft)).reshape(-1)
    return found


def _unit(vector: Any) -> Vectors:
    found: Vectors = np.asarray(vector, np.float32)
    return found / max(float(np.linalg.norm(found)), 1e-9)
