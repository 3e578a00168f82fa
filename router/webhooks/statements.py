"""Every statement about webhooks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from router.jobs.statements import OF_COMPARISON
from router.jobs.tables import UNFINISHED, jobs
from router.people.tables import members, principals
from router.storage.columns import Utc
from router.storage.insertion import Insertion
from router.webhooks.tables import PENDING, WAITING, attempts, deliveries, webhooks

_NOW = bindparam("now", type_=Utc)
_OF_ID = webhooks.c.id == bindparam("of_webhook")
_OF_DELIVERY = and_(deliveries.c.webhook == bindparam("of_webhook"), deliveries.c.id == bindparam("of_delivery"))
_IN_USE = webhooks.c.disabled_at.is_(None)

IS_HEARD = "EXISTS (SELECT 1 FROM webhooks WHERE disabled_at IS NULL)"
"""Whether anybody wants to be told of anything: so that where nobody does, no statement more is needed."""

INSERT = Insertion(webhooks)
ONE = select(webhooks).where(_OF_ID)
OF_OWNER = select(webhooks).where(webhooks.c.owner == bindparam("of_owner")).order_by(webhooks.c.id)
COUNT = select(func.count()).where(webhooks.c.owner == bindparam("of_owner"))
DELETE = delete(webhooks).where(_OF_ID)
DISABLE = (
    update(webhooks)
    .where(_OF_ID, _IN_USE)
    .values(disabled_at=_NOW, disabled_reason=bindparam("reason"))
    .returning(webhooks.c.owner, webhooks.c.space, webhooks.c.url)
)
ENABLE = (
    update(webhooks).where(_OF_ID).values(disabled_at=None, disabled_reason="", failing_since=None, paused_until=None)
)
ROTATE = (
    update(webhooks)
    .where(_OF_ID)
    .values(old_secret=webhooks.c.secret, old_secret_until=bindparam("until", type_=Utc), secret=bindparam("fresh"))
)
FORGET_OLD_SECRETS = (
    update(webhooks).where(webhooks.c.old_secret_until <= _NOW).values(old_secret=None, old_secret_until=None)
)
OLD_SECRETS = select(func.count()).where(webhooks.c.old_secret_until <= _NOW)


def change(**values: Any) -> Any:
    """Of the columns that are named."""
    return update(webhooks).where(_OF_ID).values(**values)


# Who hears what a job tells: its owner, or a space's members, as long as they are that. What a comparison draws is the
# comparison's, as in the lists of jobs; and who was shut out is told nothing.
_IS_MEMBER = exists().where(members.c.space == webhooks.c.space, members.c.principal == webhooks.c.owner)
_HEARS: ColumnElement[bool] = or_(
    and_(webhooks.c.scope == literal_column("'own'"), webhooks.c.owner == jobs.c.owner),
    and_(webhooks.c.scope == literal_column("'space'"), webhooks.c.space == jobs.c.space, _IS_MEMBER),
)
_IS_SHUT_OUT = exists().where(principals.c.id == webhooks.c.owner, principals.c.deactivated_at.is_not(None))
HEARING = (
    select(
        webhooks.c.id,
        webhooks.c.events,
        webhooks.c.include,
        jobs.c.id.label("job_id"),
        jobs.c.owner,
        jobs.c.space,
        jobs.c.kind,
        jobs.c.batch,
        jobs.c.request,
    )
    .select_from(webhooks.join(jobs, _HEARS))
    .where(jobs.c.id.in_(bindparam("of_jobs", expanding=True)), _IN_USE, ~_IS_SHUT_OUT, ~OF_COMPARISON)
    .order_by(webhooks.c.id)
)
LISTENING = select(webhooks.c.id, webhooks.c.events).where(_IN_USE, ~_IS_SHUT_OUT).order_by(webhooks.c.id)
OTHERS = (
    select(webhooks.c.id, webhooks.c.events)
    .where(webhooks.c.owner == bindparam("of_owner"), webhooks.c.id != bindparam("of_webhook"), _IN_USE)
    .order_by(webhooks.c.id)
)
INSERT_DELIVERY = Insertion(deliveries, " ON CONFLICT (webhook, id) DO NOTHING")

_DELIVERY = (
    deliveries.c.webhook,
    deliveries.c.id,
    deliveries.c.type,
    deliveries.c.subject,
    deliveries.c.at,
    deliveries.c.state,
    deliveries.c.due_at,
)
DELIVERY = select(*_DELIVERY).where(_OF_DELIVERY)
ATTEMPTS = (
    select(attempts)
    .where(attempts.c.webhook == bindparam("of_webhook"), attempts.c.delivery.in_(bindparam("ids", expanding=True)))
    .order_by(attempts.c.delivery, attempts.c.number)
)
NEWEST = (
    select(*_DELIVERY)
    .where(deliveries.c.webhook == bindparam("of_webhook"))
    .order_by(deliveries.c.at.desc(), deliveries.c.id.desc())
    .limit(bindparam("page"))
)
BEFORE = NEWEST.where(
    tuple_(deliveries.c.at, deliveries.c.id)
    < tuple_(bindparam("before_at", type_=Utc), bindparam("of_delivery", type_=deliveries.c.id.type))
)
IN_STATE = deliveries.c.state == bindparam("state")

# From the beginning: its schedule, too.
_AGAIN: dict[str, Any] = {"state": "pending", "due_at": _NOW, "tries": 0, "lease_until": None}
_FREE = or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= _NOW)
_ENDED: ColumnElement[bool] = deliveries.c.state.in_(("delivered", "failed"))
REPLAY = update(deliveries).where(_OF_DELIVERY, ~WAITING, _FREE).values(**_AGAIN)
"""One that is being sent is left to that."""
REPLAY_FAILED = (
    update(deliveries)
    .where(
        deliveries.c.webhook == bindparam("of_webhook"),
        deliveries.c.state == "failed",
        deliveries.c.at >= bindparam("since", type_=Utc),
    )
    .values(**_AGAIN)
)
GIVE_UP = (
    update(deliveries)
    .where(deliveries.c.webhook == bindparam("of_webhook"), PENDING)
    .values(state="failed", lease_until=None)
)
"""Of a webhook that is disabled: its owner may have all of it sent again."""

# Batches of which nothing is left to do.
_LEFT = exists().where(jobs.c.batch == deliveries.c.subject, UNFINISHED)
ENDED_BATCHES = select(deliveries.c.webhook, deliveries.c.id, deliveries.c.subject, deliveries.c.data).where(
    WAITING, ~_LEFT
)
OUTCOMES = (
    select(jobs.c.status, func.count().label("jobs"), func.max(jobs.c.ended_at).label("last"))
    .where(jobs.c.batch == bindparam("of_batch"))
    .group_by(jobs.c.status)
)
SETTLE = (
    update(deliveries)
    .where(_OF_DELIVERY, WAITING)
    .values(state="pending", data=bindparam("told"), at=bindparam("ended_at", type_=Utc), due_at=_NOW)
)

# What is due, by webhook, so that one that is slow keeps no other waiting.
_NOT_PAUSED = or_(webhooks.c.paused_until.is_(None), webhooks.c.paused_until <= _NOW)
DUE = (
    select(deliveries.c.webhook, func.min(deliveries.c.due_at).label("since"), func.count().label("due"))
    .join(webhooks, webhooks.c.id == deliveries.c.webhook)
    .where(PENDING, deliveries.c.due_at <= _NOW, _FREE, _IN_USE, _NOT_PAUSED)
    .group_by(deliveries.c.webhook)
    .order_by(func.min(deliveries.c.due_at))
)
_NEXT = (
    select(deliveries.c.id)
    .where(deliveries.c.webhook == bindparam("of_webhook"), PENDING, deliveries.c.due_at <= _NOW, _FREE)
    .order_by(deliveries.c.due_at, deliveries.c.at, deliveries.c.id)
    .limit(bindparam("room"))
    .with_for_update(skip_locked=True)
)
LEASE = (
    update(deliveries)
    .where(deliveries.c.webhook == bindparam("of_webhook"), deliveries.c.id.in_(_NEXT))
    .values(lease_until=bindparam("until", type_=Utc), attempts=deliveries.c.attempts + 1, tries=deliveries.c.tries + 1)
    .returning(
        deliveries.c.webhook,
        deliveries.c.id,
        deliveries.c.type,
        deliveries.c.at,
        deliveries.c.data,
        deliveries.c.attempts,
        deliveries.c.tries,
    )
)
END = (
    update(deliveries)
    .where(_OF_DELIVERY, PENDING, deliveries.c.attempts == bindparam("number"))
    .values(state=bindparam("outcome"), due_at=bindparam("due", type_=Utc), lease_until=None)
    .returning(deliveries.c.id)
)
INSERT_ATTEMPT = Insertion(attempts)
HEARD = (
    update(webhooks)
    .where(_OF_ID, or_(webhooks.c.failing_since.is_not(None), webhooks.c.paused_until.is_not(None)))
    .values(failing_since=None, paused_until=None)
)
"""It has answered well."""
MISSED = (
    update(webhooks)
    .where(_OF_ID)
    .values(
        failing_since=case((webhooks.c.failing_since.is_(None), _NOW), else_=webhooks.c.failing_since),
        paused_until=case(
            (bindparam("pause", type_=Utc).is_(None), webhooks.c.paused_until), else_=bindparam("pause", type_=Utc)
        ),
    )
)

OLD = (
    select(deliveries.c.webhook, deliveries.c.id)
    .where(deliveries.c.at < bindparam("before", type_=Utc), _ENDED)
    .limit(bindparam("most"))
)
PURGE = delete(deliveries).where(_OF_DELIVERY, _ENDED)
