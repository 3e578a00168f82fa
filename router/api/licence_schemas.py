"""Bodies that say what pictures, models and LoRAs may be used for."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from configs.catalog import Catalog
from configs.schema import Frozen, LicencePart
from router.jobs.model import LicenceVerdict, LicensedPart, Uses
from router.licences.notices import Notice, notice_of
from router.licences.verdicts import licence_of, limits


class LicenceBody(Uses):
    """What a picture may be used for now, per purpose, and why not for more. `accepted` is what held when it was
    ordered, where that differs: a licence was bought or has ended since, or somebody has said whose an upload is."""

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
