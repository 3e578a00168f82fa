"""Whatever arrives, leaves, fails or is evicted meanwhile: every picture is the one that its request gives alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from safetensors.torch import save_file

from configs.errors import AtelierError, DeadlineMissed, StageError
from configs.schema import AppliedLora, LicencePart, LoraConfig
from configs.weights import Weights
from deployments.engine.curve import CostCurve
from deployments.engine.flight import Drawn, Event, Ticket
from deployments.engine.metrics import OfModel, Recorded
from deployments.engine.turns import Limits, Turns
from deployments.families.registry import FAMILIES
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest, Picture, StepDone
from tests.deployments.tiny import SIZES, request, save_tiny, tiny_config

PROMPTS = ("a red bicycle", "a blue mug", "a blue mug, flat icon")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a history does not shrink in useful time
PROBE = 10**6  # the seed of a picture that no history asks for
RANKS = {"ink": 4, "soft": 8, "bold": 8, "grain": 16, "wide": 32}  # the last is too large for a slot: merged
LAYERS = (
    "transformer_blocks.0.attn.to_q",
    "transformer_blocks.0.attn.to_out.0",
    "single_transformer_blocks.0.proj_out",
)


class Watched:
    """A family that fails when it is told to, and remembers the latents of every picture by its seed."""

    def __init__(self, family: Any) -> None:
        self._family = family
        self.poisoned: set[int] = set()
        self.stumbles = 0
        self.latents: dict[int, torch.Tensor] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._family, name)

    def step(self, states: Sequence[Any]) -> None:
        if self.stumbles:
            self.stumbles -= 1
            raise RuntimeError("the device hiccuped")
        if any(state.generator.initial_seed() in self.poisoned and state.step >= 1 for state in states):
            raise ZeroDivisionError("a request that the model cannot bear")
        self._family.step(states)

    def decode(self, state: Any) -> Picture:
        self.latents[state.generator.initial_seed()] = state.latents.clone()
        picture: Picture = self._family.decode(state)
        return picture


@cache
def tiny() -> tuple[Any, Any, tuple[LoraConfig, ...]]:
    """A family, its config with few slots, and LoRAs of several ranks: made once for all histories."""
    folder = Path(mkdtemp())
    config = tiny_config(save_tiny(folder / "model"), lora_slots={8: 2, 16: 1})
    family = FAMILIES.find("flux")(config)
    configs = []
    for seed, (name, rank) in enumerate(RANKS.items()):
        save_file(_lora(family, rank, seed), folder / f"{name}.safetensors")
        weights, part = Weights(path=str(folder / f"{name}.safetensors")), LicencePart(part="lora", licence="mit")
        configs.append(LoraConfig(id=name, name=name, family="flux", weights=weights, licence_parts=(part,)))
    return family, config, tuple(configs)


def _lora(family: Any, rank: int, seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    tensors = {}
    for layer in LAYERS:
        weight = family.anatomy.weights[("transformer", layer)]
        tensors[f"transformer.{layer}.lora_A.weight"] = torch.randn(rank, weight.shape[1]) * 0.3
        tensors[f"transformer.{layer}.lora_B.weight"] = torch.randn(weight.shape[0], rank) * 0.3
    return tensors


@cache
def alone(asked: GenerateRequest) -> torch.Tensor:
    """The latents of `asked` drawn by itself, in slots that nobody else uses."""
    family, config, loras = tiny()
    adapters = wardrobe(family, config, loras)
    here = threading.Event()
    lease = adapters.ask(asked.loras, here.set)
    if asked.loras:
        here.wait(30)
    adapters.settle()
    assert lease.error is None
    adapters.wear(lease.exclusive)
    state = family.start(asked, family.encode(asked.prompt, asked.negative_prompt), lease.selection())
    while state.step < state.steps:
        family.step([state])
    lease.release()
    _empty(adapters)
    latents: torch.Tensor = state.latents
    return latents


def _empty(adapters: Any) -> None:
    """Leave the family's slots as they were found."""
    for name in adapters.resident():
        adapters._slots.drop(adapters.residency.evict(name))
    adapters.close()


def _used(name: str) -> st.SearchStrategy[AppliedLora]:
    return st.builds(AppliedLora, lora=st.just(name), strength=st.sampled_from((0.5, 1.0)))


uses = st.lists(st.sampled_from(sorted(RANKS)), max_size=2, unique=True).flatmap(
    lambda names: st.tuples(*(_used(name) for name in names))
)


