"""A line of the audit, written inside the transaction of the change that it tells of: both are there, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from router.people.audit import statements
from router.people.audit.actions import check_action
from router.people.audit.model import On, Signature
from router.people.audit.told import write_told


def write_line(
    connection: Connection,
    signature: Signature | None,
    action: str,
    on: On,
    told: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write a line, as the last thing that a transaction does: until that is committed, nobody else's line is written.
    Without a `signature` nothing is. Raises `ValueError` for what is no line: an unknown action, or fields that the
    audit never tells."""
    if signature is None:
        return
    check_action(action)
    row = {
        "at": now,
        "who": signature.who,
        "how": signature.how,
        "key": signature.key,
        "action": action,
        "on_kind": on[0],
        "on_id": on[1],
        "told": write_told(told),
        "request_id": signature.request_id,
    }
    seq = int(connection.execute(statements.NEXT_SEQ).scalar_one())
    statements.INSERT_LINE.run(connection, row | {"seq": seq})
