"""The cache: one load for many who ask, the least recently used leaves, nobody loses what they use, nobody starves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from configs.errors import ConfigError
from deployments.sharing.model_cache import CachePolicy, ModelCache

pytestmark = pytest.mark.anyio
LONG = 1000.0
SIZES = {"a": 2.0, "b": 2.0, "c": 1.0}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Model:
    """One that was loaded; `closed` once it was closed."""

    name: str
    closed: bool = False


@dataclass
class Workshop:
    """Loads and closes models, and writes down what it did. Holding `gate` makes the next loads and closes wait.
    `begun` are loads that may still wait for it; `measured` are the models of which it was asked how much they take."""

    done: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    measured: list[tuple[str, ...]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    gate: threading.Lock = field(default_factory=threading.Lock)

    def cache(self, keep: float = LONG, memory: float | None = None, patience: float = 0.05) -> ModelCache[Model]:
        load: dict[str, Callable[[], Model]] = {name: lambda name=name: self._load(name) for name in SIZES}  # type: ignore[misc]
        terms = CachePolicy(keep, memory, patience)
        return ModelCache(load, self._close, self._measure, terms)

    def _measure(self, names: Collection[str]) -> float:
        self.measured.append(tuple(names))
        return sum(SIZES[name] for name in names)

    def _load(self, name: str) -> Model:
        self.begun.append(name)
        with self.gate:
            self.done.append(f"load {name}")
            if name in self.broken:
                raise ConfigError(f"{name} is broken")
            return Model(name)

    def _close(self, model: Model) -> None:
        with self.gate:
            self.done.append(f"close {model.name}")
            model.closed = True


async def touch(cache: ModelCache[Model], name: str) -> Model:
    async with cache.use(name) as model:
        assert not model.closed
        return model


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.005)


async def test_nothing_is_loaded_before_it_is_asked_for_and_then_once() -> None:
    shop = Workshop()
    cache = shop.cache()
    assert shop.done == []
    models = await asyncio.gather(*(touch(cache, "a") for _ in range(5)))
    assert shop.done == ["load a"]
    assert len({id(model) for model in models}) == 1
    assert list(cache.loaded()) == ["a"]


async def test_what_nobody_comes_back_for_is_unloaded_and_loaded_again_on_demand() -> None:
    shop = Workshop()
    cache = shop.cache(keep=0.05)
    first = await touch(cache, "a")
    await until(lambda: first.closed)
    assert cache.loaded() == {}
    assert await touch(cache, "a") is not first
    assert shop.done == ["load a", "close a", "load a"]


async def test_what_is_in_use_outlives_its_time() -> None:
    shop = Workshop()
    cache = shop.cache(keep=0)
    await touch(cache, "a")
    async with cache.use("a") as model:
        await touch(cache, "c")
        await until(lambda: "close c" in shop.done)  # which has the same time, and began it later
        assert not model.closed
    await until(lambda: model.closed)


async def test_the_one_used_longest_ago_makes_room() -> None:
    shop = Workshop()
    cache = shop.cache(memory=4)
    for name in ("a", "c", "a", "b"):
        await touch(cache, name)
    assert shop.done == ["load a", "load c", "close c", "load b"]
    assert list(cache.loaded()) == ["b", "a"]


async def test_a_model_waits_for_the_room_of_one_in_use_and_never_takes_it() -> None:
    shop = Workshop()
    cache = shop.cache(memory=3)
    async with cache.use("a") as model:
        waiting = asyncio.create_task(touch(cache, "b"))
        await until(lambda: shop.measured.count(("a", "b")) >= 3)  # it has looked for room again and again
        assert not model.closed
        assert not waiting.done()
    assert (await waiting).name == "b"
    assert shop.done == ["load a", "close a", "load b"]


async def test_a_stream_of_requests_for_one_model_does_not_starve_another() -> None:
    cache = Workshop().cache(memory=3)
    stop = asyncio.Event()

    async def keep_asking() -> None:
        while not stop.is_set():
            async with cache.use("a"):
                await asyncio.sleep(0.01)

    busy = [asyncio.create_task(keep_asking()) for _ in range(3)]
    await until(lambda: "a" in cache.loaded())
    async with asyncio.timeout(60):
        assert (await touch(cache, "b")).name == "b"
    stop.set()
    async with asyncio.timeout(60):
        await asyncio.gather(*busy)


async def test_a_request_that_comes_during_the_unloading_has_it_loaded_again() -> None:
    shop = Workshop()
    cache = shop.cache(keep=0.01)
    first = await touch(cache, "a")
    shop.gate.acquire()
    await until(lambda: not cache.loaded())
    late = asyncio.create_task(touch(cache, "a"))
    await asyncio.sleep(0)
    assert not late.done()
    shop.gate.release()
    assert await late is not first
    assert shop.done[:3] == ["load a", "close a", "load a"]


async def test_who_leaves_during_a_load_leaves_a_model_behind_that_goes_in_its_time() -> None:
    shop = Workshop()
    cache = shop.cache(keep=0.05)
    shop.gate.acquire()
    asking = asyncio.create_task(touch(cache, "a"))
    await until(lambda: shop.begun == ["a"])
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    shop.gate.release()
    await until(lambda: shop.done == ["load a", "close a"])


async def test_what_nobody_waits_for_any_more_is_not_loaded() -> None:
    shop = Workshop()
    cache = shop.cache(memory=3)
    async with cache.use("a"):
        asking = asyncio.create_task(touch(cache, "b"))
        await until(lambda: ("a", "b") in shop.measured)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert await touch(cache, "a")
    assert shop.done == ["load a"]


async def test_a_load_that_fails_is_the_answer_to_all_who_wait_and_is_tried_again() -> None:
    shop = Workshop(broken={"a"})
    cache = shop.cache()
    answers = await asyncio.gather(*(touch(cache, "a") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, ConfigError) for answer in answers)
    shop.broken.clear()
    assert (await touch(cache, "a")).name == "a"


async def test_a_model_that_never_fits_is_refused_and_drives_nobody_out() -> None:
    shop = Workshop()
    cache = shop.cache(memory=1.5)
    await touch(cache, "c")
    with pytest.raises(ConfigError, match="'a' takes"):
        await touch(cache, "a")
    assert list(cache.loaded()) == ["c"]


async def test_closing_unloads_all() -> None:
    shop = Workshop()
    cache = shop.cache()
    await touch(cache, "a")
    await touch(cache, "b")
    await cache.close()
    assert cache.loaded() == {}
    assert {"close a", "close b"} <= set(shop.done)
