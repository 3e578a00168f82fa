"""An arm's overlay on a request: what it changes, and where the request has said otherwise itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from configs.errors import InvalidRequest
from configs.experiments import Overlay
from router.api.sentences import sentence_for
from router.job_request import JobRequest, LoraRequest
from router.prompts.loras import is_named
from router.stage_table import StageSettings

_PLAIN = ("model", "brand_kit", "guidance_scale", "sampler", "schedule", "best_of")
"""Fields that a request and an overlay call alike."""


def find_clash(request: JobRequest, overlay: Overlay) -> str | None:
    """The field with which a request settles itself what the overlay would change; None if it leaves all that open."""
    return next(_clashes(request, overlay), None)


def _clashes(request: JobRequest, overlay: Overlay) -> Iterator[str]:
    for name in _PLAIN:
        if getattr(overlay, name) is not None and getattr(request, name) is not None:
            yield name
    if overlay.steps.get(request.quality) is not None and request.num_inference_steps is not None:
        yield "num_inference_steps"
    if overlay.asset_type is not None and "@" in request.asset_type:
        yield "asset_type"
    own = {lora.lora for lora in request.loras}
    if any(lora.lora in own or is_named(request.prompt, lora.lora) for lora in overlay.loras):
        yield "loras"
    for kind in overlay.stages:
        if getattr(request.stages, kind, None) is not None:
            yield f"stages.{kind}"


def lay_over(request: JobRequest, overlay: Overlay) -> JobRequest:
    """The request as an arm draws it. What it said itself stays. Raises `InvalidRequest` for stages that are none."""
    changes: dict[str, Any] = {
        name: value
        for name in _PLAIN
        if (value := getattr(overlay, name)) is not None and getattr(request, name) is None
    }
    steps = overlay.steps.get(request.quality)
    if steps is not None and request.num_inference_steps is None:
        changes["num_inference_steps"] = steps
    if overlay.asset_type is not None and "@" not in request.asset_type:
        changes["asset_type"] = overlay.asset_type
    if overlay.loras:
        own = {lora.lora for lora in request.loras}
        more = [LoraRequest(id=one.id, strength=one.strength) for one in overlay.loras if one.lora not in own]
        changes["loras"] = (*request.loras, *more)
    if overlay.stages:
        changes["stages"] = _lay_over_stages(request.stages, overlay)
    return request.model_copy(update=changes)


def _lay_over_stages(said: StageSettings, overlay: Overlay) -> StageSettings:
    own = said.model_dump(exclude_unset=True)
    usual = {kind: {} if terms is True else terms for kind, terms in overlay.stages.items()}
    try:
        return StageSettings.model_validate({**usual, **own})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, ("stages", *first["loc"])))
        raise InvalidRequest(sentence_for(first["type"], first.get("ctx", {})), field) from None
