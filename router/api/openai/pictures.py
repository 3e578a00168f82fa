"""Finished pictures as a program gets them: in the answer itself, or behind a link that is good for an hour."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass

from fastapi import Request

from router.api.links import link
from router.api.pictures.uses import Wanted
from router.jobs.model import ImageRecord, Job, StoredFile
from router.licences.uses import of_job
from router.openai.answers import ImageData, ImagesAnswer, file_of, images_answer
from router.openai.requests import ImagesRequest
from router.people.principal import Principal
from router.people.viewer import Viewer
from router.studio import Studio

_LINK_DAYS = 1 / 24


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hands the pictures of a job to whoever asked for them."""

    request: Request
    studio: Studio
    viewer: Viewer
    principal: Principal
    wanted: Wanted

    async def answer(self, job: Job, asked: ImagesRequest) -> ImagesAnswer:
        """All pictures of a job that has ended. Raises `LicenceRestricted` and `FileStoreUnavailable`."""
        await self.wanted.check(of_job(job, image) for image in job.images)
        await self.studio.experiments.expose(job)
        data = [await self._data(job, image, asked) for image in job.images]
        return images_answer(job, asked, tuple(data))

    async def picture(self, job: Job, image: ImageRecord, asked: ImagesRequest) -> str:
        """One picture, as base64. Raises the same."""
        await self.wanted.check([of_job(job, image)])
        await self.studio.experiments.expose(job)
        return await self._read(file_of(image, asked))

    async def _data(self, job: Job, image: ImageRecord, asked: ImagesRequest) -> ImageData:
        file = file_of(image, asked)
        linked = asked.response_format == "url"
        return ImageData(
            b64_json=None if linked else await self._read(file),
            url=await self._link(image, file) if linked else None,
            revised_prompt=job.plan.base.full_prompt,
            seed=image.seed,
            asset_id=image.asset_id,
        )

    async def _read(self, file: StoredFile) -> str:
        data = await self.studio.blobs.get(file.sha256)
        return (await asyncio.to_thread(base64.b64encode, data)).decode()

    async def _link(self, image: ImageRecord, file: StoredFile) -> str:
        """To this file, for an hour: a link of the studio, listed and revocable as others are."""
        by = self.studio.audit.sign(self.principal)
        made = await self.studio.shares.create(self.viewer, "image", image.asset_id, _LINK_DAYS, by)
        return str(
            link(self.request, "shared_file", token=made.token, asset_id=image.asset_id, rendition=file.rendition)
        )
