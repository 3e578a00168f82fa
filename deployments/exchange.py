"""How pixels pass from one process to another: by reference in the cluster, as they are within one process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from weakref import WeakValueDictionary

from configs.errors import ConfigError
from deployments.blobs.keeper import FileKeeper
from deployments.messages import Composite, GenerateRequest, Latents, Passed, Picture, PictureRef

PutPicture: TypeAlias = Callable[[Passed], PictureRef]
GetPicture: TypeAlias = Callable[[PictureRef], Passed]


def keep(picture: Passed) -> Passed:
    """Both ways inside one process: the picture is its own reference."""
    return picture


def no_files() -> FileKeeper:
    """Of a place where nothing stores files."""
    raise ConfigError("this replica was given no place to keep files in")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Both ways: `put` makes references to pictures, `get` gets those behind them. Either may block. `open_files` is
    called in a replica that stores files, or reads them."""

    put: PutPicture = keep
    get: GetPicture = keep
    open_files: Callable[[], FileKeeper] = no_files


KEPT = Exchange()
"""Of one process: pictures pass as they are."""


class Received:
    """The pictures behind the references in a replica's requests. The variations of a job name the same ones: each is
    fetched once, and let go with the last request that has it. Any thread may call."""

    def __init__(self, get: GetPicture = keep) -> None:
        """`get` may block, and raises what it raises when a picture is lost."""
        self._get = get
        self._here: WeakValueDictionary[PictureRef, Passed] = WeakValueDictionary()
        self._lock = threading.Lock()

    async def drawing(self, request: GenerateRequest) -> GenerateRequest:
        """`request` with pixels for all that it names; the event loop is not held up."""
        return await asyncio.to_thread(self._open, request) if _named(request) else request

    async def composite(self, composite: Composite | None) -> Composite | None:
        """`composite` with its pixels."""
        if composite is None:
            return None
        image, mask = await asyncio.to_thread(lambda: (self._find(composite.image), self._find(composite.mask)))
        return Composite(image, mask)

    def _open(self, request: GenerateRequest) -> GenerateRequest:
        return replace(
            request,
            image=None if request.image is None else self._find(request.image),
            mask=None if request.mask is None else self._find(request.mask),
            latents=None if request.latents is None else self._find(request.latents),
            references=tuple(self._find(one) for one in request.references),
            controls=tuple(replace(one, image=self._find(one.image)) for one in request.controls),
            image_prompts=tuple(replace(one, image=self._find(one.image)) for one in request.image_prompts),
        )

    def _find(self, reference: PictureRef) -> Passed:
        if isinstance(reference, Picture | Latents):
            return reference
        with self._lock:
            picture = self._here.get(reference)
            if picture is None:
                picture = self._here[reference] = self._get(reference)
            return picture


def _named(request: GenerateRequest) -> bool:
    """Whether it names pictures that are not here yet."""
    named = [request.image, request.mask, request.latents, *request.references]
    named += [one.image for one in request.controls] + [one.image for one in request.image_prompts]
    return any(one is not None and not isinstance(one, Picture | Latents) for one in named)
