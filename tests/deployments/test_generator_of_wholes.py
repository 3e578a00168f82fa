"""A generator serves a family that is called whole exactly as it serves one that is stepped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from configs.errors import DeadlineMissed, StageError, StageUnavailable
from configs.schema import AppliedLora, LicencePart, LoraConfig
from configs.weights import Weights
from deployments.engine.metrics import Recorded
from deployments.families.family import FusedLora
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest, Picture, StepDone
from deployments.pipelines.calls import Calls
from deployments.pipelines.whole import Watch
from tests.deployments.diffusers_alone import difference, painting
from tests.deployments.tiny import parts
from tests.deployments.tiny_wholes import SIDE, save_qwen_edit, save_z, whole_config, whole_request

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
STEPS = 3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_z(tmp_path_factory.mktemp("z-image"))


@pytest.fixture(scope="module")
def lora(tmp_path_factory: pytest.TempPathFactory) -> LoraConfig:
    """One for every attention of the transformer, in diffusers' layout."""
    drawn, tensors = torch.Generator().manual_seed(3), dict[str, torch.Tensor]()
    for layer in range(2):
        for name in ("to_q", "to_k", "to_v"):
            key = f"transformer.layers.{layer}.attention.{name}"
            tensors[f"{key}.lora_A.weight"] = torch.randn(4, 32, generator=drawn) * 0.3
            tensors[f"{key}.lora_B.weight"] = torch.randn(32, 4, generator=drawn) * 0.3
    file = tmp_path_factory.mktemp("lora") / "lora.safetensors"
    save_file(tensors, file)
    return LoraConfig(
        id="icons",
        name="Icons",
        family="z-image",
        weights=Weights(path=str(file.parent)),
        licence_parts=(LicencePart(part="lora", licence="apache-2.0"),),
    )


@pytest.fixture(scope="module")
def generator(folder: Path, lora: LoraConfig) -> Iterator[Generator]:
    generator = Generator(whole_config(folder, "z-image"), loras=[lora])
    yield generator
    generator.close()


@dataclass
class Taken:
    """What the pipeline was called for."""

    calls: list[tuple[int, ...]] = field(default_factory=list)
    """The seeds of each call."""
    steps: list[int] = field(default_factory=list)
    """Seeds, one for each step of each picture."""


