"""On a processor a row of a batch comes out to the bit as it would alone: no picture depends on what is beside it, and
so none on being the first, whose prompt is not encoded yet when others begin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
import torch
from torch import nn

from deployments.families.family import AnyFamily
from deployments.generator import Generator
from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Selection, Slots
from deployments.messages import GenerateRequest, Picture
from tests.catalogue import load_installation

WIDTH, RANK = 256, 16
ROWS = (2, 3, 6, 12, 16)
"""On either side of where MKL and oneDNN multiply in another way."""


@pytest.fixture(scope="module")
def linear() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(WIDTH, 6 * WIDTH))


@pytest.fixture(scope="module")
def selections(linear: nn.Sequential) -> tuple[Slots, list[Selection]]:
    """Rows that wear nothing, one of two adapters, and both."""
    slots, random = Slots(linear, ["0"], {RANK: 2}), torch.Generator().manual_seed(1)
    changes = (
        LowRank(torch.randn(RANK, WIDTH, generator=random), torch.randn(6 * WIDTH, RANK, generator=random))
        for _ in range(2)
    )
    one, other = (slots.put(Adapter(str(place), "flux", RANK, {"0": low}, 1)) for place, low in enumerate(changes))
    return slots, [(), ((one, 1.0),), ((other, -0.5),), ((one, 0.3), (other, 0.7))]


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("kinds", [1, 2, 4])
def test_a_vector_for_each_row_is_multiplied_as_alone(
    linear: nn.Sequential, selections: tuple[Slots, list[Selection]], rows: int, kinds: int
) -> None:
    slots, worn = selections
    chosen = [worn[row % kinds] for row in range(rows)]
    x = torch.randn(rows, WIDTH, generator=torch.Generator().manual_seed(rows))
    with torch.inference_mode():
        with slots.select(chosen):
            together = linear(x)
        for row, selection in enumerate(chosen):
            with slots.select([selection]):
                assert torch.equal(linear(x[row : row + 1])[0], together[row])


@pytest.fixture(scope="module")
def mini() -> Iterator[AnyFamily]:
    generator = Generator(load_installation("local").catalog.models["mini"])
    yield cast(AnyFamily, generator._engine.family)
    generator.close()


@pytest.mark.slow
def test_mini_draws_a_picture_of_a_batch_as_alone(mini: AnyFamily) -> None:
    def draw(seeds: list[int]) -> list[bytes]:
        states = [mini.start(request(seed), mini.encode("a red bicycle", "")) for seed in seeds]
        while any(state.step < state.steps for state in states):
            mini.step(states)
        return [picture.rgb for state in states if isinstance(picture := mini.decode(state), Picture)]

    seeds = [0, 1, 2]
    with torch.inference_mode():
        together = draw(seeds)
        assert len(together) == len(seeds)
        assert together == [picture for seed in seeds for picture in draw([seed])]


def request(seed: int) -> GenerateRequest:
    return GenerateRequest("r", "a red bicycle", "", 128, 128, seed, num_inference_steps=3, guidance_scale=3.5)
