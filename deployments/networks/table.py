"""Which networks enlarge, by the name that an upscaler's YAML gives. Modules are imported on use, so that asking costs
no torch."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from configs.schema import NetworkName

if TYPE_CHECKING:
    from torch import Tensor, nn


class Network(Protocol):
    """A `torch.nn.Module` that enlarges: takes n × 3 × h × w in 0..1, of any height and width, and gives the picture
    `scale` times as high and wide, not clamped.

    What is `reach` pixels away from a pixel of the input, or further, does not count for it. A piece that begins at
    multiples of `multiple` is looked at as it is within the whole picture.
    """

    scale: int
    reach: int
    multiple: int

    def __call__(self, x: Tensor) -> Tensor: ...


class Build(Protocol):
    """Makes a network, without its weights, in the shape of a state dict and of the `config.json` beside it, if its
    row has one. Raises ValueError, KeyError and TypeError where those are of no such network."""

    def __call__(self, tensors: Mapping[str, Tensor], shape: Mapping[str, Any], /) -> nn.Module: ...


@dataclass(frozen=True, slots=True)
class Row:
    """A network: the module with its `build`, and whether a `config.json` says its shape, which its weights do not."""

    module: str
    config: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """What is wanted of its folder or repository, where no one file is named."""
        return ("config.json", "model.safetensors") if self.config else ("model.safetensors",)

    @property
    def build(self) -> Build:
        module: Any = importlib.import_module(self.module)
        return cast(Build, module.build)


NETWORKS: dict[NetworkName, Row] = {
    "srvgg": Row("deployments.networks.srvgg"),
    "rrdbnet": Row("deployments.networks.rrdbnet"),
    "swin2sr": Row("deployments.networks.swin2sr", config=True),
}
