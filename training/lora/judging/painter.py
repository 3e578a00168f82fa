"""Who draws the grid: the family that serves, with its weights and precision, and the adapter as requests wear it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from PIL import Image

from configs.schema import ModelConfig, Size
from deployments.families.family import AnyFamily
from deployments.families.registry import FAMILIES
from deployments.loras.changes import LowRank
from deployments.loras.effect import Model
from deployments.loras.keys import Place
from deployments.loras.merged import Merged, Part
from deployments.loras.preflight import Checked, check_file
from deployments.loras.slots import Adapter, Selection
from deployments.messages import GenerateRequest, Picture
from deployments.pipelines.whole import Whole
from training.lora.judging.grid import Shot

_BATCH_PIXELS = 2 * 2**20
_MOST_ROWS = 8


class Worn(Protocol):
    """An adapter that is on."""

    def draw(self, shots: Sequence[Shot]) -> list[Image.Image]:
        """Each shot's picture, at most `Painter.batch` of them. Raises StageError where the model loses one."""
        ...


class Painter(Protocol):
    """Draws shots, with an adapter or without."""

    model: str
    weights: str
    size: Size
    steps: int
    guidance: float
    batch: int

    def wearing(self, adapter: Path | None, strength: float) -> AbstractContextManager[Worn]:
        """With the adapter in that file, as long as the context is open; without one for None. Raises ConfigError for
        a file that does not pass the preflight."""
        ...


@dataclass(frozen=True)
class _Dressed:
    """The model with what is selected of its slots."""

    painter: ServingPainter
    selection: Selection

    def draw(self, shots: Sequence[Shot]) -> list[Image.Image]:
        return self.painter.draw(shots, self.selection)


class ServingPainter:
    """Over a model as it is loaded to serve. Nothing else may use it meanwhile."""

    def __init__(self, model: Model, config: ModelConfig, steps: int | None = None) -> None:
        """`steps` are those of the fastest quality if absent: what checkpoints differ in shows in a draft."""
        self._model, self.model, self.weights = model, config.id, model.weights
        self.size = config.native_sizes[0]
        self.steps = steps or min(config.steps.values())
        self.guidance = config.guidance_scale
        self.batch = max(1, min(_MOST_ROWS, _BATCH_PIXELS // self.size.pixels))
        self._whole = FAMILIES.table().find(config.family, config.variant).engine == "pipeline"

    @contextmanager
    def wearing(self, adapter: Path | None, strength: float) -> Iterator[Worn]:
        if adapter is None or strength == 0:
            yield _Dressed(self, ())
            return
        checked = check_file(
            adapter, self._model.anatomy, self._model.slots.largest, f"checkpoint {adapter.parent.name}"
        )
        in_slot = None if self._whole else self._slotted(checked)
        with self._in_slot(in_slot, strength) if in_slot else self._merged(checked, strength) as worn:
            yield worn

    def draw(self, shots: Sequence[Shot], selection: Selection) -> list[Image.Image]:
        requests = [self._request(shot) for shot in shots]
        if self._whole:
            pictures = cast(Whole, self._model).draw(requests, lambda _step, _steps: None)
        else:
            pictures = _stepped(cast(AnyFamily, self._model), requests, selection)
        return [Image.frombytes("RGB", (one.width, one.height), one.rgb) for one in pictures]

    def _request(self, shot: Shot) -> GenerateRequest:
        return GenerateRequest(
            request_id="judge",
            prompt=shot.prompt.text,
            negative_prompt="",
            width=self.size.width,
            height=self.size.height,
            seed=shot.seed,
            num_inference_steps=self.steps,
            guidance_scale=self.guidance,
        )

    def _slotted(self, checked: Checked) -> Adapter | None:
        """The adapter as slots hold it; None for what only merging can wear."""
        changes, slots = checked.converted.changes, self._model.slots
        low = {place.module: change for place, change in changes.items() if isinstance(change, LowRank)}
        if checked.report.exclusive or len(low) != len(changes) or not low.keys() <= {*slots.targets}:
            return None
        adapter = Adapter("judged", "", checked.converted.rank, low, sum(change.nbytes for change in low.values()))
        return adapter if slots.fits(adapter) else None

    @contextmanager
    def _in_slot(self, adapter: Adapter, strength: float) -> Iterator[Worn]:
        slot = self._model.slots.put(adapter)
        try:
            yield _Dressed(self, ((slot, strength),))
        finally:
            self._model.slots.drop(slot)

    @contextmanager
    def _merged(self, checked: Checked, strength: float) -> Iterator[Worn]:
        changes: dict[Place, object] = {**checked.converted.changes}
        merged = Merged(self._model.anatomy)
        merged.apply("judged", [Part(cast("dict[Place, LowRank]", changes), strength)])
        try:
            yield _Dressed(self, ())
        finally:
            merged.clear()


def _stepped(family: AnyFamily, requests: Sequence[GenerateRequest], selection: Selection) -> list[Picture]:
    """All in one batch, each as it would be alone."""
    states = [family.start(one, family.encode(one.prompt, one.negative_prompt), selection) for one in requests]
    while going := [state for state in states if state.step < state.steps]:
        family.step(going)
    return [cast(Picture, family.decode(state)) for state in states]
