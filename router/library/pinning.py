"""Versions that a request, or what is laid over it, names itself: planned with in place of those that are live.

Looking them up asks the database; planning with them is pure. A version never changes, so one look serves many plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from configs.catalog import Installation
from configs.entries import EntryPin
from configs.errors import InvalidRequest, NotFound
from configs.experiments import Overlay
from configs.schema import LoraConfig
from router.job_request import JobRequest, LoraRequest
from router.library.kinds import ASSET_TYPES, BRAND_KITS, LORAS, EntryKind
from router.library.library import Library
from router.prompts.loras import named_versions

_FIELDS: dict[str, EntryKind[Any]] = {"asset_type": ASSET_TYPES, "brand_kit": BRAND_KITS}
"""Fields of a request that may name a version, as ID@VERSION; so may each LoRA of its own or of its prompt."""


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """One version of an entry, as a plan takes it."""

    config: Any
    pin: EntryPin


@dataclass(frozen=True, slots=True)
class NamedVersions:
    """Versions that were looked up, by KIND/ID@VERSION: what they say, or why they cannot be drawn with. An id that the
    library does not have is in neither."""

    found: Mapping[str, NamedVersion] = field(default_factory=lambda: MappingProxyType({}))
    faults: Mapping[str, InvalidRequest] = field(default_factory=lambda: MappingProxyType({}))

    def loras(self, overlay: Overlay) -> Iterator[LoraConfig]:
        """Those that an overlay names by version."""
        keys = (f"{kind.name}/{name}" for _, kind, name in _named(overlay) if kind is LORAS)
        yield from (self.found[key].config for key in keys if key in self.found)

    def hashes(self, overlay: Overlay) -> dict[str, str]:
        """Of the LoRAs that an overlay names by version, by KIND/ID@VERSION."""
        keys = (f"{kind.name}/{name}" for _, kind, name in _named(overlay) if kind is LORAS)
        return {key: self.found[key].pin.sha256 for key in keys if key in self.found}


NO_VERSIONS = NamedVersions()


async def find_versions(
    library: Library, naming: Iterable[JobRequest | Overlay], known: NamedVersions = NO_VERSIONS
) -> NamedVersions:
    """All that requests and overlays name, beside those that are `known`. Raises `StoreUnavailable`."""
    found, faults = dict(known.found), dict(known.faults)
    for one in naming:
        for field_name, kind, name in _named(one):
            key = f"{kind.name}/{name}"
            if key in found or key in faults:
                continue
            try:
                found[key] = await _look_up(library, kind, name, field_name)
            except InvalidRequest as error:
                faults[key] = error
            except NotFound:  # left for whoever plans, who lists what there is
                continue
    return NamedVersions(found, faults)


async def pin_versions(library: Library, request: JobRequest) -> tuple[JobRequest, Installation]:
    """As `pin`, with all that the request names looked up."""
    return pin(request, library.installation, await find_versions(library, (request,)))


def pin(request: JobRequest, installation: Installation, versions: NamedVersions) -> tuple[JobRequest, Installation]:
    """The request with ids alone, and the installation with the versions that it names. Pure.

    Raises `UnknownName` for a version that is not there, and `InvalidRequest` for one that cannot be used; an id that
    is not there is left for whoever plans.
    """
    catalog = installation.catalog
    for _, kind, name in _named(request):
        key = f"{kind.name}/{name}"
        if key in versions.faults:
            # One is raised for many requests: none keeps another's frames.
            raise versions.faults[key].with_traceback(None)
        if key in versions.found:
            named = versions.found[key]
            section = {**kind.of(catalog), named.pin.id: named.config}
            pins = {**catalog.pins, named.pin.key: named.pin}
            catalog = catalog.model_copy(update={kind.section: section, "pins": pins})
    if catalog is not installation.catalog:
        installation = installation.model_copy(update={"catalog": catalog})
    return without_versions(request), installation


async def _look_up(library: Library, kind: EntryKind[Any], name: str, field_name: str) -> NamedVersion:
    """Raises `NotFound` where there is none of that id."""
    id, _, version = name.partition("@")
    entry = (await library.store.versions(kind.name, id)).require(version, field_name)
    config = library.read(kind, entry)
    return NamedVersion(config, await library.pin(kind, entry, config))


def _named(said: JobRequest | Overlay) -> Iterator[tuple[str, EntryKind[Any], str]]:
    """Field, kind and ID@VERSION of each version that is named."""
    for field_name, kind in _FIELDS.items():
        if "@" in (name := str(getattr(said, field_name) or "")):
            yield field_name, kind, name
    yield from (("loras", LORAS, one.id) for one in said.loras if "@" in one.id)
    if isinstance(said, JobRequest):
        own = {one.lora for one in said.loras}
        named = named_versions(said.prompt)
        yield from (("prompt", LORAS, name) for name in named if name.partition("@")[0] not in own)


def without_versions(request: JobRequest) -> JobRequest:
    """The request with ids alone, whichever versions it names."""
    changes = dict[str, Any]()
    for field_name, kind, name in _named(request):
        if kind is not LORAS:
            changes[field_name] = name.partition("@")[0]
        else:
            changes["loras"] = tuple(map(_without_version, request.loras))
    return request.model_copy(update=changes) if changes else request


def _without_version(lora: LoraRequest) -> LoraRequest:
    return lora.model_copy(update={"id": lora.lora})
