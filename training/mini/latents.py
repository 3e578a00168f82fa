"""What networks make of the rendered world, cached per token: latents as FLUX packs them, features to learn from."""

from collections.abc import Callable, Iterator
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

LATENTS = "latents"
Encoder = Callable[[np.ndarray[Any, Any]], Tensor]  # pictures (n × h × w × 3, uint8) to n × tokens × channels


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


def cache(space: Workspace, kind: str, encoder: Encoder, crew: Crew, batch: int = 64) -> Iterator[int]:
    """Write what `encoder` makes of every picture (n × tokens × channels) as float16; each worker writes its part.

    Yields how many pictures this worker has done.
    """
    done = 0
    for size in SIZES:
        pictures = load_pictures(space, size)
        cuts = np.linspace(0, len(pictures), crew.size + 1).astype(int)
        first, last = int(cuts[crew.rank]), int(cuts[crew.rank + 1])
        parts = []
        for start in range(first, last, batch):
            parts.append(encoder(pictures[start : min(start + batch, last)]).half())
            done += len(parts[-1])
            yield done
        np.save(_file(space, kind, size, crew.rank), torch.cat(parts).numpy())


def packed_latents(model: Any, scale: Scale) -> Encoder:
    """The autoencoder as a cache's encoder: latents normalised by `scale`, 64 channels per token."""

    def encoder(pictures: np.ndarray[Any, Any]) -> Tensor:
        latents = (encode(model, pictures) - scale.shift) * scale.scaling
        packed: Tensor = FluxPipeline._pack_latents(latents, *latents.shape)
        return packed

    return encoder


def load_cached(space: Workspace, kind: str, size: Size) -> Tensor:
    """What was cached of one size (n × tokens × channels, float16), in the order of the rendered pictures."""
    parts: list[Tensor] = []
    while _file(space, kind, size, len(parts)).exists():
        parts.append(torch.from_numpy(np.load(_file(space, kind, size, len(parts)))))
    return torch.cat(parts)


def _file(space: Workspace, kind: str, size: Size, part: int) -> Path:
    return space.path(kind, f"{name_of(size)}-{part}.npy")
