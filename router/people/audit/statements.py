"""Every statement of the audit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from router.people.audit.model import AuditFilter
from router.people.audit.tables import audit, audit_head
from router.storage.insertion import Insertion

NEXT_SEQ = update(audit_head).values(seq=audit_head.c.seq + 1).returning(audit_head.c.seq)
INSERT_LINE = Insertion(audit)


def newest_first(chosen: AuditFilter, before: int | None, limit: int) -> Select[Any]:
    """A page of lines from the last one, or the one before `before`, back."""
    page = select(audit).where(*_conditions(chosen)).order_by(audit.c.seq.desc()).limit(limit)
    return page if before is None else page.where(audit.c.seq < before)


def oldest_first(chosen: AuditFilter, after: int, limit: int) -> Select[Any]:
    """A page of lines after `after`, forward."""
    return select(audit).where(*_conditions(chosen), audit.c.seq > after).order_by(audit.c.seq).limit(limit)


def _conditions(chosen: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in ((audit.c.who, chosen.who), (audit.c.on_kind, chosen.kind), (audit.c.on_id, chosen.id)):
        if value is not None:
            conditions.append(column == value)
    if chosen.action is not None:
        group = chosen.action + "."
        in_group = and_(audit.c.action > group, audit.c.action < group[:-1] + "/")  # '/' follows '.'
        conditions.append(or_(audit.c.action == chosen.action, in_group))
    if chosen.since is not None:
        conditions.append(audit.c.at >= chosen.since)
    if chosen.until is not None:
        conditions.append(audit.c.at < chosen.until)
    return conditions
