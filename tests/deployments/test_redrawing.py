"""A generator redraws a picture tile by tile: together in the engine, each as it would be alone, without seams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from configs.errors import StageError
from configs.inputs import drawn_over
from deployments.exchange import Exchange
from deployments.generator import Generator
from deployments.messages import Done, Picture, StepDone
from deployments.redrawing import tile_seed
from deployments.stages.tile import TileRequest
from deployments.stages.tiles import blend, cut, hold, lay_out
from deployments.stages.upscaler import Lanczos, Upscaler, UpscaleRequest
from tests.catalogue import load_installation
from tests.deployments.tiny import request, save_tiny, tiny_config

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generator]:
    generator = Generator(tiny_config(save_tiny(tmp_path_factory.mktemp("tiny"))))
    yield generator
    generator.close()


def picture(width: int = 200, height: int = 128) -> Picture:
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Picture(width, height, levels.tobytes())


def tiles_of(source: Picture, **changes: Any) -> TileRequest:
    return TileRequest(request(inputs=drawn_over(source), strength=0.5, **changes))


async def redrawn(generator: Generator, asked: TileRequest) -> tuple[list[StepDone], Done]:
    *steps, done = [message async for message in generator.redraw_tiles(asked)]
    assert isinstance(done, Done)
    return cast(list[StepDone], steps), done


async def test_each_tile_is_what_it_would_be_alone(generator: Generator) -> None:
    source = picture()
    steps, done = await redrawn(generator, tiles_of(source))
    assert [(step.step, step.steps) for step in steps] == [(1, 2), (2, 2)]
    layout, alone = lay_out(200, 128, (128, 128), 0.25), {}
    for number, place in enumerate(layout.places):
        tile = cut(source, *place, layout)
        asked = request(inputs=drawn_over(tile), strength=0.5, seed=tile_seed(7, number))
        async for message in generator.generate(asked):
            if isinstance(message, Done):
                alone[place] = hold(message.picture, tile)
    assert _apart(done.picture, blend(alone, layout, 200, 128)) <= 1
    assert done.seconds > 0
    assert done.weights


async def test_the_same_seed_gives_the_same_picture_and_another_seed_another(generator: Generator) -> None:
    one, same, other = [await redrawn(generator, tiles_of(picture(), seed=seed)) for seed in (7, 7, 8)]
    assert _apart(one[1].picture, same[1].picture) <= 1  # who was in a batch together may differ
    assert _apart(one[1].picture, other[1].picture) > 8


async def test_the_tiles_of_a_picture_are_taken_together(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    family, rows = cast(Any, generator._engine.family), [0]
    step = family.step

    def count(states: Sequence[Any]) -> None:
        rows.append(len(states))
        step(states)

    monkeypatch.setattr(family, "step", count)
    await redrawn(generator, tiles_of(picture(320, 320)))
    assert max(rows) >= 4


async def test_whoever_leaves_stops_the_tiles(generator: Generator) -> None:
    async with aclosing(cast(Any, generator.redraw_tiles(tiles_of(picture(512, 512))))) as told:
        async for _ in told:
            break
    async with asyncio.timeout(60):
        while generator.state().backlog_seconds > 0:
            await asyncio.sleep(0.01)


async def test_a_picture_smaller_than_a_tile_is_refused(generator: Generator) -> None:
    with pytest.raises(StageError, match="smaller than a tile"):
        await redrawn(generator, tiles_of(picture(100, 128)))


async def test_lanczos_enlarges_to_any_size() -> None:
    lanczos = Lanczos(Exchange())
    done = await lanczos.upscale(picture(20, 10), UpscaleRequest(1, 50, 25))
    assert (done.picture.width, done.picture.height) == (50, 25)
    with pytest.raises(StageError, match="cannot be enlarged to 0x0"):
        await lanczos.upscale(picture(20, 10), UpscaleRequest(1))
    lanczos.close()


@pytest.mark.slow
async def test_no_seam_shows_in_what_mini_redraws(tmp_path: Path) -> None:
    """Where tiles begin and end, lines of pixels differ no more than elsewhere, as they did before."""
    catalog = load_installation("local").catalog
    mini, upscaler = Generator(catalog.models["mini"]), Upscaler(catalog.upscalers["mini-x4"])
    drawing = replace(request(prompt="a red bicycle", num_inference_steps=12), guidance_scale=3.5)
    drawn = [message async for message in mini.generate(drawing)][-1]
    assert isinstance(drawn, Done)
    large = (await upscaler.upscale(drawn.picture, UpscaleRequest(1, 384, 384))).picture
    asked = TileRequest(replace(drawing, prompt="", inputs=drawn_over(large), strength=0.2))
    _, done = await redrawn(mini, asked)
    starts = lay_out(384, 384, (128, 128), 0.25).lefts
    edges = [edge - 1 for start in starts for edge in (start, start + 128) if 0 < edge < 384]
    for axis in (0, 1):
        before, after = (_seams(one, edges, axis) for one in (large, done.picture))
        assert after < before + 0.1, (before, after)
    mini.close()
    upscaler.close()


def _apart(one: Picture, other: Picture) -> int:
    """The largest difference, in levels."""
    levels = [np.frombuffer(picture.rgb, np.uint8).astype(int) for picture in (one, other)]
    return int(np.abs(levels[0] - levels[1]).max())


def _seams(picture: Picture, edges: list[int], axis: int) -> float:
    """How much larger the change from line to line is at `edges` than within eight lines beside them."""
    levels = np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3).astype(int)
    change = np.abs(np.diff(levels, axis=axis)).mean(axis=tuple({0, 1, 2} - {axis}))
    near = [change[edge + away] for edge in edges for away in range(-8, 9) if away and 0 <= edge + away < len(change)]
    return float(change[edges].mean() / np.mean(near))
