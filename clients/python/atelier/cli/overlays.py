"""What an arm or a champion changes, in words."""

from __future__ import annotations

import json
from typing import Any

from atelier.models.answers import Overlay

NOTHING = "changes nothing"


def in_words(overlay: Overlay) -> str:
    """`steps standard 10; loras flat@0.8`."""
    return "; ".join(f"{name} {_value(name, value)}" for name, value in overlay.changes.items()) or NOTHING


def percent(share: float) -> str:
    """`25 %`, `0.5 %`."""
    return f"{100 * share:.3g} %"


def _value(name: str, value: Any) -> str:
    if name == "loras":
        return ", ".join(one["id"] if one["strength"] is None else f"{one['id']}@{one['strength']:g}" for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_word(one)}" for key, one in value.items())
    return _word(value)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
