"""Where an installation keeps its files and its rows: for the front door, the conductor, and replicas that write."""

from __future__ import annotations

import os
from pathlib import Path

from configs.catalog import Installation
from deployments.blobs.direct_links import LinkMaker, open_links
from deployments.blobs.keeper import FileKeeper
from deployments.blobs.store import BlobStore
from router.jobs.sql import SqlJobStore
from router.storage.database import PATIENCE_SECONDS, database_url


def open_files(installation: Installation) -> FileKeeper:
    """What replicas store files with; nothing is asked of the database yet. Raises `ConfigError`."""
    return FileKeeper(open_blobs(installation), connect_jobs(installation).expect_files)


def open_blobs(installation: Installation) -> BlobStore:
    """The file store that a profile names. Raises `ConfigError`."""
    return BlobStore.open(installation.profile.blob_url, blob_folder(installation))


def open_direct_links(installation: Installation) -> LinkMaker | None:
    """What makes links to the file store, where the profile wants some. Raises `ConfigError`."""
    profile = installation.profile
    if not profile.direct_links.enabled:
        return None
    return open_links(profile.blob_url, profile.direct_links.seconds, os.environ)


def blob_folder(installation: Installation) -> Path:
    """Where files are kept if no URL says otherwise."""
    return _state(installation) / "blobs"


def training_folder(installation: Installation) -> Path:
    """Where a node keeps what trainings work on."""
    return _state(installation) / "trainings"


def connect_jobs(installation: Installation, patience_seconds: float = PATIENCE_SECONDS) -> SqlJobStore:
    """The job store that a profile names, not opened yet. Raises `ConfigError`."""
    return SqlJobStore(database_url(installation.profile, _state(installation)), patience_seconds=patience_seconds)


def _state(installation: Installation) -> Path:
    return Path(installation.root, installation.profile.state)
