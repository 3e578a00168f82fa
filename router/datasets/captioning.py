"""Captions by a captioner that runs where models run: it is asked for a few pictures at a time, for as long as a
request may take, and what it is at goes on for who asks again."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeAlias, cast

from configs.datasets import DatasetConfig, DatasetPicture
from configs.errors import StageError, StageUnavailable
from deployments.captions import Captioned, CaptionRequest
from router.datasets.suggestions import DRAFT, CaptionWish, Suggestion, Suggestions, draft_of, with_trigger
from router.replicas import Replicas

_AT_ONCE = 4  # pictures: as many go on when whoever asked has left
_KEPT = 2000  # captions, of a few hundred bytes

_Answer: TypeAlias = Captioned | StageError | None
"""None: the time was up. A picture that has no caption is as much an answer as its caption."""


class ReplicaWriter:
    """`CaptionWriter` over a deployment. Used from one event loop."""

    def __init__(self, replicas: Replicas, deployment: str) -> None:
        self._replicas, self._deployment = replicas, deployment
        self._asked: OrderedDict[CaptionRequest, asyncio.Task[Captioned]] = OrderedDict()

    async def write(
        self, dataset: DatasetConfig, pictures: Sequence[DatasetPicture], wish: CaptionWish, patience: float
    ) -> Suggestions:
        """Where the captioner is not sure and a picture's file has a name that says something, that is the draft."""
        end, room = time.monotonic() + patience, asyncio.Semaphore(_AT_ONCE)
        requests = [CaptionRequest(one.sha256, wish.instructions, wish.glossary) for one in pictures]
        answers = await asyncio.gather(*(self._answer(one, room, end) for one in requests))
        away = next((one for one in answers if isinstance(one, StageUnavailable)), None)
        if away is not None and not any(isinstance(one, Captioned) for one in answers):
            raise away
        found = list(zip(pictures, answers, strict=True))
        written = {one.picture: _suggestion(one, said, dataset.trigger) for one, said in found if _is_done(said)}
        return Suggestions(
            tuple(said for said in written.values() if said is not None),
            tuple(id for id, said in written.items() if said is None),
            tuple(one.picture for one, said in found if not _is_done(said)),
        )

    async def _answer(self, request: CaptionRequest, room: asyncio.Semaphore, end: float) -> _Answer:
        async with room:
            known = self._asked.get(request)
            if (known is None or not known.done()) and time.monotonic() >= end:
                return None
            task = known or self._begin(request)
            done, _ = await asyncio.wait({task}, timeout=max(0.0, end - time.monotonic()))
            if not done:
                return None
            error = task.exception()
            if error is not None and not isinstance(error, StageError):
                raise error
            return error or task.result()

    def _begin(self, request: CaptionRequest) -> asyncio.Task[Captioned]:
        task = asyncio.create_task(self._ask(request), name=f"caption {request.sha256[:12]}")
        self._asked[request] = task
        task.add_done_callback(lambda _: self._forget(request))
        return task

    def _forget(self, request: CaptionRequest) -> None:
        """Failures at once, since the next one may do better, and of captions those that were asked for first."""
        task = self._asked[request]
        if task.cancelled() or task.exception() is not None:
            del self._asked[request]
        while len(self._asked) > _KEPT:
            self._asked.popitem(last=False)

    async def _ask(self, request: CaptionRequest) -> Captioned:
        stream = cast(AsyncGenerator[Captioned, None], self._replicas.run(self._deployment, request))
        async with aclosing(stream) as answers:
            async for said in answers:
                return said
        raise StageUnavailable(f"{self._deployment} answered nothing")


def _is_done(answer: _Answer) -> bool:
    return answer is not None and not isinstance(answer, StageUnavailable)


def _suggestion(picture: DatasetPicture, answer: _Answer, trigger: str) -> Suggestion | None:
    """None where there is nothing to say."""
    said = answer if isinstance(answer, Captioned) and answer.text else None
    if (said is None or said.unsure) and (draft := draft_of(picture.name)):
        return Suggestion(picture.picture, with_trigger(draft, trigger), DRAFT)
    if said is None:
        return None
    return Suggestion(picture.picture, with_trigger(said.text, trigger), said.by, said.unsure)
