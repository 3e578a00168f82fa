"""Every kind of model that LoRAs are trained on, tiny: loaded for the trainer, and as it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from configs.schema import AppliedLora, ModelConfig
from configs.training import TrainingSettings
from deployments.families.registry import FAMILIES
from deployments.families.training import Conditions, Trainable, load_trainable
from deployments.messages import GenerateRequest
from tests.deployments.families.conformance.tinies import Tiny, find
from tests.deployments.families.conformance.trying import Tried
from tests.deployments.loras.published import configured
from training.lora.adapter import Adapter

ROWS = [
    (family, variant)
    for family, variants in FAMILIES.table().families.items()
    for variant, can in variants.items()
    if can.trains and not can.distilled
]
"""Of the table of families, those that are trained on as they are."""
SETTINGS = TrainingSettings(
    rank=4, alpha=6, steps=6, batch=2, rate=1e-3, precision="float32", validation_share=0, warm_up=2, checkpoint_every=3
)
every_row = pytest.mark.parametrize("row", ROWS, ids="-".join)
every_family = pytest.mark.parametrize("row", {row[0]: row for row in reversed(ROWS)}.values(), ids="-".join)


class Told(NamedTuple):
    """What a served step was told, and what it said: latents and velocity, or noise, as `predict` has them."""

    noisy: torch.Tensor
    timestep: float
    said: torch.Tensor


@dataclass(eq=False)
class Taught:
    """A tiny model of `row`, in `folder`."""

    row: tuple[str, str]
    folder: Path
    config: ModelConfig

    @property
    def tiny(self) -> Tiny:
        return find(*self.row)

    @cached_property
    def model(self) -> Trainable:
        """As it is trained on."""
        return load_trainable(self.config)

    @cached_property
    def _served(self) -> Any:
        return FAMILIES.find(self.row[0])(self.config)

    def request(self, **changes: Any) -> GenerateRequest:
        """Of words alone, unguided, unless guidance is embedded: one row a step."""
        size, embedded = self.config.native_sizes[-1], self.model.embeds_guidance
        scale = 3.5 if embedded else 0.0 if self.row[0] == "z-image" else 1.0
        asked = {"width": size.width, "height": size.height, "num_inference_steps": 2, "guidance_scale": scale}
        return self.tiny.ask(**(asked | changes))

    def serve(self, lora: Path | None = None, **changes: Any) -> Sequence[Told]:
        """The steps of a picture that the served model draws, wearing a LoRA or none."""
        can = FAMILIES.table().find(*self.row)
        tried = Tried(can, self.tiny, self.config, self.folder, self.folder)
        tried.__dict__["model"] = self._served
        worn = () if lora is None else (AppliedLora(lora=lora.stem, strength=1.0),)
        tried.__dict__["loras"] = [] if lora is None else [configured(lora, family=self.row[0])]
        with _recording() as seen:
            tried.draw([self.request(loras=worn, **changes)])
        for adapter in tried.adapters.residency.resident():
            self._served.slots.drop(tried.adapters.residency.evict(adapter))
        asked = self.request()
        return [Told(self.grid(each.noisy, asked), each.timestep, self.grid(each.said, asked)) for each in seen]

    def predict(self, told: Told) -> torch.Tensor:
        """What the trainer's own call says of the same latents."""
        asked = self.request()
        s = (told.timestep + (0.5 if self.row[0] == "sdxl" else 0.0)) / 1000
        guidance = torch.tensor([asked.guidance_scale]) if self.model.embeds_guidance else None
        with torch.no_grad():
            return self.model.predict(told.noisy, torch.tensor([s]), self.conditions([asked.prompt]), guidance)

    def conditions(self, captions: Sequence[str]) -> Sequence[Conditions]:
        return self.model.encode_text(captions)

    def grid(self, latents: torch.Tensor, asked: GenerateRequest) -> torch.Tensor:
        """Served latents as [1, C, h, w]."""
        unpack = _UNPACK.get(self.row[0])
        return (
            latents
            if unpack is None
            else unpack(latents, asked.height // self.model.unit, asked.width // self.model.unit)
        )

    def adapter(self, settings: TrainingSettings = SETTINGS, seed: int = 3) -> Adapter:
        """One that changes something, on the model; `remove` it."""
        adapter = Adapter(self.model, settings)
        numbers = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in adapter.parameters:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=numbers) / parameter.shape[-1] ** 0.5)
        return adapter


class Classroom:
    """The models of all rows, each built and loaded once."""

    def __init__(self, root: Path) -> None:
        self.find = lru_cache(self._find)
        self._root = root

    def _find(self, row: tuple[str, str]) -> Taught:
        folder, tiny = self._root / "-".join(row), find(*row)
        tiny.build(folder)
        slots = {8: 2} if FAMILIES.table().find(*row).engine == "steps" else {}
        return Taught(row, folder, tiny.config(folder, lora_slots=slots))


@contextmanager
def _recording() -> Iterator[list[Told]]:
    """All schedulers tell what their steps are given."""
    import diffusers

    parts: Any = diffusers
    seen: list[Told] = []
    classes = {
        each: each.step
        for each in (
            parts.FlowMatchEulerDiscreteScheduler,
            parts.EulerDiscreteScheduler,
            parts.UniPCMultistepScheduler,
        )
    }

    def recording(stock: Callable[..., Any]) -> Callable[..., Any]:
        def step(self: Any, model_output: Any, timestep: Any, sample: Any, *rest: Any, **more: Any) -> Any:
            seen.append(Told(_as_read(self, sample, timestep), float(timestep), model_output.clone()))
            return stock(self, model_output, timestep, sample, *rest, **more)

        return step

    for each, stock in classes.items():
        each.step = recording(stock)
    try:
        yield seen
    finally:
        for each, stock in classes.items():
            each.step = stock


def _as_read(scheduler: Any, sample: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
    """Latents as the model read them."""
    if type(scheduler).__name__ != "EulerDiscreteScheduler":
        return sample.clone()
    sigma: torch.Tensor = scheduler.sigmas[scheduler.index_for_timestep(timestep)]
    return sample / (sigma**2 + 1) ** 0.5


def _two_by_two(packed: torch.Tensor, height: int, width: int) -> torch.Tensor:
    grid = packed.reshape(len(packed), height, width, -1, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return grid.reshape(len(packed), -1, 2 * height, 2 * width)


def _tokens(packed: torch.Tensor, height: int, width: int) -> torch.Tensor:
    return packed.transpose(1, 2).reshape(len(packed), -1, height, width)


_UNPACK: Mapping[str, Callable[[torch.Tensor, int, int], torch.Tensor]] = {
    "flux": _two_by_two,
    "qwen-image": _two_by_two,
    "flux2": _tokens,
}
