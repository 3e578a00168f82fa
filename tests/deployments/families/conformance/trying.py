"""A row of the registry, loaded once: whatever it is asked for, drawn by the family itself and by its pipeline."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from configs.capabilities import Capabilities
from configs.schema import LoraConfig, ModelConfig
from deployments.families.registry import FAMILIES
from deployments.loras.keys import Anatomy
from deployments.loras.loading import Adapters, Lease
from deployments.loras.wardrobe import wardrobe
from deployments.messages import GenerateRequest
from tests.deployments import asking
from tests.deployments.diffusers_alone import painting
from tests.deployments.families.conformance.cells import LORA, Cell, cells
from tests.deployments.families.conformance.tinies import Tiny
from tests.deployments.loras.published import configured, save

RANK = 4


@dataclass(repr=False, eq=False)
class Tried:
    """One variant of a family, with its tiny weights in `folder`."""

    can: Capabilities
    tiny: Tiny
    config: ModelConfig
    folder: Path
    lora_folder: Path
    _drawn: dict[GenerateRequest, torch.Tensor] = field(default_factory=dict)

    @cached_property
    def model(self) -> Any:
        """The family, loaded."""
        return FAMILIES.find(self.config.family)(self.config)

    @cached_property
    def loras(self) -> list[LoraConfig]:
        """What requests may wear: one LoRA of random numbers in diffusers' layout, where the family takes any."""
        if not self.can.lora:
            return []
        file = save(self.lora_folder, LORA, random_lora(self.model.anatomy))
        return [configured(file, family=self.config.family)]

    @cached_property
    def adapters(self) -> Adapters:
        return wardrobe(self.model, self.config, self.loras)

    @cached_property
    def cells(self) -> list[Cell]:
        return cells(self.can, self.config, self.tiny)

    def stock(self, asked: GenerateRequest) -> torch.Tensor:
        """What the family's own pipeline draws, alone; drawn once."""
        if asked not in self._drawn:
            worn = [(load_file(str(self.loras[0].weights.path)), use.strength) for use in asked.loras]
            self._drawn[asked] = self.tiny.stock(self.folder, asked, worn)
        return self._drawn[asked]

    def company(self) -> list[GenerateRequest]:
        """The requests of all cells at once; of a family that is called whole each with another of its call."""
        asked = [cell.asked for cell in self.cells]
        return asked if self.can.engine == "steps" else asked + [_other(each) for each in asked]

    def draw(self, asked: Sequence[GenerateRequest]) -> list[torch.Tensor]:
        """What the family draws of them, as many at once as it says may be."""
        leases = [self._lease(each) for each in asked]
        try:
            draw = self._in_calls if self.can.engine == "pipeline" else self._in_steps
            return draw(asked, leases)
        finally:
            for lease in leases:
                lease.release()
            self.adapters.settle()

    def batches(self, asked: Sequence[GenerateRequest]) -> list[list[int]]:
        """Which of them share calls: steps in one bucket or on one canvas, or equal calls."""
        found: list[list[int]] = []
        for index, each in enumerate(asked):
            batch = next((batch for batch in found if self._fits(each, [asked[other] for other in batch])), None)
            if batch is None:
                found.append([index])
            else:
                batch.append(index)
        return found

    def _fits(self, asked: GenerateRequest, batch: Sequence[GenerateRequest]) -> bool:
        if self.can.engine == "pipeline":
            return self._call(asked) == self._call(batch[0])
        return self.model.canvas([self.model.work(each).bucket for each in (*batch, asked)]) is not None

    def _call(self, asked: GenerateRequest) -> Hashable:
        """What requests share that are drawn in one call."""
        worn = tuple((use.lora, use.strength) for use in asked.loras)
        followed = tuple((each.kind, each.scale, each.start, each.end) for each in asked.controls)
        counted = asked.num_inference_steps, asked.guidance_scale, asked.strength
        return self.model.work(asked).bucket, *counted, followed, worn

    def _lease(self, asked: GenerateRequest) -> Lease:
        read = threading.Event()
        lease = self.adapters.ask(asked.loras, read.set)
        assert not asked.loras or read.wait(60)
        self.adapters.settle()
        if lease.error is not None:
            raise lease.error
        return lease

    def _in_steps(self, asked: Sequence[GenerateRequest], leases: Sequence[Lease]) -> list[torch.Tensor]:
        model, drawn = self.model, dict[int, torch.Tensor]()
        for batch in self.batches(asked):
            states = []
            for index in batch:
                assert leases[index].exclusive is None, "a LoRA of linears alone goes into a slot"
                conditioning = model.encode(asked[index].prompt, asked[index].negative_prompt)
                states.append(model.start(asked[index], conditioning, leases[index].selection()))
            model.step(states[:1])  # the others join a step later
            while going := [state for state in states if state.step < state.steps]:
                model.step(going)
            drawn |= {index: state.latents for index, state in zip(batch, states, strict=True)}
        return [drawn[index] for index in range(len(asked))]

    def _in_calls(self, asked: Sequence[GenerateRequest], leases: Sequence[Lease]) -> list[torch.Tensor]:
        drawn: dict[int, torch.Tensor] = {}
        for batch in self.batches(asked):
            self.adapters.wear(leases[batch[0]].exclusive)
            pixels = self.model.render([asked[index] for index in batch], lambda *_: None)
            drawn |= {index: pixels[place : place + 1] for place, index in enumerate(batch)}
        self.adapters.wear(None)
        return [drawn[index] for index in range(len(asked))]


