"""Super-resolution with Real-ESRGAN's compact network, tile by tile, so that memory does not grow with the picture."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from configs.errors import Canceled, ConfigError
from configs.schema import UpscalerConfig
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display, locate
from deployments.families.hardware import DTYPES, choose_device
from deployments.messages import Picture
from deployments.networks.srvgg import SRVGGNetCompact

TILE = 256

# How trainers wrap the network's own state dict.
_WRAPPERS = re.compile(r"^(params_ema|params|module)\.")
_SHAPE_KEYS = {"num_in_ch", "num_out_ch", "num_feat", "num_conv", "upscale", "act_type"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece of the input along one axis: the result keeps `start:stop`, computed from `left:right` around it."""

    start: int
    stop: int
    left: int
    right: int


class Enlarger:
    """A loaded network. Every 3×3 convolution looks one pixel further, so an overlap of as many pixels as there are
    convolutions makes tiled and untiled results the same."""

    def __init__(self, network: torch.nn.Module, scale: int, device: torch.device, dtype: torch.dtype) -> None:
        self._network = network.eval().to(device, dtype)
        self._scale = scale
        self._device, self._dtype = device, dtype
        self._overlap = sum(isinstance(module, torch.nn.Conv2d) for module in network.modules())

    @torch.inference_mode()
    def enlarge(self, picture: Picture, unwanted: threading.Event, tile: int = TILE) -> Picture:
        """One pass. Raises Canceled between tiles once `unwanted` is set."""
        source = torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8).view(picture.height, picture.width, 3)
        width, height = picture.width * self._scale, picture.height * self._scale
        result = np.empty((height, width, 3), np.uint8)
        for rows in _tiles(picture.height, tile, self._overlap):
            for columns in _tiles(picture.width, tile, self._overlap):
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
    """The network of a folder with `config.json` and `model.safetensors`. Raises ConfigError in one plain sentence."""
    owner = f"upscaler '{config.id}'"
    device = choose_device(config.runtime, owner)
    folder = locate(config.weights, owner, ("config.json", "model.safetensors"))
    network = _build(folder / "config.json", config.scale, owner)
    _fill(network, folder / "model.safetensors", owner)
    return Enlarger(network, config.scale, device, DTYPES[config.runtime.dtype])


def _build(path: Path, scale: int, owner: str) -> SRVGGNetCompact:
    try:
        shape = json.loads(path.read_text(encoding="utf-8"))
        network = SRVGGNetCompact(**{key: shape[key] for key in _SHAPE_KEYS})
    except FileNotFoundError:
        raise ConfigError(
            f"{owner}: {display(path)} is missing. Copy or export the weights again.", "weights"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{owner}: {display(path)} must give {', '.join(sorted(_SHAPE_KEYS))}: {error}", "weights"
        ) from None
    if shape["upscale"] != scale:
        raise ConfigError(
            f"{owner}: {display(path)} enlarges {shape['upscale']} times, its YAML says {scale}: correct 'scale'.",
            "scale",
        )
    return network


def _fill(network: SRVGGNetCompact, file: Path, owner: str) -> None:
    if not file.exists():
        raise ConfigError(f"{owner}: {display(file)} is missing. Copy or export the weights again.", "weights")
    read_header(file, owner)
    tensors = {_WRAPPERS.sub("", name): tensor.float() for name, tensor in load_file(file).items()}
    expected = network.state_dict()
    for name, tensor in expected.items():
        if name not in tensors or tensors[name].shape != tensor.shape:
            found = tuple(tensors[name].shape) if name in tensors else "missing"
            raise ConfigError(
                f"{owner}: in {display(file)}, tensor '{name}' is {found} where config.json says "
                f"{tuple(tensor.shape)}. The two files are not of one network: export them together.",
                "weights",
            )
    network.load_state_dict({name: tensors[name] for name in expected})


def _tiles(length: int, tile: int, overlap: int) -> Iterator[Tile]:
    for start in range(0, length, tile):
        stop = min(start + tile, length)
        yield Tile(start, stop, max(0, start - overlap), min(length, stop + overlap))
