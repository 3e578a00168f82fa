"""A batch whose rows wear different LoRAs equals each row alone, as diffusers draws it with load_lora_weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import pytest
import torch
from torch import nn

from deployments.loras.changes import LowRank
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy
from deployments.loras.slots import Adapter, NoFreeSlot, Selection, Slot, Slots
from tests.deployments.loras.forwards import difference, forward
from tests.deployments.loras.published import diffusers, draw

TOLERANCE = 1e-5
RANKS = {"one": 4, "two": 7, "three": 12}
JobRequest: TypeAlias = dict[str, float]
WISHES: list[list[JobRequest]] = [
    [{"one": 1.0}, {"two": 0.5}, {}, {"one": 0.3, "three": -1.2}],
    [{"one": 0.7}] * 4,
    [{"one": 0.7}, {"one": -0.7}, {"one": 2.0}, {}],
    [{"one": 1.0, "two": 0.8, "three": 0.6}] * 4,
    [{"three": 1.0}, {}, {}, {}],
]


@pytest.fixture(scope="module")
def files() -> dict[str, tuple[dict[str, torch.Tensor], dict[str, str]]]:
    return {name: diffusers(draw(seed, rank)) for seed, (name, rank) in enumerate(RANKS.items())}


@pytest.fixture(scope="module")
def adapters(files: Any, anatomy: Anatomy) -> dict[str, Adapter]:
    return {name: adapter(name, tensors, metadata, anatomy) for name, (tensors, metadata) in files.items()}


def adapter(name: str, tensors: Any, metadata: Any, anatomy: Anatomy) -> Adapter:
    converted = convert(tensors, metadata, anatomy)
    changes = {place.module: c for place, c in converted.changes.items() if isinstance(c, LowRank)}
    return Adapter(name, "flux", converted.rank, changes, sum(c.nbytes for c in changes.values()))


@pytest.fixture
def transformer(pipeline: Any) -> Any:
    return deepcopy(pipeline.transformer)


@pytest.fixture(scope="module")
def truth(pipeline: Any, files: Any) -> Any:
    """What diffusers' own loading draws for a row alone."""
    reference = deepcopy(pipeline.transformer)
    for name, (tensors, metadata) in files.items():
        settings = json.loads(metadata["lora_adapter_metadata"])
        keys = [key for key in tensors if "lora_A" in key]
        alphas = {key.replace(".lora_A.weight", ".alpha"): settings["transformer.lora_alpha"] for key in keys}
        reference.load_lora_adapter(dict(tensors), network_alphas=alphas, adapter_name=name)

    def row(index: int, request: JobRequest) -> torch.Tensor:
        if request:
            reference.enable_lora()
            reference.set_adapters(list(request), list(request.values()))
        else:
            reference.disable_lora()
        return forward(reference, slice(index, index + 1))

    return row


def linears(model: nn.Module) -> list[str]:
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]


def filled(transformer: Any, adapters: dict[str, Adapter]) -> tuple[Slots, dict[str, Slot]]:
    slots = Slots(transformer, linears(transformer), {8: 2, 16: 2})
    return slots, {name: slots.put(found) for name, found in adapters.items()}


def selections(requests: Sequence[JobRequest], places: dict[str, Slot]) -> list[Selection]:
    return [tuple((places[name], strength) for name, strength in request.items()) for request in requests]


def test_a_mixed_batch_equals_diffusers_row_by_row(transformer: Any, adapters: Any, truth: Any) -> None:
    slots, places = filled(transformer, adapters)
    plain = forward(transformer)
    for requests in [*WISHES, *reversed(WISHES)]:  # in both orders: what is left of one batch must not reach the next
        with slots.select(selections(requests, places)):
            mixed = forward(transformer)
        for index, request in enumerate(requests):
            expected = truth(index, request)
            assert difference(mixed[index : index + 1], expected) <= TOLERANCE
            assert not request or difference(plain[index : index + 1], expected) > 100 * TOLERANCE
    assert torch.equal(forward(transformer), plain)


def test_each_row_without_adapters_is_the_plain_model_alone_to_the_bit(transformer: Any, adapters: Any) -> None:
    plain = torch.cat([forward(transformer, slice(row, row + 1)) for row in range(4)])
    names = list(transformer.state_dict())
    slots, _ = filled(transformer, adapters)
    with slots.select([()] * 4):
        assert torch.equal(forward(transformer), plain)
    assert list(transformer.state_dict()) == names


def test_slots_take_memory_only_when_filled(transformer: Any, adapters: Any) -> None:
    slots = Slots(transformer, linears(transformer), {8: 2, 16: 2})
    assert slots.nbytes == 0
    slot = slots.put(adapters["one"])
    assert slots.nbytes == slots.slot_bytes(slot)
    slots.drop(slot)
    slots.trim()
    assert slots.nbytes == 0


def test_an_adapter_goes_to_the_smallest_free_class(transformer: Any, adapters: Any) -> None:
    slots = Slots(transformer, linears(transformer), {8: 1, 16: 2})
    assert [slots.put(adapters[name]).rank for name in ("one", "two", "three")] == [8, 16, 16]
    assert slots.free() == 0
    with pytest.raises(NoFreeSlot):
        slots.put(adapters["one"])


def test_a_slot_that_changes_hands_changes_the_batch(transformer: Any, adapters: Any, truth: Any) -> None:
    slots = Slots(transformer, linears(transformer), {16: 1})
    for name in ("one", "three", "two"):
        slot = slots.put(adapters[name])
        with slots.select([((slot, 1.0),)] * 4):
            drawn = forward(transformer)
        assert difference(drawn[:1], truth(0, {name: 1.0})) <= TOLERANCE
        slots.drop(slot)


def test_an_empty_slot_cannot_be_selected(transformer: Any, adapters: Any) -> None:
    slots, places = filled(transformer, adapters)
    slots.drop(places["one"])
    with pytest.raises(KeyError), slots.select(selections([{"one": 1.0}] * 4, places)):
        pass
    with pytest.raises(KeyError):
        slots.drop(places["one"])


def test_what_slots_cannot_hold_does_not_fit(transformer: Any, adapters: Any) -> None:
    slots = Slots(transformer, ["transformer_blocks.0.attn.to_q"], {8: 1})
    assert not slots.fits(adapters["three"])  # rank
    assert not slots.fits(adapters["one"])  # targets
    layer = {"transformer_blocks.0.attn.to_q": LowRank(torch.ones(4, 32), torch.ones(32, 4))}
    assert slots.fits(Adapter("q", "flux", 4, layer, 0))
    wide = {"transformer_blocks.0.attn.to_q": LowRank(torch.ones(4, 48), torch.ones(32, 4))}
    assert not slots.fits(Adapter("wide", "flux", 4, wide, 0))


def test_a_batch_of_other_rows_than_selected_is_an_error(transformer: Any, adapters: Any) -> None:
    slots, places = filled(transformer, adapters)
    with pytest.raises(ValueError, match="selected for 2 rows"), slots.select(selections([{"one": 1.0}, {}], places)):
        forward(transformer)
    forward(transformer)  # and nothing is left selected


def test_an_error_inside_leaves_nothing_selected(transformer: Any, adapters: Any) -> None:
    slots, places = filled(transformer, adapters)
    plain = forward(transformer)
    with pytest.raises(KeyError), slots.select(selections([{"one": 1.0}] * 4, places)):
        raise KeyError
    assert torch.equal(forward(transformer), plain)
