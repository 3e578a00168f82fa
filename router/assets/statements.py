"""Every statement about pictures and their files."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, cast, delete, exists, func, literal_column, or_, select, text

from configs.entries import DATASETS
from router.assets.tables import THERE, asset_parents, assets, files, loose_files
from router.jobs.tables import stage_outputs
from router.library.tables import library_entries
from router.licences.tables import upload_rights
from router.people.tables import IN_SPACE
from router.storage.columns import Utc
from router.storage.insertion import Insertion

_NOW = bindparam("now", type_=Utc)
_BEFORE = bindparam("before", type_=Utc)

INSERT_DRAWN = Insertion(assets, " ON CONFLICT (job_id, idx) DO NOTHING")
INSERT_UPLOADED = Insertion(assets)
INSERT_FILES = Insertion(files)
INSERT_RIGHT = Insertion(upload_rights)
INSERT_PARENTS = Insertion(asset_parents)

# Written out: bound, they would be part of each execution, and the statement's text be made anew for the second.
_SPACE, _NEW_LINE = literal_column("' '", Text), literal_column("'\n'", Text)
# A picture's files in its own row, so that it is read in one statement: position, format, type, hash and bytes, a line
# each.
FILES = (
    select(
        func.aggregate_strings(
            cast(files.c.position, Text)
            + _SPACE
            + files.c.rendition
            + _SPACE
            + files.c.media_type
            + _SPACE
            + files.c.sha256
            + _SPACE
            + cast(files.c.size_bytes, Text),
            _NEW_LINE,  # type: ignore[arg-type]  # any expression is taken
        )
    )
    .where(files.c.asset_id == assets.c.id)
    .scalar_subquery()
    .label("files")
)
IMAGE_COLUMNS = (
    assets.c.id.label("asset_id"),
    assets.c.idx,
    assets.c.seed,
    assets.c.width,
    assets.c.height,
    FILES,
    assets.c.licence.label("asset_licence"),
    assets.c.notes,
    assets.c.seconds,
    assets.c.scores,
)
# What a deleted picture's place in its job was stays taken: it is not drawn again.
IMAGES = select(*IMAGE_COLUMNS).where(assets.c.job_id == bindparam("job_id")).order_by(assets.c.idx)

ASSET = select(
    assets.c.id,
    assets.c.owner,
    assets.c.space,
    assets.c.kind,
    assets.c.job_id,
    assets.c.idx,
    assets.c.width,
    assets.c.height,
    assets.c.licence,
    FILES,
).where(assets.c.id == bindparam("asset_id"), THERE)
PARENTS = (
    select(asset_parents.c.parent_id, asset_parents.c.role)
    .where(asset_parents.c.asset_id == bindparam("asset_id"))
    .order_by(asset_parents.c.position)
)

_UPLOADED = assets.c.kind == "uploaded"
_OF_OWNER = assets.c.owner == bindparam("owner")
_UPLOADS = (
    select(
        assets.c.id,
        assets.c.owner,
        assets.c.space,
        assets.c.width,
        assets.c.height,
        assets.c.licence,
        assets.c.kept_until,
        files.c.sha256,
        files.c.size_bytes,
        upload_rights.c.said,
        upload_rights.c.source,
    )
    .join(files, files.c.asset_id == assets.c.id)
    .outerjoin(upload_rights, upload_rights.c.picture_id == assets.c.id)
    .where(_UPLOADED, THERE)
)
UPLOAD = _UPLOADS.where(assets.c.id == bindparam("picture_id"))
_NEWEST_UPLOADS = _UPLOADS.order_by(assets.c.id.desc()).limit(bindparam("page"))
_UPLOADS_OF_OWNER = _NEWEST_UPLOADS.where(_OF_OWNER)
_UPLOADS_OF_SPACE = _NEWEST_UPLOADS.where(IN_SPACE, assets.c.space == bindparam("space"))
_OLDER = assets.c.id < bindparam("before")
PAGES_OF_UPLOADS = {
    (False, False): _UPLOADS_OF_OWNER,
    (True, False): _UPLOADS_OF_OWNER.where(_OLDER),
    (False, True): _UPLOADS_OF_SPACE,
    (True, True): _UPLOADS_OF_SPACE.where(_OLDER),
}
"""By whether there is a page before, and whether they are those of a space."""
COUNT_UPLOADS = select(func.count().label("pictures")).where(_UPLOADED, _OF_OWNER, THERE, assets.c.kept_until.is_(None))
REMOVE_UPLOAD = delete(assets).where(assets.c.id == bindparam("picture_id"), _UPLOADED).returning(assets.c.id)

NOTE_LOOSE = text(
    "INSERT INTO loose_files (sha256, since) VALUES (:sha256, :now)"
    " ON CONFLICT (sha256) DO UPDATE SET since = excluded.since"
).bindparams(_NOW)
OLDEST_LOOSE = select(loose_files.c.sha256).where(loose_files.c.since <= _BEFORE).order_by(loose_files.c.since).limit(1)
FORGET_LOOSE = delete(loose_files).where(loose_files.c.sha256 == bindparam("file"))
CLAIM_LOOSE = FORGET_LOOSE.returning(loose_files.c.sha256)
NAMED = select(files.c.asset_id).where(files.c.sha256 == bindparam("file")).limit(1)
SETTLE_LOOSE = FORGET_LOOSE.where(loose_files.c.since <= _BEFORE).returning(
    or_(
        exists().where(files.c.sha256 == bindparam("file")),
        exists().where(stage_outputs.c.sha256 == bindparam("file")),
        exists().where(library_entries.c.file == bindparam("file")),
        exists().where(
            library_entries.c.kind == DATASETS, library_entries.c.body.contains(bindparam("file"), autoescape=False)
        ),
    ).label("named")
)
