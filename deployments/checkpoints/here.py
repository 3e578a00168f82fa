"""Single files of a checkpoint, where they are on this machine already: nothing is fetched, and no torch is needed."""

from __future__ import annotations

from functools import lru_cache
from os.path import isfile
from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from configs.weights import Weights
from deployments.checkpoints.cache import hub_folder


def find_here(weights: Weights, name: str, root: Path) -> Path | None:
    """The file `name` inside `weights`; None where it is not on this machine, or nobody knows without asking.

    Relative paths start at `root`. Of a checkpoint in one file the configs lie elsewhere, and `name` with them.
    """
    source = weights.config if weights.file is not None and weights.config is not None else weights
    inside = f"{source.folder}/{name}" if source.folder else name
    if source.path is not None:
        file = _join(root, source.path, inside)
        return file if isfile(file) else None
    if source.repo is None or not source.commit:
        return None
    found = try_to_load_from_cache(source.repo, inside, cache_dir=hub_folder(), revision=source.revision)
    return Path(found) if isinstance(found, str) else None


@lru_cache(maxsize=256)
def _join(root: Path, *parts: str) -> Path:
    """What each plan asks for: to put a path together takes longer than to look whether there is a file."""
    return root.joinpath(*parts)
