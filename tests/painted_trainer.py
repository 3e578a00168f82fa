"""A trainer and a judge that learn nothing and look at nothing, and tell all that real ones do: for what shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from configs.catalog import Installation
from configs.judgement import GridPrompt, JudgedAdapter, Judgement, Mark, MeasureName, Pick
from configs.schema import Size
from router.files import open_files
from tests.trainers import CountingTrainer
from training.lora.comparison import Comparison
from training.lora.events import Event, Saved, Wish
from training.lora.events import Sampled as SamplesOf
from training.lora.judging.events import Judged, Judging, JudgingEvent
from training.lora.lesson import Running, Task
from training.lora.replica import TrainerReplica

_COPIES = "draws pictures of the set where other subjects are asked for (copying 0.40, at most 0.34)"


class PaintedTrainer(CountingTrainer):
    """Draws a square of another colour for each prompt at each checkpoint."""

    def begin(self, task: Task) -> Running:  # type: ignore[override]  # it tells more than what it counts
        return _Painting(super().begin(task), task)


@dataclass(frozen=True)
class _Painting:
    counting: Running
    task: Task

    def run(self, wanted: Callable[[], Wish]) -> Iterator[Event]:
        for event in self.counting.run(wanted):
            yield event
            if isinstance(event, Saved):
                count = len(self.task.settings.sample_prompts)
                yield SamplesOf(event.step, tuple(_square(event.step, place) for place in range(count)))


def painted_judge(asked: Comparison, trigger: str, dataset: str, wanted: Callable[[], Wish]) -> Iterator[JudgingEvent]:
    """Recommends the first checkpoint at 0.8, and lets the last one fail."""
    steps = sorted(asked.adapters)
    judged = [_look(step, 1.0, _COPIES if step == steps[-1] and len(steps) > 1 else None) for step in steps]
    judged.append(_look(steps[0], 0.8, None))
    yield Judging(steps[0], 0.8, 0.5)
    judgement = Judgement(
        model=asked.model.id,
        base="painted",
        dataset=dataset,
        trigger=trigger,
        prompts=(GridPrompt(text="a bell, kestrel style", kind="unseen", subject="a bell"),),
        seeds=(1, 2),
        size=Size(width=64, height=64),
        steps=4,
        guidance=3.5,
        looked=("pixels",),
        adapters=dict.fromkeys(steps, "0" * 64),
        judged=tuple(judged),
        pick=Pick(step=steps[0], strength=0.8, recommended=True, reasons=("no other that passes looks better",)),
        others=(Pick(step=steps[-1], strength=1.0, recommended=False, reasons=(_COPIES,)),),
    )
    yield Judged(judgement, _square(0, 0).resize((640, 320)))


def painted_replica(installation: Installation, trainer: CountingTrainer, folder: Path) -> TrainerReplica:
    """The real replica for mini, with these two in it."""
    files, model = partial(open_files, installation), installation.catalog.models["mini"]
    return TrainerReplica(model, files, folder, trainer.begin, painted_judge)


def _look(step: int, strength: float, failed: str | None) -> JudgedAdapter:
    marks: dict[MeasureName, Mark] = {
        "style": Mark(value=0.5 + step / 1000, error=0.02),
        "drift": Mark(value=step / 1000, error=0.01),
    }
    return JudgedAdapter(step=step, strength=strength, marks=marks, failed=() if failed is None else (failed,))


def _square(step: int, place: int) -> Image.Image:
    image = Image.new("RGB", (64, 64), "#f5ebdc")
    image.paste((37 * step % 256, 91 * (place + 1) % 256, 160), (16, 16, 48, 48))
    return image
