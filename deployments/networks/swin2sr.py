"""Swin2SR from transformers, as a network that takes a picture of any size and can be asked tile by tile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from torch import Tensor, nn
from transformers import Swin2SRConfig, Swin2SRForImageSuperResolution

from deployments.networks.edges import extend

_DIVISOR = 8  # the size that its image processor brings a picture to is a multiple of, always beyond its own


class Swin2SR(Swin2SRForImageSuperResolution):  # type: ignore[no-untyped-call]
    """The library's network with the edges of its image processor, which needs torchvision.

    Takes and gives n × 3 × h × w in 0..1; the result is `scale` times as high and wide and is not clamped.
    """

    def __init__(self, config: Swin2SRConfig) -> None:
        super().__init__(config)
        self.scale = config.upscale
        window, layers = config.window_size, sum(config.depths)
        convolutions = sum(isinstance(module, nn.Conv2d) for module in self.modules())
        # Every second layer looks through windows that are moved by half of one.
        self.reach = window + layers * window // 2 + convolutions
        self.multiple = math.lcm(window, _DIVISOR)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        whole = extend(x, _beyond(height), _beyond(width), "symmetric")
        result: Tensor = super().forward(whole).reconstruction
        return result[:, :, : height * self.scale, : width * self.scale]


def build(_tensors: Mapping[str, Tensor], shape: Mapping[str, Any]) -> Swin2SR:
    """The network that a `config.json` describes, without its weights. Raises ValueError and TypeError for one that
    describes none."""
    if shape.get("model_type") != "swin2sr":
        raise ValueError(f"it is of a {shape.get('model_type', 'network without a model_type')}, not of swin2sr")
    try:
        config = Swin2SRConfig.from_dict(dict(shape))
    except StrictDataclassError as error:
        raise ValueError(" ".join(str(error).split())) from None
    if (config.num_channels, config.num_channels_out) != (3, 3):
        raise ValueError("it takes or gives other than three channels, so it enlarges no colours")
    return Swin2SR(config)


def _beyond(length: int) -> int:
    return (length // _DIVISOR + 1) * _DIVISOR
