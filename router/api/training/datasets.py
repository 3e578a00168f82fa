"""/datasets: pictures to learn from, with captions and rights, in versions; and what is wrong with them."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile

from configs.datasets import DatasetConfig, PictureRight
from configs.entries import DATASETS
from configs.errors import InvalidRequest
from configs.text import lines, one_line
from router.api.deps import PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.library.licence_schemas import licence_body
from router.api.links import link
from router.api.training.dataset_schemas import (
    CaptionBody,
    DatasetBody,
    DatasetChanges,
    DatasetPictureBody,
    DatasetsBody,
    DatasetSummary,
    LeftOutBody,
    NewDatasetBody,
    PickedPictureBody,
    SuggestionsBody,
    SuggestionsWish,
)
from router.datasets.editing import CaptionChange, Changes, RightChange
from router.datasets.intake import Asked, Pick, Taken
from router.datasets.rights import verdict_on
from router.datasets.suggestions import CaptionWish, Suggestion
from router.library import kinds
from router.library.model import Entry, Versions
from router.studio import Studio

routes = APIRouter(prefix="/datasets", tags=["datasets"])

DatasetId = Annotated[str, Path(max_length=200, description="of the dataset")]
At = Annotated[str | None, Query(max_length=64, description="A version or a mark; what is in use if absent")]
_SAME: dict[int | str, dict[str, Any]] = {200: {"model": DatasetBody, "description": "It was there"}}


@routes.get("")
async def list_datasets(studio: StudioDep) -> DatasetsBody:
    """The datasets of the studio, by id."""
    summaries = []
    for found in await studio.library.store.entries(DATASETS):
        with suppress(InvalidRequest):  # one that cannot be read hides no other
            summaries.append(_summary(found.shown, studio.library.read(kinds.DATASETS, found.shown)))
    return DatasetsBody(datasets=tuple(summaries))


@routes.post("", status_code=201, responses={**_SAME, **error_responses(409, 413, 422)})
async def add_dataset(
    request: Request,
    response: Response,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    body: NewDatasetBody,
) -> DatasetBody:
    """Make a dataset of pictures that are in the studio, uploaded or drawn. What was drawn here brings the licences of
    what drew it. The same again is 200; another one under an id that is there is 409."""
    fields = body.model_dump(exclude={"pictures"})
    picks = tuple(map(_pick, body.pictures))
    taken = await studio.datasets.take_picks(viewer, Asked(**fields), picks, principal.id, studio.audit.sign(principal))
    return _answer(request, response, studio, taken)


@routes.post("/{id}/zip", status_code=201, responses={**_SAME, **error_responses(409, 413, 422, 503)})
async def add_dataset_from_zip(
    request: Request,
    response: Response,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    file: Annotated[
        UploadFile, File(description="A zip file: pictures, each with a .txt or .caption file, or a CSV or JSONL")
    ],
    id: DatasetId,
    name: Annotated[str, Form(max_length=200, description="For people; the id if absent")] = "",
    description: Annotated[str, Form(max_length=5000)] = "",
    asset_type: Annotated[str, Form(max_length=64, description="That it shows")] = "",
    trigger: Annotated[str, Form(max_length=100, description="What captions call the look or subject")] = "",
    right: Annotated[PictureRight, Form(description="Whose they are, where no table says so of each")] = "unknown",
    source: Annotated[str, Form(max_length=500, description="Where they come from; the model's id if generated")] = "",
    notes: Annotated[str, Form(max_length=2000, description="What is new in this version")] = "",
) -> DatasetBody:
    """Make a dataset of a zip file. Its pictures become uploads of yours. Files that are no picture, or damaged, are
    `left_out`, each with the reason; where nothing is left the whole is refused."""
    asked = Asked(
        id=id,
        name=one_line(name),
        description=lines(description),
        asset_type=asset_type or None,
        trigger=one_line(trigger),
        right=right,
        source=one_line(source),
        notes=lines(notes),
    )
    await studio.spaces.in_use(viewer.space)
    signature = studio.audit.sign(principal)
    taken = await studio.datasets.take_zip(viewer, asked, file.file, principal.id, signature)
    return _answer(request, response, studio, taken)


@routes.get("/{id}", responses=error_responses(404, 422))
async def read_dataset(request: Request, studio: StudioDep, id: DatasetId, version: At = None) -> DatasetBody:
    """One version: its pictures, captions and rights."""
    found, entry, dataset = await studio.datasets.read(id, version)
    return _body(request, studio, found, entry, dataset)


@routes.patch("/{id}", responses=error_responses(404, 409, 413, 422))
async def change_dataset(
    request: Request,
    response: Response,
    studio: StudioDep,
    principal: PrincipalDep,
    viewer: ViewerDep,
    id: DatasetId,
    body: DatasetChanges,
) -> DatasetBody:
    """Write the next version: captions, rights, pictures more or fewer. What a training used stays as it was. Where
    nothing differs the newest version is answered."""
    changes = Changes(
        name=body.name,
        description=body.description,
        asset_type=body.asset_type,
        trigger=body.trigger,
        captions=tuple(CaptionChange(one.picture, one.caption, one.by, one.unsure) for one in body.captions),
        rights=tuple(RightChange(one.right, one.source, one.pictures) for one in body.rights),
        remove=body.remove,
        find=body.find,
        replacement=body.replacement,
    )
    added, signature = tuple(map(_pick, body.add)), studio.audit.sign(principal)
    taken = await studio.datasets.change(viewer, id, changes, added, principal.id, body.notes, body.version, signature)
    answer = _answer(request, response, studio, taken)
    response.status_code = 200
    return answer


@routes.post("/{id}/captions", responses=error_responses(404, 422, 503))
async def suggest_captions(
    studio: StudioDep,
    id: DatasetId,
    body: SuggestionsWish,
    version: At = None,
    wait: Annotated[float, Query(ge=0, le=25, description="Seconds until it is answered how far it is")] = 20.0,
) -> SuggestionsBody:
    """Captions for those without one, for a person to read; PATCH writes what is to stay. A captioner that has to start
    first, and many pictures, take longer than one answer: ask again for what is `not_yet` there."""
    wish = CaptionWish(body.instructions, body.glossary)
    placed = studio.caption_writers.find(body.by, wish)
    _, _, dataset = await studio.datasets.read(id, version)
    known = {one.picture: one for one in dataset.pictures}
    strange = next((one for one in body.pictures if one not in known), None)
    if strange is not None:
        raise InvalidRequest(f"there is no picture '{strange[:64]}' in this dataset", "pictures")
    named = [known[one] for one in dict.fromkeys(body.pictures)]
    kept = tuple(one.picture for one in named if one.is_written)
    bare = [one for one in dataset.pictures if not one.caption]
    wanted = [one for one in named if not one.is_written] if named else bare
    found = await placed.writer.write(dataset, wanted, wish, wait)
    parts = placed.config.licence_parts if placed.config else ()
    return SuggestionsBody(
        captions=tuple(map(_suggested, found.captions)),
        nothing_for=found.nothing_for,
        not_yet=found.not_yet,
        kept=kept,
        licences=tuple(dict.fromkeys(part.licence for part in parts)),
    )


def _suggested(one: Suggestion) -> CaptionBody:
    return CaptionBody(picture=one.picture, caption=one.caption, by=one.by, unsure=one.unsure)


def _pick(body: PickedPictureBody) -> Pick:
    return Pick(body.picture, body.caption, body.caption_by, body.name, body.right, body.source)


def _answer(request: Request, response: Response, studio: Studio, taken: Taken) -> DatasetBody:
    response.status_code = 201 if taken.is_new else 200
    response.headers["Location"] = (
        f"{link(request, 'read_dataset', id=taken.entry.id).path}?version={taken.entry.version}"
    )
    dataset: DatasetConfig = studio.library.read(kinds.DATASETS, taken.entry)
    body = _body(request, studio, taken.found, taken.entry, dataset)
    left_out = tuple(LeftOutBody(file=one.file, reason=one.reason) for one in taken.left_out)
    return body.model_copy(update={"left_out": left_out})


def _summary(entry: Entry, dataset: DatasetConfig) -> DatasetSummary:
    return DatasetSummary(
        id=entry.id,
        name=dataset.name,
        version=entry.version,
        asset_type=dataset.asset_type,
        trigger=dataset.trigger,
        pictures=len(dataset.pictures),
        captioned=sum(bool(one.caption) for one in dataset.pictures),
        licences=dataset.licences,
        created_at=entry.created_at,
    )


def _body(request: Request, studio: Studio, found: Versions, entry: Entry, dataset: DatasetConfig) -> DatasetBody:
    catalog = studio.installation.catalog
    pictures = (
        DatasetPictureBody(
            **one.model_dump(exclude={"sha256"}), url=str(link(request, "picture", picture_id=one.picture))
        )
        for one in dataset.pictures
    )
    return DatasetBody(
        id=entry.id,
        version=entry.version,
        sha256=entry.sha256,
        name=dataset.name,
        description=dataset.description,
        asset_type=dataset.asset_type,
        trigger=dataset.trigger,
        author=entry.author,
        notes=entry.notes,
        created_at=entry.created_at,
        marks=tuple(name for name, mark in found.marks.items() if mark.version == entry.version),
        pictures=tuple(pictures),
        licence=licence_body(verdict_on(dataset, catalog), catalog),
    )
