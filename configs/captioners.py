"""Captioners as data: what says in words what pictures of a dataset show (`configs/captioners/<id>.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from configs.frozen import Frozen
from configs.runtime import NetworkRuntime, Runtime
from configs.schema import Identifier, LicencePart
from configs.weights import Weights

CaptionerKind: TypeAlias = Literal["attributes", "vision-language"]
"""How its weights are read; `deployments/captioners/table.py` has a row for each."""

CAPTIONER_FILES: Mapping[CaptionerKind, tuple[str, ...]] = MappingProxyType(
    {
        "attributes": ("config.json", "model.safetensors"),
        "vision-language": ("*.json", "*.txt", "*.model", "*.jinja", "*.safetensors"),
    }
)
"""Patterns of what the weights of a kind consist of."""


class CaptionerConfig(Frozen):
    """What suggests captions. `instruction` is what a vision-language model is asked with: a task such as
    `<DETAILED_CAPTION>` for Florence-2, the beginning of the caption for BLIP, a sentence for one that chats."""

    id: Identifier
    name: str
    description: str = ""
    kind: CaptionerKind
    weights: Weights
    instruction: str = Field(default="", max_length=1000)
    takes_instructions: bool = Field(default=False, description="it follows what people ask for: a model that chats")
    max_new_tokens: int = Field(default=64, ge=1, le=512, description="of a caption")
    seconds_per_picture: float = Field(default=0.05, gt=0, description="first guess for time estimates")
    runtime: NetworkRuntime = Runtime()
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _asked(self) -> CaptionerConfig:
        if self.kind == "attributes" and (self.instruction or self.takes_instructions):
            raise ValueError("a captioner of the kind 'attributes' reads no words: leave the instructions out")
        return self
