"""Every statement of the library."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, insert, select, update

from router.library.kinds import KINDS
from router.library.model import LIVE
from router.library.tables import library_entries, library_marks, library_moves, library_revision

REVISION = select(library_revision.c.revision)
NEXT_REVISION = (
    update(library_revision).values(revision=library_revision.c.revision + 1).returning(library_revision.c.revision)
)

_OF_KIND = library_entries.c.kind == bindparam("kind")
_OF_ENTRY = and_(_OF_KIND, library_entries.c.id == bindparam("id"))
ENTRIES = select(library_entries)
_KNOWN = library_entries.c.kind.in_([kind.name for kind in KINDS])  # a newer release has kinds that this one has not
KNOWN_ENTRIES = ENTRIES.where(_KNOWN)
ENTRIES_OF_KIND = ENTRIES.where(_OF_KIND)
ENTRIES_OF_ENTRY = ENTRIES.where(_OF_ENTRY)
MARKED = select(library_entries, library_marks.c.mark).join(
    library_marks,
    and_(
        library_marks.c.kind == library_entries.c.kind,
        library_marks.c.id == library_entries.c.id,
        library_marks.c.version == library_entries.c.version,
    ),
)
LIVE_ENTRIES = MARKED.where(_KNOWN, library_marks.c.mark == LIVE).order_by(library_entries.c.kind, library_entries.c.id)
WITH_FILE = ENTRIES.where(library_entries.c.file == bindparam("file"))

MARKS = select(library_marks)
MARKS_OF_KIND = MARKS.where(library_marks.c.kind == bindparam("kind"))
MARKS_OF_ENTRY = MARKS_OF_KIND.where(library_marks.c.id == bindparam("id"))
MOVES_OF_ENTRY = (
    select(library_moves)
    .where(library_moves.c.kind == bindparam("kind"), library_moves.c.id == bindparam("id"))
    .order_by(library_moves.c.seq.desc())
)

INSERT_ENTRY = insert(library_entries)
INSERT_MARK = insert(library_marks)
INSERT_MOVE = insert(library_moves)
REMOVE_MARK = (
    delete(library_marks)
    .where(
        library_marks.c.kind == bindparam("of_kind"),
        library_marks.c.id == bindparam("of_id"),
        library_marks.c.mark == bindparam("of_mark"),
    )
    .returning(library_marks.c.version)
)
