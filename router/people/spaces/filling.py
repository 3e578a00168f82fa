"""What a request leaves open, as its space says it: first of all, so that it counts as if it were said. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from configs.catalog import Installation
from configs.formats import VECTORS, Format
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.people.spaces.model import Defaults, Space
from router.stage_table import leave_unsigned


def fill(request: JobRequest, space: Space, installation: Installation) -> tuple[JobRequest, tuple[Note, ...]]:
    """The request with the defaults of `space` for what it does not say itself, and notes that tell which."""
    open = {name: value for name, value in _said(space.defaults).items() if name not in request.model_fields_set}
    request, notes = fill_files(request.model_copy(update=open), space, installation)
    if not open:
        return request, notes
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in open.items())
    note = Note(code=NoteCode.SPACE_DEFAULTS, message=f"the space '{space.id}' is drawn for with {told}")
    return request, (note, *notes)


def fill_files(request: JobRequest, space: Space, installation: Installation) -> tuple[JobRequest, tuple[Note, ...]]:
    """Only how its files are written, whatever else is drawn with."""
    open, told = dict[str, Any](), list[str]()
    formats = tuple(_formats(request, space, installation))
    if formats and request.formats is None:
        open["formats"] = formats
        told.append(f"are {', '.join(formats)}")
    if space.files.private and "private" not in request.model_fields_set:
        open["private"] = True
        told.append("do not tell the prompt")
    unsigned = not space.files.credentials and installation.profile.credentials.optional
    if unsigned and (stages := leave_unsigned(request.stages)) != request.stages:
        open["stages"] = stages
        told.append("are not signed")
    if not open:
        return request, ()
    note = Note(code=NoteCode.SPACE_DEFAULTS, message=f"files of the space '{space.id}' {' and '.join(told)}")
    return request.model_copy(update=open), (note,)


def _formats(request: JobRequest, space: Space, installation: Installation) -> Iterator[Format]:
    """Those of the space that pictures of the asset type can be had in. What there is no type for is refused later."""
    asset_type = installation.catalog.asset_types.get(request.asset_type.partition("@")[0])
    flat = asset_type is not None and asset_type.is_flat
    yield from (one for one in space.files.formats or () if flat or one not in VECTORS)


def _said(defaults: Defaults) -> dict[str, Any]:
    return defaults.model_dump(exclude_none=True)
