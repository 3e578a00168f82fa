"""Base: the drawing itself, with which every plan begins. Its replica is the generator (`deployments/generator.py`).

Pure, so that every field of its message can be tested. How a drawing is planned is `router/planning/`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from configs.catalog import Catalog
from configs.contracts import StepCacheConfig
from configs.formats import Format
from configs.frozen import Frozen
from configs.inputs import InputImage
from configs.noise import Neighbourhood
from configs.sampling import NoiseSchedule, Sampler, title
from configs.schema import AppliedLora, Identifier, LicencePart, ModelConfig, Size
from deployments.messages import Done, GenerateRequest, NamedImage, StepCache
from deployments.stages.kind import Draft, Learned, Speeds, Stage, StageKind, Work

_SECONDS_PER_PREVIEW = 1.5  # a preview costs about 60 ms on a laptop: 4 % of this
_MOST_PREVIEWS = 3


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


class StoredImage(NamedImage):
    """A picture as a plan has it; `sha256` is its file's key in the blob store.

    `picture` names it as the request did. `convention` says what of a mask is redrawn: its light parts, or its
    transparent ones.
    """

    asset_id: str = Field(default="", description="names it among all pictures; empty in older plans")
    format: Format = "png"
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    convention: Literal["light", "transparency"] | None = None


class BaseStage(Stage):
    """Draw each variation at a native size of the model.

    `fused` are LoRAs that the deployment has in its weights; `loras` are applied to this job's pictures only.
    `sampler` is `default`, the checkpoint's own, in plans from before there was a choice.
    `denoising_end` is the share of the noise schedule after which the next stage goes on from the drawing's latents.
    `strength` is how much of the input `image` is redrawn: that share of the steps is taken. `reading` says how much of
    `full_prompt` the model reads. `near` is whose noise that of the pictures is turned from.
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
    sampler: Sampler
    schedule: NoiseSchedule | None
    step_cache: StepCacheConfig | None = None
    inputs: tuple[InputImage[StoredImage], ...] = ()
    strength: float | None = Field(default=None, gt=0, le=1)
    denoising_end: float | None = Field(default=None, gt=0, lt=1)
    reading: PromptReading | None = None
    near: Neighbourhood | None = None

    @property
    def taken_steps(self) -> int:
        """Of all steps, those that are left to take where a picture is redrawn: about `strength` of them."""
        begun = 0.0 if self.strength is None else 1 - self.strength
        ended = 1.0 if self.denoising_end is None else self.denoising_end
        return max(1, math.ceil(self.num_inference_steps * (ended - begun) - 1e-6))

    def end_at(self, share: float) -> BaseStage:
        """The drawing as far as another stage takes it over, in as much less time."""
        ended = self.model_copy(update={"denoising_end": share})
        seconds = self.estimated_seconds * ended.taken_steps / self.taken_steps
        return ended.model_copy(update={"estimated_seconds": seconds})

    @property
    def beside(self) -> int:
        """Pictures that the model looks at in each step, which makes the step dearer."""
        return sum(one.role in ("reference", "control", "image_prompt") for one in self.inputs)

    @property
    def all_loras(self) -> tuple[AppliedLora, ...]:
        """Every LoRA that takes part, however it is applied."""
        return self.fused + self.loras


def draw_request(base: BaseStage, work: Work) -> GenerateRequest:
    """What the picture of `work` is drawn from."""
    return GenerateRequest(
        request_id=work.request_id,
        prompt=base.full_prompt,
        negative_prompt=base.negative_prompt,
        width=base.size.width,
        height=base.size.height,
        seed=work.seed,
        num_inference_steps=base.num_inference_steps,
        guidance_scale=base.guidance_scale,
        sampler=base.sampler,
        schedule=base.schedule,
        previews=count_previews(base.estimated_seconds),
        loras=base.loras,
        inputs=work.inputs.drawing,
        strength=1.0 if base.strength is None else base.strength,
        denoising_end=1.0 if base.denoising_end is None else base.denoising_end,
        step_cache=step_cache_message(base.step_cache),
        deadline_seconds=work.seconds_left,
        variations=work.variations,
        patience_seconds=work.patience_seconds,
    )


def count_previews(seconds: float) -> int:
    """How many previews a picture that is drawn in `seconds` is worth: none while waiting is short, then up to three,
    which the engine spreads evenly."""
    return min(_MOST_PREVIEWS, int(seconds / _SECONDS_PER_PREVIEW))


def step_cache_message(config: StepCacheConfig | None) -> StepCache | None:
    """The plan's rule as it crosses to replicas and into recipes."""
    return None if config is None else StepCache(config.threshold, config.skip)


def step_seconds(speeds: Speeds, model: ModelConfig, size: Size, beside: int = 0) -> float:
    """One denoising step of one picture of `size` (pixels), with `beside` other pictures that it looks at."""
    native = model.native_sizes[0]
    per_pixel = speeds.seconds(step_work(model.id, native), model.seconds_per_step) / native.pixels
    plain = speeds.seconds(step_work(model.id, size), per_pixel * size.pixels)
    return speeds.seconds(step_work(model.id, size, beside), plain) if beside else plain


def step_work(model: str, size: Size, beside: int = 0) -> str:
    """The name of this work, under which its seconds are measured."""
    return f"step {model} {size}" + (f" {beside}" if beside else "")


def _learned(base: BaseStage, done: Done) -> tuple[Learned, ...]:
    """Nothing of a drawing that skipped steps: they would make the others look cheap."""
    if base.step_cache is not None:
        return ()
    return (Learned(step_work(base.model, base.size, base.beside), done.seconds / base.taken_steps),)


def _licence_parts(base: BaseStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """Of the model, what reads pictures beside it, and its LoRAs."""
    model = catalog.models[base.model]
    yield from ((model.id, part) for part in model.licence_parts)
    for kind in dict.fromkeys(one.kind for one in base.inputs if one.role == "control"):
        yield from ((f"{model.id}, control {kind}", part) for part in model.controls[kind].licence_parts)
    if model.image_prompt is not None and any(one.role == "image_prompt" for one in base.inputs):
        yield from ((f"{model.id}, image prompt", part) for part in model.image_prompt.licence_parts)
    for applied in base.fused:
        yield from ((applied.lora, part) for part in catalog.fused_lora(applied.lora).licence_parts)
    for applied in base.loras:
        yield from ((applied.lora, part) for part in catalog.loras[applied.lora].licence_parts)


def _planned_already(_: Draft) -> None:
    """The drawing is what a draft begins with."""


def _written(base: BaseStage) -> str:
    sampler = title(base.sampler, base.schedule)
    until = "" if base.denoising_end is None else f"the first {base.denoising_end:.0%} of "
    return f"{base.size} with {base.model}: {until}{base.num_inference_steps} steps{sampler and f' of {sampler}'}"


BASE = StageKind(
    name="base",
    label="drawing",
    stage=BaseStage,
    plan=_planned_already,
    message=draw_request,
    written=_written,
    learned=_learned,
    licence_parts=_licence_parts,
)
