"""Which uploads pictures were made from: older releases did not note them in verdicts, but the lines are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, or_, select

from router.assets.rows import upload_part
from router.assets.tables import asset_parents, assets
from router.jobs.model import LicenceVerdict
from router.licences.tables import upload_rights
from router.licences.verdicts import parts_of
from router.storage.database import Database

_AT_ONCE = 500  # pictures of one statement
_OWN = (
    select(asset_parents.c.asset_id, asset_parents.c.parent_id, asset_parents.c.role)
    .where(asset_parents.c.asset_id.in_(bindparam("of_assets", expanding=True)))
    .cte("behind", recursive=True)
)
_LINES = _OWN.union(
    select(_OWN.c.asset_id, asset_parents.c.parent_id, asset_parents.c.role).join(
        asset_parents, asset_parents.c.asset_id == _OWN.c.parent_id
    )
)
# An upload that was deleted is known by what was said of it. A mask's own right does not count.
_UPLOADS = (
    select(_LINES.c.asset_id, _LINES.c.parent_id)
    .outerjoin(assets, assets.c.id == _LINES.c.parent_id)
    .outerjoin(upload_rights, upload_rights.c.picture_id == _LINES.c.parent_id)
    .where(or_(assets.c.kind == "uploaded", upload_rights.c.picture_id.is_not(None)), _LINES.c.role != "mask")
    .order_by(_LINES.c.asset_id, _LINES.c.parent_id)
    .distinct()
)


async def uploads_behind(database: Database, asset_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The uploads that pictures were made from, over any number of drawings; those without are absent."""
    found = dict[str, list[str]]()
    for start in range(0, len(asset_ids), _AT_ONCE):
        for row in await database.read(_UPLOADS, of_assets=list(asset_ids[start : start + _AT_ONCE])):
            found.setdefault(row.asset_id, []).append(row.parent_id)
    return found


def with_uploads(verdict: LicenceVerdict, uploads: Sequence[str]) -> LicenceVerdict:
    """As accepted, with uploads among its parts: of unknown right, until what was said of them is looked up."""
    parts = parts_of(verdict)
    named = {part.picture for part in parts}
    missing = tuple(upload_part(one) for one in uploads if one not in named)
    return verdict.model_copy(update={"parts": (*parts, *missing)}) if missing else verdict
