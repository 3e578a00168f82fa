"""Everything a running front desk holds, assembled once from an installation and a way to reach the replicas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from configs.catalog import Installation
from deployments.blobs.outage import Outage
from deployments.blobs.store import BlobStore
from router.cold_starts import ColdStarts
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.live import Live
from router.pictures.uploads import UploadStore
from router.rates import Rates
from router.replicas import Replicas
from router.storage.database import database_url


@dataclass(frozen=True)
class Studio:
    """The parts that routes and the conductor share."""

    installation: Installation
    store: JobStore
    blobs: BlobStore
    uploads: UploadStore
    replicas: Replicas
    cold_starts: ColdStarts
    rates: Rates
    live: Live

    @property
    def outage(self) -> Outage | None:
        """Why files or jobs cannot be stored now; None while both can."""
        return self.blobs.availability.outage or self.store.availability.outage

    @classmethod
    def assemble(cls, installation: Installation, replicas: Replicas) -> Studio:
        """Connect the stores that the profile names. Raises `ConfigError`."""
        profile = installation.profile
        store, blobs = SqlJobStore(_database_url(installation)), _blobs(installation)
        return cls(
            installation=installation,
            store=store,
            blobs=blobs,
            uploads=UploadStore(store, blobs, profile.limits),
            replicas=replicas,
            cold_starts=ColdStarts(replicas),
            rates=Rates(),
            live=Live(),
        )


async def check_stores(installation: Installation, patience_seconds: float) -> None:
    """Open what `Studio.assemble` connects, and let it go. Raises `ConfigError` when it cannot be used, or the database
    does not answer in time; a blob store that is away for now is waited for while the studio runs."""
    _blobs(installation)
    store = SqlJobStore(_database_url(installation), patience_seconds=patience_seconds)
    try:
        await store.open()
    finally:
        await store.close()


def blob_folder(installation: Installation) -> Path:
    """Where files are kept if no URL says otherwise."""
    return _state(installation) / "blobs"


def _database_url(installation: Installation) -> str:
    return database_url(installation.profile, _state(installation))


def _blobs(installation: Installation) -> BlobStore:
    return BlobStore.open(installation.profile.blob_url, blob_folder(installation))


def _state(installation: Installation) -> Path:
    return Path(installation.root, installation.profile.state)
