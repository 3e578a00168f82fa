"""The scheduler that a request asks for, made from the checkpoint's own: what the model learned stays as it is (betas,
kind of prediction, shift), and the sampler and where its steps lie are as the request says."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from typing import Any

from configs.errors import ConfigError, StageError
from configs.sampling import SPACINGS, Sampling, read_sampling
from configs.schema import ModelConfig
from deployments.messages import GenerateRequest

_DISCRETE = {
    "euler": "EulerDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
    "dpmpp_2m": "DPMSolverMultistepScheduler",
    "dpmpp_2m_sde": "DPMSolverMultistepScheduler",
    "dpmpp_3m_sde": "DPMSolverMultistepScheduler",
    "uni_pc": "UniPCMultistepScheduler",
    "ddim": "DDIMScheduler",
    "lcm": "LCMScheduler",
}
_EDM = {
    "dpmpp_2m": "EDMDPMSolverMultistepScheduler",
    "dpmpp_2m_sde": "EDMDPMSolverMultistepScheduler",
    "dpmpp_3m_sde": "EDMDPMSolverMultistepScheduler",
    "euler": "EDMEulerScheduler",
}
_FLOW = {
    "euler": "FlowMatchEulerDiscreteScheduler",
    "lcm": "FlowMatchLCMScheduler",
    "uni_pc": "UniPCMultistepScheduler",
}
_UNCLIPPED = {"clip_sample": False}  # latents are no pictures in -1..1, which is what diffusers clips to by default
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "dpmpp_2m": {"algorithm_type": "dpmsolver++", "solver_order": 2},
    "dpmpp_2m_sde": {"algorithm_type": "sde-dpmsolver++", "solver_order": 2},
    "dpmpp_3m_sde": {"algorithm_type": "sde-dpmsolver++", "solver_order": 3},
    "uni_pc": {"solver_order": 2, "predict_x0": True},
    "ddim": _UNCLIPPED,
    "lcm": _UNCLIPPED,
}
_OF_MINI = ("FlowMatchEulerDiscreteScheduler", {"shift": 2.0})
_CURVES = {"karras": "use_karras_sigmas", "exponential": "use_exponential_sigmas"}
_PLAIN = dict.fromkeys((*_CURVES.values(), "use_beta_sigmas", "use_lu_lambdas"), False)


class Samplers:
    """The schedulers of one loaded model, whose `own` is its checkpoint's. Each is made once and never changed."""

    def __init__(self, own: Any) -> None:
        self._own = own
        self._as_own = sampling_of(own)
        self._made: dict[tuple[str, str | None], Any] = {}

    def find(self, request: GenerateRequest) -> Any:
        """diffusers' scheduler for a request. Raises StageError for one that cannot be made for this checkpoint."""
        return self.named(request.sampler, request.schedule)

    def named(self, sampler: str, schedule: str | None) -> Any:
        """diffusers' scheduler of these names; `default` and None are the own one's. Raises StageError."""
        wanted = self._as_own.sampler if sampler == "default" else sampler
        if wanted == self._as_own.sampler and schedule in (None, self._as_own.schedule):
            return self._own
        key = wanted, schedule
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, sampler: str, schedule: str | None) -> Any:
        import diffusers

        kinds = _kinds(self._own)
        if sampler not in kinds:
            raise StageError(f"this model samples with {', '.join(sorted(kinds))}, not with '{sampler}'", "sampler")
        scheduler: Any = getattr(diffusers, kinds[sampler])
        takes = inspect.signature(scheduler.__init__).parameters
        said = {**self._carried(), **_SETTINGS.get(sampler, {}), **_where(schedule)}
        if schedule is not None and not _can(takes, schedule):
            raise StageError(f"the sampler '{sampler}' has no schedule '{schedule}'", "schedule")
        return scheduler(**{name: value for name, value in said.items() if name in takes})

    def _carried(self) -> dict[str, Any]:
        """What the checkpoint's scheduler says of the model, under the names of every class."""
        said = {name: value for name, value in self._own.config.items() if not name.startswith("_")}
        if not _flows(self._own):
            return said
        shift = said.get("shift", said.get("flow_shift", 1.0))
        return said | {
            "shift": shift,
            "flow_shift": shift,
            "use_flow_sigmas": True,
            "prediction_type": "flow_prediction",
        }


def usual_scheduler(own: Any, config: ModelConfig, owner: str) -> Any:
    """That of a model whose checkpoint has `own`: of its YAML, where that names a sampler or a schedule. Raises
    ConfigError."""
    try:
        return Samplers(own).named(config.sampler or "default", config.schedule)
    except StageError as error:
        raise ConfigError(f"{owner}: {error.message}: correct '{error.field}' in its YAML.", error.field) from None


def sampling_of(scheduler: Any) -> Sampling:
    """What one of diffusers' schedulers is called."""
    return read_sampling({**scheduler.config, "_class_name": type(scheduler).__name__})


def settings_hash(scheduler: Any) -> str | None:
    """SHA-256, in hex, of a scheduler's class and of what its configuration says beyond that class's defaults.

    None for mini's: pictures of it carry the hash of its weights alone, from before schedulers counted. No other
    configuration is told apart by nothing, so weights and scheduler still have one name together.
    """
    takes = inspect.signature(type(scheduler).__init__).parameters
    said = {name: value for name, value in scheduler.config.items() if name in takes and takes[name].default != value}
    if (type(scheduler).__name__, said) == _OF_MINI:
        return None
    text = json.dumps([type(scheduler).__name__, said], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def check_own(request: GenerateRequest, own: Sampling) -> None:
    """Raises StageError if the request asks for another sampler or schedule than its model's `own`, of one that has no
    choice."""
    if request.sampler not in ("default", own.sampler):
        raise StageError(f"this model samples with {own.sampler} only, not with '{request.sampler}'", "sampler")
    if request.schedule not in (None, own.schedule):
        raise StageError(f"this model has one schedule only: leave '{request.schedule}' out", "schedule")


def _flows(scheduler: Any) -> bool:
    return type(scheduler).__name__.startswith("FlowMatch") or bool(scheduler.config.get("use_flow_sigmas"))


def _kinds(scheduler: Any) -> Mapping[str, str]:
    """The classes, by sampler, that take steps of a model which learned with `scheduler`."""
    if _flows(scheduler):
        return _FLOW
    return _EDM if type(scheduler).__name__.startswith("EDM") else _DISCRETE


def _where(schedule: str | None) -> dict[str, Any]:
    """The settings of every class that put its steps where `schedule` has them."""
    if schedule is None:
        return {}
    if schedule in SPACINGS:
        return {**_PLAIN, "timestep_spacing": SPACINGS[schedule]}
    if schedule in _CURVES:
        return {**_PLAIN, _CURVES[schedule]: True, "sigma_schedule": schedule}
    return _PLAIN


def _can(takes: Mapping[str, Any], schedule: str) -> bool:
    if schedule in _CURVES:
        return _CURVES[schedule] in takes or "sigma_schedule" in takes
    return ("timestep_spacing" if schedule in SPACINGS else "shift") in takes and schedule in (*SPACINGS, "simple")
