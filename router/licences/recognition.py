"""Pictures that were made here and come back: by their file, by the recipe in it, or because they look the same.

What holds for a picture holds for its copy. A recipe is whatever somebody has written into a file: it can only make
things stricter, as everything that is found here is added to what is said of an upload.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from configs.catalog import Catalog
from configs.errors import InvalidRequest, NotFound, StoreUnavailable
from configs.text import one_line
from deployments.blobs.store import BlobStore
from deployments.messages import Recipe
from deployments.stages.recipe import read_recipe
from router.assets.tables import assets, files
from router.jobs.documents import LICENCE, NO_VERDICT, read_or
from router.jobs.model import LicenceVerdict, LicensedPart
from router.licences.fingerprint import TOLERANCE, Fingerprint, look_at
from router.licences.model import Word
from router.licences.notices import notice_of
from router.licences.tables import fingerprints
from router.licences.verdicts import judge, limits, parts_of
from router.notes import Note, NoteCode
from router.storage.database import AnyRow, Database
from router.storage.insertion import Insertion

_PIXELS = ("png", "webp", "avif", "jpeg")
_RECENT_SECONDS = 900
_PAGE, _PAUSE_SECONDS, _FIRST_SECONDS = 20, 60.0, 5.0
_CANDIDATES, _NEAREST = 2000, 20
_MOST_CLAIMS = 40  # parts that a recipe may name

_KNOWN = select(assets.c.id, assets.c.kind, assets.c.licence)
_BY_FILE = (
    _KNOWN.join(files, files.c.asset_id == assets.c.id)
    .where(files.c.sha256.in_(bindparam("hashes", expanding=True)))
    .order_by(assets.c.id)
    .limit(100)
)
_BY_PLACE = _KNOWN.where(assets.c.job_id == bindparam("of_job"), assets.c.idx == bindparam("at"))
_BY_IDS = _KNOWN.where(assets.c.id.in_(bindparam("of_assets", expanding=True)))
_ALIKE = (
    select(fingerprints.c.asset_id, fingerprints.c.detail)
    .where(
        fingerprints.c.red.between(bindparam("red_from"), bindparam("red_to")),
        fingerprints.c.green.between(bindparam("green_from"), bindparam("green_to")),
        fingerprints.c.blue.between(bindparam("blue_from"), bindparam("blue_to")),
    )
    .order_by(fingerprints.c.asset_id.desc())
    .limit(_CANDIDATES)
)
_NOT_SEEN = (
    select(assets.c.id)
    .outerjoin(fingerprints, fingerprints.c.asset_id == assets.c.id)
    .where(assets.c.id > bindparam("after"), fingerprints.c.asset_id.is_(None))
    .order_by(assets.c.id)
    .limit(bindparam("page"))
)
_FILES = select(files.c.asset_id, files.c.rendition, files.c.sha256).where(
    files.c.asset_id.in_(bindparam("of_assets", expanding=True)), files.c.rendition.in_(_PIXELS)
)
_INSERT = Insertion(fingerprints, " ON CONFLICT (asset_id) DO NOTHING")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is known of an upload: the verdict on it, and what its owner should know."""

    licence: LicenceVerdict
    notes: tuple[Note, ...]


