"""From a request in OpenAI's words to one of ours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from configs.capabilities import Capabilities
from configs.errors import InvalidRequest, Unsupported
from configs.schema import ModelConfig
from router.job_request import JobRequest, LoraRequest
from router.openai.requests import EditRequest, ImagesRequest

QUALITIES = {
    "auto": "standard",
    "low": "draft",
    "medium": "standard",
    "standard": "standard",
    "high": "high",
    "hd": "ultra",
    "xhigh": "ultra",
    "max": "ultra",
}
"""OpenAI's words for a quality, and ours. A quality of ours may be named by its id, too."""

_STYLES = ("vivid", "natural")  # of DALL·E 3, which no asset type has
_THEIRS = frozenset({"png", "jpeg", "webp"})  # what an event of a stream may be
_LOSSY = ("jpeg", "webp")
_WHOLE = 100  # of 100: nothing is compressed away
_SAME_NAME = frozenset(
    {
        "asset_type",
        "slots",
        "brand_kit",
        "negative_prompt",
        "num_inference_steps",
        "guidance_scale",
        "seed",
        "sampler",
        "schedule",
        "strength",
        "stages",
        "controls",
        "image_prompts",
        "deadline_seconds",
        "private",
    }
)
_FAITHFUL = 0.5
"""Of a picture that is redrawn without a mask, with `input_fidelity: high`; JobRequest has 0.75 otherwise."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Pictures that came with an edit, by the names of their uploads."""

    images: tuple[str, ...] = ()
    mask: str | None = None


NOTHING = Brought()


def check_answer(asked: ImagesRequest) -> None:
    """Whether what is asked for can be answered as it is to be. Raises `InvalidRequest`."""
    format = asked.output_format or "png"
    if asked.background == "transparent" and format == "jpeg":
        raise InvalidRequest("a JPEG has no transparency: ask for png or webp", "output_format", ("png", "webp"))
    compression = _WHOLE if asked.output_compression is None else asked.output_compression
    if compression < _WHOLE and format not in _LOSSY:
        raise InvalidRequest(
            f"Compression less than 100 is not supported for {format.upper()} output format: leave output_compression "
            "out, or ask for jpeg or webp",
            "output_compression",
        )
    if asked.stream and format not in _THEIRS:
        raise InvalidRequest(f"a stream has png, jpeg or webp, not {format}: leave stream out", "output_format")
    if asked.stream and asked.response_format == "url":
        raise InvalidRequest("a stream has its pictures in it: leave response_format out", "response_format")
    if asked.partial_images and not asked.stream:
        raise InvalidRequest("partial_images are events of a stream: say stream, too", "partial_images")


def translate(
    asked: ImagesRequest, model: str | None, asset_type: str, brought: Brought = NOTHING, edits: bool = False
) -> JobRequest:
    """The request that POST /generate would be given. `model` is an id of ours, `asset_type` that of a request that
    names none; `edits` says that the model changes pictures as words say, and is given them as references."""
    said: dict[str, Any] = asked.model_dump(include=set(_SAME_NAME), exclude_unset=True, exclude_none=True)
    said = {"asset_type": asset_type} | said
    said |= {"prompt": asked.prompt, "model": model, "num_variations": asked.pictures}
    said["quality"] = QUALITIES.get(asked.quality or "auto", asked.quality)
    said["size"] = None if asked.size == "auto" else asked.size
    said["formats"] = (asked.output_format or "png",)
    said["style"] = None if asked.style in _STYLES else asked.style
    said["loras"] = _loras(asked)
    said["stages"] = _grounded(asked, _compressed(asked, said.get("stages", {})))
    if brought.mask is not None:
        said |= {"image": brought.images[0], "mask": brought.mask}
    elif edits:
        said["references"] = brought.images
    elif brought.images:
        said["image"] = brought.images[0]
        if isinstance(asked, EditRequest) and asked.input_fidelity == "high":
            said.setdefault("strength", _FAITHFUL)
    return JobRequest.model_validate({name: value for name, value in said.items() if value is not None})


def check_images(count: int, masked: bool, model: ModelConfig, can: Capabilities) -> None:
    """Whether the model takes so many pictures. Raises `Unsupported`."""
    most = can.references if "edit" in can.modes and not masked else 1
    if count > most:
        with_mask = " together with a mask" if masked else ""
        raise Unsupported(
            f"{model.id} takes {most} picture{'s' if most > 1 else ''}{with_mask}, and {count} came: send fewer, or "
            "name a model that edits several (GET /models, capabilities.references)",
            "image",
        )


def _loras(asked: ImagesRequest) -> tuple[LoraRequest, ...]:
    named = (*(() if asked.lora is None else (asked.lora,)), *(asked.loras or ()))
    return tuple(LoraRequest(id=one) if isinstance(one, str) else one for one in named)


def _compressed(asked: ImagesRequest, stages: dict[str, Any]) -> dict[str, Any]:
    """Stages with the quality of files; what `stages` say themselves goes before it."""
    if asked.output_compression is None or (asked.output_format or "png") not in _LOSSY:
        return stages
    said = stages.get("finish")
    return stages | {"finish": {"file_quality": asked.output_compression} | (said if isinstance(said, dict) else {})}


def _grounded(asked: ImagesRequest, stages: dict[str, Any]) -> dict[str, Any]:
    """Stages with what the background says of cutting out; what `stages` say themselves goes before it."""
    if asked.background == "transparent":
        return {"cut_out": {}} | stages
    return {"cut_out": False} | stages if asked.background == "opaque" else stages
