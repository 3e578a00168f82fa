"""Fields of a form as the JSON that they stand for: OpenAI's SDKs write `loras[][id]` for what is nested."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from configs.errors import InvalidRequest

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_NESTED = frozenset({"slots", "lora", "loras", "controls", "image_prompts", "stages"})
_DEEPEST = 6
_MOST = 64  # entries of one list


def read_fields(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What `fields` say, by name: `slots[mood]=calm` is an object, `loras[]=a` a list, and JSON text counts as what it
    says where something nested belongs. Empty texts are absent, as null is. Raises `InvalidRequest`."""
    said: dict[str, Any] = {}
    for name, text in fields:
        match = _NAME.fullmatch(name)
        keys = _KEY.findall(match[2]) if match else []
        if match is None or len(keys) > _DEEPEST:
            raise InvalidRequest(f"'{name[:64]}' is no name of a field: write NAME, NAME[KEY] or NAME[]", name[:64])
        if text != "":
            value = _parse(match[1], text) if match[1] in _NESTED and not keys else text
            _put(said, match[1], keys, value, name)
    return said


def _parse(name: str, text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequest(f"{name}: the text begins as JSON does, and is none", name) from None


def _put(into: dict[str, Any], name: str, keys: list[str], value: Any, whole: str) -> None:
    """`value` at its place; lists and objects on the way are made."""
    if not keys:
        into[name] = value
        return
    found = into.setdefault(name, [] if keys[0] == "" else {})
    if keys[0] != "":
        _check(isinstance(found, dict), whole)
        _put(found, keys[0], keys[1:], value, whole)
        return
    _check(isinstance(found, list) and len(found) < _MOST, whole)
    if len(keys) == 1:
        found.append(value)
        return
    if not found or not isinstance(found[-1], dict) or (len(keys) == 2 and keys[1] in found[-1]):
        found.append({})  # a key that comes again begins the next one
    _put(found[-1], keys[1], keys[2:], value, whole)


def _check(fits: bool, name: str) -> None:
    if not fits:
        raise InvalidRequest(f"'{name[:64]}' does not go with the fields before it", name[:64])
