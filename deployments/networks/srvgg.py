"""Real-ESRGAN's compact upscaler, written so that its published state dicts load strictly."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SRVGGNetCompact(nn.Module):
    """Convolutions at the input's resolution, one pixel shuffle, and the nearest-neighbour picture added.

    Layout and names follow `SRVGGNetCompact` in Real-ESRGAN (`body.N.weight`). Takes and gives n × channels × h × w
    in 0..1; the result is `upscale` times as high and wide and is not clamped.
    """

    def __init__(
        self,
        num_in_ch: int = 3,
        num_out_ch: int = 3,
        num_feat: int = 64,
        num_conv: int = 16,
        upscale: int = 4,
        act_type: str = "prelu",
    ) -> None:
        super().__init__()
        self.scale, self.multiple, self.reach = upscale, 1, num_conv + 2
        layers: list[nn.Module] = [nn.Conv2d(num_in_ch, num_feat, 3, 1, 1), _activation(act_type, num_feat)]
        for _ in range(num_conv):
            layers += [nn.Conv2d(num_feat, num_feat, 3, 1, 1), _activation(act_type, num_feat)]
        layers.append(nn.Conv2d(num_feat, num_out_ch * upscale * upscale, 3, 1, 1))
        self.body = nn.ModuleList(layers)
        self.upsampler = nn.PixelShuffle(upscale)

    def forward(self, x: Tensor) -> Tensor:
        out = x
        for layer in self.body:
            out = layer(out)
        base = F.interpolate(x, scale_factor=float(self.scale), mode="nearest")
        return torch.add(self.upsampler(out), base)


def build(tensors: Mapping[str, Tensor], _shape: Mapping[str, Any]) -> SRVGGNetCompact:
    """The network that a state dict is of, without its weights. Raises ValueError for one that is of none, and for
    activations other than PReLU: those leave no trace in it, and nobody published any."""
    layers = [int(name.split(".")[1]) for name in tensors if re.match(r"body\.\d+\.weight$", name)]
    if not layers or "body.0.weight" not in tensors:
        raise ValueError("it has no tensor 'body.0.weight', so it is of no SRVGGNetCompact")
    if tensors.get("body.1.weight", tensors["body.0.weight"]).ndim != 1:
        raise ValueError("it has no PReLU at 'body.1.weight', so it is of no SRVGGNetCompact")
    first, last = tensors["body.0.weight"], tensors[f"body.{max(layers)}.weight"]
    scale = math.isqrt(last.shape[0] // first.shape[1])
    return SRVGGNetCompact(first.shape[1], first.shape[1], first.shape[0], max(layers) // 2 - 1, scale)


def _activation(kind: str, channels: int) -> nn.Module:
    if kind == "prelu":
        return nn.PReLU(num_parameters=channels)
    if kind == "relu":
        return nn.ReLU(inplace=True)
    if kind == "leakyrelu":
        return nn.LeakyReLU(negative_slope=0.1, inplace=True)
    raise ValueError(f"act_type must be prelu, relu or leakyrelu, not {kind!r}")
