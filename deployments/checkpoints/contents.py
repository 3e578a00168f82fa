"""Which files of a source are wanted: what a pipeline or a model is made of, in one precision, never a pickle."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

from configs.weights import SUFFIXES, Weights

_TEXTS = tuple(suffix for suffix in SUFFIXES if suffix != ".safetensors")


@dataclass(frozen=True, slots=True)
class Contents:
    """Patterns of file names, in which * matches anything, / included: what is wanted, and what of that is not."""

    allow: tuple[str, ...]
    ignore: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        wanted = any(fnmatch(name, pattern) for pattern in self.allow)
        return wanted and name.endswith(SUFFIXES) and not any(fnmatch(name, pattern) for pattern in self.ignore)


def contents(weights: Weights) -> Contents:
    """What of `weights` is used. Copies in other formats, at the top of a repository (24 GB for FLUX.1), stay there."""
    if weights.file is not None:
        return Contents((weights.file,))
    if weights.layout == "model":
        return _one_precision(weights, ("",))
    if not weights.components:
        return _one_precision(weights, ("*/",), extra=("model_index.json",))
    return _one_precision(weights, tuple(f"{name}/" for name in weights.components), extra=("model_index.json",))


def texts(weights: Weights) -> Contents:
    """The configs and tokenizers alone, for a checkpoint whose weights are in one file."""
    wanted = contents(weights)
    return Contents(tuple(pattern for pattern in wanted.allow if not pattern.endswith(".safetensors")), wanted.ignore)


def _one_precision(weights: Weights, folders: tuple[str, ...], extra: tuple[str, ...] = ()) -> Contents:
    files = tuple(f"*{suffix}" for suffix in _TEXTS) + _tensors(weights.precision)
    ignore = () if weights.precision else tuple(f"{folder}*.*.safetensors" for folder in folders)
    if weights.layout == "model":
        ignore += ("*/*",)
    return Contents(extra + tuple(folder + file for folder in folders for file in files), ignore)


def _tensors(precision: str | None) -> tuple[str, ...]:
    # Shards of model.fp16.safetensors are called model.fp16-00001-of-00002.safetensors.
    return (f"*.{precision}.safetensors", f"*.{precision}-*.safetensors") if precision else ("*.safetensors",)
