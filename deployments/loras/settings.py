"""PEFT's settings of one adapter, as far as they scale it: read as PEFT reads them, and refused where they say what
would change the adapter in a way that is not known here."""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import re2

from configs.text import one_line
from deployments.loras.faults import Unusable

DEFAULT_ALPHA = 8.0
"""PEFT's, for LoRA and LoKr, where its settings do not state one."""
_LONGEST_PATTERN = 1000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 2**20
COMPONENT = re.compile(r"(transformer(_\d)?|unet|text_encoder(_\d)?|vae|connectors|image_encoder)\.(.+)", re.DOTALL)
"""What a setting's name may have in front of it: a component of a pipeline."""
_SCALING = {"r", "lora_alpha", "alpha", "rank_pattern", "alpha_pattern", "use_rslora", "use_dora", "peft_type"}
# Those that say how it was trained, or on what, or which tensors there are: the tensors themselves tell.
_TELLING = {
    *("task_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision", "inference_mode"),
    *("target_modules", "exclude_modules", "lora_dropout", "bias", "modules_to_save", "layers_to_transform"),
    *("layers_pattern", "fan_in_fan_out", "megatron_core", "loftq_config", "eva_config", "corda_config"),
    *("lora_ga_config", "qalora_group_size", "runtime_config", "lora_bias", "target_parameters", "ensure_weight_tying"),
    *("rank_dropout", "module_dropout", "use_effective_conv2d", "decompose_both", "decompose_factor"),
    *("rank_dropout_scale", "init_weights", "init_lora_weights", "_custom_modules", "trainable_token_indices"),
}
# Other ways to begin change the model's own weights, which the adapter is then no change of.
_BEGINNINGS = {"gaussian", "eva", "orthogonal", "mica", "lycoris", "true", "false"}


Patterns: TypeAlias = tuple[tuple[Any, float], ...]
"""Expressions of modules' names, and the number that each is given."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Those of one component, from one `place`, which is how messages call it. `objection` is why they cannot be
    followed."""

    place: str
    lokr: bool = False
    rank: int | None = None
    alpha: float | None = None
    ranks: Patterns = ()
    alphas: Patterns = ()
    root: bool = False
    dora: bool | None = None
    objection: str | None = None

    def find_rank(self, module: str) -> int | None:
        """The rank that they state for a module."""
        return self.rank if (rank := _find(self.ranks, module)) is None else int(rank)

    def find_alpha(self, module: str) -> float | None:
        """The alpha that they state for a module."""
        return self.alpha if (alpha := _find(self.alphas, module)) is None else alpha


def read_settings(found: Mapping[str, Any], component: str, place: str) -> Settings | None:
    """Those of `component` among `found`, whose keys may have components in front (`transformer.lora_alpha`); None if
    there are none."""
    mine = _of_component(found, component)
    if not mine:
        return None
    try:
        return _read(mine, place)
    except Unusable as why:
        return Settings(place, objection=str(why))


def read_object(text: str) -> dict[str, Any] | None:
    """A JSON object; None if it is not one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_number(value: object) -> float | None:
    """A finite number, also as text; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _of_component(found: Mapping[str, Any], component: str) -> dict[str, Any]:
    mine: dict[str, Any] = {}
    common: dict[str, Any] = {}
    for key, value in found.items():
        prefixed = COMPONENT.fullmatch(key)
        if prefixed is None:
            common[key] = value
        elif key.startswith(f"{component}."):
            mine[prefixed[4]] = value
    return common | mine


def _read(mine: Mapping[str, Any], place: str) -> Settings:
    kind = str(mine.get("peft_type") or "LORA").upper().rpartition(".")[2]
    if kind not in ("LORA", "LOKR"):
        raise Unusable(f"{place} says that it is of the kind {_shown(kind)}: LoRA and LoKr can be used here")
    _check_understood(mine, place)
    alpha = mine.get("lora_alpha") if kind == "LORA" else mine.get("alpha")
    rank = _number(mine.get("r"), "r", place)
    return Settings(
        place=place,
        lokr=kind == "LOKR",
        rank=None if rank is None else _whole(rank, "r", place),
        alpha=_number(alpha, "lora_alpha", place),
        ranks=_patterns(mine, "rank_pattern", place),
        alphas=_patterns(mine, "alpha_pattern", place),
        root=bool(_flag(mine.get("use_rslora"), "use_rslora", place)),
        dora=_flag(mine.get("use_dora"), "use_dora", place),
    )


def _check_understood(mine: Mapping[str, Any], place: str) -> None:
    beginning = mine.get("init_lora_weights")
    if beginning is not None and str(beginning).lower() not in _BEGINNINGS:
        raise Unusable(
            f"{place} has init_lora_weights {_shown(beginning)}: it began by changing the model's own weights, so it "
            "is a LoRA of another model unless PEFT converts it when it saves it"
        )
    for name, value in mine.items():
        if name not in _SCALING and name not in _TELLING and value not in (None, False, "", [], {}):
            raise Unusable(f"{place} has the setting {_shown(name)}: {_shown(value)}, which is not known here")


def _patterns(mine: Mapping[str, Any], name: str, place: str) -> Patterns:
    value = mine.get(name)
    if value is None:
        return ()
    found = read_object(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise Unusable(f"{place} has {name} {_shown(value)}, which is not one of names to numbers")
    numbers = [_needed(number, f"{name} of {_shown(pattern)}", place) for pattern, number in found.items()]
    if name == "rank_pattern":
        numbers = [float(_whole(number, name, place)) for number in numbers]
    return tuple((_compile(pattern, name, place), number) for pattern, number in zip(found, numbers, strict=True))


def _compile(pattern: str, name: str, place: str) -> Any:
    """PEFT's rule: the name of a module, or its end after a dot. Python's own expressions can take for ever, or all
    memory, and are a stranger's here; RE2's cannot, and know all but references and looks around."""
    whole = rf"(.*\.)?({pattern})$"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # for what the two read differently
            re.compile(whole)
        if len(pattern) <= _LONGEST_PATTERN:
            return re2.compile(whole, _OPTIONS)
    except (re.error, re2.error, OverflowError, RecursionError, UnicodeError, FutureWarning):
        pass
    raise Unusable(f"{place} has {_shown(pattern)} in {name}, which is no regular expression that can be followed")


def _find(patterns: Patterns, module: str) -> float | None:
    """What the first pattern says that matches."""
    return next((number for pattern, number in patterns if pattern.match(module)), None)


def _needed(value: object, name: str, place: str) -> float:
    number = _number(value, name, place)
    if number is None:
        raise Unusable(f"{place} has no number as {name}")
    return number


def _number(value: object, name: str, place: str) -> float | None:
    if value is None:
        return None
    number = read_number(value)
    if number is None:
        raise Unusable(f"{place} has {name} {_shown(value)}, which is no number")
    return number


def _whole(number: float, name: str, place: str) -> int:
    if number != int(number) or number < 1:
        raise Unusable(f"{place} has {name} {number:g}, which is no rank")
    return int(number)


def _flag(value: object, name: str, place: str) -> bool | None:
    flags = {"true": True, "false": False, "1": True, "0": False, "none": None, "": None}
    shown = str(value).strip().lower()
    if shown not in flags:
        raise Unusable(f"{place} has {name} {_shown(value)}, which is neither true nor false")
    return flags[shown]


def _shown(value: object) -> str:
    return one_line(repr(value), 60)
