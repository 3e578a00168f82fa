"""ESRGAN's and Real-ESRGAN's large network, written so that its published state dicts load strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deployments.networks.edges import extend

_RESIDUAL = 0.2  # the share at which a block's result is added to what it was given
_UPSAMPLED = 4  # how much larger what conv_last gives is than what conv_first is given


class RRDBNet(nn.Module):
    """Residual-in-residual dense blocks at a low resolution, then twice nearest-neighbour doubling and a convolution
    (Wang et al., ESRGAN, 2018). For a `scale` of 2, or 1, 2 × 2 or 4 × 4 pixels are first folded into channels
    (Real-ESRGAN, 2021), so that the rest is the same.

    Layout and names follow `RRDBNet` in BasicSR (`body.N.rdb1.conv1.weight`). Takes and gives n × channels × h × w in
    0..1; the result is `scale` times as high and wide and is not clamped.
    """

    def __init__(
        self,
        num_in_ch: int = 3,
        num_out_ch: int = 3,
        scale: int = 4,
        num_feat: int = 64,
        num_block: int = 23,
        num_grow_ch: int = 32,
    ) -> None:
        super().__init__()
        if scale not in (1, 2, 4):
            raise ValueError(f"an RRDBNet enlarges 1, 2 or 4 times, not {scale}")
        self.scale, self.multiple = scale, _UPSAMPLED // scale
        self.reach = (num_block * 15 + 6) * self.multiple  # 15 convolutions a block, and six around them
        self.conv_first = _conv(num_in_ch * self.multiple**2, num_feat)
        self.body = nn.Sequential(*(_Block(num_feat, num_grow_ch) for _ in range(num_block)))
        self.conv_body = _conv(num_feat, num_feat)
        self.conv_up1 = _conv(num_feat, num_feat)
        self.conv_up2 = _conv(num_feat, num_feat)
        self.conv_hr = _conv(num_feat, num_feat)
        self.conv_last = _conv(num_feat, num_out_ch)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        whole = extend(x, _up_to(height, self.multiple), _up_to(width, self.multiple), "reflect")
        first = self.conv_first(F.pixel_unshuffle(whole, self.multiple))
        features = first + self.conv_body(self.body(first))
        for conv in (self.conv_up1, self.conv_up2):
            features = _activate(conv(F.interpolate(features, scale_factor=2.0, mode="nearest")))
        result: Tensor = self.conv_last(_activate(self.conv_hr(features)))
        return result[:, :, : height * self.scale, : width * self.scale]


class _DenseBlock(nn.Module):
    """Four convolutions that each add channels to all before them, and one that brings them together."""

    def __init__(self, num_feat: int, num_grow_ch: int) -> None:
        super().__init__()
        self.conv1 = _conv(num_feat, num_grow_ch)
        self.conv2 = _conv(num_feat + num_grow_ch, num_grow_ch)
        self.conv3 = _conv(num_feat + 2 * num_grow_ch, num_grow_ch)
        self.conv4 = _conv(num_feat + 3 * num_grow_ch, num_grow_ch)
        self.conv5 = _conv(num_feat + 4 * num_grow_ch, num_feat)

    def forward(self, x: Tensor) -> Tensor:
        grown = x
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            grown = torch.cat((grown, _activate(conv(grown))), 1)
        return torch.add(x, self.conv5(grown), alpha=_RESIDUAL)


class _Block(nn.Module):
    """Three dense blocks, and a residual around them."""

    def __init__(self, num_feat: int, num_grow_ch: int) -> None:
        super().__init__()
        self.rdb1 = _DenseBlock(num_feat, num_grow_ch)
        self.rdb2 = _DenseBlock(num_feat, num_grow_ch)
        self.rdb3 = _DenseBlock(num_feat, num_grow_ch)

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, self.rdb3(self.rdb2(self.rdb1(x))), alpha=_RESIDUAL)


def build(tensors: Mapping[str, Tensor], _shape: Mapping[str, Any]) -> RRDBNet:
    """The network that a state dict is of, without its weights. Raises ValueError for one that is of none."""
    try:
        first, last = tensors["conv_first.weight"], tensors["conv_last.weight"]
        grown = tensors["body.0.rdb1.conv1.weight"].shape[0]
    except KeyError as error:
        raise ValueError(f"it has no tensor {error}, so it is of no RRDBNet") from None
    channels = last.shape[0]
    folded = {channels * (_UPSAMPLED // scale) ** 2: scale for scale in (1, 2, 4)}
    if first.shape[1] not in folded:
        raise ValueError(f"its conv_first takes {first.shape[1]} channels, where an RRDBNet takes 3, 12 or 48")
    blocks = {int(name.split(".")[1]) for name in tensors if name.startswith("body.")}
    return RRDBNet(channels, channels, folded[first.shape[1]], first.shape[0], len(blocks), grown)


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, 1, 1)


def _activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2, inplace=not x.requires_grad)


def _up_to(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple
