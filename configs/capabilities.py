"""What a model family can do, as data: it decides what a request may ask for, before anything is queued."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from configs.frozen import Frozen

Mode = Literal["txt2img", "img2img", "inpaint", "edit"]


class Capabilities(Frozen):
    """One variant of a family.

    `guidance`: `embedded` (a number that the model reads), `classifier-free` (a second row per step, with the negative
    prompt), or `none`. `engine`: stepped together with others, or run as a whole pipeline.
    """

    modes: tuple[Mode, ...] = Field(min_length=1)
    controls: bool = Field(default=False, description="takes ControlNets, where its YAML names some")
    image_prompt: bool = Field(default=False, description="takes pictures as prompts, where its YAML says from what")
    references: int = Field(default=0, ge=0, description="pictures that one edit may start from")
    lora: bool = False
    negative_prompt: bool = False
    guidance: Literal["embedded", "classifier-free", "none"]
    steps: tuple[int, int] = Field(default=(1, 100), description="fewest and most")
    size_multiple: int = Field(default=16, gt=0, description="of pixels")
    text_length: int = Field(gt=0, description="tokens at most")
    licence_parts: tuple[str, ...] = Field(min_length=1, description="that a checkpoint's YAML must name")
    engine: Literal["steps", "pipeline"] = "steps"
