"""Versions that a request names itself: planned with in place of those that are live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from configs.catalog import Installation
from configs.errors import InvalidRequest, NotFound
from router.job_request import JobRequest, LoraRequest
from router.library.kinds import ASSET_TYPES, BRAND_KITS, LORAS, EntryKind
from router.library.library import Library

_FIELDS: dict[str, EntryKind[Any]] = {"asset_type": ASSET_TYPES, "brand_kit": BRAND_KITS}
"""Fields of a request that may name a version, as ID@VERSION; each of its `loras` may, too."""


async def pin_versions(library: Library, request: JobRequest) -> tuple[JobRequest, Installation]:
    """The request with ids alone, and the installation with the versions that it named.

    Raises `UnknownName` for a version that is not there, and `InvalidRequest` for one that cannot be used; an id that
    is not there is left for whoever plans.
    """
    installation = library.installation
    for field, kind, name in _named(request):
        id, _, version = name.partition("@")
        with suppress(NotFound):
            installation = await _pinned(library, installation, kind, id, version, field)
    return without_versions(request), installation


async def _pinned(
    library: Library, installation: Installation, kind: EntryKind[Any], id: str, version: str, field: str
) -> Installation:
    """With one version in place of the one that is live. Raises `NotFound` where there is none of that id."""
    entry = (await library.store.versions(kind.name, id)).require(version, field)
    config = library.read(kind, entry)
    pin = await library.pin(kind, entry, config)
    catalog = installation.catalog
    there = {kind.section: {**kind.of(catalog), id: config}, "pins": {**catalog.pins, pin.key: pin}}
    return installation.model_copy(update={"catalog": catalog.model_copy(update=there)})


def _named(request: JobRequest) -> Iterator[tuple[str, EntryKind[Any], str]]:
    """Field, kind and ID@VERSION of each version that a request names."""
    for field, kind in _FIELDS.items():
        if "@" in (name := str(getattr(request, field) or "")):
            yield field, kind, name
    yield from (("loras", LORAS, one.id) for one in request.loras if "@" in one.id)


def without_versions(request: JobRequest) -> JobRequest:
    """The request with ids alone, whichever versions it names."""
    changes = dict[str, Any]()
    for field, kind, name in _named(request):
        if kind is not LORAS:
            changes[field] = name.partition("@")[0]
        else:
            changes["loras"] = tuple(map(_without_version, request.loras))
    return request.model_copy(update=changes) if changes else request


def _without_version(lora: LoraRequest) -> LoraRequest:
    return lora.model_copy(update={"id": lora.id.partition("@")[0]})


def unpin(request: JobRequest, installation: Installation) -> JobRequest:
    """The request with ids alone, where the versions that it names are those that are live. Raises `InvalidRequest`."""
    for field, kind, name in _named(request):
        id, _, version = name.partition("@")
        live = kind.of(installation.catalog).get(id)
        if live is not None and live.version != version:
            raise InvalidRequest(
                f"{id} is at {live.version}, not at {version}: a batch is drawn with what is live", field
            )
    return without_versions(request)
