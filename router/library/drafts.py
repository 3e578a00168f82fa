"""From what a client sends of an entry to the entry that is added, or a sentence that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from configs.entries import body_of, canonical, content_hash
from configs.errors import InvalidRequest
from router.api.sentences import sentence_for
from router.library.kinds import EntryKind
from router.library.model import NewEntry

_OF_THE_ENTRY = ("id", "version")


def read_draft(
    kind: EntryKind[Any], id: str, version: str, body: Mapping[str, Any], author: str, notes: str
) -> NewEntry:
    """Raises `InvalidRequest` for the first field that cannot be."""
    try:
        config = kind.schema.model_validate({**body, "id": id, "version": version})
        text = canonical(body_of(config))
        text.encode()
    except ValidationError as error:
        raise _refusal(kind, error.errors(include_url=False, include_input=False)[0]) from None
    except ValueError:
        raise InvalidRequest("the body holds what JSON cannot", "body") from None
    for name, value in (("id", id), ("version", version)):
        if body.get(name, value) != value:
            raise InvalidRequest(
                f"body.{name} says '{body[name]}', and the entry's {name} is '{value}'", f"body.{name}"
            )
    return NewEntry(kind.name, id, version, text, content_hash(text), author, notes, kind.file(config))


def _refusal(kind: EntryKind[Any], error: ErrorDetails) -> InvalidRequest:
    place = [str(part) for part in error["loc"]]
    field = ".".join(place if place[:1] and place[0] in _OF_THE_ENTRY else ["body", *place])
    if error["type"] == "extra_forbidden" and len(place) == 1:
        known = tuple(name for name in kind.schema.model_fields if name not in _OF_THE_ENTRY)
        return InvalidRequest(f"'{field}' is not a field of this kind; the fields are {', '.join(known)}", field, known)
    if error["type"] == "extra_forbidden":
        return InvalidRequest(f"'{field}' is not a field", field)
    if error["type"] == "missing":
        return InvalidRequest(f"'{field}' is missing", field)
    if error["type"] == "value_error":
        return InvalidRequest(f"{field}: {error['ctx']['error']}", field)
    if place == ["id"]:
        message = (
            "id: an id is of small letters, digits, '.', '_' and '-', begins with one of the first two, and has 64"
        )
        return InvalidRequest(f"{message} at most", field)
    return InvalidRequest(f"{field}: {sentence_for(error['type'], error.get('ctx', {}))}", field)