class EngineHistory(RuleBasedStateMachine):
    """Requests come and go in any order; turns are taken in between."""

    @initialize(rows=st.sampled_from((1, 3, 8)))
    def begin(self, rows: int) -> None:
        family, config, loras = tiny()
        for slot in [*family.slots._held]:  # of a history that failed
            family.slots.drop(slot)
        self.seeds = iter(range(PROBE))
        self.threads = threading.active_count()
        self.family, self.metrics = Watched(family), OfModel(Recorded(), "tiny")
        self.adapters = wardrobe(self.family, config, loras, self.metrics)
        self.woken = threading.Event()
        self.now = 0.0
        self.turns = Turns(
            self.family, self.adapters, CostCurve(family.size), Limits(rows=rows, started=6), self.metrics,
            self.clock, request(num_inference_steps=1, seed=PROBE),
        )  # fmt: skip
        self.tickets: list[Ticket] = []
        self.events: dict[int, list[Event]] = {}

    def clock(self) -> float:
        self.now += 0.001
        return self.now

    @rule(prompt=st.sampled_from(PROMPTS), steps=st.integers(1, 5), size=st.sampled_from(SIZES), loras=uses)
    def submit(self, prompt: str, steps: int, size: Any, loras: tuple[AppliedLora, ...]) -> None:
        self._hand_in(
            request(
                prompt=prompt, num_inference_steps=steps, seed=next(self.seeds), width=size.width, height=size.height,
                loras=loras,
            )
        )  # fmt: skip

    @rule(data=st.data())
    def submit_again(self, data: st.DataObject) -> None:
        if self.tickets:
            self._hand_in(data.draw(st.sampled_from(self.tickets)).request)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.tickets:
            data.draw(st.sampled_from(self.tickets)).canceled.set()

    @rule(data=st.data())
    def poison(self, data: st.DataObject) -> None:
        if self.tickets:
            self.family.poisoned.add(data.draw(st.sampled_from(self.tickets)).request.seed)

    @rule()
    def stumble(self) -> None:
        self.family.stumbles = 1

    @rule(turns=st.integers(1, 4))
    def take(self, turns: int) -> None:
        for _ in range(turns):
            self.turns.take()

    @invariant()
    def nobody_hears_after_the_end(self) -> None:
        for heard in getattr(self, "events", {}).values():
            assert all(isinstance(event, StepDone) for event in heard[:-1])
            steps = [event.step for event in heard if isinstance(event, StepDone)]
            assert steps == sorted(set(steps))

    def teardown(self) -> None:
        if not hasattr(self, "turns"):
            return
        self._finish()
        assert self.turns.empty
        assert all(self.adapters.residency.idle(name) for name in self.adapters.resident())
        _empty(self.adapters)
        assert self.family.slots.free(8) == 3
        for ticket in self.tickets:
            self._check(ticket)

    def _hand_in(self, asked: GenerateRequest) -> None:
        heard: list[Event] = []
        ticket = Ticket(asked, heard.append, self.clock())
        self.events[id(ticket)] = heard
        self.tickets.append(ticket)
        self.turns.join(ticket, self.woken.set)

    def _finish(self) -> None:
        while not self.turns.empty:
            if self.turns.idle:
                assert self.woken.wait(30)
                self.woken.clear()
            self.turns.take()

    def _check(self, ticket: Ticket) -> None:
        heard = self.events[id(ticket)]
        last = heard[-1] if heard else None
        if isinstance(last, Drawn):
            expected, found = alone(ticket.request), self.family.latents[ticket.request.seed]
            assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
        elif isinstance(last, AtelierError):
            assert isinstance(last, StageError)
            assert ticket.request.seed in self.family.poisoned or "hiccup" not in str(last)
        else:
            assert ticket.canceled.is_set(), heard


def _turns(clock: Callable[[], float]) -> tuple[Turns, Any]:
    family, config, loras = tiny()
    adapters = wardrobe(family, config, loras)
    metrics = OfModel(Recorded(), "tiny")
    return Turns(family, adapters, CostCurve(family.size), Limits(), metrics, clock, request()), adapters


@pytest.mark.slow
def test_a_deadline_counts_also_when_who_had_none_has_left() -> None:
    now = [0.0]
    turns, adapters = _turns(lambda: now[0])
    patient, hurried = list[Event](), list[Event]()
    first = Ticket(request(num_inference_steps=50), patient.append, 0.0)
    second = Ticket(request(num_inference_steps=50, deadline_seconds=1.0), hurried.append, 0.0)
    for ticket in (first, second):
        turns.join(ticket, lambda: None)
    first.canceled.set()
    now[0] = 2.0
    turns.take()
    assert not patient
    assert isinstance(hurried[-1], DeadlineMissed)
    assert turns.empty
    adapters.close()


@pytest.mark.slow
def test_a_request_that_cannot_even_be_looked_at_is_answered() -> None:
    turns, adapters = _turns(lambda: 0.0)
    heard = list[Event]()
    turns.join(Ticket(request(num_inference_steps="many"), heard.append, 0.0), lambda: None)
    assert isinstance(heard[-1], StageError)
    assert turns.empty
    adapters.close()


TestEngineHistory = pytest.mark.slow(EngineHistory.TestCase)
TestEngineHistory.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES
)
