"""Bodies that say what pictures, models and LoRAs may be used for."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime

from pydantic import AwareDatetime, Field

from configs.catalog import Catalog
from configs.frozen import Frozen
from configs.schema import LicencePart, Purpose
from router.jobs.model import LicenceVerdict, LicensedPart, Uses
from router.licences.granting import Kind
from router.licences.model import Grant, GrantState, Right
from router.licences.notices import Notice, notice_of
from router.licences.verdicts import licence_of, limits


class LicenceBody(Uses):
    """What a picture may be used for now, per purpose, and why not for more. `accepted` is what held when it was
    ordered, where that differs: a licence was bought or has ended since, or somebody has said whose an upload is.
    Events and lists of pictures keep what held when these were ordered: they are history."""

    licences: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    parts: tuple[LicensedPart, ...] = Field(default=(), description="those that allow less than everything")
    accepted: Uses | None = None
    notice: Notice


class LicencePartBody(Frozen):
    """Which licence a part of a model is under, and where its publisher says so; both absent where nobody has noted
    it."""

    part: str
    licence: str
    source: str | None = None
    read_on: date | None = None


def licence_body(verdict: LicenceVerdict, catalog: Catalog) -> LicenceBody:
    """A verdict in the words of the API."""
    return LicenceBody(
        reference=verdict.reference,
        internal=verdict.internal,
        product=verdict.product,
        licences=verdict.licences,
        reasons=verdict.reasons,
        parts=tuple(part for part in verdict.parts if limits(part, catalog)),
        accepted=verdict.accepted,
        notice=notice_of(verdict, catalog),
    )


def part_body(component: str, part: LicencePart, catalog: Catalog) -> LicencePartBody:
    """A part of a component, with its source."""
    stated = licence_of(part.licence, catalog).stated(component, part.part)
    if stated is None:
        return LicencePartBody(part=part.part, licence=part.licence)
    return LicencePartBody(part=part.part, licence=part.licence, source=stated.source, read_on=stated.read_on)


class UsedBy(Frozen):
    """Which part of what is under a licence, and where its publisher says so."""

    kind: Kind
    component: str
    part: str
    source: str | None = None
    read_on: date | None = None


class LicenceLine(Uses):
    """A licence as the studio reads it: this is not legal advice. `used_by` are those that this studio knows."""

    id: str
    name: str
    note: str = ""
    source: str
    read_on: date
    notice: str = Field(description="in a few words")
    used_by: tuple[UsedBy, ...] = ()


class LicencesBody(Frozen):
    """All licences, and who uses them."""

    licences: tuple[LicenceLine, ...]


class GrantWish(Frozen):
    """A licence that was bought: of all that is under `licence`, of all of a `component`, or of what of one is under
    the other. It lifts verdicts while it holds, and what was drawn before with them."""

    component: str | None = Field(default=None, max_length=64, description="a model, LoRA, upscaler … of this studio")
    licence: str | None = Field(default=None, max_length=64)
    space: str | None = Field(default=None, max_length=64, description="whose it is; of all if absent")
    purposes: tuple[Purpose, ...] = Field(default=("internal", "product"), min_length=1, max_length=3)
    since: AwareDatetime | None = Field(default=None, description="with its zone; now if absent")
    until: AwareDatetime | None = Field(default=None, description="with its zone; it does not end if absent")
    reference: str = Field(min_length=1, max_length=500, description="of the contract, for whoever has to find it")


class GrantBody(Frozen):
    """A licence that was bought, and what it is worth now: `planned`, `active`, `ended` or `revoked`."""

    grant_id: str
    state: GrantState
    component: str | None
    licence: str | None
    space: str | None
    purposes: tuple[Purpose, ...]
    since: datetime
    until: datetime | None
    reference: str
    recorded_by: str
    recorded_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class GrantsBody(Frozen):
    """All licences that were ever recorded as bought, the newest first."""

    grants: tuple[GrantBody, ...]


class AcknowledgeWish(Frozen):
    """That the conditions for a purpose were read and are kept to. `text` is what was shown, as the refusal had it in
    `acknowledge`: with other conditions by now, it is 409."""

    purpose: Purpose
    text: str | None = Field(default=None, max_length=20_000)


class AcknowledgementBody(Frozen):
    """What was acknowledged, by whom and when."""

    acknowledgement_id: str
    purpose: Purpose
    text: str
    principal: str
    at: datetime


class ClearWish(Frozen):
    """Why an upload is another picture than the one that it looks like."""

    reason: str = Field(min_length=1, max_length=500)


class RightWish(Frozen):
    """Whose an upload is: `own`, `bought` (a licence for it), or `unknown`; and where it comes from."""

    right: Right
    source: str = Field(default="", max_length=500)


def grant_body(grant: Grant, now: datetime) -> GrantBody:
    """A grant as it stands."""
    told = {field.name: getattr(grant, field.name) for field in fields(grant) if field.name != "id"}
    return GrantBody(grant_id=grant.id, state=grant.state(now), **told)
