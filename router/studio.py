"""Everything a running front desk holds, assembled once from an installation and a way to reach the replicas."""

from __future__ import annotations

from dataclasses import dataclass

from configs.catalog import Installation
from deployments.blobs.keeper import FileKeeper
from deployments.blobs.outage import Outage
from deployments.blobs.store import BlobStore
from router.cold_starts import ColdStarts
from router.files import connect_jobs, open_blobs
from router.jobs.store import JobStore
from router.live import Live
from router.pictures.uploads import UploadStore
from router.rates import Rates
from router.replicas import Replicas


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
        store, blobs = connect_jobs(installation), open_blobs(installation)
        return cls(
            installation=installation,
            store=store,
            blobs=blobs,
            uploads=UploadStore(store, FileKeeper(blobs, store.expect_files), profile.limits),
            replicas=replicas,
            cold_starts=ColdStarts(replicas),
            rates=Rates(),
            live=Live(),
        )


async def check_stores(installation: Installation, patience_seconds: float) -> None:
    """Open what `Studio.assemble` connects, and let it go. Raises `ConfigError` when it cannot be used, or the database
    does not answer in time; a blob store that is away for now is waited for while the studio runs."""
    open_blobs(installation)
    store = connect_jobs(installation, patience_seconds)
    try:
        await store.open()
    finally:
        await store.close()
