"""Every statement of quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause, and_, bindparam, delete, func, or_, select, text

from router.jobs.tables import jobs
from router.people.quotas.tables import quota_charges, quota_use, quotas
from router.storage.columns import Utc
from router.storage.database import AnyRow
from router.storage.insertion import Insertion

_ONE = and_(quotas.c.subject == bindparam("of_subject"), quotas.c.id == bindparam("of_id"))
OF_CLAIM = select(quotas).where(
    or_(
        and_(quotas.c.subject == "user", quotas.c.id == bindparam("user")),
        and_(quotas.c.subject == "space", quotas.c.id == bindparam("space")),
        and_(quotas.c.subject == "key", quotas.c.id == bindparam("key")),
    )
)
ALL = select(quotas).order_by(quotas.c.subject, quotas.c.id)
ONE = select(quotas).where(_ONE)
REMOVE = delete(quotas).where(_ONE).returning(quotas)
# The same words on both engines; SQLAlchemy spells ON CONFLICT only per dialect.
SET = text(
    "INSERT INTO quotas (subject, id, limits, set_by, set_at) VALUES (:subject, :id, :limits, :set_by, :now)"
    " ON CONFLICT (subject, id) DO UPDATE"
    " SET limits = excluded.limits, set_by = excluded.set_by, set_at = excluded.set_at"
).bindparams(bindparam("now", type_=Utc))
_ADD_USE = (
    "INSERT INTO quota_use (subject, id, day, pictures, device_seconds) VALUES {rows}"
    " ON CONFLICT (subject, id, day) DO UPDATE SET pictures = quota_use.pictures + excluded.pictures,"
    " device_seconds = quota_use.device_seconds + excluded.device_seconds"
    " RETURNING subject, pictures, device_seconds"
)
USE = select(quota_use.c.pictures, quota_use.c.device_seconds).where(
    quota_use.c.subject == bindparam("of_subject"),
    quota_use.c.id == bindparam("of_id"),
    quota_use.c.day == bindparam("of_day"),
)
IN_FLIGHT_OF_CLAIM = (
    select(quota_charges.c.subject, func.count().label("jobs"))
    .where(
        or_(
            and_(quota_charges.c.subject == "user", quota_charges.c.id == bindparam("user")),
            and_(quota_charges.c.subject == "space", quota_charges.c.id == bindparam("space")),
            and_(quota_charges.c.subject == "key", quota_charges.c.id == bindparam("key")),
        )
    )
    .group_by(quota_charges.c.subject)
)
_HELD = and_(quota_charges.c.subject == bindparam("of_subject"), quota_charges.c.id == bindparam("of_id"))
IN_FLIGHT = select(func.count()).select_from(quota_charges).where(_HELD)
# What remains of a job by its plan, the shortest first: when room for `place` more jobs is there.
FREE_IN = (
    select((jobs.c.estimated_seconds * (1 - jobs.c.progress)).label("seconds"))
    .join(quota_charges, quota_charges.c.job_id == jobs.c.id)
    .where(_HELD)
    .order_by("seconds")
    .limit(1)
    .offset(bindparam("place"))
)
_ADD_CHARGES = "INSERT INTO quota_charges (job_id, subject, id, day, pictures, device_seconds) VALUES {rows}"
_INSERT_CHARGES = Insertion(quota_charges)
_IN_ONE = 3  # rows: a job has one for each subject that is limited


def add_use(connection: Connection, uses: Sequence[Mapping[str, Any]]) -> Sequence[AnyRow]:
    """Add to rows of `quota_use`, in this order, in one statement; what each then has."""
    columns = ("subject", "id", "day", "pictures", "device_seconds")
    return connection.execute(_of_rows(_ADD_USE, columns, len(uses)), _numbered(uses)).all()


def add_charges(connection: Connection, charges: Sequence[Mapping[str, Any]]) -> None:
    """What jobs were counted with: those of one job in one statement, those of a batch as a list."""
    if len(charges) > _IN_ONE:
        _INSERT_CHARGES.run(connection, *charges)
    else:
        columns = ("job_id", "subject", "id", "day", "pictures", "device_seconds")
        connection.execute(_of_rows(_ADD_CHARGES, columns, len(charges)), _numbered(charges))


def _numbered(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{name}{place}": value for place, row in enumerate(rows) for name, value in row.items()}


@cache
def _of_rows(words: str, columns: tuple[str, ...], rows: int) -> TextClause:
    values = (", ".join(f":{column}{place}" for column in columns) for place in range(rows))
    return text(words.format(rows=", ".join(f"({row})" for row in values)))


SETTLE = delete(quota_charges).where(quota_charges.c.job_id == bindparam("of_job")).returning(quota_charges)
_CANCELED = select(jobs.c.id).where(jobs.c.batch == bindparam("of_batch"), jobs.c.status == "canceled")
SETTLE_CANCELED = delete(quota_charges).where(quota_charges.c.job_id.in_(_CANCELED)).returning(quota_charges)
