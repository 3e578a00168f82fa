"""The content hash of weights, so that a recipe names exactly what drew its picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from deployments.checkpoints.hashes import content_hash


def fingerprint(paths: Iterable[Path]) -> str:
    """SHA-256, in hex, over the sorted hashes of every safetensors file under `paths` (files or folders).

    Names do not count, so that a renamed copy is the same weights; neither do configs and tokenizers.
    """
    files = {file for path in paths for file in _safetensors(path)}
    return hashlib.sha256("\n".join(sorted(map(content_hash, files))).encode()).hexdigest()


def combine(fingerprints: Iterable[str]) -> str:
    """One name for several; of one, that one."""
    several = sorted(fingerprints)
    return several[0] if len(several) == 1 else hashlib.sha256("\n".join(several).encode()).hexdigest()


def _safetensors(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.safetensors"))
