"""What is wrong with an input, in plain words: one row for each kind of error that reading a request can meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECT = "send a JSON object"
_LIST = "must be a list"
_TIME = "must be a time, such as 2026-03-01T12:00:00Z"
_WHOLE, _NUMBER, _SWITCH = "must be a whole number", "must be a number", "must be true or false"

SENTENCES: dict[str, str] = {
    "bool_parsing": _SWITCH,
    "bool_type": _SWITCH,
    "datetime_from_date_parsing": _TIME,
    "datetime_parsing": _TIME,
    "dict_type": _OBJECT,
    "enum": "must be {expected}",
    "finite_number": "must be a finite number",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "has too many digits",
    "int_type": _WHOLE,
    "limit": "must be a number from 0 on, or unlimited",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "model_attributes_type": _OBJECT,
    "model_type": "must be a JSON object",
    "string_pattern_mismatch": "is not of the right form",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "string_unicode": "must be whole letters: half of one is missing",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must not be empty",
    "tuple_type": _LIST,
    "list_type": _LIST,
    "whole_limit": "must be a whole number from 0 on, or unlimited",
    "written_day": "must be a day, as in 2026-11-30",
    "value_error": "is not what this field takes",
}
_OTHERWISE = "is not what this field takes"


def sentence_for(kind: str, context: Mapping[str, Any]) -> str:
    """Of a pydantic error by its type and context; the field's name goes before it."""
    return SENTENCES.get(kind, _OTHERWISE).format(**context)
