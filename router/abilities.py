"""What a request asks of a model, held against what that model can do, before anything is queued."""

from __future__ import annotations

from collections.abc import Callable

from configs.capabilities import Capabilities, Guidance, Mode
from configs.catalog import Installation
from configs.errors import InvalidRequest, Unsupported
from configs.schema import ModelConfig
from router.job_request import JobRequest

_WITHOUT_NEGATIVE: dict[Guidance, str] = {
    "embedded": "it reads guidance as a number and looks at one prompt only",
    "none": "it draws without guidance, and so looks at one prompt only",
    "classifier-free": "its pipeline has no place for one",
}
_MODES: dict[Mode, str] = {
    "txt2img": "draws from words",
    "img2img": "redraws a picture",
    "inpaint": "redraws what a mask marks",
    "edit": "changes pictures as it is told",
}


def check_abilities(request: JobRequest, model: ModelConfig, installation: Installation) -> None:
    """Raises `Unsupported` with the field at fault, the reason, and what the model can do.

    Only what the request itself says counts: an asset type's negative prompt is left out where a model takes none.
    """
    can = installation.capabilities[model.id]
    if "txt2img" not in can.modes and request.image is None and not request.references:
        others = find_able(installation, lambda _, one: "txt2img" in one.modes)
        does = " or ".join(_MODES[mode] for mode in can.modes)
        message = f"{model.id} does not draw from words alone: it {does}{suggest(others, '; choose')}"
        raise Unsupported(message, "model", others)
    if (request.negative_prompt or "").strip() and not can.negative_prompt:
        others = find_able(installation, lambda _, one: one.negative_prompt)
        message = f"{model.id} takes no negative prompt: {_WITHOUT_NEGATIVE[can.guidance]}; leave it out"
        raise Unsupported(message + suggest(others), "negative_prompt")
    if request.loras and not can.lora:
        others = find_able(installation, lambda _, one: one.lora)
        raise Unsupported(f"{model.id} takes no LoRAs; leave them out{suggest(others)}", "loras")
    _check_noise(request, model, installation)
    _check_numbers(request, model, can)


def _check_noise(request: JobRequest, model: ModelConfig, installation: Installation) -> None:
    if request.near is None:
        return
    if not installation.capabilities[model.id].neighbours:
        others = find_able(installation, lambda _, one: one.neighbours)
        raise Unsupported(f"{model.id} has no noise that could be turned; leave near out{suggest(others)}", "near")
    if request.image is not None:
        message = "near is for pictures that are drawn from noise alone: leave out near, or the image"
        raise InvalidRequest(message, "near")


def _check_numbers(request: JobRequest, model: ModelConfig, can: Capabilities) -> None:
    if can.guidance == "none" and (request.guidance_scale or 0) > 0:
        raise Unsupported(f"{model.id} draws without guidance; leave guidance_scale out", "guidance_scale")
    fewest, most = can.steps
    steps = request.num_inference_steps
    if steps is not None and not fewest <= steps <= most:
        raise Unsupported(f"{model.id} draws in {can.step_range}, not in {steps}", "num_inference_steps")


def find_able(installation: Installation, able: Callable[[ModelConfig, Capabilities], bool]) -> tuple[str, ...]:
    """The models of this installation that are able to, in the profile's order."""
    placed = dict.fromkeys(one.model for one in installation.profile.generators)
    return tuple(id for id in placed if able(installation.catalog.models[id], installation.capabilities[id]))


def suggest(models: tuple[str, ...], begin: str = ", or choose") -> str:
    """The end of a refusal, where other models can do it."""
    return f"{begin} {' or '.join(models)} as model" if models else ""
