"""A YAML text as nodes, which know their lines, and what they make: by libyaml, which is six times as fast."""

from __future__ import annotations

import contextlib
from typing import Any

import yaml


def composed(text: str) -> tuple[yaml.Node | None, Any]:
    """Raises `yaml.YAMLError`. libyaml counts a byte order mark as no character, and takes less than Python's parser
    does: what it refuses, and why, is for that one to say."""
    if hasattr(yaml, "CSafeLoader") and not text.startswith("\ufeff"):
        with contextlib.suppress(yaml.YAMLError):
            return _read(yaml.CSafeLoader(text))
    return _read(yaml.SafeLoader(text))


def _read(loader: Any) -> tuple[yaml.Node | None, Any]:
    node = loader.get_single_node()
    return node, None if node is None else loader.construct_document(node)
