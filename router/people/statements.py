"""Every statement about people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, insert, select, update

from router.assets.search.tables import WHOLE, asset_counts
from router.library.tables import library_entries, library_moves
from router.people.tables import members, people_revision, principals

PERSON_COLUMNS = (*principals.c, members.c.space.label("in_space"))
PEOPLE = select(*PERSON_COLUMNS).join(members, members.c.principal == principals.c.id, isouter=True)
BY_SUBJECT = PEOPLE.where(principals.c.subject == bindparam("of_subject"))
BY_ID = PEOPLE.where(principals.c.id == bindparam("of_id"))
PAGE = PEOPLE.where(
    principals.c.id.in_(
        select(principals.c.id)
        .where(principals.c.id > bindparam("after"))
        .order_by(principals.c.id)
        .limit(bindparam("most"))
        .scalar_subquery()
    )
).order_by(principals.c.id)
ACTIVE = select(principals).where(principals.c.deactivated_at.is_(None))

_NAMES = select(principals.c.id, principals.c.name)
_OF_SPACES: BindParameter[Any] = bindparam("of_spaces", expanding=True)
_IS_THEIRS = (asset_counts.c.owner == principals.c.id) & WHOLE
NAMES = _NAMES.where(principals.c.id.in_(bindparam("of_ids", expanding=True))).order_by(principals.c.id)
NAMES_KNOWN = NAMES.where(
    (principals.c.id == bindparam("of_viewer"))
    | exists().where(members.c.principal == principals.c.id, members.c.space.in_(_OF_SPACES))
    | exists().where(_IS_THEIRS, asset_counts.c.space.in_(_OF_SPACES), asset_counts.c.pictures > 0)
    | exists().where(library_entries.c.author == principals.c.id)
    | exists().where(library_moves.c.moved_by == principals.c.id)
)
"""Of whoever is asked for: who asks, who is in a space with them or has left pictures there, and who has changed the
library, which is everybody's."""
OUTSIDE = (
    _NAMES.where(principals.c.deactivated_at.is_(None))
    .where(~exists().where(members.c.principal == principals.c.id, members.c.space == bindparam("of_space")))
    .order_by(principals.c.name, principals.c.id)
)
"""Of whoever could be let into a space."""

INSERT_PERSON = insert(principals)
INSERT_MEMBER = insert(members)
KNOWN = select(principals.c.id).where(principals.c.id == bindparam("of_id"))
NEXT_REVISION = update(people_revision).values(revision=people_revision.c.revision + 1)
_OF_ID = update(principals).where(principals.c.id == bindparam("of_id"))
SET_SEEN = _OF_ID.values(name=bindparam("name"), token_roles=bindparam("token_roles"), seen_at=bindparam("seen_at"))
SET_ROLES = _OF_ID.values(roles=bindparam("roles"))
SET_DEACTIVATED = _OF_ID.values(deactivated_at=bindparam("deactivated_at"))
