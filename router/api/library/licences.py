"""/licences: what there is, who uses it, and what was bought; and acknowledging what a licence asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path

from configs.catalog import Catalog
from configs.errors import StateConflict
from configs.schema import Licence
from configs.text import one_line
from router.api.batches.batches import BatchId
from router.api.deps import PrincipalDep, StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.jobs.jobs import JobId
from router.api.library.licence_schemas import (
    AcknowledgementBody,
    AcknowledgeWish,
    ClearWish,
    GrantBody,
    GrantsBody,
    GrantWish,
    LicenceLine,
    LicencesBody,
    UsedBy,
    grant_body,
    part_body,
)
from router.jobs.model import LicensedPart
from router.licences.granting import Bought, components, draft_grant
from router.licences.holding import hold
from router.licences.model import Subject
from router.licences.notices import notice_of
from router.licences.uses import Handed, complete, conditions_on, of_asset, of_job, refusal
from router.licences.verdicts import judge
from router.people.principal import Principal
from router.studio import Studio

routes = APIRouter(tags=["licences"])

GrantId = Annotated[str, Path(min_length=1, max_length=64, pattern="^[!-~]+$")]
AssetId = Annotated[str, Path(min_length=1, max_length=64)]


@routes.get("/licences")
async def list_licences(studio: StudioDep) -> LicencesBody:
    """Every licence as the studio reads it, with its source, and the models, LoRAs and networks that are under it."""
    catalog = studio.installation.catalog
    return LicencesBody(licences=tuple(_line(licence, catalog) for licence in catalog.licences.values()))


@routes.get("/licences/grants")
async def list_grants(studio: StudioDep) -> GrantsBody:
    """The licences that were recorded as bought, the newest first, those that have ended or were revoked among them."""
    now = studio.licences.now
    return GrantsBody(grants=tuple(grant_body(grant, now) for grant in await studio.licences.grants()))


@routes.post("/licences/grants", status_code=201, responses=error_responses(422))
async def record_grant(studio: StudioDep, principal: PrincipalDep, body: GrantWish) -> GrantBody:
    """Record a licence that was bought. From its `since` until its `until` it allows what it is for, whatever the text
    says, also of pictures that were drawn before; what it allowed falls back when it ends."""
    bought = Bought(**{name: getattr(body, name) for name in GrantWish.model_fields})
    grant = draft_grant(bought, studio.installation.catalog, principal, studio.licences.now)
    await studio.licences.record(grant, studio.audit.sign(principal))
    return grant_body(grant, studio.licences.now)


@routes.delete("/licences/grants/{grant_id}", responses=error_responses(404, 422))
async def revoke_grant(studio: StudioDep, principal: PrincipalDep, grant_id: GrantId) -> GrantBody:
    """Revoke a grant: it holds no longer. It stays in the list."""
    revoked = await studio.licences.revoke(grant_id, principal.id, studio.audit.sign(principal))
    return grant_body(revoked, studio.licences.now)


@routes.post("/pictures/{picture_id}/clear", status_code=204, responses=error_responses(404, 422))
async def clear_picture(studio: StudioDep, principal: PrincipalDep, picture_id: AssetId, body: ClearWish) -> None:
    """Say that an upload is another picture than the one that it looks like: the licences of that one do not hold for
    it, nor for what was made of it. Where it came as the same file, or with a recipe in it, they do."""
    reason, signature = one_line(body.reason, 500), studio.audit.sign(principal)
    await studio.licences.clear(picture_id, principal.id, reason, signature)


@routes.post("/images/{asset_id}/acknowledge", status_code=201, responses=error_responses(403, 404, 409, 422))
async def acknowledge_picture(
    studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, asset_id: AssetId, body: AcknowledgeWish
) -> AcknowledgementBody:
    """Say that you have read the conditions of using a picture for a purpose, and keep to them: it can be had for that
    from then on, by you."""
    asset = await studio.store.asset(viewer, asset_id)
    return await _acknowledge(studio, principal, Subject("asset", asset.id), [of_asset(asset)], body)


@routes.post("/jobs/{job_id}/acknowledge", status_code=201, responses=error_responses(403, 404, 409, 422))
async def acknowledge_job(
    studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, job_id: JobId, body: AcknowledgeWish
) -> AcknowledgementBody:
    """The same for all pictures of a job, those among them that are still to come."""
    job = await studio.store.job(viewer, job_id)
    pictures = [of_job(job, image) for image in job.images] or [Handed(job.id, job.licence, job_id=job.id)]
    return await _acknowledge(studio, principal, Subject("job", job.id), pictures, body)


@routes.post("/batches/{batch_id}/acknowledge", status_code=201, responses=error_responses(403, 404, 409, 422))
async def acknowledge_batch(
    studio: StudioDep, principal: PrincipalDep, viewer: ViewerDep, batch_id: BatchId, body: AcknowledgeWish
) -> AcknowledgementBody:
    """The same for all pictures of a batch."""
    batch = await studio.batches.batch(viewer, batch_id)
    verdicts = dict.fromkeys([job.licence async for job in studio.batches.all_jobs(batch.id)])
    pictures = [Handed(batch.id, verdict, batch_id=batch.id) for verdict in verdicts]
    return await _acknowledge(studio, principal, Subject("batch", batch.id), pictures, body)


async def _acknowledge(
    studio: Studio, principal: Principal, subject: Subject, pictures: Sequence[Handed], body: AcknowledgeWish
) -> AcknowledgementBody:
    catalog = studio.installation.catalog
    pictures = await complete(studio.licences, pictures)
    holding = await hold(studio.licences, catalog, principal, [one.verdict for one in pictures])
    found = conditions_on(pictures, body.purpose, holding)
    if any(one.refused for one in found):
        raise refusal(body.purpose, [one for one in found if one.refused])
    text = "\n".join(dict.fromkeys(line for one in found for line in one.conditions))
    if not text:
        raise StateConflict(f"nothing has to be acknowledged: it may be used for {body.purpose} as it is", "purpose")
    if body.text is not None and body.text.strip() != text:
        raise StateConflict(f"the conditions are others by now: read them, and acknowledge these: {text}", "text")
    signature = studio.audit.sign(principal)
    one = await studio.licences.acknowledge(principal.id, subject, body.purpose, text, signature)
    return AcknowledgementBody(
        acknowledgement_id=one.id, purpose=one.purpose, text=one.text, principal=one.principal, at=one.at
    )


def _line(licence: Licence, catalog: Catalog) -> LicenceLine:
    verdict = judge([LicensedPart(component="", part="", licence=licence.id)], catalog)
    return LicenceLine(
        **licence.model_dump(include={"id", "name", "reference", "internal", "product", "note", "source", "read_on"}),
        notice=notice_of(verdict, catalog).label,
        used_by=tuple(
            UsedBy(kind=kind, component=id, **part_body(id, part, catalog).model_dump(exclude={"licence"}))
            for kind, id, part in components(catalog)
            if part.licence == licence.id
        ),
    )
