"""Orders drawn one after the other by a studio in this process whose replicas are all real."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import resvg_py
from PIL import Image

from configs.service import Limits
from router.conductor import Conductor
from router.job_request import JobRequest
from router.jobs.model import ImageRecord
from router.people.viewer import Viewer
from router.studio import Studio
from router.submission import submit
from tests.real_studio import real_studio

_OWNER = "evaluation"


@dataclass(frozen=True, slots=True)
class Drawn:
    """An order, its picture with the bytes of its files by format, how long it was said to take, and took (seconds);
    and how long each of its stages was said to take."""

    order: JobRequest
    image: ImageRecord
    files: dict[str, bytes]
    said: float
    took: float
    planned: dict[str, float]

    @property
    def shown(self) -> Image.Image:
        """The picture as its first file has it."""
        return Image.open(io.BytesIO(self.files["png"])).convert("RGB")

    @property
    def svg_shown(self) -> Image.Image | None:
        """The SVG, rendered at the picture's size."""
        if "svg" not in self.files:
            return None
        width, height = self.image.width, self.image.height
        text = self.files["svg"].decode()
        png = resvg_py.svg_to_bytes(svg_string=text, width=width, height=height, skip_system_fonts=True)
        return Image.open(io.BytesIO(png)).convert("RGB")


class Draughtsman:
    """Has a running studio draw."""

    def __init__(self, studio: Studio, conductor: Conductor) -> None:
        self._studio, self._conductor = studio, conductor

    async def draw(self, orders: Iterable[JobRequest]) -> AsyncIterator[Drawn]:
        """Each order alone, so that its time is its own. Raises RuntimeError where a job fails."""
        for order in orders:
            accepted = await submit(self._studio, Viewer(_OWNER), order, None)
            self._conductor.wake()
            job = accepted.job
            while not job.status.ended:
                await asyncio.sleep(0.02)
                job = await self._studio.store.job(Viewer(_OWNER), job.id)
            if not job.images or job.started_at is None or job.ended_at is None:
                raise RuntimeError(f"{order.prompt}: {job.failure}")
            (image,) = job.images
            files: dict[str, bytes] = {file.format: await self._studio.blobs.get(file.sha256) for file in image.files}
            took = (job.ended_at - job.created_at).total_seconds()
            planned = {stage.kind: stage.estimated_seconds for stage in accepted.job.plan.stages}
            yield Drawn(order, image, files, accepted.estimated_seconds, took, planned)


@asynccontextmanager
async def draughtsman(folder: Path) -> AsyncIterator[Draughtsman]:
    """A studio with its state under `folder`."""
    studio = real_studio(folder, limits=Limits(max_queued_jobs_per_owner=10**6))
    await studio.store.open()
    await studio.library.open()
    conductor = Conductor(studio)
    conductor.start()
    try:
        yield Draughtsman(studio, conductor)
    finally:
        await conductor.stop()
        await studio.store.close()
