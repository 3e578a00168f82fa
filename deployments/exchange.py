"""How pixels pass from one process to another: by reference in the cluster, as they are within one process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from configs.errors import ConfigError
from configs.inputs import InputImage, map_images
from deployments.blobs.keeper import FileKeeper
from deployments.messages import GenerateRequest, Latents, Passed, Picture, PictureRef

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
        inputs, latents = await self.open(request.inputs), await self.picture(request.latents)
        if inputs is request.inputs and latents is request.latents:
            return request
        return replace(request, inputs=inputs, latents=latents)

    async def open(self, inputs: tuple[InputImage[PictureRef], ...]) -> tuple[InputImage[Any], ...]:
        """`inputs` with their pixels; the event loop is not held up."""
        if all(_is_here(one.image) for one in inputs):
            return inputs
        return await asyncio.to_thread(map_images, inputs, self._find)

    async def picture(self, reference: PictureRef) -> Any:
        """The one behind it, None for none; the event loop is not held up."""
        return reference if _is_here(reference) else await asyncio.to_thread(self._find, reference)

    def _find(self, reference: PictureRef) -> Passed:
        if isinstance(reference, Picture | Latents):
            return reference
        with self._lock:
            picture = self._here.get(reference)
            if picture is None:
                picture = self._here[reference] = self._get(reference)
            return picture


def _is_here(image: PictureRef) -> bool:
    return image is None or isinstance(image, Picture | Latents)
