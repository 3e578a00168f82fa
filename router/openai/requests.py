"""What a program asks for in OpenAI's words, and in ours where theirs have none."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from configs.contracts import Words
from configs.frozen import Frozen
from router.job_request import ControlRequest, ImagePromptRequest, LoraRequest, Prompt
from router.licences.model import Right
from router.stage_table import StageSettings

Background: TypeAlias = Literal["transparent", "opaque", "auto"]
OutputFormat: TypeAlias = Literal["png", "jpeg", "webp", "svg"]
SizeName = Annotated[str, StringConstraints(pattern=r"^(auto|[1-9][0-9]{0,3}x[1-9][0-9]{0,3})$")]
LoraName = Annotated[str, StringConstraints(min_length=1, max_length=96)]
MOST_PICTURES = 10
MOST_IMAGES = 16
_END_USER = 512


class ImagesRequest(Frozen):
    """The parameters of `images.generate` and `images.edit`; after `user` those of this studio, by the names that they
    have in POST /generate. null means absent, as there."""

    prompt: Prompt = Field(description="What the picture shows, in plain words", examples=["a red bicycle"])
    model: str | None = Field(
        default=None, max_length=96, description="An id or an alias of GET /v1/models; the studio's default if absent"
    )
    n: int | None = Field(default=None, ge=1, le=MOST_PICTURES, description="How many pictures; 1 if absent")
    size: SizeName | None = Field(
        default=None, description="WIDTHxHEIGHT, a size of the asset type on the model, or auto", examples=["512x512"]
    )
    quality: str | None = Field(
        default=None,
        max_length=64,
        description="low, medium, high, hd (or a quality of GET /asset-types); auto is medium",
    )
    background: Background | None = Field(default=None, description="transparent: the subject is cut out")
    output_format: OutputFormat | None = Field(default=None, description="png if absent; svg needs flat art")
    output_compression: int | None = Field(
        default=None, ge=0, le=100, description="Quality of JPEG and WebP: 100 is the best, 90 if absent; not of png"
    )
    response_format: Literal["url", "b64_json"] | None = Field(
        default=None, description="b64_json if absent; a url shows the picture without signing in for 60 minutes"
    )
    style: str | None = Field(
        default=None, max_length=64, description="A style of the asset type; vivid and natural change nothing"
    )
    moderation: Literal["low", "auto"] | None = Field(default=None, description="Read, and without effect")
    stream: bool | None = Field(default=None, description="Answer with server-sent events")
    partial_images: int | None = Field(
        default=None, ge=0, le=3, description="Previews of each picture in a stream, at most; none of quick ones"
    )
    safety_identifier: str | None = Field(default=None, max_length=_END_USER, description="Told back, and not kept")
    user: str | None = Field(default=None, max_length=_END_USER, description="The same by its older name")
    asset_type: str | None = Field(
        default=None, max_length=96, description="An id of GET /asset-types; the header's or the studio's if absent"
    )
    slots: dict[str, Words] | None = Field(default=None, description="Words for the slots of the asset type's template")
    brand_kit: str | None = Field(default=None, max_length=64, description="An id of GET /brand, or none")
    negative_prompt: str | None = Field(default=None, max_length=2000)
    num_inference_steps: int | None = Field(default=None, ge=1, le=100)
    guidance_scale: float | None = Field(default=None, ge=0, le=30, allow_inf_nan=False)
    seed: int | None = Field(default=None, ge=0, lt=2**32, description="Of the first picture; the others count up")
    sampler: str | None = Field(default=None, max_length=64)
    schedule: str | None = Field(default=None, max_length=64)
    lora: LoraName | LoraRequest | None = Field(default=None, description="An id of GET /loras, or one with strength")
    loras: tuple[LoraName | LoraRequest, ...] | None = Field(default=None, description="Several of them")
    controls: tuple[ControlRequest, ...] | None = Field(default=None, description="Pictures that the drawing follows")
    image_prompts: tuple[ImagePromptRequest, ...] | None = Field(default=None, description="Pictures beside the words")
    stages: StageSettings | None = Field(default=None, description="Stages beyond the usual ones, by kind")
    deadline_seconds: float | None = Field(default=None, gt=0, le=7 * 86_400, allow_inf_nan=False)
    private: bool | None = Field(default=None, description="True keeps the prompt out of the files")

    @property
    def pictures(self) -> int:
        """How many are asked for."""
        return self.n or 1

    @property
    def end_user(self) -> str | None:
        """For whom it is asked, as the program says."""
        return self.safety_identifier or self.user or None


class GenerationRequest(ImagesRequest):
    """The body of POST /v1/images/generations."""


class EditRequest(ImagesRequest):
    """The fields of POST /v1/images/edits beside its files `image` and `mask`."""

    input_fidelity: Literal["high", "low"] | None = Field(
        default=None, description="high: without a mask, less of the picture is redrawn"
    )
    strength: float | None = Field(
        default=None, gt=0, le=1, allow_inf_nan=False, description="How much of the picture is redrawn"
    )
    right: Right | None = Field(default=None, description="Whose the pictures are: own, bought or unknown")
