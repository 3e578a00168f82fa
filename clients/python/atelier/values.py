"""Values of Python as values of JSON, numbers of numpy among them; what has none is refused with its field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from numbers import Integral, Real
from typing import Any

from pydantic import BaseModel

from atelier.errors import BadInput

_DEEPEST = 8
_LONGEST = 1024  # bits of a whole number


def to_json(value: Any, field: str, depth: int = 0) -> Any:
    """`value` of None, truth values, numbers, texts, lists and objects only; raises BadInput."""
    if depth > _DEEPEST:
        raise BadInput(f"{field}: too deeply nested")
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return to_text(value, field)
    if isinstance(value, Mapping):
        return {_key(name, field): to_json(one, f"{field}.{name}", depth + 1) for name, one in value.items()}
    if getattr(value, "shape", None):
        value = value.tolist() if callable(getattr(value, "tolist", None)) else value
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(one, f"{field}[{index}]", depth + 1) for index, one in enumerate(value)]
    return _scalar(value, field)


def to_text(text: str, field: str) -> str:
    """Plain text that UTF-8 can carry; raises BadInput."""
    if not isinstance(text, str):
        raise BadInput(f"{field}: give text, not {type(text).__name__}")
    plain = str.__str__(text)
    try:
        plain.encode()
    except UnicodeEncodeError:
        raise BadInput(f"{field}: holds half of a character, which cannot be sent as UTF-8") from None
    return plain


def to_header(text: Any, field: str) -> str:
    """What a header can carry; raises BadInput."""
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or text != text.strip():
        raise BadInput(f"{field}: give letters, digits and signs of ASCII, without spaces at the ends or line breaks")
    return text


def _key(name: Any, field: str) -> str:
    if not isinstance(name, str):
        raise BadInput(f"{field}: names are texts, and '{name}' is none")
    return to_text(name, field)


def _scalar(value: Any, field: str) -> bool | int | float:
    if isinstance(value, Integral):
        whole = int(value)
        if whole.bit_length() > _LONGEST:
            raise BadInput(f"{field}: the number is too large to be sent")
        return whole
    if isinstance(value, Real | Decimal):
        return _finite(float(value) if isinstance(value, float) else _shortest(value), field)
    if callable(getattr(value, "item", None)) and not getattr(value, "shape", ()):
        return _item(value.item(), value, field)
    raise BadInput(f"{field}: a value of type '{type(value).__name__}' cannot be sent")


def _item(item: Any, value: Any, field: str) -> bool | int | float:
    """A number or truth value out of another library's own kind."""
    if isinstance(item, bool | int):
        return item
    if isinstance(item, float):
        return _finite(_shortest(value), field)
    raise BadInput(f"{field}: a value of type '{type(value).__name__}' cannot be sent")


def _shortest(value: Any) -> float:
    """The number that is written like it: 0.6 for a 0.6 of 32 bits, which is not quite that of 64."""
    try:
        return float(str(value))
    except ValueError:
        pass
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _finite(number: float, field: str) -> float:
    if not math.isfinite(number):
        raise BadInput(f"{field}: {number} is not a number that can be sent")
    return number
