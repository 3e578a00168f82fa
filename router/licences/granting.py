"""Recording licences that were bought: what they may be of, and from when until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from configs.catalog import Catalog
from configs.errors import InvalidRequest, UnknownName
from configs.schema import LicencePart, Purpose
from configs.text import one_line
from router.ids import new_job_id
from router.licences.model import Grant
from router.people.principal import Principal

Kind: TypeAlias = Literal["model", "lora", "upscaler", "scorer", "captioner", "cutter"]


class Licensed(Protocol):
    """A config whose parts have licences."""

    @property
    def licence_parts(self) -> tuple[LicencePart, ...]: ...


@dataclass(frozen=True, slots=True)
class Bought:
    """What an operator says of a contract."""

    component: str | None
    licence: str | None
    space: str | None
    purposes: tuple[Purpose, ...]
    since: datetime | None
    until: datetime | None
    reference: str


def draft_grant(bought: Bought, catalog: Catalog, by: Principal, now: datetime) -> Grant:
    """Raises `UnknownName` for a licence or a component that is not there, and `InvalidRequest` for a grant that could
    never lift anything."""
    _check_names(bought, catalog)
    since = bought.since or now
    if bought.until is not None and bought.until <= max(since, now):
        when = "has ended already" if bought.until <= now else "ends before it begins"
        raise InvalidRequest(f"this grant {when}: give an 'until' after its 'since' and after now, or none", "until")
    reference = one_line(bought.reference, 500)
    if not reference:
        raise InvalidRequest("say which contract it is, so that somebody can find it: reference is empty", "reference")
    return Grant(
        id=f"grant_{new_job_id()}",
        component=bought.component,
        licence=bought.licence,
        space=bought.space,
        purposes=tuple(dict.fromkeys(bought.purposes)),
        since=since,
        until=bought.until,
        reference=reference,
        recorded_by=by.id,
        recorded_at=now,
    )


def components(catalog: Catalog) -> Iterator[tuple[Kind, str, LicencePart]]:
    """Kind, component and part of all that the studio knows."""
    kinds: dict[Kind, Mapping[str, Licensed]] = {
        "model": catalog.models,
        "lora": catalog.loras,
        "upscaler": catalog.upscalers,
        "scorer": catalog.scorers,
        "captioner": catalog.captioners,
        "cutter": catalog.cutters,
    }
    for kind, configs in kinds.items():
        for id, config in configs.items():
            yield from ((kind, id, part) for part in config.licence_parts)


def _check_names(bought: Bought, catalog: Catalog) -> None:
    if bought.licence is None and bought.component is None:
        raise InvalidRequest("say what was bought: a licence, a component such as a model, or both", "licence")
    if bought.licence is not None and bought.licence not in catalog.licences:
        known = tuple(catalog.licences)
        message = f"'{one_line(bought.licence, 64)}' is no licence that is known here; there are {', '.join(known)}"
        raise UnknownName(message, "licence", known)
    parts = [(id, part.licence) for _, id, part in components(catalog)]
    if bought.component is not None and bought.component not in {id for id, _ in parts}:
        message = (
            f"'{one_line(bought.component, 64)}' is no model, LoRA or network of this studio: GET /licences has them"
        )
        raise UnknownName(message, "component")
    if bought.component is not None and bought.licence is not None and (bought.component, bought.licence) not in parts:
        message = (
            f"no part of {bought.component} is under {bought.licence}: GET /licences says which licences it is under"
        )
        raise InvalidRequest(message, "licence")
