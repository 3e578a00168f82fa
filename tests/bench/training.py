"""What the trainer costs beside a bare loop: `python -m tests.bench.training`. Both sides in one run, turn by turn.

The bare loop is what a script would do with the same latents and captions: noise, the transformer's own forward, the
mean squared error, backward, clip, AdamW. The trainer does the same through its protocol, watches, counts and tells.
Processor seconds are compared, since others may use the machine.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from configs.load import load_catalog
from deployments.families.training import Trainable
from training.lora.adapter import Adapter
from training.lora.base import load_base
from training.lora.cache import Cache, Lesson
from training.lora.events import Stepped
from training.lora.folder import read_folder
from training.lora.start import MINI
from training.lora.trainer import Trainer

EXAMPLE = Path("training/lora/examples/kestrel")
MOST = 1.05
"""The ratio that it may have."""


def main() -> None:
    """Measure, and print both sides and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.training", description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6, help="of each side in a turn")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = load_base(load_catalog().models["mini"], MINI)
    with tempfile.TemporaryDirectory() as folder:
        lessons = Cache(model, Path(folder)).lessons(read_folder(EXAMPLE), model.manner.side)
        pairs = [
            (_bare(model, lessons, options.steps), _trainer(model, options.steps, Path(folder) / str(turn)))
            for turn in range(options.turns)
        ]
    bare, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"bare loop {bare:.3f} s a step, trainer {ours:.3f} s a step, of processor time")  # noqa: T201
    print(f"ratio {statistics.median(one / other for other, one in pairs):.3f} (at most {MOST} is meant)")  # noqa: T201


def _bare(model: Trainable, lessons: list[Lesson], steps: int) -> float:
    """Processor seconds of a step."""
    adapter = Adapter(model, MINI)
    optimiser = torch.optim.AdamW(adapter.parameters, lr=1e-4)
    try:
        times = []
        for step in range(steps + 1):
            began = time.process_time()
            _step(model, lessons[4 * step % 20 :][:4], optimiser, adapter.parameters)
            times.append(time.process_time() - began)
        return statistics.median(times[1:])
    finally:
        adapter.remove()


def _step(model: Trainable, lessons: list[Lesson], optimiser: torch.optim.Optimizer, learned: list[Any]) -> None:
    pipeline: Any = model.pipeline
    clean = torch.cat([lesson.latents for lesson in lessons])
    noise, s = torch.randn_like(clean), torch.sigmoid(torch.randn(len(clean)))
    noisy = (1 - s.view(-1, 1, 1, 1)) * clean + s.view(-1, 1, 1, 1) * noise
    count, channels, height, width = clean.shape
    said = pipeline.transformer(
        hidden_states=pipeline._pack_latents(noisy, count, channels, height, width),
        timestep=s,
        guidance=torch.ones(count),
        pooled_projections=torch.cat([lesson.conditions["pooled"] for lesson in lessons]),
        encoder_hidden_states=torch.cat([lesson.conditions["tokens"] for lesson in lessons]),
        txt_ids=torch.zeros(lessons[0].conditions["tokens"].shape[1], 3),
        img_ids=pipeline._prepare_latent_image_ids(count, height // 2, width // 2, "cpu", torch.float32),
        return_dict=False,
    )[0]
    target = pipeline._pack_latents(noise - clean, count, channels, height, width)
    torch.nn.functional.mse_loss(said, target).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(learned, 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def _trainer(model: Trainable, steps: int, folder: Path) -> float:
    """Processor seconds of a step, from one event to the next."""
    changes = {"steps": steps + 1, "guidance": "plain", "validation_share": 0.0, "checkpoint_every": 1000}
    settings = MINI.model_copy(update=changes)
    events = Trainer(model, read_folder(EXAMPLE), settings, folder, cache=folder.parent).run()
    return statistics.median(list(_times(events))[1:])


def _times(events: Iterator[object]) -> Iterator[float]:
    began = time.process_time()
    for event in events:
        if isinstance(event, Stepped):
            yield time.process_time() - began
        began = time.process_time()


if __name__ == "__main__":
    main()
