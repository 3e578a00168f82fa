"""Every statement about spaces."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, exists, literal_column, select, text, update

from router.assets.keeping.tables import collections
from router.assets.tables import assets
from router.batches.tables import batches
from router.jobs.tables import jobs
from router.people.tables import members, principals, spaces
from router.storage.columns import Utc
from router.storage.insertion import Insertion

_SPACE: BindParameter[str] = bindparam("of_space")
_HOME: ColumnElement[str] = literal_column("'home'")  # written out, as in the conditions of the indexes
_OF_ID = spaces.c.id == _SPACE

INSERT = Insertion(spaces, " ON CONFLICT (id) DO NOTHING")
ALL = select(spaces).order_by(spaces.c.id)
OF_MEMBER = ALL.join(members, members.c.space == spaces.c.id).where(members.c.principal == bindparam("of_principal"))
ONE = select(spaces).where(_OF_ID)
CHANGE = (
    update(spaces)
    .where(_OF_ID)
    .values(name=bindparam("new_name"), defaults=bindparam("new_defaults"), files=bindparam("new_files"))
)
ARCHIVE = update(spaces).where(_OF_ID).values(archived_at=bindparam("at", type_=Utc))
DELETE = delete(spaces).where(_OF_ID)

MEMBERS = (
    select(members.c.space, members.c.principal, members.c.role, principals.c.name)
    .join(principals, principals.c.id == members.c.principal)
    .where(members.c.space.in_(bindparam("of_spaces", expanding=True)))
    .order_by(members.c.space, members.c.principal)
)
PRINCIPAL = select(principals.c.id).where(principals.c.id == bindparam("of_principal"))
# The same words on both engines; SQLAlchemy spells ON CONFLICT only per dialect.
PUT_MEMBER = text(
    "INSERT INTO members (space, principal, role) VALUES (:of_space, :of_principal, :role)"
    " ON CONFLICT (space, principal) DO UPDATE SET role = excluded.role"
)
REMOVE_MEMBER = delete(members).where(members.c.space == _SPACE, members.c.principal == bindparam("of_principal"))

HOLDS = select(
    exists().where(jobs.c.space == _SPACE, jobs.c.space != _HOME)
    | exists().where(assets.c.space == _SPACE, assets.c.space != _HOME)
    | exists().where(batches.c.space == _SPACE, batches.c.space != _HOME)
    | exists().where(collections.c.space == _SPACE)  # made by hand: few enough to be looked through
)
"""Whether anything was ever made in it."""
