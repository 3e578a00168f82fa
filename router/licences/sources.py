"""What pictures that a drawing begins with bring along: their verdicts, with what was last said of uploads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from configs.catalog import Catalog
from router.job_request import JobRequest
from router.jobs.model import LicenceVerdict, LicensedPart
from router.licences.holding import Holding
from router.licences.store import LicenceStore
from router.licences.verdicts import judge, parts_of
from router.pictures.names import FoundPicture


async def as_said(
    store: LicenceStore, catalog: Catalog, found: Mapping[str, FoundPicture]
) -> Mapping[str, FoundPicture]:
    """The pictures of a request, by name, each judged by what was said of uploads until now."""
    judged = {one.asset_id: one.licence for one in found.values() if one.asset_id and one.licence is not None}
    known = await store.with_uploads(judged)
    found = {name: replace(one, licence=known.get(one.asset_id, one.licence)) for name, one in found.items()}
    uploads = {id for one in found.values() for part in _parts(one) for id in (part.picture, part.through) if id}
    if not uploads:
        return found
    holding = Holding(catalog, "", (), await store.rights(sorted(uploads)))
    return {name: replace(one, licence=_judged(one, holding)) for name, one in found.items()}


def verdicts_on(request: JobRequest, found: Mapping[str, FoundPicture], catalog: Catalog) -> list[LicenceVerdict]:
    """Of all that a request begins with, looks at or follows. A mask says where to draw, and nothing of it is seen:
    whose it is does not count."""
    verdicts = []
    for one in request.inputs:
        picture = found[one.image]
        parts = _parts(picture)
        if one.role == "mask":
            parts = tuple(part for part in parts if part.picture != picture.asset_id)
        if one.role != "mask" and picture.licence is not None:
            verdicts.append(picture.licence)
        elif parts:
            verdicts.append(judge(parts, catalog))
    return verdicts


def _parts(picture: FoundPicture) -> tuple[LicensedPart, ...]:
    return () if picture.licence is None else parts_of(picture.licence)


def _judged(picture: FoundPicture, holding: Holding) -> LicenceVerdict | None:
    """As what holds now: nothing is kept of what held before."""
    if picture.licence is None:
        return None
    return holding.judge(picture.licence).model_copy(update={"accepted": None})
