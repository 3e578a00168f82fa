"""Scorers as data: which judge of prompt and picture a studio has (`configs/scorers/<id>.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from configs.runtime import NetworkRuntime, Runtime
from configs.schema import Identifier, LicencePart
from configs.weights import Weights

ScorerKind: TypeAlias = Literal["two-towers", "clip"]
"""How its weights are read; `deployments/scorers/table.py` has a row for each."""

ScorerWord: TypeAlias = Literal["fidelity", "preference"]
"""What a scorer's number says of a picture: how well it shows its prompt, or how well people who choose between
pictures of this prompt would like it."""

SCORER_FILES: Mapping[ScorerKind, tuple[str, ...]] = MappingProxyType(
    {
        "two-towers": ("config.json", "model.safetensors"),
        "clip": ("*.json", "*.txt", "*.model", "*.safetensors"),
    }
)
"""Patterns of what the weights of a kind consist of."""


class ScorerConfig(Frozen):
    """What tells how well a picture shows what its prompt says, or how well people would like it. Scores of two scorers
    do not compare."""

    id: Identifier
    name: str
    description: str = ""
    kind: ScorerKind
    weights: Weights
    says: ScorerWord = "fidelity"
    seconds_per_picture: float = Field(default=0.05, gt=0, description="first guess for time estimates")
    runtime: NetworkRuntime = Runtime()
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)