class Folders:
    """Tiny weights, each written once however many rows share them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._built: dict[Hashable, Path] = {}
        self._tried: dict[tuple[str, str], Tried] = {}

    def find(self, family: str, variant: str, tiny: Tiny) -> Tried:
        """The row, loaded at most once."""
        if (family, variant) not in self._tried:
            folder, loras = self._build(tiny), self._root / f"{family}-{variant}-loras"
            loras.mkdir()
            can = FAMILIES.table().find(family, variant)
            config = tiny.config(folder, lora_slots={8: 2} if can.engine == "steps" else {})
            self._tried[family, variant] = Tried(can, tiny, config, folder, loras)
        return self._tried[family, variant]

    def _build(self, tiny: Tiny) -> Path:
        if tiny.build not in self._built:
            folder = self._root / str(len(self._built))
            tiny.build(folder)
            self._built[tiny.build] = folder
        return self._built[tiny.build]


def random_lora(anatomy: Anatomy) -> dict[str, torch.Tensor]:
    """A strong change of the denoiser's attention, as diffusers saves it."""
    tensors: dict[str, torch.Tensor] = {}
    for place, weight in anatomy.weights.items():
        if place.component != anatomy.denoiser or not place.module.endswith(("to_q", "to_v", "to_out.0")):
            continue
        drawn = torch.Generator().manual_seed(len(tensors))
        down = torch.randn(RANK, weight.shape[1], generator=drawn) / weight.shape[1] ** 0.5
        up = torch.randn(weight.shape[0], RANK, generator=drawn) / weight.shape[0] ** 0.5
        name = f"{place.component}.{place.module}"
        tensors |= {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up * float(weight.detach().norm())}
    return tensors


def _other(asked: GenerateRequest) -> GenerateRequest:
    """One that shares a call with `asked`."""
    image = None if asked.image is None else painting(asked.width, asked.height, seed=90)
    other = asking.replace(asked, seed=asked.seed + 90, prompt="a much longer description of a blue mug", image=image)
    shown = painting(asked.width, asked.height, seed=91)
    return asking.replace(
        other,
        controls=tuple(
            asking.replace(each, image=image if each.image == asked.image else shown) for each in asked.controls
        ),
        references=tuple(painting(each.width, each.height, seed=92) for each in asked.references),
    )
