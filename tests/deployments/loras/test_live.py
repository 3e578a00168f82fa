"""A LoRA that is added while a generator runs is drawn with as if it had been there from the start."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import BadLora, DeadlineMissed, StageError
from configs.schema import AppliedLora, LoraConfig, ModelConfig
from deployments.blobs.node_cache import CachedStore
from deployments.blobs.store import BlobStore
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest
from deployments.sharing.generator import ModelVariant, SharedGenerator
from deployments.sharing.model_cache import CachePolicy
from tests.deployments.loras.published import DOUBLE, configured, diffusers, draw, save
from tests.deployments.stored_loras import add, store_at
from tests.deployments.tiny import request, save_tiny, tiny_config
from tests.deployments.tiny_wholes import save_z, whole_config, whole_request

pytestmark = pytest.mark.anyio
Tensors = dict[str, torch.Tensor]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def low_rank(seed: int) -> tuple[Tensors, dict[str, str]]:
    return diffusers(draw(seed))


def dora(seed: int) -> tuple[Tensors, dict[str, str]]:
    drawn, layer = torch.Generator().manual_seed(seed), f"transformer.{DOUBLE}.attn.to_q"
    return {
        f"{layer}.lora_A.weight": torch.randn(4, 32, generator=drawn),
        f"{layer}.lora_B.weight": torch.randn(32, 4, generator=drawn),
        f"{layer}.lora_magnitude_vector": torch.rand(32, generator=drawn) + 0.5,
    }, {}


def lokr(seed: int) -> tuple[Tensors, dict[str, str]]:
    drawn, layer = torch.Generator().manual_seed(seed), "lycoris_" + f"{DOUBLE}.attn.to_q".replace(".", "_")
    factors = {name: torch.randn(size, generator=drawn) * 0.3 for name, size in (("w1", (4, 4)), ("w2", (8, 8)))}
    return {f"{layer}.lokr_{name}": factor for name, factor in factors.items()}, {}


def encoder(seed: int) -> tuple[Tensors, dict[str, str]]:
    drawn, layer = torch.Generator().manual_seed(seed), "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
    a, b = torch.randn(4, 32, generator=drawn), torch.randn(32, 4, generator=drawn)
    return {f"{layer}.lora_A.weight": a, f"{layer}.lora_B.weight": b}, {}


def of_z(seed: int) -> tuple[Tensors, dict[str, str]]:
    drawn, tensors = torch.Generator().manual_seed(seed), Tensors()
    for name in ("to_q", "to_k", "to_v"):
        key = f"transformer.layers.0.attention.{name}"
        tensors[f"{key}.lora_A.weight"] = torch.randn(4, 32, generator=drawn) * 0.3
        tensors[f"{key}.lora_B.weight"] = torch.randn(32, 4, generator=drawn) * 0.3
    return tensors, {}


KINDS = {"low rank": low_rank, "DoRA": dora, "LoKr": lokr, "text encoder": encoder, "whole calls": of_z}


@dataclass
class Place:
    """A model, two versions of a LoRA for it, and a store that says what it was asked for."""

    kind: str
    config: ModelConfig
    versions: list[LoraConfig]
    uses: list[AppliedLora]
    store: CachedStore
    asked: list[str] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)
    """Whether the store answers."""

    def request(self, *uses: AppliedLora, **changes: Any) -> GenerateRequest:
        make = request if self.config.family == "flux" else whole_request
        return make(loras=uses, **changes)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelConfig]:
    z = save_z(tmp_path_factory.mktemp("z"))
    return {
        "flux": tiny_config(save_tiny(tmp_path_factory.mktemp("flux"))),
        "z-image": whole_config(z, "z-image"),
    }


@pytest.fixture(params=KINDS)
def place(
    request: pytest.FixtureRequest, models: dict[str, ModelConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "weights"))
    yield from made(request.param, models, tmp_path, monkeypatch)


@pytest.fixture
def plain(models: dict[str, ModelConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("ATELIER_WEIGHTS", str(tmp_path / "weights"))
    yield from made("low rank", models, tmp_path, monkeypatch)


def made(kind: str, models: dict[str, ModelConfig], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    config = models["z-image" if kind == "whole calls" else "flux"]
    store, versions, uses = store_at(folder / "blobs"), [], []
    for seed in (1, 2):
        (folder / str(seed)).mkdir()
        file = save(folder / str(seed), "icons", *KINDS[kind](seed))
        versions.append(configured(file, family=config.family))
        uses.append(add(store, versions[-1], file, f"1.{seed}.0"))
    place = Place(kind, config, versions, uses, store)
    place.opened.set()
    fetch = BlobStore.fetch

    def noted(blobs: BlobStore, key: str, *rest: Any) -> None:
        place.asked.append(key)
        assert place.opened.wait(60)
        fetch(blobs, key, *rest)

    monkeypatch.setattr(BlobStore, "fetch", noted)
    yield place
    place.opened.set()


async def paint(generator: Generator, asked: GenerateRequest) -> np.ndarray[Any, Any]:
    last = [message async for message in generator.generate(asked)][-1]
    assert isinstance(last, Done)
    return np.frombuffer(last.picture.rgb, np.uint8).astype(int)


async def test_both_versions_at_once_are_each_what_a_generator_draws_that_had_it_from_the_start(place: Place) -> None:
    live = Generator(place.config, stored=place.store)
    bare = await paint(live, place.request())
    together = await asyncio.gather(
        *(paint(live, place.request(use)) for use in place.uses), paint(live, place.request())
    )
    alone = [await paint(live, place.request(use)) for use in place.uses]
    live.close()
    for version, mixed, single in zip(place.versions, together, alone, strict=False):
        before = Generator(place.config, loras=[version])
        expected = await paint(before, place.request(AppliedLora(lora="icons")))
        before.close()
        assert (single == expected).all()
        assert abs(mixed - expected).max() <= 1, "beside others it is added up in another order"
        assert abs(expected - bare).mean() > 0.1
    assert abs(together[-1] - bare).max() <= 1
    assert abs(alone[0] - alone[1]).mean() > 0.1
    assert len(place.asked) == len(set(place.asked)) == 4


async def test_twenty_requests_ask_once_and_hold_up_nobody_who_draws(plain: Place) -> None:
    generator = Generator(plain.config, loras=plain.versions[:1], stored=plain.store)
    plain.opened.clear()
    waiting = [
        asyncio.create_task(paint(generator, plain.request(plain.uses[0], seed=seed, num_inference_steps=1)))
        for seed in range(20)
    ]
    here = [paint(generator, plain.request()), paint(generator, plain.request(AppliedLora(lora="icons")))]
    await asyncio.wait_for(asyncio.gather(*here), 60)
    assert not any(task.done() for task in waiting)
    assert plain.asked == [plain.uses[0].entry]
    plain.opened.set()
    await asyncio.wait_for(asyncio.gather(*waiting), 60)
    assert len(plain.asked) == 2
    held = f"icons@{plain.uses[0].entry}"
    assert generator.state().loras == (held, "icons")
    assert generator.record_routing_stats()["loras"] == [held, "icons"]
    generator.close()


async def test_replicas_of_one_node_fetch_once(plain: Place) -> None:
    replicas = [Generator(plain.config, stored=plain.store) for _ in range(2)]
    drawn = await asyncio.gather(*(paint(one, plain.request(plain.uses[0])) for one in replicas))
    assert (drawn[0] == drawn[1]).all()
    assert len(plain.asked) == len(set(plain.asked)) == 2
    for one in replicas:
        one.close()


async def test_one_that_is_not_there_fails_its_request_alone(plain: Place) -> None:
    generator = Generator(plain.config, stored=plain.store)
    lost = AppliedLora(lora="icons", version="3.0.0", entry="0" * 64)
    asked = (paint(generator, plain.request(use)) for use in (lost, plain.uses[0]))
    failed, drawn = [*await asyncio.gather(*asked, return_exceptions=True)]
    assert isinstance(failed, StageError)
    assert "LoRA 'icons' 3.0.0: its entry is not in the file store" in str(failed)
    assert isinstance(drawn, np.ndarray)
    generator.close()


async def test_who_leaves_while_it_is_fetched_takes_nobody_along(plain: Place) -> None:
    generator = Generator(plain.config, stored=plain.store)
    plain.opened.clear()
    leaving, staying = (
        asyncio.create_task(paint(generator, plain.request(plain.uses[0], seed=seed))) for seed in (1, 2)
    )
    await asyncio.sleep(0.1)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    plain.opened.set()
    assert (await asyncio.wait_for(staying, 60)).any()
    generator.close()


async def test_a_deadline_that_passes_while_it_is_fetched_is_told_at_once(place: Place) -> None:
    generator = Generator(place.config, stored=place.store)
    place.opened.clear()
    late = paint(generator, place.request(place.uses[0], deadline_seconds=0.2))
    with pytest.raises(DeadlineMissed):
        await asyncio.wait_for(late, 30)
    for _ in range(300):
        if generator.state().backlog_seconds == 0:
            break
        await asyncio.sleep(0.1)
    assert generator.state().backlog_seconds == 0, "it is no work for this replica any more"
    place.opened.set()
    assert (await paint(generator, place.request(place.uses[0]))).any()
    generator.close()


async def test_a_generator_that_closes_lets_go_of_those_who_wait_for_a_file(plain: Place) -> None:
    generator = Generator(plain.config, stored=plain.store)
    plain.opened.clear()
    waiting = asyncio.create_task(paint(generator, plain.request(plain.uses[0])))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(generator.close)
    with pytest.raises(StageError, match="shutting down"):
        await asyncio.wait_for(waiting, 60)


async def test_models_that_share_replicas_wear_it_too_but_for_encoders_in_common(place: Place) -> None:
    shared = SharedGenerator({"tiny": ModelVariant(place.config)}, CachePolicy(1000), stored=place.store)
    asked = place.request(place.uses[0])
    messages = shared.generate(asked, "tiny")
    if place.kind == "text encoder":
        with pytest.raises(BadLora, match=r"LoRA 'icons' 1.1.0: it changes text_encoder, which models that share"):
            [message async for message in messages]
    else:
        last = [message async for message in messages][-1]
        alone = Generator(place.config, stored=place.store)
        expected = await paint(alone, asked)
        alone.close()
        assert isinstance(last, Done)
        assert (np.frombuffer(last.picture.rgb, np.uint8) == expected).all()
    if place.kind == "low rank":
        assert f"tiny/icons@{place.uses[0].entry}" in shared.record_routing_stats()["loras"]
    await shared.close()
