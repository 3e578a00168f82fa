"""Bodies of pictures as they are found: what has become of a request, beside what it was."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from pydantic import Field

from configs.frozen import Frozen
from router.api.deps import studio_of
from router.api.library.licence_schemas import LicenceBody, licence_body
from router.api.links import link
from router.api.schemas import FileLink
from router.assets.search.model import FacetCounts, ImagePage, Listed
from router.jobs.model import StoredFile
from router.pictures.names import pixels_of


class FoundImage(Frozen):
    """A picture, drawn or uploaded. `url` is the best file that has its pixels, and empty where there is none."""

    asset_id: str
    kind: str = Field(description="drawn or uploaded")
    owner: str
    space: str
    created_at: datetime
    url: str
    width: int
    height: int
    files: tuple[FileLink, ...]
    job_id: str | None = Field(default=None, description="of one that was drawn")
    index: int | None = Field(default=None, description="its place in the job")
    seed: int | None = None
    prompt: str = Field(description="empty, as the four below, of an upload")
    asset_type: str
    quality: str
    model: str
    loras: tuple[str, ...]
    licence: LicenceBody | None = Field(
        description="absent where nobody has judged it. Of one picture, what holds now; in lists, what held when it "
        "was ordered, as they are searched by it"
    )
    colours: tuple[str, ...] = Field(description="of most of it, #rrggbb, the largest part first; empty: not measured")
    tags: tuple[str, ...]
    favourite: bool = Field(description="whether it is one of your favourites")
    notes: tuple[str, ...]
    scores: dict[str, float] = Field(description="what was measured of it, by name")
    deleted_at: datetime | None = Field(default=None, description="of a deleted one, which can be restored for 7 days")


class ImagesPage(Frozen):
    """Pictures in order. `next` is the `before` of the next page, absent on the last."""

    images: tuple[FoundImage, ...]
    next: str | None = None


class TagsBody(Frozen):
    """The tags of a picture."""

    tags: tuple[str, ...] = Field(max_length=100, description="at most 20, of at most 60 characters each")


class FacetValue(Frozen):
    """A value, and how many pictures have it."""

    value: str
    pictures: int


class FacetsBody(Frozen):
    """How many pictures there are, and of each value; the first 50 of each facet, the most first.

    Where `is_whole` is false more were found than are counted: these are the counts of the first 1,000."""

    pictures: int
    is_whole: bool
    facets: dict[str, tuple[FacetValue, ...]] = Field(
        description="asset_type, quality, model, lora, licence, reference, internal, product, tag, kind, month"
    )


def images_page(request: Request, page: ImagePage) -> ImagesPage:
    return ImagesPage(images=tuple(found_image(request, one) for one in page.images), next=page.next)


def found_image(request: Request, image: Listed) -> FoundImage:
    """A picture with absolute links to its files."""
    shown = pixels_of(image.files) or next(iter(image.files), None)
    job_id, index = image.place or (None, None)
    catalog = studio_of(request).installation.catalog
    return FoundImage(
        asset_id=image.id,
        kind=image.kind,
        owner=image.owner,
        space=image.space,
        created_at=image.created_at,
        url="" if shown is None else file_url(request, image, shown),
        width=image.width,
        height=image.height,
        files=tuple(_file_link(request, image, file) for file in image.files),
        job_id=job_id,
        index=index,
        seed=image.seed,
        prompt=image.prompt,
        asset_type=image.asset_type,
        quality=image.quality,
        model=image.model,
        loras=image.loras,
        licence=None if image.licence is None else licence_body(image.licence, catalog),
        colours=image.colours,
        tags=image.tags,
        favourite=image.is_favourite,
        notes=image.notes,
        scores=image.scores,
        deleted_at=image.deleted_at,
    )


def facets_body(counts: FacetCounts) -> FacetsBody:
    facets = {
        facet: tuple(FacetValue(value=value, pictures=pictures) for value, pictures in values)
        for facet, values in counts.values.items()
    }
    return FacetsBody(pictures=counts.pictures, is_whole=counts.is_whole, facets=facets)


def file_url(request: Request, image: Listed, file: StoredFile) -> str:
    """Where one of its files is."""
    if image.place is None:
        return str(link(request, "picture", picture_id=image.id))
    url = link(request, "download", job_id=image.place[0], index=image.place[1], format=file.format)
    return str(url if file.size is None else url.include_query_params(size=file.size))


def _file_link(request: Request, image: Listed, file: StoredFile) -> FileLink:
    return FileLink(
        format=file.format,
        media_type=file.media_type,
        url=file_url(request, image, file),
        size_bytes=file.size_bytes,
        size=file.size,
    )
