"""/me/quota: what one may have drawn, and has. /quotas: what operators set for a user, a space or a key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from configs.frozen import Frozen
from configs.quotas import Quota, Subject
from router.api.deps import PrincipalDep, StudioDep
from router.api.errors import error_responses
from router.people.quotas.counting import seconds_to_midnight
from router.people.quotas.model import Limits, SetQuota, Standing
from router.studio import Studio

routes = APIRouter(tags=["people"])

SubjectPath = Annotated[Subject, Path(description="whose work is counted")]
SubjectId = Annotated[
    str,
    Path(min_length=1, max_length=200, pattern="^[!-~]+$", description="of a person, a space, an API key or device"),
]


class UseBody(Frozen):
    """What was taken since 00:00 UTC, and is under way; counted only where there is a limit."""

    jobs_in_flight: int
    pictures: int
    device_seconds: float


class QuotaBody(Frozen):
    """Limits of one subject, each null where there is none, and what was taken of them."""

    subject: Subject
    id: str
    quota: Quota
    used: UseBody
    resets_at: datetime = Field(description="when the next day of UTC begins")
    set: Limits | None = Field(default=None, description="by operators; the rest is as the profile says")
    set_by: str | None = None
    set_at: datetime | None = None


class OwnQuotaBody(Frozen):
    """All that is counted for whoever asks: their own, their space's, and that of the key they use."""

    quotas: tuple[QuotaBody, ...]


class SetQuotaBody(Frozen):
    """What operators have set for one subject."""

    subject: Subject
    id: str
    set: Limits
    set_by: str
    set_at: datetime


class SetQuotasBody(Frozen):
    """All that operators have set."""

    quotas: tuple[SetQuotaBody, ...]


@routes.get("/me/quota")
async def read_own_quota(studio: StudioDep, principal: PrincipalDep) -> OwnQuotaBody:
    """What you may have drawn, and what of that you have."""
    subjects: list[tuple[Subject, str]] = [("user", principal.id), ("space", principal.space)]
    if principal.key is not None:
        subjects.append(("key", principal.key))
    return OwnQuotaBody(quotas=tuple([await _stand(studio, *one) for one in subjects]))


@routes.get("/quotas")
async def list_quotas(studio: StudioDep) -> SetQuotasBody:
    """What operators have set. For all others the profile says what holds."""
    return SetQuotasBody(quotas=tuple(map(_set_body, await studio.quotas.all())))


@routes.get("/quotas/{subject}/{id}", responses=error_responses(422))
async def read_quota(studio: StudioDep, subject: SubjectPath, id: SubjectId) -> QuotaBody:
    """What holds for a user, a space or a key, and what was taken."""
    return await _stand(studio, subject, id)


@routes.put("/quotas/{subject}/{id}", responses=error_responses(422))
async def set_quota(
    studio: StudioDep, principal: PrincipalDep, subject: SubjectPath, id: SubjectId, body: Limits
) -> QuotaBody:
    """Set all limits of a subject anew, from its next job on. What is left out is as the profile says; `unlimited`
    lifts that, and 0 lets nothing be drawn. It may be set before somebody comes for the first time."""
    await studio.quotas.set(subject, id, body, studio.audit.sign(principal))
    return await _stand(studio, subject, id)


@routes.delete("/quotas/{subject}/{id}", responses=error_responses(404, 422))
async def remove_quota(studio: StudioDep, principal: PrincipalDep, subject: SubjectPath, id: SubjectId) -> QuotaBody:
    """Let what the profile says hold again."""
    await studio.quotas.remove(subject, id, studio.audit.sign(principal))
    return await _stand(studio, subject, id)


async def _stand(studio: Studio, subject: Subject, id: str) -> QuotaBody:
    default = studio.installation.profile.limits.quotas.of(subject)
    return _body(await studio.quotas.standing(subject, id, default), studio.quotas.clock())


def _body(standing: Standing, now: datetime) -> QuotaBody:
    said, used = (
        standing.set,
        UseBody(
            jobs_in_flight=standing.jobs_in_flight,
            pictures=standing.pictures,
            device_seconds=round(standing.device_seconds, 2),
        ),
    )
    return QuotaBody(
        subject=standing.subject,
        id=standing.id,
        quota=standing.quota,
        used=used,
        resets_at=now.replace(microsecond=0) + timedelta(seconds=seconds_to_midnight(now.replace(microsecond=0))),
        set=None if said is None else said.limits,
        set_by=None if said is None else said.set_by,
        set_at=None if said is None else said.set_at,
    )


def _set_body(one: SetQuota) -> SetQuotaBody:
    return SetQuotaBody(subject=one.subject, id=one.id, set=one.limits, set_by=one.set_by, set_at=one.set_at)
