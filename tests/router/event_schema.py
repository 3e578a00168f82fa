"""Events as they are sent, held against the API's own document."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from configs.load import ROOT


def check_event(name: str, data: dict[str, Any], stream: str = "OwnStreamEvent") -> None:
    """Raises `ValidationError` for an event whose data are not as `openapi.json` says of its stream."""
    assert data.get("type") == name, (name, data)
    _validator(stream, name).validate(data)


@cache
def _validator(stream: str, name: str) -> Draft202012Validator:
    """Of one type, so that what is said of a fault is about that type."""
    document = _document()
    of_type = document["components"]["schemas"][stream]["discriminator"]["mapping"][name]
    return Draft202012Validator({**document, "$ref": of_type}, validate_formats=True)


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "router/api/openapi.json").read_text(encoding="utf-8"))
    return document
