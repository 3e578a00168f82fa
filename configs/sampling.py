"""Samplers and noise schedules by their names in the field: ComfyUI's ids, AUTOMATIC1111's labels, and what they are
called in a checkpoint's `scheduler_config.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from configs.frozen import Frozen

Sampler = Literal[
    "default",
    "euler",
    "euler_ancestral",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_3m_sde",
    "uni_pc",
    "ddim",
    "lcm",
    "multinomial",
]
"""`default` is the checkpoint's own where nobody knows its name; `multinomial` draws tokens, not noise."""
NoiseSchedule = Literal["leading", "normal", "sgm_uniform", "simple", "karras", "exponential"]
"""`leading`, `normal` and `sgm_uniform` say which of the training's timesteps are taken: diffusers' spacings `leading`,
`linspace` and `trailing`. `simple` are a flow's own; the others bend the noise between the first and the last."""

LABELS: Mapping[str, str] = {
    "euler": "Euler",
    "euler_ancestral": "Euler a",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "dpmpp_3m_sde": "DPM++ 3M SDE",
    "uni_pc": "UniPC",
    "ddim": "DDIM",
    "lcm": "LCM",
}
"""As AUTOMATIC1111 writes them."""
SCHEDULE_LABELS: Mapping[str, str] = {
    "normal": "Normal",
    "sgm_uniform": "SGM Uniform",
    "simple": "Simple",
    "karras": "Karras",
    "exponential": "Exponential",
}
"""As AUTOMATIC1111 writes them; it has none for `leading`."""
SPACINGS: Mapping[str, str] = {"leading": "leading", "normal": "linspace", "sgm_uniform": "trailing"}

_SAMPLERS: Mapping[str, Sampler] = {
    "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler_ancestral",
    "UniPCMultistepScheduler": "uni_pc",
    "DDIMScheduler": "ddim",
    "LCMScheduler": "lcm",
    "EDMEulerScheduler": "euler",
    "FlowMatchEulerDiscreteScheduler": "euler",
    "FlowMatchLCMScheduler": "lcm",
}
_SOLVERS: Mapping[tuple[str, int], Sampler] = {
    ("dpmsolver++", 2): "dpmpp_2m",
    ("sde-dpmsolver++", 2): "dpmpp_2m_sde",
    ("sde-dpmsolver++", 3): "dpmpp_3m_sde",
}
_UNNAMED = ("use_beta_sigmas", "use_lu_lambdas")


class Sampling(Frozen):
    """How noise is taken away. Without `schedule`, the checkpoint's configuration says where its steps lie."""

    sampler: Sampler = "default"
    schedule: NoiseSchedule | None = None


def title(sampler: str, schedule: str | None) -> str:
    """Both as people write them: `DPM++ 2M Karras`. Empty where the sampler has no name."""
    bent = SCHEDULE_LABELS.get(schedule or "", "") if schedule != "simple" else ""
    return " ".join(filter(None, (LABELS[sampler], bent))) if sampler in LABELS else ""


def read_sampling(settings: Mapping[str, Any]) -> Sampling:
    """What a `scheduler_config.json` says. What has no name here is `default`, and without a schedule."""
    name = str(settings.get("_class_name", ""))
    sampler = _SAMPLERS.get(name, "default")
    if name in ("DPMSolverMultistepScheduler", "EDMDPMSolverMultistepScheduler"):
        solver = settings.get("algorithm_type", "dpmsolver++"), settings.get("solver_order", 2)
        sampler = _SOLVERS.get(solver, "default")
    if not settings.get("predict_x0", True):  # a solver that foresees noise, which is none of those named here
        sampler = "default"
    return Sampling(sampler=sampler, schedule=None if sampler == "default" else _schedule(name, settings))


def _schedule(name: str, settings: Mapping[str, Any]) -> NoiseSchedule | None:
    if name.startswith("EDM"):
        return "exponential" if settings.get("sigma_schedule") == "exponential" else "karras"
    if "LCM" in name or settings.get("use_flow_sigmas") or any(settings.get(flag) for flag in _UNNAMED):
        return None
    if settings.get("use_karras_sigmas"):
        return "karras"
    if settings.get("use_exponential_sigmas"):
        return "exponential"
    if name.startswith("FlowMatch"):
        return "simple"
    spacing = settings.get("timestep_spacing", "leading" if name == "DDIMScheduler" else "linspace")
    known: dict[str, NoiseSchedule] = {"leading": "leading", "linspace": "normal", "trailing": "sgm_uniform"}
    return known.get(spacing)
