"""Versions that a request names itself: planned with in place of those that are live."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from configs.catalog import Installation
from configs.entries import EntryPin
from configs.errors import InvalidRequest, NotFound
from router.job_request import JobRequest
from router.library.kinds import ASSET_TYPES, BRAND_KITS, EntryKind
from router.library.library import Library

_FIELDS: dict[str, EntryKind[Any]] = {"asset_type": ASSET_TYPES, "brand_kit": BRAND_KITS}
"""Fields of a request that may name a version, as ID@VERSION."""


async def pin_versions(library: Library, request: JobRequest) -> tuple[JobRequest, Installation]:
    """The request with ids alone, and the installation with the versions that it named.

    Raises `UnknownName` for a version that is not there, and `InvalidRequest` for one that cannot be used; an id that
    is not there is left for whoever plans.
    """
    installation, changes = library.installation, dict[str, Any]()
    for field, kind in _FIELDS.items():
        id, named, version = str(getattr(request, field) or "").partition("@")
        if not named:
            continue
        changes[field] = id
        with suppress(NotFound):
            entry = (await library.store.versions(kind.name, id)).require(version, field)
            config = library.read(kind, entry)
            pin = EntryPin(kind=kind.name, id=id, version=entry.version, sha256=entry.sha256)
            catalog = installation.catalog
            there = {kind.section: {**kind.of(catalog), id: config}, "pins": {**catalog.pins, pin.key: pin}}
            installation = installation.model_copy(update={"catalog": catalog.model_copy(update=there)})
    return request.model_copy(update=changes), installation


def unpin(request: JobRequest, installation: Installation) -> JobRequest:
    """The request with ids alone, where the versions that it names are those that are live. Raises `InvalidRequest`."""
    changes = dict[str, Any]()
    for field, kind in _FIELDS.items():
        id, named, version = str(getattr(request, field) or "").partition("@")
        live = kind.of(installation.catalog).get(id)
        if named and live is not None and live.version != version:
            raise InvalidRequest(
                f"{id} is at {live.version}, not at {version}: a batch is drawn with what is live", field
            )
        if named:
            changes[field] = id
    return request.model_copy(update=changes) if changes else request
