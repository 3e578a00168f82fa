"""The content of a library's entry as canonical JSON, and the hash by which it is known everywhere."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeAlias

from configs.frozen import Frozen
from configs.semver import FIRST

Json: TypeAlias = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

ASSET_TYPES = "asset-types"
BRAND_KITS = "brand-kits"
DATASETS = "datasets"
EXPERIMENTS = "experiments"
LORAS = "loras"
PROMPT_SETS = "prompt-sets"

_EXACT = 2**53  # whole numbers up to here are the same as floats


class EntryPin(Frozen):
    """One version of an entry of the library, as a plan and a recipe name it.

    `stored`: its body is in the file store, for replicas that began without it.
    """

    kind: str
    id: str
    version: str = FIRST
    sha256: str
    stored: bool = False

    def __str__(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def key(self) -> str:
        """Its entry, whichever version."""
        return f"{self.kind}/{self.id}"


def body_of(config: Frozen) -> dict[str, Any]:
    """What a config says: without its version, which its entry has, and without what is as the schema has it anyway, so
    that a field which a later release adds changes no hash."""
    return config.model_dump(mode="json", exclude={"version"}, exclude_defaults=True)


def canonical(body: Json) -> str:
    """JSON that is the same text for the same values: keys sorted, no space, 1 for 1.0. Raises `ValueError` for numbers
    that JSON does not have."""
    return json.dumps(_plain(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(text: str) -> str:
    """SHA-256 of a canonical body, in hex: its name in the file store, too."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(config: Frozen) -> str:
    """The content hash of a config."""
    return content_hash(canonical(body_of(config)))


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and abs(value) <= _EXACT and value.is_integer():
        return int(value)
    return value
