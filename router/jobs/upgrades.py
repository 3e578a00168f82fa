"""What older databases get when they are opened: every step from one version of the schema to the next."""

from __future__ import annotations

import logging

from pydantic import ValidationError
from sqlalchemy import Connection, insert, select, update

from router.jobs import rows
from router.jobs.tables import ADDED, UNFINISHED, drawings, jobs, pictures, schema_version
from router.plan import Plan

_log = logging.getLogger("atelier.jobs")


def upgrade(connection: Connection, version: int) -> int:
    """The version of the schema after all steps that there are from `version` on."""
    while tables := ADDED.get(version + 1):
        jobs.metadata.create_all(connection, tables=tables)
        version += 1
        if version == 4:
            _index_pictures(connection)
            _describe_drawings(connection)
        connection.execute(update(schema_version).values(version=version))
    return version


def _index_pictures(connection: Connection) -> None:
    for index in pictures.indexes:
        index.create(connection, checkfirst=True)


def _describe_drawings(connection: Connection) -> None:
    """Of jobs that were accepted before anybody wrote down what drawing them takes, so that they count as waiting."""
    joined = jobs.outerjoin(drawings, drawings.c.job_id == jobs.c.id)
    silent = select(jobs.c.id, jobs.c.plan).select_from(joined).where(UNFINISHED, drawings.c.job_id.is_(None))
    for row in connection.execute(silent).all():
        try:
            plan = Plan.model_validate_json(row.plan)
        except ValidationError:
            _log.warning("the plan of job %s cannot be read: it does not count as waiting", row.id)
            continue
        connection.execute(insert(drawings), rows.drawing_row(row.id, plan))
