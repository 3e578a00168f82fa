"""How an installation answers programs that speak OpenAI's Images API: a part of its profile."""

from __future__ import annotations

from pydantic import Field

from configs.frozen import Frozen

USUAL = "default"
"""In place of a model's id: the installation's default model."""

STAND_INS = {"gpt-image-*": USUAL, "chatgpt-image-*": USUAL, "dall-e-*": USUAL}
"""OpenAI's own models, by the names that programs have written down."""


class OpenAIDoor(Frozen):
    """What such a request leaves open, and how long it is waited for."""

    asset_type: str = Field(
        default="product_illustration", description="of a request that names none, in its body or its header"
    )
    aliases: dict[str, str] = Field(
        default=STAND_INS, description="other names of models, * for any letters: a model's id, or default"
    )
    wait_seconds: float = Field(
        default=240.0,
        gt=0,
        le=3600,
        description="for pictures that are not streamed: less than the proxies before the studio allow",
    )
    keep_inputs_days: float = Field(
        default=7.0, gt=0, le=3650, description="pictures that came with an edit, unless somebody wants them longer"
    )