@pytest.fixture
def taken(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Notes calls and steps; the prompt `poison` makes a call fail."""
    assert isinstance(generator._engine._core, Calls)
    family: Any = generator._engine.family
    taken = Taken()
    draw = family.draw

    def note(requests: Sequence[GenerateRequest], watch: Watch) -> list[Picture]:
        seeds = tuple(request.seed for request in requests)
        taken.calls.append(seeds)
        if any(request.prompt == "poison" for request in requests):
            raise ZeroDivisionError("secret detail in /a/path")

        def count(step: int, steps: int) -> None:
            taken.steps.extend(seeds)
            watch(step, steps)

        drawn: list[Picture] = draw(requests, count)
        return drawn

    monkeypatch.setattr(family, "draw", note)
    return taken


async def collect(generator: Generator, asked: GenerateRequest) -> list[StepDone | Done]:
    return [message async for message in generator.generate(asked)]


def picture(messages: list[StepDone | Done]) -> bytes:
    assert isinstance(messages[-1], Done)
    rgb: bytes = messages[-1].picture.rgb
    return rgb


async def test_steps_then_the_pipelines_picture(generator: Generator, folder: Path) -> None:
    *steps, last = await collect(generator, whole_request())
    assert isinstance(last, Done)
    told = [(step.step, step.steps) for step in steps if isinstance(step, StepDone)]
    assert told == sorted(set(told))
    assert (told[0], told[-1]) == ((1, STEPS), (STEPS, STEPS))
    assert last.full_steps == STEPS
    assert last.seconds > 0
    stock = parts.ZImagePipeline.from_pretrained(folder)
    asked = whole_request()
    pixels = stock(
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        width=SIDE,
        height=SIDE,
        num_inference_steps=STEPS,
        guidance_scale=asked.guidance_scale,
        generator=torch.Generator().manual_seed(asked.seed),
        output_type="pt",
    ).images[0]
    ours = torch.frombuffer(bytearray(last.picture.rgb), dtype=torch.uint8).view(SIDE, SIDE, 3).permute(2, 0, 1)
    assert (ours.float() - pixels * 255).abs().max() <= 0.51


async def test_requests_at_once_draw_what_they_draw_alone(generator: Generator, taken: Taken) -> None:
    alone = [picture(await collect(generator, whole_request(seed=seed))) for seed in (1, 2, 3)]
    blocking = asyncio.create_task(collect(generator, whole_request(seed=9, num_inference_steps=20)))
    await asyncio.sleep(0)
    together = await asyncio.gather(*(collect(generator, whole_request(seed=seed)) for seed in (1, 2, 3)))
    await blocking
    assert [picture(messages) for messages in together] == alone
    # Whether company pays is for the clock to say, so it may have been several calls; each is drawn once in them.
    assert sorted(seed for call in taken.calls for seed in call) == [1, 1, 2, 2, 3, 3, 9]


async def test_equal_requests_are_drawn_once(generator: Generator, taken: Taken) -> None:
    one, other = await asyncio.gather(collect(generator, whole_request()), collect(generator, whole_request()))
    assert picture(one) == picture(other)
    assert taken.calls == [(7,)]


async def test_closing_the_iterator_stops_within_a_step(generator: Generator, taken: Taken) -> None:
    messages = generator.generate(whole_request(seed=11, num_inference_steps=200))
    first = await anext(messages)
    assert isinstance(first, StepDone)
    await messages.aclose()  # type: ignore[attr-defined]
    before = len(taken.steps)
    await collect(generator, whole_request(seed=12))
    assert taken.steps[before:].count(11) <= 2


async def test_a_poisoned_request_fails_alone(generator: Generator, taken: Taken) -> None:
    good, bad = await asyncio.gather(
        collect(generator, whole_request(seed=1)),
        collect(generator, whole_request(seed=2, prompt="poison")),
        return_exceptions=True,
    )
    assert isinstance(good, list)
    assert isinstance(bad, StageError)
    assert "ZeroDivisionError" in str(bad)
    assert "secret" not in str(bad)
    generator.check_health()


async def test_a_deadline_that_cannot_be_met_is_refused(generator: Generator, taken: Taken) -> None:
    with pytest.raises(DeadlineMissed):
        await collect(generator, whole_request(num_inference_steps=200, deadline_seconds=1e-4))
    assert taken.calls == []


async def test_a_bad_request_is_refused_by_its_field(generator: Generator) -> None:
    with pytest.raises(StageError, match="multiples of") as refused:
        await collect(generator, whole_request(width=SIDE + 1))
    assert refused.value.field == "size"


async def test_a_request_wears_its_lora_and_the_next_does_not(
    generator: Generator, folder: Path, lora: LoraConfig
) -> None:
    bare = picture(await collect(generator, whole_request()))
    dressed = picture(await collect(generator, whole_request(loras=(AppliedLora(lora="icons", strength=0.8),))))
    assert dressed != bare
    assert picture(await collect(generator, whole_request())) == bare
    recorded = Recorded()
    fused = Generator(whole_config(folder, "z-image"), fused=[FusedLora(lora, 0.8)], metrics=lambda: recorded)
    assert picture(await collect(fused, whole_request())) == dressed
    fused.close()
    assert {dict(tags)["model"] for _, tags in (*recorded.gauges, *recorded.values)} == {"tiny+icons@0.8"}


def test_a_lora_changes_what_diffusers_says_it_changes(folder: Path, lora: LoraConfig) -> None:
    from deployments.families.pipelines import load

    asked = whole_request()
    ours = load(whole_config(folder, "z-image"), [FusedLora(lora, 0.8)]).render([asked], lambda *_: None)
    stock = parts.ZImagePipeline.from_pretrained(folder)
    stock.load_lora_weights(lora.weights.path, weight_name="lora.safetensors", adapter_name="icons")
    stock.set_adapters("icons", 0.8)
    theirs = stock(
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        width=SIDE,
        height=SIDE,
        num_inference_steps=STEPS,
        guidance_scale=asked.guidance_scale,
        generator=torch.Generator().manual_seed(asked.seed),
        output_type="pt",
    ).images
    assert difference(ours, theirs) <= 1e-5


def test_the_state_names_weights_and_speed(generator: Generator) -> None:
    state = generator.state()
    assert (state.model, state.device, state.dtype) == ("tiny", "cpu", "float32")
    assert len(state.weights) == 64
    assert state.seconds_per_step > 0
    assert generator.record_routing_stats()["loras"] == []


async def test_closing_answers_everyone_who_waits(folder: Path) -> None:
    generator = Generator(whole_config(folder, "z-image"))
    tasks = [
        asyncio.create_task(collect(generator, whole_request(seed=seed, num_inference_steps=200))) for seed in range(3)
    ]
    await asyncio.sleep(0.05)
    await asyncio.to_thread(generator.close)
    assert all(isinstance(end, StageUnavailable) for end in await asyncio.gather(*tasks, return_exceptions=True))
    with pytest.raises(StageUnavailable):
        generator.check_health()


async def test_a_model_that_only_edits_warms_up_with_a_picture_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as stock

    for name in ("VAE_IMAGE_SIZE", "CONDITION_IMAGE_SIZE"):
        monkeypatch.setattr(stock, name, 64 * 64)  # those of the real sizes are slow
    config = whole_config(save_qwen_edit(tmp_path), "qwen-image", variant="edit", guidance_scale=4.0)
    editing = Generator(config)
    asked = [whole_request(seed=seed, references=(painting(64, 64, seed),)) for seed in (1, 2)]
    one, other = await asyncio.gather(*(collect(editing, each) for each in asked))
    with pytest.raises(StageError, match="changes 1 to 3 pictures"):
        await collect(editing, whole_request())
    editing.close()
    assert picture(one) != picture(other)
    assert editing.state().seconds_per_step > 0
