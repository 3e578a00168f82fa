"""The events of a stream in OpenAI's words: previews while pictures are drawn, and each picture when it is finished."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from fastapi.sse import ServerSentEvent

from configs.errors import AtelierError
from router.api.openai.following import check_drawn, follow
from router.api.openai.pictures import Delivery
from router.jobs.model import ImageRecord, Job
from router.live import LiveEvent
from router.openai.answers import Call, PictureEvent, completed_image, partial_image
from router.openai.previews import convert_preview
from router.openai.refusals import refuse
from router.openai.requests import ImagesRequest


async def drawn_events(
    delivery: Delivery, job: Job, asked: ImagesRequest, call: Call, leave: Callable[[Job], None]
) -> AsyncGenerator[ServerSentEvent, None]:
    """Until the job ends, and what went wrong as the last one. `leave` is called when the client goes before that."""
    telling = _Telling(delivery, asked, call)
    try:
        async with aclosing(follow(delivery.studio, delivery.viewer, job)) as happenings:
            async for told in happenings:
                if isinstance(told, LiveEvent):
                    if (event := telling.preview(job, told)) is not None:
                        yield _written(event)
                    continue
                job = told
                for image in telling.unsent(job):
                    yield _written(await telling.picture(job, image))
        check_drawn(job)
    except AtelierError as error:
        _, body = refuse(500, error.code, error.message, error.field, job_id=job.id)
        yield ServerSentEvent(event="error", data=body.model_dump(mode="json", exclude_none=True))
    finally:
        if not job.status.ended:
            leave(job)


@dataclass
class _Telling:
    """What a client has been told so far."""

    delivery: Delivery
    asked: ImagesRequest
    call: Call
    _sent: set[int] = field(default_factory=set)
    _previews: Counter[int] = field(default_factory=Counter)

    def preview(self, job: Job, told: LiveEvent) -> PictureEvent | None:
        """A preview, if one more of its picture is wanted, and it can be read."""
        index = int(told.data["index"])
        number = self._previews[index]
        if number >= (self.asked.partial_images or 0) or index in self._sent:
            return None
        picture = convert_preview(told.data["image"], self.asked.output_format or "png")
        if picture is None:
            return None
        self._previews[index] += 1
        return partial_image(job, self.call, self.asked, index, number, picture, int(time.time()))

    def unsent(self, job: Job) -> list[ImageRecord]:
        """Pictures that are finished, and were not sent."""
        return [image for image in job.images if image.index not in self._sent]

    async def picture(self, job: Job, image: ImageRecord) -> PictureEvent:
        """A finished picture. Raises `LicenceRestricted` and `FileStoreUnavailable`."""
        self._sent.add(image.index)
        picture = await self.delivery.picture(job, image, self.asked)
        return completed_image(job, self.call, self.asked, image, picture, int(time.time()))


def _written(event: PictureEvent) -> ServerSentEvent:
    return ServerSentEvent(event=event.type, data=event.model_dump(mode="json", exclude_none=True))
