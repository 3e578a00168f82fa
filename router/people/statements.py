"""Every statement about people."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

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

INSERT_PERSON = insert(principals)
INSERT_MEMBER = insert(members)
KNOWN = select(principals.c.id).where(principals.c.id == bindparam("of_id"))
NEXT_REVISION = update(people_revision).values(revision=people_revision.c.revision + 1)
_OF_ID = update(principals).where(principals.c.id == bindparam("of_id"))
SET_SEEN = _OF_ID.values(name=bindparam("name"), token_roles=bindparam("token_roles"), seen_at=bindparam("seen_at"))
SET_ROLES = _OF_ID.values(roles=bindparam("roles"))
SET_DEACTIVATED = _OF_ID.values(deactivated_at=bindparam("deactivated_at"))
