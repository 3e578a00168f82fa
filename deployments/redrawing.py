"""A picture redrawn in tiles: many requests to one engine, which takes them together, and one picture of what they
give."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias, cast

from configs.errors import StageError
from configs.inputs import InputImage, drawn_over
from deployments.engine.flight import Drawn
from deployments.messages import GenerateRequest, Picture, StepDone
from deployments.stages.tile import CONTROL, TileRequest
from deployments.stages.tiles import blend, cut, hold, lay_out

Draw: TypeAlias = Callable[[GenerateRequest], AsyncGenerator[StepDone | Drawn, None]]

_AT_ONCE = 16  # of one picture in the engine, so that others get in between


async def redraw_tiles(draw: Draw, request: TileRequest) -> AsyncGenerator[StepDone | Drawn, None]:
    """Redraw what `request` names, which is pixels, with `draw`: a `StepDone` for each tile that is done, then the
    picture, which costs what they cost together.

    Closing the iterator stops the tiles under way. Raises what `draw` raises, and StageError for a picture smaller than
    a tile.
    """
    whole, tile = request.drawing.image, (request.drawing.width, request.drawing.height)
    if not isinstance(whole, Picture) or whole.width < tile[0] or whole.height < tile[1]:
        raise StageError("a picture smaller than a tile cannot be redrawn in tiles")
    layout, room = lay_out(whole.width, whole.height, tile, request.overlap), asyncio.Semaphore(_AT_ONCE)
    began = time.monotonic()

    async def drawn(number: int, place: tuple[int, int]) -> tuple[tuple[int, int], Drawn]:
        async with room:
            source = cut(whole, *place, layout)
            came = await _last(draw(_of_tile(request, number, source, time.monotonic() - began)))
            return place, replace(came, picture=hold(cast(Picture, came.picture), source))

    tasks = [asyncio.create_task(drawn(number, place)) for number, place in enumerate(layout.places)]
    done: dict[tuple[int, int], Drawn] = {}
    try:
        for next_done in asyncio.as_completed(tasks):
            place, done[place] = await next_done
            yield StepDone(len(done), len(tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    pictures = {place: cast(Picture, one.picture) for place, one in done.items()}
    picture = await asyncio.to_thread(blend, pictures, layout, whole.width, whole.height)
    yield Drawn(picture, sum(one.seconds for one in done.values()), sum(one.full_steps for one in done.values()))


def tile_seed(seed: int, number: int) -> int:
    """Of tile `number` of a picture: far from the seeds of the pictures that count up from `seed`, and their tiles'."""
    return (seed * 2_654_435_761 + number + 1) % 2**32


def _of_tile(request: TileRequest, number: int, tile: Picture, waited: float) -> GenerateRequest:
    inputs = drawn_over(tile)
    if request.control_scale is not None:
        inputs += (InputImage(role="control", kind=CONTROL, image=tile, scale=request.control_scale),)
    drawing = request.drawing
    left = None if drawing.deadline_seconds is None else max(drawing.deadline_seconds - waited, 0.0)
    return replace(
        drawing,
        request_id=f"{drawing.request_id} {number}",
        seed=tile_seed(drawing.seed, number),
        inputs=inputs,
        deadline_seconds=left,
    )


async def _last(events: AsyncGenerator[StepDone | Drawn, None]) -> Drawn:
    async with aclosing(events) as told:
        async for event in told:
            if isinstance(event, Drawn):
                return event
    raise StageError("a tile was not drawn")
