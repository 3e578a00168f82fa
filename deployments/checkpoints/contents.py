"""Which files of a source are wanted: what a pipeline or a model is made of, in one precision, never a pickle."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

from configs.weights import SUFFIXES, TEXTS, Weights


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
    root = f"{weights.folder}/" if weights.folder else ""
    if weights.file is not None:
        return Contents((root + weights.file,))
    if weights.layout == "model":
        return _files(weights, (root,), ignore=(f"{root}*/*",))
    names = weights.components or ("*",)
    return _files(weights, tuple(f"{root}{name}/" for name in names), extra=(f"{root}model_index.json",))


def texts(weights: Weights) -> Contents:
    """All configs and tokenizers, and the weights of the named components: what a checkpoint in one file leaves to
    others."""
    root = f"{weights.folder}/" if weights.folder else ""
    everything = (f"{root}model_index.json", *(f"{root}*/*{suffix}" for suffix in TEXTS))
    if not weights.components:
        return Contents(everything)
    named = contents(weights)
    return Contents(everything + named.allow, named.ignore)


def _files(
    weights: Weights, folders: tuple[str, ...], extra: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> Contents:
    files = tuple(f"*{suffix}" for suffix in TEXTS) + _tensors(weights.precision)
    if weights.precision is None:
        ignore += tuple(f"{folder}*.*.safetensors" for folder in folders)
    return Contents(extra + tuple(folder + file for folder in folders for file in files), ignore)


def _tensors(precision: str | None) -> tuple[str, ...]:
    # Shards of model.fp16.safetensors are called model.fp16-00001-of-00002.safetensors.
    return (f"*.{precision}.safetensors", f"*.{precision}-*.safetensors") if precision else ("*.safetensors",)
