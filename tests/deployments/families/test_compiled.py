"""Compiled blocks: graphs of their own for the batches of the warm-up, one for everything else, none in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch._dynamo.testing import CompileCounter

from configs.runtime import Runtime
from configs.schema import AppliedLora
from deployments.engine.curve import CostCurve
from deployments.engine.turns import Limits
from deployments.engine.warm_up import learn_curve
from deployments.families.family import WARM_UP_ROWS
from deployments.families.flux import Flux, load
from deployments.messages import GenerateRequest
from tests.deployments.diffusers_alone import begin, difference, finish
from tests.deployments.flux_loras import put_loras, random_loras, selection
from tests.deployments.tiny import Shape, parts, request, save_tiny, tiny_config

# Of the native sizes this is the one whose tokens are not as many as the prompt's, which a graph would rely on.
WARM = request(width=160, height=96, num_inference_steps=2)
OTHER = request(num_inference_steps=2)
WORN = request(seed=3, num_inference_steps=2, loras=(AppliedLora(lora="small", strength=0.8),))


@pytest.fixture(autouse=True)
def _nothing_compiled_yet() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@pytest.fixture
def counters(monkeypatch: pytest.MonkeyPatch) -> dict[bool, CompileCounter]:
    """Graphs that were made, by whether they take any shape; they run as they were traced."""
    made = {True: CompileCounter(), False: CompileCounter()}
    published = torch.compile

    def counted(call: Callable[..., Any], *, dynamic: bool, **options: Any) -> Any:
        return published(call, dynamic=dynamic, backend=made[dynamic], **options)

    monkeypatch.setattr("deployments.families.compiled.torch.compile", counted)
    return made


def held(folder: Path, compile: str) -> Flux:
    runtime = Runtime.model_validate({"device": "cpu", "threads": 1, "compile": compile})
    return load(tiny_config(folder, runtime=runtime, lora_slots={8: 2, 32: 2}))


def drawn(flux: Flux, asked: GenerateRequest, rows: int = 1) -> torch.Tensor:
    states = [begin(flux, asked) for _ in range(rows)]
    finish(flux, states)
    return states[0].latents


@pytest.mark.long
@pytest.mark.parametrize("rows", [4, Limits().rows])
def test_the_warm_up_compiles_all_that_plain_requests_need(
    rows: int, tmp_path: Path, counters: dict[bool, CompileCounter]
) -> None:
    folder = save_tiny(tmp_path, Shape(True, "kl", layers=3))
    flux, plain = held(folder, "regional"), held(folder, "none")
    learn_curve(flux, WARM, CostCurve(flux.size), rows, iter(range(1000)).__next__)
    # Double blocks, the first single one, and single ones behind others, whose input is a view: never block by block.
    assert counters[False].frame_count == 3 * sum(count <= rows for count in WARM_UP_ROWS)
    assert counters[True].frame_count <= 3 * 2  # for one row of any size, and for several
    before = {dynamic: counter.frame_count for dynamic, counter in counters.items()}
    for asked in (WARM, OTHER):
        for count in range(1, rows + 1):
            assert difference(drawn(flux, asked, count), drawn(plain, asked)) <= 1e-5
    assert {dynamic: counter.frame_count for dynamic, counter in counters.items()} == before


@pytest.mark.long
def test_loras_take_the_graph_for_all_shapes_and_add_one_variant(
    tmp_path: Path, counters: dict[bool, CompileCounter]
) -> None:
    folder = save_tiny(tmp_path, Shape(True, "kl", layers=3))
    flux, plain = held(folder, "regional"), held(folder, "none")
    drawn(flux, WARM, 2)
    fixed = counters[False].frame_count
    changes = random_loras(plain)
    put, reference = put_loras(flux, changes), begin(plain, WORN, selection(WORN, put_loras(plain, changes)))
    finish(plain, [reference])

    def wear(rows: int) -> torch.Tensor:
        states = [begin(flux, WORN, selection(WORN, put)) for _ in range(rows)]
        finish(flux, states)
        return states[0].latents

    for rows in (2, 3, 4):
        assert difference(wear(rows), reference.latents) <= 1e-5
    again = counters[True].frame_count
    for rows in (2, 3, 4, 5):
        wear(rows)
    assert (counters[False].frame_count, counters[True].frame_count) == (fixed, again)


EVERY = ["FluxSingleTransformerBlock", "FluxTransformerBlock"]


@pytest.mark.parametrize(
    ("blocks", "sizes"),
    [
        pytest.param(EVERY[:1], [WARM], id="one"),
        pytest.param(EVERY, [WARM, OTHER], id="all", marks=pytest.mark.long),
    ],
)
def test_the_compiler_itself_draws_the_same(
    blocks: list[str], sizes: list[GenerateRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.FluxTransformer2DModel, "_repeated_blocks", blocks)
    folder = save_tiny(tmp_path, Shape(True, "kl", layers=1))
    flux, plain = held(folder, "regional"), held(folder, "none")
    for asked in sizes:
        assert difference(drawn(flux, asked), drawn(plain, asked)) <= 1e-4
