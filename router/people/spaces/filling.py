"""What a request leaves open, as its space says it: first of all, so that it counts as if it were said. Pure."""

from __future__ import annotations

from typing import Any

from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.people.spaces.model import Defaults, Space


def fill(request: JobRequest, space: Space) -> tuple[JobRequest, tuple[Note, ...]]:
    """The request with the defaults of `space` for what it does not say itself, and a note that tells which."""
    open = {name: value for name, value in _said(space.defaults).items() if name not in request.model_fields_set}
    if not open:
        return request, ()
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in open.items())
    note = Note(code=NoteCode.SPACE_DEFAULTS, message=f"the space '{space.id}' is drawn for with {told}")
    return request.model_copy(update=open), (note,)


def _said(defaults: Defaults) -> dict[str, Any]:
    return defaults.model_dump(exclude_none=True)
