"""The first stage of every plan, the drawing itself: what is drawn, by which model, from which pictures."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from configs.schema import AppliedLora, Format, Frozen, Identifier, Size, StepCacheConfig
from deployments.stages.kind import Stage
from router.prompts.model import PromptReading

Role = Literal["image", "mask", "reference", "control", "image_prompt"]


class InputPicture(Frozen):
    """A picture that the drawing starts from or looks at; `sha256` is its file's key in the blob store.

    `picture` names it as the wish did. `kind`, `start` and `end` are those of a control, `scale` also that of an image
    prompt. `convention` says what of a mask is redrawn: its light parts, or its transparent ones.
    """

    role: Role
    picture: str
    asset_id: str = Field(default="", description="names it among all pictures; empty in older plans")
    sha256: str
    format: Format = "png"
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    kind: str | None = None
    scale: float | None = None
    start: float | None = None
    end: float | None = None
    convention: Literal["light", "transparency"] | None = None


class BaseStage(Stage):
    """Draw each variation at a native size of the model.

    `fused` are LoRAs that the deployment has in its weights; `loras` are applied to this job's pictures only.
    `strength` is how much of the input `image` is redrawn: that share of the steps is taken. `reading` says how much of
    `full_prompt` the model reads.
    """

    kind: Literal["base"] = "base"
    model: Identifier
    fused: tuple[AppliedLora, ...] = ()
    loras: tuple[AppliedLora, ...]
    full_prompt: str
    negative_prompt: str
    size: Size
    num_inference_steps: int = Field(gt=0)
    guidance_scale: float
    step_cache: StepCacheConfig | None = None
    pictures: tuple[InputPicture, ...] = ()
    strength: float | None = Field(default=None, gt=0, le=1)
    reading: PromptReading | None = None

    @property
    def taken_steps(self) -> int:
        """Of all steps, those that are left to take where a picture is redrawn: about `strength` of them."""
        strength = 1.0 if self.strength is None else self.strength
        return max(1, math.ceil(self.num_inference_steps * strength - 1e-6))

    @property
    def beside(self) -> int:
        """Pictures that the model looks at in each step, which makes the step dearer."""
        return sum(one.role in ("reference", "control", "image_prompt") for one in self.pictures)

    @property
    def all_loras(self) -> tuple[AppliedLora, ...]:
        """Every LoRA that takes part, however it is applied."""
        return self.fused + self.loras
