"""Several models in one replica, with real tiny weights: parts in common are held once, and all memory comes back."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from configs.schema import LicencePart, LoraConfig, ModelConfig
from configs.weights import Weights
from deployments.engine.metrics import Recorded
from deployments.generator import Generator
from deployments.messages import Done, Loading, Told
from deployments.sharing.generator import ModelVariant, SharedGenerator
from deployments.sharing.model_cache import CachePolicy
from deployments.sharing.parts import count_bytes, find_parts
from deployments.sharing.times import LoadTimes
from tests.deployments.tiny import request, save_tiny, tiny_config

pytestmark = pytest.mark.anyio
SHARED = ("text_encoder", "text_encoder_2", "vae")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two models that differ in their transformers, and one that has nothing in common with them."""
    root = tmp_path_factory.mktemp("life")
    made = {name: save_tiny(root / name, seed=seed) for seed, name in enumerate(("dev", "kontext", "other"))}
    for part in SHARED:
        shutil.rmtree(made["kontext"] / part)
        shutil.copytree(made["dev"] / part, made["kontext"] / part)
        config = made["kontext"] / part / "config.json"
        written = json.loads(config.read_text(encoding="utf-8")) | {"_name_or_path": "elsewhere"}
        config.write_text(json.dumps(written), encoding="utf-8")
    return made


@pytest.fixture
def configs(folders: dict[str, Path]) -> dict[str, ModelConfig]:
    return {name: tiny_config(folder, id=name) for name, folder in folders.items()}


@pytest.fixture
def times(tmp_path: Path) -> LoadTimes:
    return LoadTimes(tmp_path / "loads")


@pytest.fixture
async def shared(configs: dict[str, ModelConfig], times: LoadTimes) -> AsyncIterator[SharedGenerator]:
    variants = {name: ModelVariant(config) for name, config in configs.items()}
    generator = SharedGenerator(variants, CachePolicy(keep_alive_seconds=1000), times=lambda: times)
    yield generator
    await generator.close()


async def draw(generator: SharedGenerator, name: str, **changes: Any) -> list[Told]:
    return [message async for message in generator.generate(request(**changes), name)]


def pipeline(generator: SharedGenerator, name: str) -> Any:
    family: Any = generator._cache.loaded()[name]._engine.family
    return family._pipeline


async def test_a_model_is_loaded_when_it_is_asked_for_and_the_request_hears_of_it(shared: SharedGenerator) -> None:
    assert not shared.state("dev").loaded
    first, *_, picture = await draw(shared, "dev")
    assert isinstance(first, Loading)
    assert first.model == "dev"
    assert first.eta_seconds > 0
    assert isinstance(picture, Done)
    state = shared.state("dev")
    assert state.loaded
    assert picture.weights == state.weights
    assert state.load_seconds > 0
    assert not any(isinstance(message, Loading) for message in await draw(shared, "dev", seed=8))


async def test_models_with_equal_encoders_have_the_same_modules(shared: SharedGenerator) -> None:
    for name in ("dev", "kontext", "other"):
        await draw(shared, name, num_inference_steps=1)
    one, two, other = (pipeline(shared, name) for name in ("dev", "kontext", "other"))
    for part in SHARED:
        assert getattr(one, part) is getattr(two, part)
        assert getattr(one, part) is not getattr(other, part)
    assert one.transformer is not two.transformer


async def test_pictures_are_those_of_a_replica_of_its_own(
    shared: SharedGenerator, configs: dict[str, ModelConfig]
) -> None:
    for name in ("dev", "kontext"):
        alone = Generator(configs[name])
        expected = [message async for message in alone.generate(request())][-1]
        alone.close()
        drawn = (await draw(shared, name))[-1]
        assert isinstance(drawn, Done)
        assert isinstance(expected, Done)
        assert drawn.picture == expected.picture
        assert drawn.weights == expected.weights


async def test_parts_go_with_the_last_model_that_has_them(shared: SharedGenerator) -> None:
    for name in ("dev", "kontext"):
        await draw(shared, name, num_inference_steps=1)
    encoder = weakref.ref(pipeline(shared, "dev").text_encoder)
    transformer = weakref.ref(pipeline(shared, "dev").transformer)
    await unload(shared, "dev")
    assert transformer() is None
    assert encoder() is not None
    await unload(shared, "kontext")
    assert encoder() is None
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.endswith(("warm-up dev", "warm-up kontext"))]
    assert isinstance((await draw(shared, "dev", num_inference_steps=1))[-1], Done)


async def unload(shared: SharedGenerator, name: str) -> None:
    async with shared._cache._turn:
        await shared._cache._unload(shared._cache._places[name])


async def test_all_memory_comes_back(shared: SharedGenerator) -> None:
    def held() -> int:
        gc.collect()
        return sum(each.nbytes for each in gc.get_objects() if type(each) is torch.nn.Parameter)

    before = held()
    for name in ("dev", "kontext", "other"):
        await draw(shared, name, num_inference_steps=1)
    assert held() > before
    await shared.close()
    assert held() <= before


async def test_the_least_recently_used_leaves_when_memory_is_short(
    configs: dict[str, ModelConfig], times: LoadTimes
) -> None:
    variants = {name: ModelVariant(config) for name, config in configs.items()}
    alone = sum(SharedGenerator(variants, CachePolicy(1000), times=lambda: times).footprint([one]) for one in configs)
    size = alone / 3
    together = SharedGenerator(variants, CachePolicy(1000), times=lambda: times).footprint(["dev", "kontext"])
    assert size < together < 2 * size
    generator = SharedGenerator(variants, CachePolicy(1000, memory=together), times=lambda: times)
    seen = []
    for name in ("dev", "kontext", "dev", "other"):
        await draw(generator, name, num_inference_steps=1)
        seen.append(set(generator._cache.loaded()))
    assert seen == [{"dev"}, {"dev", "kontext"}, {"dev", "kontext"}, {"other"}]
    await generator.close()


