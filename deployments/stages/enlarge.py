"""Super-resolution by one of the networks, tile by tile, so that memory does not grow with the picture."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors.torch import load_file

from configs.errors import Canceled, ConfigError
from configs.schema import UpscalerConfig
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display, locate
from deployments.families.hardware import DTYPES, choose_device
from deployments.messages import Picture
from deployments.networks.table import NETWORKS, Network, Row

TILE = 256
MOST_OVERLAP = 64
"""Pixels of the input around a tile that are looked at with it, where a network's reach is further. An RRDBNet of 23
blocks could see 351 away, but with the released weights an overlap of 64 gave what the whole picture gave, and one of
16 was up to 12 levels off (github.com/jacobsparts/realesrgan-rs)."""

# How trainers wrap the network's own state dict.
_WRAPPERS = re.compile(r"^(params_ema|params|module)\.")


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece of the input along one axis: the result keeps `start:stop`, computed from `left:right` around it."""

    start: int
    stop: int
    left: int
    right: int


class Enlarger:
    """A loaded network. Tiles that overlap by its reach give what the whole picture gives."""

    def __init__(self, network: torch.nn.Module, device: torch.device, dtype: torch.dtype) -> None:
        self._network = network.eval().to(device, dtype)
        self._device, self._dtype = device, dtype
        known = cast(Network, network)
        self._scale, self._multiple = known.scale, known.multiple
        self._overlap = _up_to(min(known.reach, MOST_OVERLAP), known.multiple)

    @torch.inference_mode()
    def enlarge(self, picture: Picture, unwanted: threading.Event, tile: int = TILE) -> Picture:
        """One pass, over tiles of about `tile` pixels. Raises Canceled between them once `unwanted` is set."""
        source = torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8).view(picture.height, picture.width, 3)
        width, height = picture.width * self._scale, picture.height * self._scale
        result = np.empty((height, width, 3), np.uint8)
        side = _up_to(tile, self._multiple)
        for rows in _tiles(picture.height, side, self._overlap):
            for columns in _tiles(picture.width, side, self._overlap):
                if unwanted.is_set():
                    raise Canceled("canceled")
                piece = self._run(source[rows.left : rows.right, columns.left : columns.right])
                kept = piece[self._inner(rows), self._inner(columns)]
                result[self._outer(rows), self._outer(columns)] = kept.numpy()
        return Picture(width, height, result.tobytes())

    def _run(self, piece: torch.Tensor) -> torch.Tensor:
        pixels = piece.to(self._device, self._dtype).permute(2, 0, 1)[None] / 255
        larger = self._network(pixels)[0].float().clamp(0, 1) * 255
        levels: torch.Tensor = larger.round().to(torch.uint8).permute(1, 2, 0).cpu()
        return levels

    def _inner(self, tile: Tile) -> slice:
        return slice((tile.start - tile.left) * self._scale, (tile.stop - tile.left) * self._scale)

    def _outer(self, tile: Tile) -> slice:
        return slice(tile.start * self._scale, tile.stop * self._scale)


def load_enlarger(config: UpscalerConfig) -> Enlarger:
    """The network of an upscaler, with its weights. Raises ConfigError in one plain sentence."""
    owner, row = f"upscaler '{config.id}'", NETWORKS[config.network]
    device = choose_device(config.runtime, owner)
    place = locate(config.weights, owner, row.files)
    file = place if config.weights.file is not None else place / "model.safetensors"
    tensors = _read(file, owner)
    network = _build(row, tensors, file, owner)
    scale = cast(Network, network).scale
    if scale != config.scale:
        raise ConfigError(
            f"{owner}: {display(file)} enlarges {scale} times, its YAML says {config.scale}: correct 'scale'.", "scale"
        )
    _fill(network, tensors, file, owner)
    return Enlarger(network, device, DTYPES[config.runtime.dtype])


def _read(file: Path, owner: str) -> dict[str, torch.Tensor]:
    if not file.exists():
        raise ConfigError(f"{owner}: {display(file)} is missing. Copy or export the weights again.", "weights")
    read_header(file, owner)
    return {_WRAPPERS.sub("", name): tensor.float() for name, tensor in load_file(file).items()}


def _build(row: Row, tensors: Mapping[str, torch.Tensor], file: Path, owner: str) -> torch.nn.Module:
    described = file.with_name("config.json")
    try:
        shape: dict[str, Any] = json.loads(described.read_text(encoding="utf-8")) if row.config else {}
    except FileNotFoundError:
        message = f"{owner}: {display(described)} is missing. Copy or export the weights again."
        raise ConfigError(message, "weights") from None
    except ValueError as error:
        raise ConfigError(f"{owner}: {display(described)} is no JSON: {error}", "weights") from None
    try:
        return row.build(tensors, shape)
    except (ValueError, KeyError, TypeError) as error:
        blamed = display(described if row.config else file)
        raise ConfigError(f"{owner}: {blamed} does not fit 'network': {error}", "network") from None


def _fill(network: torch.nn.Module, tensors: Mapping[str, torch.Tensor], file: Path, owner: str) -> None:
    expected = network.state_dict()
    for name, tensor in expected.items():
        if name not in tensors or tensors[name].shape != tensor.shape:
            found = tuple(tensors[name].shape) if name in tensors else "missing"
            raise ConfigError(
                f"{owner}: in {display(file)}, tensor '{name}' is {found} where {tuple(tensor.shape)} is expected. "
                "It is not whole, or of another network: copy or export it again.",
                "weights",
            )
    network.load_state_dict({name: tensors[name] for name in expected})


def _up_to(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def _tiles(length: int, tile: int, overlap: int) -> Iterator[Tile]:
    for start in range(0, length, tile):
        stop = min(start + tile, length)
        yield Tile(start, stop, max(0, start - overlap), min(length, stop + overlap))
