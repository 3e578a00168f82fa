"""A job that is worked on by processes which may be killed, and what they leave on disk."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from router.files import connect_jobs, open_blobs
from router.job_request import JobRequest
from router.jobs.model import Job, JobEvent
from router.people.viewer import Viewer
from router.submission import submit
from tests.studio import local_installation, painted_studio


class Trial:
    """One job in a folder, and what is on disk of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.installation = folder, local_installation(folder)
        self.blobs, self.database = folder / "state" / "blobs", folder / "state" / "jobs.db"

    async def order(self, **asked: Any) -> None:
        """A red bicycle as PNG and WebP."""
        studio = painted_studio(self.folder, whole_icons=True)
        await studio.store.open()
        request = JobRequest(prompt="a red bicycle", seed=7, formats=("png", "webp"), **asked)
        await submit(studio, Viewer("dev"), request, None)
        await studio.store.close()

    def rows(self, statement: str) -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def let_lease_run_out(self) -> None:
        """As it would in a while: nobody waits for it here."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(
                "UPDATE jobs SET lease_until = '2000-01-01 00:00:00.000000' WHERE lease_until IS NOT NULL"
            )

    def finished(self) -> Counter[str]:
        """How often what was finished: `base` and the index of a picture, or `upscale`."""
        diary = self.folder / "diary"
        return Counter(diary.read_text().splitlines() if diary.exists() else [])

    async def job(self) -> tuple[Job, tuple[JobEvent, ...]]:
        store = connect_jobs(self.installation)
        try:
            (job,) = await store.jobs(Viewer("dev"))
            return job, await store.events(Viewer("dev"), job.id)
        finally:
            await store.close()

    async def sweep(self) -> None:
        store, blobs = connect_jobs(self.installation), open_blobs(self.installation)
        while await store.sweep(0, blobs.remove):
            pass
        blobs.remove_unfinished(0)
        await store.close()

    def stored(self) -> dict[str, Path]:
        return {file.name: file for file in (self.blobs / "sha256").rglob("*") if file.is_file()}
