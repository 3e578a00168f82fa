"""diffusers' own schedulers, by what requests call them: made as its documentation says, with `from_config`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deployments.messages import GenerateRequest
from tests.deployments.tiny_components import parts

_DISCRETE: dict[str, tuple[str, dict[str, Any]]] = {
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp_2m_sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "dpmpp_3m_sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}),
    "uni_pc": ("UniPCMultistepScheduler", {}),
    "ddim": ("DDIMScheduler", {"clip_sample": False}),
    "lcm": ("LCMScheduler", {}),
}
_SCHEDULES: dict[str | None, dict[str, Any]] = {
    None: {},
    "simple": {},
    "leading": {"timestep_spacing": "leading"},
    "normal": {"timestep_spacing": "linspace"},
    "sgm_uniform": {"timestep_spacing": "trailing"},
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
}


def scheduler_alone(own: Any, sampler: str, schedule: str | None) -> Any:
    """The scheduler of a checkpoint whose own is `own`."""
    if sampler == "default":
        return own
    if type(own).__name__.startswith("EDM"):
        name, settings = _DISCRETE[sampler]
        kind = getattr(parts, "EDMEulerScheduler" if sampler == "euler" else f"EDM{name}")
        return kind.from_config(own.config, **settings, sigma_schedule=schedule or own.config.sigma_schedule)
    if "shift" in own.config or own.config.get("use_flow_sigmas"):
        return _flow(own, sampler, schedule)
    name, settings = _DISCRETE[sampler]
    return getattr(parts, name).from_config(own.config, **settings, **_SCHEDULES[schedule])


def _flow(own: Any, sampler: str, schedule: str | None) -> Any:
    shift = own.config.get("shift", own.config.get("flow_shift"))
    if sampler == "uni_pc":
        flow = {"use_flow_sigmas": True, "prediction_type": "flow_prediction", "flow_shift": shift}
        return parts.UniPCMultistepScheduler.from_config(own.config, **flow)
    kind = {"euler": parts.FlowMatchEulerDiscreteScheduler, "lcm": parts.FlowMatchLCMScheduler}[sampler]
    return kind.from_config(own.config, shift=shift, **_SCHEDULES[schedule])


@contextmanager
def sampling_as(pipeline: Any, asked: GenerateRequest) -> Iterator[None]:
    """`pipeline` with the scheduler that the request names."""
    own = pipeline.scheduler if hasattr(pipeline, "scheduler") else None
    if own is None:
        yield
        return
    pipeline.scheduler = scheduler_alone(own, asked.sampler, asked.schedule)
    try:
        yield
    finally:
        pipeline.scheduler = own