class Recogniser:
    """Looks at each upload, and at each picture that was drawn, once."""

    def __init__(self, database: Database, blobs: BlobStore, catalog: Callable[[], Catalog]) -> None:
        """`database` is opened and closed by whoever brings it."""
        self._database, self._blobs, self._catalog = database, blobs, catalog

    async def recognise(self, picture_id: str, word: Word, file: bytes, png: bytes) -> Recognised:
        """What holds for an upload: `file` as it came, `png` as it is kept. Raises `StoreUnavailable`."""
        catalog = self._catalog()
        seen, recipe = await asyncio.to_thread(_look, file, png)
        hashes = [hashlib.sha256(data).hexdigest() for data in (file, png)]
        same = [part for row in await self._database.read(_BY_FILE, hashes=hashes) for part in _parts(row)]
        claimed = [] if recipe is None else await self._claimed(recipe, catalog)
        known = dict.fromkeys([*same, *claimed])
        like = [] if seen is None else await self._alike(seen)
        alike = [part.model_copy(update={"through": picture_id}) for part in like if part not in known]
        own = LicensedPart(component=picture_id, part="upload", licence=word.right, picture=picture_id)
        notes = _notes(picture_id, catalog, same, claimed, alike)
        return Recognised(judge(tuple(dict.fromkeys([own, *known, *alike])), catalog), notes)

    async def follow(self) -> None:
        """For ever: look at pictures that nobody has looked at, from the oldest on."""
        await asyncio.sleep(_FIRST_SECONDS)
        after = ""
        while True:
            with suppress(StoreUnavailable):
                while (last := await self._look_on(after, _PAGE)) is not None:
                    after = last
                after = _id_before(_RECENT_SECONDS)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _claimed(self, recipe: Recipe, catalog: Catalog) -> list[LicensedPart]:
        """Of the picture that a recipe says it is of; else, of all that it names."""
        job_id = recipe.job_id if recipe.job_id.isascii() and recipe.job_id.isprintable() else ""
        found = await self._database.read(_BY_PLACE, of_job=job_id, at=max(0, min(recipe.index, 2**31 - 1)))
        return [*(part for row in found for part in _parts(row)), *_named(recipe, catalog)]

    async def _alike(self, seen: Fingerprint) -> list[LicensedPart]:
        """Of the pictures that look most like it, as far as they are near enough."""
        await self._look_on(_id_before(_RECENT_SECONDS), 3 * _PAGE)
        around: dict[str, int] = {}
        for name in ("red", "green", "blue"):
            level = getattr(seen, name)
            around |= {f"{name}_from": level - TOLERANCE, f"{name}_to": level + TOLERANCE}
        near = [
            (distance, row.asset_id)
            for row in await self._database.read(_ALIKE, **around)
            if (distance := seen.distance(row.detail)) is not None
        ]
        ids = [id for _, id in sorted(near)[:_NEAREST]]
        return (
            [part for row in await self._database.read(_BY_IDS, of_assets=ids) for part in _parts(row)] if ids else []
        )

    async def _look_on(self, after: str, page: int) -> str | None:
        """Look at some that nobody has looked at: the last one; None where there is none."""
        ids: list[str] = [row.id for row in await self._database.read(_NOT_SEEN, after=after, page=page)]
        if not ids:
            return None
        best: dict[str, tuple[int, str]] = {}
        for row in await self._database.read(_FILES, of_assets=ids):
            file = (_PIXELS.index(row.rendition), row.sha256)
            best[row.asset_id] = min(best.get(row.asset_id, file), file)
        for id in ids:
            seen = None
            with suppress(NotFound):  # its file is gone: there is nothing that could come back
                if id in best:
                    seen = await asyncio.to_thread(look_at, await self._blobs.get(best[id][1]))
            await self._database.write(_insert, id, seen)
        return ids[-1]


def _look(file: bytes, png: bytes) -> tuple[Fingerprint | None, Recipe | None]:
    recipe = None
    with suppress(InvalidRequest):
        recipe = read_recipe(file)
    return look_at(png), recipe


def _insert(connection: Connection, asset_id: str, seen: Fingerprint | None) -> None:
    row: dict[str, Any] = {"asset_id": asset_id, "red": None, "green": None, "blue": None, "detail": None}
    if seen is not None:
        row |= {"red": seen.red, "green": seen.green, "blue": seen.blue, "detail": seen.text}
    _INSERT.run(connection, row)


def _parts(row: AnyRow) -> Sequence[LicensedPart]:
    """What took part in a picture. What somebody says of an upload of theirs is not said of another's."""
    if row.licence is None:
        return ()
    return [part for part in parts_of(read_or(LICENCE, row.licence, NO_VERDICT, row.id)) if part.picture != row.id]


def _named(recipe: Recipe, catalog: Catalog) -> list[LicensedPart]:
    """The parts of what a recipe names: of what is not known here, what its file says, or nothing that was judged."""
    names = [recipe.model, *(use.lora for use in recipe.loras), *filter(None, [recipe.upscaler])]
    found: list[LicensedPart] = []
    for name in names[:_MOST_CLAIMS]:
        config = catalog.models.get(name) or catalog.loras.get(name) or catalog.upscalers.get(name)
        if config is None:
            found.append(LicensedPart(component=one_line(name, 64), part="as its file says", licence="unjudged"))
        else:
            found += [LicensedPart(component=name, part=one.part, licence=one.licence) for one in config.licence_parts]
    said = [one_line(one, 64) for one in recipe.licence.split(",")[:_MOST_CLAIMS]]
    component = one_line(recipe.model, 64)
    return [*found, *(LicensedPart(component=component, part="as its file says", licence=one) for one in said if one)]


def _notes(
    picture_id: str,
    catalog: Catalog,
    same: Sequence[LicensedPart],
    claimed: Sequence[LicensedPart],
    alike: Sequence[LicensedPart],
) -> tuple[Note, ...]:
    """Only of what allows less than everything: nobody has to know more."""
    if any(limits(part, catalog) for part in (*same, *claimed)):
        label = notice_of(judge((*same, *claimed), catalog), catalog).label
        message = f"this picture was drawn in a studio, and comes back: what its licences allow holds for it ({label})"
    elif any(limits(part, catalog) for part in alike):
        label = notice_of(judge(tuple(alike), catalog), catalog).label
        message = (
            f"it looks like a picture that was drawn here, whose licences hold for it, too ({label}); if it is another "
            f"one, ask an operator to look at both and to say so: POST /pictures/{picture_id}/clear"
        )
    else:
        return ()
    return (Note(code=NoteCode.RECOGNISED, message=message),)


def _id_before(seconds: float) -> str:
    """Ids begin with the time at which they were made: those of the last `seconds` come after this one."""
    return f"pic_{time.time_ns() // 1_000_000 - int(seconds * 1000):012x}"
