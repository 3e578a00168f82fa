"""Adapters are ready when the files are read and a slot is free, not sooner, nor at the cost of those in use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from configs.errors import BadLora, UnknownName
from configs.schema import AppliedLora, LoraConfig
from deployments.engine.metrics import SILENT, Metrics, OfModel, Recorded
from deployments.loras.keys import Anatomy
from deployments.loras.loading import Adapters, Lease
from deployments.loras.residency import Residency
from deployments.loras.slots import Slots
from deployments.loras.source import InstalledLoras
from tests.deployments.loras.forwards import difference, forward
from tests.deployments.loras.published import DOUBLE, configured, diffusers, draw, save

RANKS = {"a": 4, "b": 4, "c": 4, "large": 12}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LoraConfig]:
    folder = tmp_path_factory.mktemp("loras")
    files = [save(folder, name, *diffusers(draw(seed, rank))) for seed, (name, rank) in enumerate(RANKS.items())]
    layer = f"transformer.{DOUBLE}.attn.to_q"
    dora = {"lora_A.weight": torch.randn(4, 32), "lora_B.weight": torch.randn(32, 4)}
    files.append(
        save(folder, "dora", {f"{layer}.{k}": v for k, v in (dora | {"lora_magnitude_vector": torch.rand(32)}).items()})
    )
    files.append(save(folder, "other", {"model.layers.0.self_attn.q_proj.lora_A.weight": torch.ones(4, 4)}))
    return {file.stem: configured(file) for file in files}


@pytest.fixture
def copied(pipeline: Any) -> Any:
    return type(pipeline)(**(pipeline.components | {"transformer": deepcopy(pipeline.transformer)}))


Make = Callable[..., Adapters]


@pytest.fixture
def make(copied: Any, catalogue: dict[str, LoraConfig]) -> Iterator[Make]:
    made: list[Adapters] = []

    def build(classes: dict[int, int], limit: int = 2**30, metrics: Metrics = SILENT) -> Adapters:
        anatomy = Anatomy.of(copied)
        linears = [name for name, module in copied.transformer.named_modules() if isinstance(module, nn.Linear)]
        copied.slots = Slots(copied.transformer, linears, classes)
        made.append(Adapters(copied.slots, Residency(limit), InstalledLoras(catalogue), "flux", anatomy, metrics))
        return made[-1]

    yield build
    for adapters in made:
        adapters.close()


def uses(*names: str, strength: float = 1.0) -> list[AppliedLora]:
    return [AppliedLora(lora=name, strength=strength) for name in names]


def ask(adapters: Adapters, *names: str) -> Lease:
    """Ask, wait until the files are read, settle."""
    read = threading.Event()
    lease = adapters.ask(uses(*names), read.set)
    assert read.wait(30)
    adapters.settle()
    return lease


def test_nothing_is_copied_before_settle(make: Make) -> None:
    adapters = make({16: 2})
    read = threading.Event()
    lease = adapters.ask(uses("a"), read.set)
    assert read.wait(30)
    assert (lease.state, adapters.resident()) == ("loading", ())
    adapters.settle()
    assert (lease.state, adapters.resident()) == ("ready", ("a",))
    assert [strength for _, strength in lease.selection()] == [1.0]


def test_a_request_without_adapters_is_ready_at_once(make: Make) -> None:
    adapters = make({16: 1})
    assert adapters.ask(()).settled
    assert adapters.ask(uses("a", strength=0)).selection() == ()


def test_an_unknown_id_is_refused_with_those_that_are_known(make: Make) -> None:
    refused = ask(make({16: 1}), "nobody").error
    assert isinstance(refused, UnknownName)
    assert "dora" in refused.allowed


def test_a_file_that_fails_its_check_fails_its_request_only(make: Make) -> None:
    adapters = make({16: 1})
    lease, fine = ask(adapters, "other"), ask(adapters, "a")
    assert lease.state == "failed"
    assert isinstance(lease.error, BadLora)
    assert fine.state == "ready"


def test_what_is_in_use_stays_and_what_was_used_longest_ago_leaves(make: Make) -> None:
    adapters = make({16: 2})
    first, second, third = ask(adapters, "a"), ask(adapters, "b"), ask(adapters, "c")
    assert (third.state, set(adapters.resident())) == ("loading", {"a", "b"})
    second.release()
    adapters.settle()
    assert (third.state, set(adapters.resident())) == ("ready", {"a", "c"})
    assert first.selection() != third.selection()
    again = ask(adapters, "a")
    assert again.selection() == first.selection()
    assert (adapters.residency.loads, adapters.residency.hits) == (3, 1)


def test_a_pinned_adapter_stays(make: Make) -> None:
    adapters = make({16: 1})
    ask(adapters, "a").release()
    adapters.pin("a")
    waiting = ask(adapters, "b")
    assert not waiting.settled
    adapters.unpin("a")
    adapters.settle()
    assert waiting.state == "ready"


def test_a_lease_that_waits_is_not_overtaken(make: Make) -> None:
    adapters = make({16: 1})
    first, waiting, popular = ask(adapters, "a"), ask(adapters, "b"), ask(adapters, "a")
    assert not popular.settled
    first.release()
    adapters.settle()
    assert (waiting.state, popular.state) == ("ready", "loading")
    waiting.release()
    adapters.settle()
    assert popular.state == "ready"


def test_one_in_a_larger_slot_than_it_needs_moves(make: Make) -> None:
    adapters = make({4: 1, 16: 1})
    blocker, small = ask(adapters, "a"), ask(adapters, "b")
    assert small.selection()[0][0].rank == 16
    blocker.release()
    small.release()
    both = ask(adapters, "b", "large")
    assert both.state == "ready"
    assert [slot.rank for slot, _ in both.selection()] == [4, 16]


def test_how_many_are_in_slots_is_told_until_the_model_is_closed(make: Make) -> None:
    recorded = Recorded()
    adapters = make({4: 1, 16: 1}, metrics=OfModel(recorded, "tiny"))

    def told() -> float:
        return recorded.last("atelier_engine_resident_loras", "tiny")

    first, _ = ask(adapters, "a"), ask(adapters, "b")
    assert told() == len(adapters.resident()) == 2
    first.release()
    assert not ask(adapters, "a", "large").settled, "only the slot that is in use could hold the large one"
    assert told() == len(adapters.resident()) == 1
    adapters.close()
    assert told() == 0


def test_memory_is_never_exceeded(make: Make, copied: Any) -> None:
    adapters = make({16: 4}, limit=0)
    one = copied.slots.slot_bytes(type(copied.slots.next_free(16))(16, 1))
    adapters.residency.limit = one
    ask(adapters, "a").release()
    assert ask(adapters, "b").state == "ready"
    assert adapters.resident() == ("b",)
    assert copied.slots.nbytes == one


def test_an_exclusive_adapter_is_worn_and_taken_off(make: Make, copied: Any) -> None:
    adapters = make({16: 2})
    plain = forward(copied.transformer)
    lease = ask(adapters, "dora", "a")
    assert len(lease.selection()) == 1, "the other one lives in a slot all the same"
    adapters.wear(lease.exclusive)
    assert difference(forward(copied.transformer), plain) > 1e-3
    adapters.wear(None)
    assert torch.equal(forward(copied.transformer), plain)


def test_more_than_fit_at_once_are_merged(make: Make, copied: Any) -> None:
    adapters = make({16: 1})
    lease = ask(adapters, "a", "b")
    assert (lease.state, lease.selection()) == ("ready", ())
    adapters.wear(lease.exclusive)
    merged = forward(copied.transformer)
    adapters.wear(None)
    assert difference(merged, forward(copied.transformer)) > 1e-3


def test_a_canceled_request_gives_its_place_away(make: Make) -> None:
    adapters = make({16: 1})
    first, waiting, last = ask(adapters, "a"), ask(adapters, "b"), ask(adapters, "c")
    waiting.release()
    first.release()
    adapters.settle()
    assert last.state == "ready"
    last.release()
    last.release()
    assert adapters.residency.idle("c")


def test_a_file_that_was_repaired_is_read_again(make: Make, tmp_path: Path, catalogue: dict[str, LoraConfig]) -> None:
    file = save(tmp_path, "mended", {"x": torch.ones(1)})
    catalogue["mended"] = configured(file)
    adapters = make({16: 1})
    assert ask(adapters, "mended").state == "failed"
    save(tmp_path, "mended", *diffusers(draw()))
    assert ask(adapters, "mended").state == "ready"
