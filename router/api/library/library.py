"""/library: what people make, in versions; marks that say which version is in use; and who moved them."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from configs.errors import InvalidRequest
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.api.library.library_schemas import (
    ChangeBody,
    DiffBody,
    EntriesBody,
    EntryBody,
    EntrySummary,
    HistoryBody,
    MarkBody,
    MarksBody,
    MoveBody,
    NewEntryBody,
    NewMarkBody,
    VersionBody,
    VersionsBody,
)
from router.api.links import link
from router.library.diff import Change, compare
from router.library.drafts import read_draft
from router.library.kinds import kind_named
from router.library.model import LIVE, Entry, Mark, Versions

routes = APIRouter(prefix="/library", tags=["library"], responses=error_responses(404, 422))

Kind = Annotated[
    str, Path(max_length=64, description="asset-types, brand-kits, datasets, loras, prompt-sets or experiments")
]
Id = Annotated[str, Path(max_length=200, description="of an entry")]
At = Query(max_length=64, description="a version, or the mark where it stands")


@routes.get("/{kind}")
async def list_entries(studio: StudioDep, kind: Kind) -> EntriesBody:
    """The entries of a kind with their marks."""
    found = await studio.library.store.entries(kind_named(kind).name)
    problems = studio.library.problems
    return EntriesBody(entries=tuple(_summary(one, problems.get(f"{one.kind}/{one.id}")) for one in found))


@routes.post("/{kind}", status_code=201, responses={200: {"model": EntryBody}, **error_responses(409, 413)})
async def add_entry(
    request: Request, response: Response, studio: StudioDep, principal: PrincipalDep, kind: Kind, body: NewEntryBody
) -> EntryBody:
    """Add a version, which must be higher than those that are there. The same version with the same content again is
    200; with other content it is 409."""
    new = read_draft(kind_named(kind), body.id, body.version, body.body, principal.id, body.notes)
    await studio.library.check_brought(new)
    entry, is_new = await studio.library.add(new, body.mark, studio.audit.sign(principal))
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = entry_path(request, entry)
    return entry_body(await studio.library.store.versions(kind, entry.id), entry)


@routes.get("/{kind}/{id}")
async def read_entry(studio: StudioDep, kind: Kind, id: Id, version: Annotated[str | None, At] = None) -> EntryBody:
    """One version with its content: the live one, else the newest, if none is named."""
    found = await studio.library.store.versions(kind_named(kind).name, id)
    return entry_body(found, found.shown if version is None else found.require(version))


@routes.get("/{kind}/{id}/versions")
async def list_versions(studio: StudioDep, kind: Kind, id: Id) -> VersionsBody:
    """All versions of an entry, the newest first."""
    found = await studio.library.store.versions(kind_named(kind).name, id)
    return VersionsBody(kind=kind, id=found.id, versions=tuple(_version(found, entry) for entry in found.entries))


@routes.get("/{kind}/{id}/diff")
async def diff_versions(
    studio: StudioDep,
    kind: Kind,
    id: Id,
    from_version: Annotated[str, Query(alias="from", max_length=64, description="a version or a mark")],
    to_version: Annotated[str, Query(alias="to", max_length=64, description="a version or a mark")],
) -> DiffBody:
    """What differs between two versions, field by field."""
    found = await studio.library.store.versions(kind_named(kind).name, id)
    before, after = found.require(from_version, "from"), found.require(to_version, "to")
    changes = compare(before.content, after.content)
    return DiffBody(
        kind=kind,
        id=found.id,
        from_version=before.version,
        to_version=after.version,
        changes=tuple(map(_change, changes)),
    )


@routes.post("/{kind}/{id}/mark")
async def move_mark(studio: StudioDep, principal: PrincipalDep, kind: Kind, id: Id, body: NewMarkBody) -> MarksBody:
    """Move a mark, or take it away. What is marked live is planned with from then on."""
    name, signature = kind_named(kind).name, studio.audit.sign(principal)
    found = await studio.library.move(name, id, body.mark, body.version, principal.id, body.note, signature)
    return MarksBody(kind=kind, id=found.id, marks=_marks(found))


@routes.get("/{kind}/{id}/history")
async def read_history(studio: StudioDep, kind: Kind, id: Id) -> HistoryBody:
    """Who moved which mark from where to where, and when."""
    moves = await studio.library.store.history(kind_named(kind).name, id)
    told = tuple(
        MoveBody(
            seq=move.seq,
            mark=move.mark,
            from_version=move.before,
            to_version=move.after,
            by=move.by,
            at=move.at,
            note=move.note,
        )
        for move in moves
    )
    return HistoryBody(kind=kind, id=id, moves=told)


def _summary(found: Versions, problem: str | None) -> EntrySummary:
    name = None
    with suppress(InvalidRequest):  # of one that is damaged, the rest is told
        name = found.shown.content.get("name")
    return EntrySummary(
        kind=found.kind,
        id=found.id,
        name=name if isinstance(name, str) else found.id,
        marks=_marks(found),
        newest=found.newest.version,
        problem=problem if LIVE in found.marks else None,
    )


def _marks(found: Versions) -> tuple[MarkBody, ...]:
    return tuple(map(_mark, found.marks.values()))


def _mark(mark: Mark) -> MarkBody:
    return MarkBody(mark=mark.mark, version=mark.version, by=mark.by, at=mark.at)


def _version(found: Versions, entry: Entry) -> VersionBody:
    return VersionBody(
        version=entry.version,
        sha256=entry.sha256,
        author=entry.author,
        notes=entry.notes,
        created_at=entry.created_at,
        marks=tuple(name for name, mark in found.marks.items() if mark.version == entry.version),
    )


def entry_path(request: Request, entry: Entry) -> str:
    """Where one version is read."""
    return f"{link(request, 'read_entry', kind=entry.kind, id=entry.id).path}?version={entry.version}"


def entry_body(found: Versions, entry: Entry) -> EntryBody:
    """One version with its content."""
    told = _version(found, entry).model_dump()
    return EntryBody(**told, kind=entry.kind, id=entry.id, body=entry.content)


def _change(change: Change) -> ChangeBody:
    what = "added" if change.added else "removed" if change.removed else "changed"
    return ChangeBody(field=change.field, change=what, before=change.before, after=change.after)
