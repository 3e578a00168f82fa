"""`X-Atelier-Space` in the API's document, declared once: the gate reads it for every route that one signs in for,
before the route itself is asked."""

from __future__ import annotations

from typing import Any

from router.people.spaces.access import HEADER

_NAME = "space"
_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The space that you work for: what is made is put there, and drawn as it says. Without it you work "
    "at home. One that you are not in is 403; GET /spaces lists yours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    "example": "home",
}


def declare_space(document: dict[str, Any]) -> None:
    """Have the document say so of each route that takes it."""
    document["components"]["parameters"] = {_NAME: _PARAMETER}
    for operation in (one for methods in document["paths"].values() for one in methods.values()):
        if "security" in operation:
            operation.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{_NAME}"})
