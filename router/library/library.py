"""The library as the running studio sees it: what is live now, as the catalogue that everything is planned with.

Read once per change, not per request. A process that changes it sees the change at once, others within a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from configs.catalog import Catalog, Installation
from configs.entries import EntryPin, body_of
from configs.errors import FileStoreUnavailable, InvalidRequest, NotFound, StoreUnavailable
from deployments.blobs.store import BlobStore
from router.library.kinds import KINDS, EntryKind, kind_named
from router.library.model import Entry, NewEntry, Versions
from router.library.promotion import check_rights
from router.library.seeding import seeds_of
from router.library.store import LibraryStore
from router.people.audit.model import Signature
from router.storage.documents import UnreadableDocument

_log = logging.getLogger("atelier.library")
_LOOK_SECONDS = 0.5


class Library:
    """What is live, in `installation`, beside all that operators deploy. Used from one event loop."""

    def __init__(self, configured: Installation, store: LibraryStore, blobs: BlobStore) -> None:
        """`configured` is what the YAML files say; until `open` has been called, that is all there is."""
        self.store = store
        self._configured, self._blobs = configured, blobs
        self._installation = configured
        self._revision = -1
        self._reading = asyncio.Lock()
        self._owed: dict[str, str] = {}
        self._kept: set[str] = set()
        self.problems: dict[str, str] = {}

    @property
    def installation(self) -> Installation:
        """The installation with the catalogue of this moment. Hold on to one for as long as one answer takes."""
        return self._installation

    async def open(self) -> tuple[str, ...]:
        """Take in what the YAML files have that is new, and read what is live. Returns what a person should know of
        files that are not used; the log has it, too. Raises `StoreUnavailable`."""
        settled = await self.store.seed(seeds_of(self._configured.catalog))
        for new in settled.added:
            _log.info("%s %s %s is taken in and live", new.kind, new.id, new.version)
        for sentence in settled.sentences:
            _log.warning("%s", sentence)
        await self.refresh()
        return settled.sentences

    async def follow(self) -> None:
        """See, for ever, what others change."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            with suppress(StoreUnavailable):
                await self.refresh()

    async def refresh(self) -> None:
        """Read what is live, if anything has changed. Raises `StoreUnavailable`."""
        async with self._reading:
            revision = await self.store.revision()  # first: what changes while it is read is seen the next time
            if revision != self._revision:
                catalog = self._catalog(await self.store.live())
                await self._keep_bodies()
                self._installation = self._configured.model_copy(update={"catalog": catalog})
                self._revision = revision
            elif self._owed:
                await self._keep_bodies()

    async def check_brought(self, new: NewEntry) -> None:
        """Raises `InvalidRequest` for what only an upload may bring, unless a version before has the same."""
        kind = kind_named(new.kind)
        if not kind.brought:
            return
        said, known = json.loads(new.body), list[dict[str, Any]]()
        with suppress(NotFound):
            for entry in (await self.store.versions(new.kind, new.id)).entries:
                with suppress(InvalidRequest):  # what is damaged repeats nothing
                    known.append(entry.content)
        for name in kind.brought:
            known = [body for body in known if body.get(name) == said.get(name)]
            if not known:
                message = f"body.{name}: it comes with the file of a {kind.one} (POST /{kind.name}): repeat that of a "
                raise InvalidRequest(f"{message}version before, or send the file", f"body.{name}")

    async def add(self, new: NewEntry, mark: str | None, signature: Signature | None = None) -> tuple[Entry, bool]:
        """As the store's; and what is live is so at once, here. Raises `InvalidRequest`, too, for what refers to what
        is not there, and `LicenceRestricted` for what may not become live."""
        unsaved = _unsaved(new)
        await check_rights(self.store, unsaved, self.read(kind_named(new.kind), unsaved), mark)
        entry, is_new = await self.store.add(new, mark, signature)
        await self.refresh()
        return entry, is_new

    async def move(
        self,
        kind: str,
        id: str,
        mark: str,
        version: str | None,
        by: str,
        note: str,
        signature: Signature | None = None,
    ) -> Versions:
        """As the store's, and at once, here. Raises `InvalidRequest`, too, for a version that cannot be used, and
        `LicenceRestricted` for one that may not become live."""
        found = (await self.store.versions(kind, id)).find(version or "")
        if found is not None:
            await check_rights(self.store, found, self.read(kind_named(kind), found), mark)
        moved = await self.store.move(kind, id, mark, version, by, note, signature)
        await self.refresh()
        return moved

    def _catalog(self, live: Sequence[Entry]) -> Catalog:
        """The configured catalogue with what is live in place of what YAML files say."""
        configured = self._configured.catalog
        catalog = configured.model_copy(update={"configured_loras": configured.loras})
        pins: dict[str, EntryPin] = {}
        problems: dict[str, str] = {}
        for kind in KINDS:
            section: dict[str, Any] = {}
            for entry in (one for one in live if one.kind == kind.name):
                try:
                    config = self.read(kind, entry, catalog)
                except InvalidRequest as error:
                    problems[f"{entry.kind}/{entry.id}"] = error.message
                    continue
                section[entry.id] = config
                pin = self._pin(kind, entry, config)
                pins[pin.key] = pin
            catalog = catalog.model_copy(update={kind.section: section})
        for key in problems.keys() - self.problems.keys():
            _log.warning("%s is live and not offered: %s", key, problems[key])
        self.problems = problems
        return catalog.model_copy(update={"pins": pins})

    def _pin(self, kind: EntryKind[Any], entry: Entry, config: Any) -> EntryPin:
        """Replicas have what the YAML files say; what they do not have is owed to the file store."""
        had = kind.of(self._configured.catalog).get(entry.id)
        stored = kind.for_replicas and (had is None or body_of(had) != body_of(config))
        if stored and entry.sha256 not in self._kept:
            self._owed[entry.sha256] = entry.body
        return EntryPin(kind=entry.kind, id=entry.id, version=entry.version, sha256=entry.sha256, stored=stored)

    async def pin(self, kind: EntryKind[Any], entry: Entry, config: Any) -> EntryPin:
        """A version, whichever is live, for a plan; replicas find in the file store what they do not have."""
        pin = self._pin(kind, entry, config)
        if self._owed:
            async with self._reading:
                await self._keep_bodies()
        return pin

    async def _keep_bodies(self) -> None:
        """Bring what is owed to the file store; while that is away, it stays owed."""
        with suppress(FileStoreUnavailable):
            for sha256, body in list(self._owed.items()):
                await self._blobs.put(body.encode())
                self._kept.add(sha256)
                del self._owed[sha256]

    def read(self, kind: EntryKind[Any], entry: Entry, catalog: Catalog | None = None) -> Any:
        """The config of a version. Raises `InvalidRequest` for what this release cannot read, and for one that refers
        to what is not in `catalog`, today's if none is given."""
        try:
            config = kind.read(entry)
        except UnreadableDocument as error:
            raise InvalidRequest(f"{entry.id} {entry.version}: {error}", "version") from None
        fault = next(kind.faults(config, catalog or self._installation.catalog), None)
        if fault is not None:
            field = ".".join(map(str, fault.place))
            raise InvalidRequest(f"{entry.id} {entry.version}: {field}: {fault.message}", f"body.{field}")
        return config


def _unsaved(new: NewEntry) -> Entry:
    return Entry(
        new.kind, new.id, new.version, new.body, new.sha256, new.author, new.notes, datetime.now(UTC), new.file
    )
