"""How much of its prompt a model reads, as a plan says it."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen


class PromptReading(Frozen):
    """How much of its prompt a model reads: `tokens` of `limit`, counted if `exact`, else estimated.

    `left_out` are phrases of the asset type's template, the last ones first to go; `lost` are words of the user that
    are not read.
    """

    tokens: int = Field(ge=0, description="of the text that the model is given")
    limit: int = Field(gt=0, description="that it reads")
    exact: bool
    left_out: tuple[str, ...] = ()
    lost: str = ""
