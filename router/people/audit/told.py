"""What a line tells of a change: small, without secrets, and without what people have their pictures drawn of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from configs.text import one_line
from router.storage.documents import Document

MOST_BYTES = 4096
_MOST_CHARS = 500
_NEVER = re.compile("secret|token|password|authorization|cookie|verifier|device_code|^prompts?$", re.IGNORECASE)
"""In names of fields."""

TOLD: Document[dict[str, Any]] = Document("audit line", dict[str, Any])


def write_told(told: Mapping[str, Any]) -> str:
    """As it is stored: texts on one line and cut to 500 characters; of what makes it larger than 4 kB, the names alone
    (`left_out`). Raises `ValueError` for fields that never belong in a log."""
    kept, left_out = _plain(told), list[str]()
    while len(text := TOLD.write(kept | ({"left_out": left_out} if left_out else {}))) > MOST_BYTES:
        largest = max(kept, key=lambda name: len(json.dumps(kept[name])))
        del kept[largest]
        left_out.append(largest)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        for name in value:
            if _NEVER.search(str(name)):
                raise ValueError(f"'{name}' is nothing that the audit may tell")
        return {str(name): _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple | set | frozenset):
        inner = list(map(_plain, value))
        return sorted(inner) if isinstance(value, set | frozenset) else inner
    if isinstance(value, bool | int | float):
        return value
    return one_line(str(value), _MOST_CHARS)
