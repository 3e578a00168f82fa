"""Cutters as data: what cuts subjects out where the ground is not of one colour (`configs/cutters/<id>.yaml`)."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen
from configs.runtime import NetworkRuntime, Runtime
from configs.schema import Identifier, LicencePart
from configs.weights import Weights


class CutterConfig(Frozen):
    """A matting network (`deployments/networks/matting.py`) and its weights."""

    id: Identifier
    name: str
    description: str = ""
    weights: Weights
    seconds_per_megapixel: float = Field(default=1.5, gt=0, description="first guess for time estimates")
    runtime: NetworkRuntime = Runtime()
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)
