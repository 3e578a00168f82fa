"""A trainer that learns nothing, and as exactly as the real one: what it says depends on what it went on from."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from configs.judgement import JudgedAdapter, Judgement, Mark, MeasureName, Pick
from configs.schema import Size
from training.lora.comparison import Comparison
from training.lora.events import Began, Ended, Event, Saved, Stepped, Stopped, Validated, Wish
from training.lora.judging.events import Judged, Judging, JudgingEvent, JudgingStopped
from training.lora.lesson import Task

ADAPTER = b'{"__metadata__":{"format":"pt"}}'


@dataclass
class CountingTrainer:
    """Each loss is a hash of the one before. `begun` is where each run began; `fail` maps a step to an error that comes
    there once, `stuck` to a step after which nothing comes until it is halted."""

    step_seconds: float = 0.0
    begun: list[int] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    fail: dict[int, Exception] = field(default_factory=dict)
    stuck_at: int | None = None
    diverge_at: int | None = None

    def begin(self, task: Task) -> CountingRun:
        return CountingRun(self, task)


class CountingRun:
    def __init__(self, trainer: CountingTrainer, task: Task) -> None:
        self._trainer, self._task = trainer, task

    def run(self, wanted: Callable[[], Wish]) -> Iterator[Event]:
        trainer, steps = self._trainer, self._task.settings.steps
        step, state = self._restore()
        trainer.begun.append(step)
        yield Began(step, steps, 0.01, 1000, 10**6)
        while step < steps:
            while trainer.stuck_at == step and wanted() is Wish.GO_ON:
                time.sleep(0.005)
            if (wish := wanted()) is not Wish.GO_ON:
                yield self._save(step, state)
                yield Stopped(step, wish.value, f"it was told to {wish.value}", self._folder(step))
                return
            if step in trainer.fail:
                raise trainer.fail.pop(step)
            if step == trainer.diverge_at:
                yield Stopped(step, "not_a_number", f"the loss of step {step + 1} is no number", self._folder(step))
                return
            time.sleep(trainer.step_seconds)
            step, state = step + 1, hashlib.sha256(f"{state}{self._task.settings.seed}{step}".encode()).hexdigest()
            trainer.taken.append(step)
            loss = int(state[:6], 16) / 0xFFFFFF
            yield Stepped(step, steps, loss, {0.5: loss}, 1.0, 1e-3, 0.01, 0.01 * (steps - step))
            if step % self._task.settings.checkpoint_every == 0 or step == steps:
                yield self._save(step, state)
                yield Validated(step, {0.1: loss, 0.9: loss})
        yield Ended(step, self._folder(step), 1.0)

    def _folder(self, step: int) -> Path:
        return self._task.folder / f"step-{step:06d}"

    def _restore(self) -> tuple[int, str]:
        found = max(self._task.folder.glob("step-*"), default=None)
        if found is None:
            return 0, ""
        state = json.loads((found / "state.json").read_text())
        return state["step"], state["state"]

    def _save(self, step: int, state: str) -> Saved:
        folder = self._folder(step)
        folder.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"__metadata__": {"step": str(step), "state": state}}).encode()
        (folder / "adapter.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
        (folder / "optimizer.safetensors").write_bytes(b"moments of " + state.encode())
        (folder / "state.json").write_text(json.dumps({"step": step, "state": state}))
        return Saved(step, folder)


@dataclass
class CountingJudge:
    """Likes the earliest, at 0.8. `styles` are what it says of one training after the other; None: that it recommends
    none of it."""

    styles: list[Mark | None] = field(default_factory=lambda: [Mark(value=0.9, error=0.02)])
    count: int = 0

    def __call__(
        self, asked: Comparison, trigger: str, dataset: str, wanted: Callable[[], Wish]
    ) -> Iterator[JudgingEvent]:
        first = min(asked.adapters)
        yield Judging(first, 1.0, 0.5)
        if wanted() is not Wish.GO_ON:
            yield JudgingStopped(0.5)
            return
        style = self.styles[self.count % len(self.styles)]
        self.count += 1
        yield Judged(self._document(asked, trigger, dataset, first, style), Image.new("RGB", (8, 8)))

    def _document(self, asked: Comparison, trigger: str, dataset: str, step: int, style: Mark | None) -> Judgement:
        marks: dict[MeasureName, Mark] = {} if style is None else {"style": style}
        failed = ("no longer draws what is asked for",) if style is None else ()
        reasons = ("none of them can be recommended", "draw more pictures") if style is None else ("it came first",)
        return Judgement(
            model=asked.model.id,
            base="counted",
            dataset=dataset,
            prompts=(),
            seeds=(1,),
            size=Size(width=64, height=64),
            steps=1,
            guidance=1.0,
            looked=(trigger,),
            adapters={},
            judged=(JudgedAdapter(step=step, strength=0.8, marks=marks, failed=failed),),
            pick=Pick(step=step, strength=0.8, recommended=style is not None, reasons=reasons),
        )
