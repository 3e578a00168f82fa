"""Everything a running front desk holds, assembled once from an installation and a way to reach the replicas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from configs.catalog import Installation
from router.blobs import BlobStore
from router.cold_starts import ColdStarts
from router.jobs.sql import SqlJobStore
from router.jobs.store import JobStore
from router.live import Live
from router.pictures.shelf import Shelf
from router.rates import Rates
from router.stages import Stages


@dataclass(frozen=True)
class Studio:
    """The parts that routes and the conductor share."""

    installation: Installation
    store: JobStore
    blobs: BlobStore
    shelf: Shelf
    stages: Stages
    cold_starts: ColdStarts
    rates: Rates
    live: Live

    @classmethod
    def assemble(cls, installation: Installation, stages: Stages) -> Studio:
        """Connect the stores that the profile names. Raises `ConfigError`."""
        profile = installation.profile
        state = Path(installation.root, profile.state)
        state.mkdir(parents=True, exist_ok=True)
        store = SqlJobStore(profile.database_url or f"sqlite:///{state / 'jobs.db'}")
        blobs = BlobStore.open(profile.blob_url, state / "blobs")
        return cls(
            installation=installation,
            store=store,
            blobs=blobs,
            shelf=Shelf(store, blobs, profile.limits),
            stages=stages,
            cold_starts=ColdStarts(stages),
            rates=Rates(installation.catalog),
            live=Live(),
        )
