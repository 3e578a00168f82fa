"""With which sampler and schedule a picture is drawn, settled from what the request says and what its model can."""

from __future__ import annotations

from configs.catalog import Installation
from configs.errors import InvalidRequest, UnknownName, Unsupported
from configs.sampling import NoiseSchedule, Sampler, Sampling
from configs.schema import ModelConfig
from configs.text import one_line
from deployments.checkpoints.sampling import usual_sampling
from router.abilities import find_able, suggest
from router.job_request import JobRequest


def choose_sampling(request: JobRequest, model: ModelConfig, installation: Installation) -> Sampling:
    """Raises `UnknownName`, `Unsupported` and `InvalidRequest`, naming the field and what it may be."""
    usual = usual_sampling(model, installation)
    sampler = usual.sampler if request.sampler is None else _sampler(request.sampler, usual, model, installation)
    schedules = installation.capabilities[model.id].samplers.get(sampler, ())
    if request.schedule is None:
        kept = sampler == usual.sampler or usual.schedule in schedules
        return Sampling(sampler=sampler, schedule=usual.schedule if kept else None)
    if (sampler, request.schedule) == (usual.sampler, usual.schedule):
        return usual
    return Sampling(sampler=sampler, schedule=_schedule(request.schedule, sampler, schedules, model))


def _sampler(name: str, usual: Sampling, model: ModelConfig, installation: Installation) -> Sampler:
    known = installation.capabilities[model.id].samplers
    found = next((sampler for sampler in (usual.sampler, *known) if sampler == name), None)
    if found is not None:
        return found
    message = f"{model.id} samples with {', '.join(known)}, not with '{one_line(name)}'"
    others = find_able(installation, lambda _, can: name in can.samplers)
    if others:
        raise Unsupported(f"{message}; choose one of these{suggest(others)}", "sampler", tuple(known))
    raise UnknownName(message, "sampler", tuple(known))


def _schedule(name: str, sampler: Sampler, schedules: tuple[NoiseSchedule, ...], model: ModelConfig) -> NoiseSchedule:
    found = next((schedule for schedule in schedules if schedule == name), None)
    if found is not None:
        return found
    choice = f"choose one of {', '.join(schedules)}" if schedules else "it has one only: leave it out"
    raise InvalidRequest(
        f"'{sampler}' of {model.id} has no schedule '{one_line(name)}'; {choice}", "schedule", schedules
    )
