"""Latents of the rendered world, normalised and packed as FLUX packs them, so that the denoiser never meets a pixel."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import FluxPipeline
from torch import Tensor

from training.mini.autoencoder import to_tensor
from training.mini.dataset import Size, load_pictures, name_of
from training.mini.parallel import Crew
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES


@dataclass(frozen=True)
class Scale:
    """The pipeline's convention: normalised = (latent - shift) · scaling."""

    shift: float
    scaling: float


def token_grid(size: Size) -> tuple[int, int]:
    """Rows and columns of image tokens: one token is 16 × 16 pixels."""
    return size[1] // 16, size[0] // 16


def measure_scale(space: Workspace, model: Any) -> Scale:
    """Shift and scaling that give latents mean 0 and deviation 1, from 256 pictures."""
    latents = encode(model, load_pictures(space, SIZES[0])[:256])
    return Scale(float(latents.mean()), 1 / float(latents.std()))


@torch.no_grad()
def encode(model: Any, pictures: np.ndarray[Any, Any], device: str = "cpu") -> Tensor:
    with torch.autocast(device, torch.bfloat16):
        latents: Tensor = model.encoder(to_tensor(pictures, device))
    return latents.float()


def cache_latents(space: Workspace, model: Any, scale: Scale, limit: int, crew: Crew, batch: int = 64) -> Iterator[int]:
    """Encode up to `limit` pictures (sizes in proportion); each worker writes its part. Yields how many are done."""
    total = sum(len(load_pictures(space, size)) for size in SIZES)
    done = 0
    for size in SIZES:
        pictures = load_pictures(space, size)
        count = math.ceil(len(pictures) * min(1.0, limit / total))
        cuts = np.linspace(0, count, crew.size + 1).astype(int)
        first, last = int(cuts[crew.rank]), int(cuts[crew.rank + 1])
        packed = []
        for start in range(first, last, batch):
            latents = (encode(model, pictures[start : min(start + batch, last)]) - scale.shift) * scale.scaling
            n, c, h, w = latents.shape
            packed.append(FluxPipeline._pack_latents(latents, n, c, h, w).half())
            done += n
            yield done
        np.save(_file(space, size, crew.rank), torch.cat(packed).numpy())


def load_latents(space: Workspace, size: Size) -> Tensor:
    """Packed latents of one size (n × tokens × 64, float16), in the order of the rendered pictures."""
    parts: list[Tensor] = []
    while _file(space, size, len(parts)).exists():
        parts.append(torch.from_numpy(np.load(_file(space, size, len(parts)))))
    return torch.cat(parts)


def _file(space: Workspace, size: Size, part: int) -> Path:
    return space.path("latents", f"{name_of(size)}-{part}.npy")