async def test_a_model_that_left_still_says_what_it_was(shared: SharedGenerator) -> None:
    picture = (await draw(shared, "dev", num_inference_steps=1))[-1]
    assert isinstance(picture, Done)
    await unload(shared, "dev")
    state = shared.state("dev")
    assert not state.loaded
    assert state.weights == picture.weights
    assert state.load_seconds > 0


def test_load_times_are_learned_and_shared_by_the_replicas_of_a_node(
    configs: dict[str, ModelConfig], tmp_path: Path
) -> None:
    model = configs["dev"]
    times, others = LoadTimes(tmp_path / "loads"), LoadTimes(tmp_path / "loads")
    assert times.expect(model, 24e9) > times.expect(model, 1e9) > 0
    times.learn(model, 40)
    assert others.expect(model, 24e9) == 40
    others.learn(model, 20)
    assert 20 < times.expect(model, 0) < 40


def lora(folder: Path, tensor: str) -> LoraConfig:
    folder.mkdir(exist_ok=True)
    file = folder / f"{tensor}.safetensors"
    save_file({f"{tensor}.lora_A.weight": torch.zeros(1, 4), f"{tensor}.lora_B.weight": torch.zeros(4, 1)}, file)
    parts = (LicencePart(part="training data", licence="apache-2.0"),)
    return LoraConfig(id="one", name="One", family="flux", weights=Weights(path=str(file)), licence_parts=parts)


def test_an_encoder_that_a_lora_may_change_is_not_shared(configs: dict[str, ModelConfig], tmp_path: Path) -> None:
    harmless, harmful = lora(tmp_path, "transformer.proj_out"), lora(tmp_path, "text_encoder.layers.0.mlp.fc1")
    assert {part.name for part in find_parts(configs["dev"], [harmless])} == set(SHARED)
    assert {part.name for part in find_parts(configs["dev"], [harmless, harmful])} == {"vae"}
    unreadable = harmful.model_copy(update={"weights": Weights(path=str(tmp_path / "gone.safetensors"))})
    assert {part.name for part in find_parts(configs["dev"], [unreadable])} == {"vae"}


def test_parts_are_told_apart_by_content_and_by_how_they_are_held(configs: dict[str, ModelConfig]) -> None:
    def keys(config: ModelConfig) -> dict[str, str]:
        return {part.name: part.key for part in find_parts(config, ())}

    dev = configs["dev"]
    half = dev.model_copy(update={"runtime": dev.runtime.model_copy(update={"dtype": "bfloat16"})})
    moved = dev.model_copy(update={"runtime": dev.runtime.model_copy(update={"offload": "model"})})
    assert keys(dev) == keys(configs["kontext"])
    assert not set(keys(dev).values()) & set(keys(configs["other"]).values())
    assert not set(keys(dev).values()) & set(keys(half).values())
    assert keys(moved) == {}
    assert count_bytes(half) * 2 == count_bytes(dev)


BACKLOG = "atelier_engine_backlog_seconds"


async def test_models_of_one_replica_report_apart(
    configs: dict[str, ModelConfig], times: LoadTimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded, gate, reached = Recorded(), threading.Event(), threading.Event()
    variants = {name: ModelVariant(configs[name]) for name in ("dev", "other")}
    generator = SharedGenerator(variants, CachePolicy(1000), metrics=lambda: recorded, times=lambda: times)
    await draw(generator, "dev", num_inference_steps=1)
    family: Any = generator._cache.loaded()["dev"]._engine.family
    step = family.step

    def held(states: Any) -> None:
        if states[0].step == 2:
            reached.set()
            assert gate.wait(60)
        step(states)

    monkeypatch.setattr(family, "step", held)
    waiting = asyncio.create_task(draw(generator, "dev", num_inference_steps=5))
    assert await asyncio.to_thread(reached.wait, 60)
    await draw(generator, "other", num_inference_steps=3)
    await settled(lambda: recorded.last(BACKLOG, "other") == 0)
    assert recorded.last(BACKLOG, "dev") > 0
    gate.set()
    await waiting
    await generator.close()
    assert recorded.last(BACKLOG, "dev") == 0
    steps = {name: len(recorded.observed("atelier_engine_tick_seconds", model=name)) for name in variants}
    assert steps == {"dev": 1 + 5, "other": 3}


async def settled(is_so: Callable[[], bool]) -> None:
    """The picture comes a moment before the engine tells that it is drawn."""
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


async def test_one_model_is_loaded_at_a_time(shared: SharedGenerator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by processes that know nothing of each other: what they wait for is a lock of the node."""
    from deployments.families import flux
    from deployments.families.registry import FAMILIES

    loading, most = [0], [0]

    def load(config: ModelConfig, loras: Any = ()) -> Any:
        loading[0] += 1
        most[0] = max(most[0], loading[0])
        try:
            return flux.load(config, loras)
        finally:
            loading[0] -= 1

    monkeypatch.setattr(FAMILIES, "find", lambda _: load)
    config = shared._variants["dev"].config
    threads = [threading.Thread(target=lambda: Generator(config).close()) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
