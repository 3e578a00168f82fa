"""A subject cut out of any ground: a small network says roughly where it is, and the colours on both sides of its edge
say how much of it each pixel there has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from scipy import ndimage

from configs.cutters import CutterConfig
from configs.errors import ConfigError
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display, locate
from deployments.families.hardware import DTYPES, choose_device
from deployments.networks.matting import MULTIPLE, MattingNet, build
from deployments.stages.cut import Cut, finish, nearest, unmix
from deployments.stages.oklab import Colours, Levels

_AREA = 128 * 128  # pixels that the network sees: those of its training
_SUBJECT, _GROUND = 0.9, 0.1  # what it says from which a pixel is one or the other
_EDGE = 1.5  # pixels of the network's picture beside an edge of its that are looked at closely
_UNSURE = 0.35  # share of what may be subject, at most, of which it cannot say
_SMALLEST, _LARGEST = 0.005, 0.95  # shares of the picture
_SPECK = 0.02  # of the subject: what is smaller and apart is none of it


@dataclass(frozen=True, slots=True)
class SoftGround:
    """A loaded network."""

    network: MattingNet
    device: torch.device
    dtype: torch.dtype

    def cut(self, image: Image.Image) -> Cut | str:
        """The subject, or why there is none to be cut out."""
        said = self._ask(image)
        area, unsure = float((said > 0.5).mean()), float(((said > _GROUND) & (said < _SUBJECT)).mean())
        if area < _SMALLEST:
            return "no subject is seen in it"
        if area > _LARGEST:
            return "no ground is seen in it"
        if unsure > _UNSURE * float((said > _GROUND).mean()):
            return "its subject cannot be told from its ground"
        return _refine(np.asarray(image), _without_specks(said), image.width)

    @torch.inference_mode()
    def _ask(self, image: Image.Image) -> Colours:
        """What the network says of each pixel of its own, small picture."""
        scale = (_AREA / (image.width * image.height)) ** 0.5
        width, height = (max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in image.size)
        small = np.asarray(image.resize((width, height), Image.Resampling.BOX), np.float32) / 255
        pixels = torch.from_numpy(small).permute(2, 0, 1)[None].to(self.device, self.dtype)
        said: Colours = self.network(pixels)[0, 0].float().sigmoid().cpu().numpy()
        return said


def load_soft_ground(config: CutterConfig) -> SoftGround:
    """A cutter's network. Raises ConfigError in one plain sentence."""
    owner = f"cutter '{config.id}'"
    device, dtype = choose_device(config.runtime, owner), DTYPES[config.runtime.dtype]
    file = _file(config, owner)
    read_header(file, owner)
    try:
        network = build(load_file(file))
    except ValueError as error:
        raise ConfigError(f"{owner}: {display(file)} does not fit: {error}", "weights") from None
    return SoftGround(network.to(device, dtype), device, dtype)


def _file(config: CutterConfig, owner: str) -> Path:
    place = locate(config.weights, owner, ("model.safetensors",))
    file = place if config.weights.file is not None else place / "model.safetensors"
    if not file.exists():
        raise ConfigError(f"{owner}: {display(file)} is missing. Copy or export the weights again.", "weights")
    return file


def _without_specks(said: Colours) -> Colours:
    """Only what is near a large area counts."""
    areas, count = ndimage.label(said > 0.5)
    sizes = np.bincount(areas.ravel(), minlength=count + 1)
    sizes[0] = 0
    large = (sizes >= max(1, _SPECK * sizes.max()))[areas]
    kept: Colours = np.where(ndimage.binary_dilation(large, iterations=3), said, 0).astype(np.float32)
    return kept


def _refine(levels: Levels, said: Colours, width: int) -> Cut:
    """The network's answer at the picture's size, its edges where those of the picture are."""
    height = levels.shape[0]
    large = torch.from_numpy(said)[None, None]
    rough = F.interpolate(large, size=(height, width), mode="bicubic", antialias=False)[0, 0].clamp(0, 1).numpy()
    reach = _EDGE * width / said.shape[1]
    inside = ndimage.distance_transform_edt(rough > 0.5) > reach
    outside = ndimage.distance_transform_edt(rough <= 0.5) > reach
    pixels = levels.astype(np.float32)
    if not inside.any() or not outside.any():
        return finish(rough, pixels)
    subject, ground = nearest(pixels, inside), nearest(pixels, outside)
    share = unmix(pixels, subject, ground, rough)
    alpha = np.where(inside, 1.0, np.where(outside, 0.0, share)).astype(np.float32)
    return finish(alpha, np.where((alpha >= 1)[..., None], pixels, subject).astype(np.float32))
