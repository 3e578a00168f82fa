"""What a user asks for, before the plan settles what they left open."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from configs.contracts import Words
from configs.formats import Format
from configs.frozen import Frozen
from configs.inputs import InputAttributes, InputImage, Role, drawn_over
from configs.noise import Neighbourhood
from configs.schema import Strength
from router.stage_table import StageSettings

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class LoraRequest(Frozen):
    """A LoRA to draw with."""

    id: str = Field(max_length=96, description="An id of GET /loras, or ID@VERSION")
    strength: Strength | None = Field(default=None, description="-2 to 2; the LoRA's usual one if absent")
    version: str | None = Field(default=None, max_length=32, description="As ID@VERSION: so a job's `loras` say it")

    @model_validator(mode="before")
    @classmethod
    def _as_one_name(cls, said: Any) -> Any:
        """From here on a version is in the id."""
        if isinstance(said, dict) and isinstance(said.get("id"), str) and isinstance(said.get("version"), str):
            return {**said, "id": f"{said['id']}@{said['version']}", "version": None}
        return said

    @property
    def lora(self) -> str:
        """Which one, in whatever version."""
        return self.id.partition("@")[0]


PictureName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    Field(
        description="The `picture_id` of an upload, the `asset_id` of a finished picture, or JOB_ID/INDEX of that"
        " (from 0); your own ones"
    ),
]
SizeName = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$")]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]


class ControlRequest(InputAttributes):
    """A picture whose lines, depth or pose the drawing follows."""

    kind: str = Field(max_length=64, description="One of the model's `controls` in GET /models")
    image: PictureName
    scale: Weight = Field(default=1.0, description="How much it counts")
    start: float = Field(default=0.0, ge=0, lt=1, description="The share of the steps from which it counts")
    end: float = Field(default=1.0, gt=0, le=1, description="The share of the steps until which it counts")


class ImagePromptRequest(Frozen):
    """A picture that says, beside the words, what to draw."""

    image: PictureName
    scale: Weight = Field(default=1.0, description="How much it counts")


FIELDS: dict[Role, str] = {
    "image": "image",
    "mask": "mask",
    "reference": "references",
    "control": "controls",
    "image_prompt": "image_prompts",
}
"""The field of a request that names the pictures of a role."""


class JobRequest(Frozen):
    """One request for pictures. Everything but `prompt` may be left open."""

    prompt: Prompt = Field(description="What the picture shows, in plain words", examples=["a red bicycle"])
    asset_type: str = Field(default="icon", description="An id of GET /asset-types, or ID@VERSION")
    slots: dict[str, Words] = Field(
        default={}, description="Words for the slots of the asset type's template", examples=[{"setting": "a forest"}]
    )
    style: str | None = Field(
        default=None, max_length=64, description="One of the asset type's `styles`; its usual one if absent"
    )
    brand_kit: str | None = Field(
        default=None, max_length=64, description="An id of GET /brand, or none; the asset type's if absent"
    )
    model: str | None = Field(default=None, description="An id of GET /models; the installation's default if absent")
    quality: str = Field(default="standard", description="A quality of GET /asset-types: draft, standard, high, ultra")
    num_variations: int = Field(default=1, ge=1, description="How many pictures, each with its own seed")
    best_of: int | None = Field(
        default=None, ge=1, description="Draw so many and score them; `keep` of them become pictures, the best first"
    )
    keep: int | None = Field(default=None, ge=1, description="How many of `best_of` become pictures; 1 if absent")
    retry_below: dict[str, Score] = Field(
        default={}, description="Scores of a drawing under which it is drawn again: `fidelity`, `sharpness`, 0 to 1"
    )
    max_tries: int | None = Field(
        default=None, ge=1, le=5, description="Rounds of drawing with `retry_below`, the first included; 3 if absent"
    )
    seed: int | None = Field(default=None, ge=0, lt=2**32, description="Of the first picture; the others count up")
    near: Neighbourhood | None = Field(
        default=None, description="Draw near another picture, of which all else is the same, in seeds: see POST /like"
    )
    size: str | None = Field(default=None, description="WIDTHxHEIGHT, a size of the asset type", examples=["512x512"])
    sizes: tuple[SizeName, ...] = Field(
        default=(),
        max_length=8,
        description="Further sizes of the files, up to the picture's own, which is the largest of them if `size` is "
        "absent and the asset type has that",
        examples=[["512x512", "256x256", "64x64"]],
    )
    formats: tuple[Format, ...] | None = Field(
        default=None, min_length=1, description="The asset type's if absent; svg and pdf need flat art"
    )
    negative_prompt: str | None = Field(default=None, max_length=2000, description="The asset type's if absent")
    num_inference_steps: int | None = Field(default=None, ge=1, le=100, description="The quality's if absent")
    guidance_scale: float | None = Field(default=None, ge=0, le=30, description="The model's if absent")
    sampler: str | None = Field(
        default=None, max_length=64, description="One of the model's `samplers` in GET /models; its usual one if absent"
    )
    schedule: str | None = Field(
        default=None, max_length=64, description="One of the sampler's `schedules` in GET /models, such as karras"
    )
    loras: tuple[LoraRequest, ...] = Field(default=(), description="Styles and subjects that the model learned later")
    image: PictureName | None = Field(default=None, description="A picture to redraw")
    mask: PictureName | None = Field(
        default=None, description="Where it is white, or has a hole, `image` is redrawn; it needs one"
    )
    strength: float | None = Field(
        default=None,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="How much of `image` is redrawn; 0.75 if absent, and 1 with a mask",
    )
    references: tuple[PictureName, ...] = Field(
        default=(), description="Pictures that an editing model changes as the prompt says"
    )
    controls: tuple[ControlRequest, ...] = Field(default=(), description="Pictures that the drawing follows")
    image_prompts: tuple[ImagePromptRequest, ...] = Field(default=(), description="Pictures beside the words")
    stages: StageSettings = Field(
        default=StageSettings(), description="Stages beyond the usual ones, by kind, with their settings"
    )
    deadline_seconds: float | None = Field(
        default=None,
        gt=0,
        le=7 * 86_400,
        allow_inf_nan=False,
        description="From acceptance; a picture that cannot be drawn by then is not begun, and the job fails",
    )
    private: bool = Field(
        default=False,
        description="Keep the prompt out of the files: they say that a machine made them, how, and under which "
        "licence; what was asked for stays in the studio",
    )

    def keep_as_asked(self) -> dict[str, Any]:
        """The request as a job keeps it, so that another can go on from it. Of stages only what it says itself: the
        rest is its asset type's and its quality's to say, again and again."""
        said = self.model_dump(mode="json", exclude_none=True)
        return said | {"stages": self.stages.model_dump(mode="json", exclude_unset=True)}

    @property
    def inputs(self) -> tuple[InputImage[str], ...]:
        """Every picture that it names, in the order of its fields."""
        over = () if self.image is None else drawn_over(self.image, self.mask)
        return (
            *over,
            *(InputImage(role="reference", image=name) for name in self.references),
            *(InputImage(role="control", **dict(one)) for one in self.controls),
            *(InputImage(role="image_prompt", **dict(one)) for one in self.image_prompts),
        )
