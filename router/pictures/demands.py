"""What the pictures of a request demand of a model, held against what that model can do, before anything is queued."""

from __future__ import annotations

from configs.capabilities import Capabilities, Mode
from configs.catalog import Installation
from configs.errors import InvalidRequest, Unsupported
from configs.schema import ModelConfig
from router.abilities import find_able, suggest
from router.job_request import FIELDS, JobRequest


def check_pictures(request: JobRequest, model: ModelConfig, installation: Installation) -> None:
    """Raises `Unsupported` with the field at fault, the reason, and which models can; `InvalidRequest` for pictures
    that no model could do anything with."""
    _check_sense(request, installation.profile.limits.max_pictures)
    can = installation.capabilities[model.id]
    if request.image is not None:
        _check_redrawing("img2img" if request.mask is None else "inpaint", model, can, installation)
    if len(request.references) > can.references:
        _refuse_references(len(request.references), model, can, installation)
    for control in request.controls:
        _check_control(control.kind, model, installation)
    if request.controls:
        _check_along(request, model, can, installation)
    if request.image_prompts and model.image_prompt is None:
        others = find_able(installation, lambda one, _: one.image_prompt is not None)
        message = f"{model.id} reads no pictures as prompts: say in words what is on them"
        raise Unsupported(message + suggest(others), "image_prompts")


def _check_sense(request: JobRequest, most: int) -> None:
    fields = [FIELDS[one.role] for one in request.inputs]
    if (count := len(fields)) > most:
        raise InvalidRequest(f"{count} pictures are more than the {most} that one request may bring", fields[most])
    for field in ("mask", "strength"):
        if request.image is None and getattr(request, field) is not None:
            raise InvalidRequest(f"{field} says how an image is redrawn: give the image, too, or leave it out", field)
    for control in request.controls:
        if control.start >= control.end:
            message = f"control '{control.kind}' counts from 'start' to 'end' of the steps: 'start' must be below 'end'"
            raise InvalidRequest(message, "controls")


def _check_redrawing(mode: Mode, model: ModelConfig, can: Capabilities, installation: Installation) -> None:
    if mode in can.modes:
        return
    choice = suggest(find_able(installation, lambda _, one: mode in one.modes))
    if mode == "img2img" and "inpaint" in can.modes:
        raise Unsupported(f"{model.id} redraws only what a mask marks: give a mask, too{choice}", "mask")
    if mode == "inpaint" and "img2img" in can.modes:
        raise Unsupported(f"{model.id} redraws whole pictures: leave the mask out{choice}", "mask")
    way = "give the picture in references, and say what to change" if can.references else "leave image out"
    raise Unsupported(f"{model.id} draws over no pictures: {way}{choice}", "image")


def _refuse_references(count: int, model: ModelConfig, can: Capabilities, installation: Installation) -> None:
    choice = suggest(find_able(installation, lambda _, one: one.references >= count))
    if can.references:
        pictures = "one picture" if can.references == 1 else f"up to {can.references} pictures"
        raise Unsupported(f"{model.id} changes {pictures} at once, not {count}{choice}", "references")
    draws = "img2img" in can.modes or "inpaint" in can.modes
    way = "give the one to draw over in image" if draws else "leave references out"
    raise Unsupported(f"{model.id} changes no pictures as it is told: {way}{choice}", "references")


def _check_along(request: JobRequest, model: ModelConfig, can: Capabilities, installation: Installation) -> None:
    mode: Mode = "txt2img" if request.image is None else "img2img" if request.mask is None else "inpaint"
    if can.control_modes is None or mode in can.control_modes:
        return
    others = find_able(installation, lambda one, able: bool(one.controls) and able.follows(mode))
    message = f"{model.id} draws over a whole picture along no control: leave the image or the controls out"
    raise Unsupported(message + suggest(others), "controls")


def _check_control(kind: str, model: ModelConfig, installation: Installation) -> None:
    if kind in model.controls:
        return
    choice = suggest(find_able(installation, lambda one, _: kind in one.controls))
    known = tuple(model.controls)
    follows = f"has no control '{kind}', but {', '.join(known)}" if known else "follows no control pictures"
    raise Unsupported(f"{model.id} {follows}; leave it out{choice}", "controls", known)
