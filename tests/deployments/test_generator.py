"""A generator draws in line, stops when nobody wants the picture, and outlives a request that fails."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from configs.errors import ConfigError, StageError, StageUnavailable
from deployments.engine.flight import preview_steps
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest, Picture, StepDone
from tests.deployments.tiny import request, save_tiny, tiny_config

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def generator(weights: Path) -> Iterator[Generator]:
    generator = Generator(tiny_config(weights))
    yield generator
    generator.close()


@pytest.fixture
def counted(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds, one for each step that the model takes; the prompt `poison` makes the model fail."""
    family: Any = generator._engine.family
    taken: list[int] = []
    step, encode = family.step, family.encode

    def count(states: Sequence[Any]) -> None:
        taken.extend(state.generator.initial_seed() for state in states)
        step(states)

    def choke(prompt: str, negative_prompt: str) -> Any:
        if prompt == "poison":
            raise ZeroDivisionError("secret detail in /a/path")
        return encode(prompt, negative_prompt)

    monkeypatch.setattr(family, "step", count)
    monkeypatch.setattr(family, "encode", choke)
    return taken


async def collect(generator: Generator, asked: GenerateRequest) -> list[StepDone | Done]:
    return [message async for message in generator.generate(asked)]


async def test_steps_then_the_picture(generator: Generator) -> None:
    *steps, last = await collect(generator, request())
    told = [step.step for step in steps if isinstance(step, StepDone)]
    assert told == sorted(set(told))
    assert (told[0], told[-1]) == (1, 4)
    assert isinstance(last, Done)
    assert isinstance(last.picture, Picture)
    assert last.seconds > 0
    assert len(last.picture.rgb) == 128 * 128 * 3


async def test_the_same_request_gives_the_same_picture(generator: Generator) -> None:
    one, other = await asyncio.gather(collect(generator, request()), collect(generator, request()))
    assert one[-1].picture == other[-1].picture  # type: ignore[union-attr]


@pytest.mark.parametrize("previews", [0, 1, 3, 7, 8, 20])
async def test_as_many_previews_as_asked(generator: Generator, previews: int) -> None:
    messages = await collect(generator, request(num_inference_steps=8, previews=previews))
    files = [message.preview for message in messages if isinstance(message, StepDone) and message.preview]
    assert len(files) == min(previews, 7)
    for file in files:
        picture = Image.open(io.BytesIO(file))
        assert picture.format == "WEBP"
        assert max(picture.size) <= 128


def test_previews_are_evenly_spaced() -> None:
    assert preview_steps(3, 20) == {5, 10, 15}
    assert preview_steps(4, 12) == {3, 5, 8, 10}


async def test_closing_the_iterator_stops_within_two_steps(generator: Generator, counted: list[int]) -> None:
    messages = generator.generate(request(seed=11, num_inference_steps=200))
    seen = await anext(messages)
    assert isinstance(seen, StepDone)
    await messages.aclose()  # type: ignore[attr-defined]
    before = len(counted)
    await collect(generator, request(seed=12, num_inference_steps=1))
    assert counted[before:].count(11) <= 2
    assert counted.count(12) == 1


async def test_canceling_the_task_stops_within_two_steps(generator: Generator, counted: list[int]) -> None:
    begun = asyncio.Event()

    async def consume() -> None:
        async for _ in generator.generate(request(seed=11, num_inference_steps=200)):
            begun.set()

    task = asyncio.create_task(consume())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    before = len(counted)
    await collect(generator, request(seed=12, num_inference_steps=1))
    assert counted[before:].count(11) <= 2


async def test_a_request_canceled_beside_another_is_soon_gone(generator: Generator, counted: list[int]) -> None:
    running = asyncio.create_task(collect(generator, request(seed=1, num_inference_steps=30)))
    waiting = asyncio.create_task(collect(generator, request(seed=2, num_inference_steps=200)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    taken = counted.count(2)
    await running
    await collect(generator, request(seed=3, num_inference_steps=1))
    assert counted.count(2) <= taken + 1  # the step that was being taken
    assert counted.count(1) == 30


async def test_a_poisoned_request_fails_alone(generator: Generator, counted: list[int]) -> None:
    before, poisoned, after = await asyncio.gather(
        collect(generator, request(seed=1)),
        collect(generator, request(seed=2, prompt="poison")),
        collect(generator, request(seed=3)),
        return_exceptions=True,
    )
    assert isinstance(poisoned, StageError)
    assert "ZeroDivisionError" in str(poisoned)
    assert "secret" not in str(poisoned)
    for messages in (before, after):
        assert isinstance(messages, list)
        assert isinstance(messages[-1], Done)
    generator.check_health()


async def test_a_size_that_cannot_be_drawn_is_said_plainly(generator: Generator) -> None:
    with pytest.raises(StageError, match="multiples of 16 pixels"):
        await collect(generator, request(width=100))


async def test_a_device_that_no_longer_draws_is_unhealthy(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = Generator(tiny_config(weights))

    def fail(_: object) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(generator._engine.family, "step", fail)
    with pytest.raises(StageError):
        await collect(generator, request())
    with pytest.raises(StageUnavailable, match="no longer draws"):
        await asyncio.to_thread(until_unhealthy, generator)
    generator.close()


def until_unhealthy(generator: Generator) -> None:
    """The probe runs on the engine's thread, just after the failure is delivered."""
    while True:
        generator.check_health()
        threading.Event().wait(0.01)


async def test_closing_answers_everyone_who_waits(weights: Path) -> None:
    generator = Generator(tiny_config(weights))
    tasks = [asyncio.create_task(collect(generator, request(num_inference_steps=200))) for _ in range(3)]
    await asyncio.sleep(0.05)
    await asyncio.to_thread(generator.close)
    assert all(isinstance(end, StageUnavailable) for end in await asyncio.gather(*tasks, return_exceptions=True))
    with pytest.raises(StageUnavailable):
        await collect(generator, request())
    with pytest.raises(StageUnavailable):
        generator.check_health()


async def test_the_picture_is_handed_over_by_the_injected_function(weights: Path) -> None:
    generator = Generator(tiny_config(weights), put=lambda picture: ("reference", picture.width))
    last = (await collect(generator, request(num_inference_steps=1)))[-1]
    assert isinstance(last, Done)
    assert last.picture == ("reference", 128)
    generator.close()


def test_a_listener_whose_loop_is_gone_does_not_stop_the_engine(generator: Generator) -> None:
    async def leave() -> None:
        messages = generator.generate(request(num_inference_steps=200))
        await anext(messages)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)

    asyncio.run(leave())
    assert isinstance(asyncio.run(collect(generator, request()))[-1], Done)
    generator.check_health()


def test_the_state_names_weights_and_speed(generator: Generator) -> None:
    state = generator.state()
    assert (state.model, state.device, state.dtype) == ("tiny", "cpu", "float32")
    assert len(state.weights) == 64
    assert state.seconds_per_step > 0


def test_an_unknown_family_refuses_to_start(weights: Path) -> None:
    with pytest.raises(ConfigError, match="unknown family 'flucks'; known: .*flux"):
        Generator(tiny_config(weights, family="flucks"))


def test_broken_weights_refuse_to_start_and_leave_no_thread(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="model_index.json is missing"):
        Generator(tiny_config(tmp_path))
    assert not [thread for thread in threading.enumerate() if tmp_path.name in thread.name and thread.is_alive()]
