"""What a program is answered in OpenAI's words: pictures, events of a stream, models. `seed`, `asset_id`, `job_id`,
`model`, `index` and `notes` are ours, beside theirs."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from router.jobs.model import ImageRecord, Job, StoredFile
from router.openai.requests import Background, ImagesRequest
from router.pictures.names import pixels_of
from router.plan import Plan

Call: TypeAlias = Literal["image_generation", "image_edit"]

QUALITY_NAMES = {"draft": "low", "standard": "medium", "high": "high", "ultra": "max"}
"""Our qualities in OpenAI's words; `max` is what newer SDKs know above `high`."""


class TokenDetails(Frozen):
    image_tokens: int = 0
    text_tokens: int = 0


class Usage(Frozen):
    """Tokens of the prompt as the model's own tokenizer counts them, for one picture; pictures are not made of tokens
    here, and count none."""

    input_tokens: int
    input_tokens_details: TokenDetails
    output_tokens: int = 0
    output_tokens_details: TokenDetails = TokenDetails()
    total_tokens: int


class ImageData(Frozen):
    """A picture: in it, or behind a link that is good for 60 minutes."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = Field(default=None, description="what the model read: the prompt in its template")
    seed: int = Field(description="that draws this one again, alone")
    asset_id: str = Field(description="names it in the studio")


class ImagesAnswer(Frozen):
    """The answer to `images.generate` and `images.edit`."""

    created: int = Field(description="seconds since 1970")
    data: tuple[ImageData, ...]
    background: Literal["transparent", "opaque"]
    output_format: str
    quality: str | None = Field(default=None, description="absent for a quality that only this studio has")
    size: str
    usage: Usage
    safety_identifier: str | None = None
    job_id: str = Field(description="GET /jobs/{job_id} has the rest")
    model: str = Field(description="what drew them")
    notes: tuple[str, ...] = Field(default=(), description="what to know of them, in words")


class PictureEvent(Frozen):
    """What the events of a stream have in common."""

    type: str
    b64_json: str
    background: Background
    created_at: int
    output_format: str
    quality: str
    size: str
    index: int = Field(description="of the picture, from 0")


class PartialImage(PictureEvent):
    """A small preview of a picture that is being drawn."""

    partial_image_index: int


class CompletedImage(PictureEvent):
    """A finished picture."""

    usage: Usage
    seed: int
    asset_id: str
    job_id: str
    safety_identifier: str | None = None


class ModelEntry(Frozen):
    """A model, or another name of one."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(default=0, description="0: a checkpoint does not say when it was made")
    owned_by: str = "atelier"


class ModelList(Frozen):
    """What GET /v1/models has."""

    object: Literal["list"] = "list"
    data: tuple[ModelEntry, ...]


def usage_of(plan: Plan) -> Usage:
    """Of a job, by its plan."""
    tokens = 0 if plan.base.reading is None else plan.base.reading.tokens
    return Usage(input_tokens=tokens, input_tokens_details=TokenDetails(text_tokens=tokens), total_tokens=tokens)


def file_of(image: ImageRecord, asked: ImagesRequest) -> StoredFile:
    """The file that was asked for, or the one that was written in its place (`notes` of the picture say why)."""
    own = [file for file in image.files if file.size is None]
    exact = [file for file in own if file.format == (asked.output_format or "png")]
    return (exact or [pixels_of(own) or own[0]])[0]


def images_answer(job: Job, asked: ImagesRequest, data: tuple[ImageData, ...]) -> ImagesAnswer:
    """The answer for a job that has ended with at least one picture, which `data` tell in their order."""
    plan, first = job.plan, job.images[0]
    notes = (*(note.message for note in plan.notes), *(line for image in job.images for line in image.notes))
    return ImagesAnswer(
        created=int(job.created_at.timestamp()),
        data=data,
        background="transparent" if _cuts_out(plan) else "opaque",
        output_format=file_of(first, asked).format,
        quality=QUALITY_NAMES.get(plan.quality),
        size=f"{first.width}x{first.height}",
        usage=usage_of(plan),
        safety_identifier=asked.end_user,
        job_id=job.id,
        model=plan.base.model,
        notes=tuple(dict.fromkeys(notes)),
    )


def partial_image(
    job: Job, call: Call, asked: ImagesRequest, index: int, number: int, picture: str, now: int
) -> PartialImage:
    """A preview as an event; `number` counts those of the picture at `index`, `picture` is base64."""
    return PartialImage(
        type=f"{call}.partial_image",
        b64_json=picture,
        background="transparent" if _cuts_out(job.plan) else "opaque",
        created_at=now,
        output_format=asked.output_format or "png",
        quality=QUALITY_NAMES.get(job.plan.quality, "auto"),
        size=str(job.plan.size),
        index=index,
        partial_image_index=number,
    )


def completed_image(
    job: Job, call: Call, asked: ImagesRequest, image: ImageRecord, picture: str, now: int
) -> CompletedImage:
    """A finished picture as an event; `picture` is base64."""
    return CompletedImage(
        type=f"{call}.completed",
        b64_json=picture,
        background="transparent" if _cuts_out(job.plan) else "opaque",
        created_at=now,
        output_format=file_of(image, asked).format,
        quality=QUALITY_NAMES.get(job.plan.quality, "auto"),
        size=f"{image.width}x{image.height}",
        index=image.index,
        usage=usage_of(job.plan),
        seed=image.seed,
        asset_id=image.asset_id,
        job_id=job.id,
        safety_identifier=asked.end_user,
    )


def _cuts_out(plan: Plan) -> bool:
    return any(stage.kind == "cut_out" for stage in plan.stages)
