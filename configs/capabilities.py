"""What a model family can do, as data: it decides what a request may ask for, before anything is queued."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from configs.errors import ConfigError
from configs.frozen import Frozen
from configs.sampling import NoiseSchedule, Sampler
from configs.schema import ImagePromptKind

Mode = Literal["txt2img", "img2img", "inpaint", "edit"]
Guidance = Literal["embedded", "classifier-free", "none"]
Objective = Literal["flow", "diffusion"]


class TextReader(Frozen):
    """Who reads the most of a prompt, where a family has several text encoders: what is beyond is read by none.

    `tokenizer` is its folder in a checkpoint; `written` what the pipeline makes of a prompt before it is counted.
    """

    tokenizer: str = Field(default="tokenizer", description="empty: beside the weights")
    written: str = "{prompt}"


class Capabilities(Frozen):
    """One variant of a family.

    `guidance`: `embedded` (a number that the model reads), `classifier-free` (a second row per step, with the negative
    prompt), or `none`. `engine`: stepped together with others, or run as a whole pipeline. `step_cache`: obeys a
    quality's step cache; the others take every step in full. `trains`: along a `flow` from pictures to noise, or by the
    noise (or the velocity) of a `diffusion`.
    """

    modes: tuple[Mode, ...] = Field(min_length=1)
    controls: bool = Field(default=False, description="takes ControlNets, where its YAML names some")
    control_modes: tuple[Mode, ...] | None = Field(default=None, description="that follow one; all if absent")
    image_prompt: ImagePromptKind | None = Field(default=None, description="takes pictures as prompts, by its YAML's")
    references: int = Field(default=0, ge=0, description="pictures that one edit may start from")
    lora: bool = False
    trains: Objective | None = Field(default=None, description="what LoRAs learn from on it; absent: none are trained")
    negative_prompt: bool = False
    guidance: Guidance
    steps: tuple[int, int] = Field(default=(1, 100), description="fewest and most")
    size_multiple: int = Field(default=16, gt=0, description="of pixels")
    text_length: int = Field(gt=0, description="tokens at most")
    reader: TextReader | None = Field(default=None, description="absent: prompts are measured by an estimate")
    licence_parts: tuple[str, ...] = Field(min_length=1, description="that a checkpoint's YAML must name")
    engine: Literal["steps", "pipeline"] = "steps"
    step_cache: bool = False
    latents: str | None = Field(
        default=None,
        description="what its latents mean: it takes those over of models that say the same, and hands over",
    )
    samplers: dict[Sampler, tuple[NoiseSchedule, ...]] = Field(
        default={"default": ()}, min_length=1, description="with the schedules of each, where it has several"
    )

    def follows(self, mode: Mode) -> bool:
        """Whether it draws in `mode` along a control."""
        return self.controls and mode in (self.modes if self.control_modes is None else self.control_modes)

    @property
    def distilled(self) -> bool:
        """Whether it was taught to draw in few steps, which training on pictures undoes."""
        return self.guidance == "none"

    @property
    def neighbours(self) -> bool:
        """Whether the noise that it begins with can be turned a little: where the engine makes it."""
        return self.engine == "steps"

    @property
    def step_range(self) -> str:
        """In words: `1 to 100 steps`."""
        fewest, most = self.steps
        return f"{most} steps" if fewest == most else f"{fewest} to {most} steps"


class CapabilityTable(Frozen):
    """What every family can do, by family and variant.

    The families' registry makes it; `serve` hands it to those who may not import a family.
    """

    families: dict[str, dict[str, Capabilities]]

    def find(self, family: str, variant: str) -> Capabilities:
        """Raises ConfigError, naming the setting at fault and listing what is known."""
        if family not in self.families:
            raise ConfigError(f"'{family}' is not known; known: {_listed(self.families)}", "family")
        variants = self.families[family]
        if variant not in variants:
            raise ConfigError(f"{family} has no '{variant}'; known: {_listed(variants)}", "variant")
        return variants[variant]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
