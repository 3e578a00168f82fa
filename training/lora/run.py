"""One run from its first step, or from a checkpoint, to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from configs.training import TrainingSettings
from deployments.families.training import Trainable
from training.lora import checkpoints, optimisers
from training.lora.adapter import Adapter
from training.lora.average import Average
from training.lora.checkpoints import Checkpoint, Progress
from training.lora.events import Ended, Event, Sampled, Saved, Stepped, StopCode, Stopped, Validated, Wish
from training.lora.layouts import from_diffusers, to_diffusers
from training.lora.lessons import Lessons
from training.lora.loss import Learner
from training.lora.noise import generator
from training.lora.samples import Samples
from training.lora.validation import Validation
from training.lora.watch import Watch

_WISHES: Mapping[Wish, tuple[StopCode, str]] = {
    Wish.GIVE_WAY: ("give_way", "it gave way to other work, and goes on where it is"),
    Wish.CANCEL: ("cancel", "it was canceled"),
}


@dataclass(frozen=True, slots=True)
class Material:
    """What a run works on, all of it encoded."""

    trainable: Trainable
    settings: TrainingSettings
    lessons: Lessons
    learner: Learner
    validation: Validation
    samples: Samples


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is kept, what names it, what its pipeline calls the denoiser; the header of its adapter's file."""

    folder: Path
    name: str
    component: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Taken:
    loss: float
    by_noise: Mapping[float, float]
    norm: float


class Run:
    """The state that training changes: adapter, optimiser, average, and how far it is."""

    def __init__(self, material: Material, adapter: Adapter, place: Place, newest: Path | None) -> None:
        """Goes on from the checkpoint `newest`, if there is one. Raises ConfigError for one that is damaged."""
        self._material, self._adapter, self._place = material, adapter, place
        self._settings = material.settings
        self._optimiser = optimisers.build(self._settings, adapter.parameters)
        self._average = Average(adapter.parameters, self._settings.ema) if self._settings.ema else None
        self._watch, self.step, self._before, self._saved = Watch(), 0, 0.0, newest
        if newest is not None:
            self._restore(checkpoints.read_checkpoint(newest))
        self._first, self._began = self.step, time.monotonic()

    def events(self, wanted: Callable[[], Wish]) -> Iterator[Event]:
        """All that happens from here on; `Ended` or `Stopped` is the last."""
        if self.step == 0:
            yield from self._looks()
        while self.step < self._settings.steps:
            if (wish := wanted()) is not Wish.GO_ON:
                yield from self._save()
                yield Stopped(self.step, *_WISHES[wish], checkpoint=self._saved)
                return
            began = time.monotonic()
            taken = self._take_step()
            if self._watch.lost(taken.loss, taken.norm):
                yield self._stop("not_a_number", self._where(taken))
                return
            self.step += 1
            yield self._stepped(taken, time.monotonic() - began)
            if self._watch.diverged(taken.loss):
                yield self._stop("diverged", "the loss has been three times what it was for 20 steps: lower 'rate'")
                return
            if self.step % self._settings.checkpoint_every == 0 or self.step == self._settings.steps:
                yield from self._save()
            yield from self._looks()
        yield from self._end()

    def _take_step(self) -> _Taken:
        """One step, or none where its loss or gradient is no number: what was learned is not touched then."""
        self._optimiser.zero_grad(set_to_none=True)
        total = 0.0
        by_noise: dict[float, float] = {}
        for micro in range(self._settings.accumulation):
            loss, rows = self._learn(micro)
            total, by_noise = total + loss, by_noise | rows
        norm = float(torch.nn.utils.clip_grad_norm_(self._adapter.parameters, self._settings.clip))
        if not self._watch.lost(total, norm):
            for group in self._optimiser.param_groups:
                group["lr"] = optimisers.rate_at(self.step, self._settings)
            self._optimiser.step()
            if self._average is not None:
                self._average.add()
        return _Taken(total, by_noise, norm)

    def _learn(self, micro: int) -> tuple[float, dict[float, float]]:
        """Gradients of one batch, with its prior's where there is one; the loss, and that of each row."""
        settings, learner, lessons = self._settings, self._material.learner, self._material.lessons
        number = self.step * settings.accumulation + micro
        own = learner.loss(lessons.own(number), generator(settings.seed, "step", self.step, micro))
        mean = own.mean
        if prior := lessons.prior(number):
            kept = learner.loss(prior, generator(settings.seed, "prior", self.step, micro))
            mean = mean + settings.prior_weight * kept.mean
        mean = mean / settings.accumulation
        mean.backward()  # type: ignore[no-untyped-call]
        return float(mean.detach()), dict(own.by_noise)

    def _looks(self) -> Iterator[Event]:
        """Held-out loss and samples, where it is time for them."""
        settings, last = self._settings, self.step == self._settings.steps
        validation, samples = self._material.validation, self._material.samples
        if validation and (last or self.step % settings.validate_every == 0):
            with self._drawn():
                yield Validated(self.step, validation.losses())
        if samples and settings.sample_every and (last or self.step % settings.sample_every == 0):
            with self._drawn():
                pictures = samples.draw()
            yield Sampled(self.step, pictures)

    def _drawn(self) -> AbstractContextManager[None]:
        """While the adapter is the one that is saved to be drawn with."""
        return nullcontext() if self._average is None else self._average.worn()

    def _stepped(self, taken: _Taken, seconds: float) -> Stepped:
        gone = time.monotonic() - self._began
        left = gone / (self.step - self._first) * (self._settings.steps - self.step)
        rate = float(self._optimiser.param_groups[0]["lr"])
        return Stepped(self.step, self._settings.steps, taken.loss, taken.by_noise, taken.norm, rate, seconds, left)

    def _stop(self, code: StopCode, reason: str) -> Stopped:
        return Stopped(self.step, code, reason, checkpoint=self._saved)

    def _where(self, taken: _Taken) -> str:
        what = "gradient" if self._watch.lost(0, taken.norm) and not self._watch.lost(taken.loss, 0) else "loss"
        shares = ", ".join(f"{share:.2f}" for share in taken.by_noise)
        return (
            f"the {what} of step {self.step + 1} is no number (shares of noise {shares}); the last good checkpoint is "
            "kept: lower 'rate', or train in 'float32'"
        )

    def _end(self) -> Iterator[Event]:
        if self._saved is None or checkpoints.read_progress(self._saved).step != self.step:
            yield from self._save()
        assert self._saved is not None
        yield Ended(self.step, self._saved, self._spent())

    def _spent(self) -> float:
        return self._before + time.monotonic() - self._began

    def _save(self) -> Iterator[Event]:
        """Write a checkpoint, unless this step has one."""
        if self._saved is not None and checkpoints.read_progress(self._saved).step == self.step:
            return
        state, rest = optimisers.state_of(self._optimiser)
        state = {f"state.{name}": value for name, value in state.items()}
        if self._average is not None:
            state |= {f"weights.{name}": value for name, value in self._adapter.state().items()}
            state |= {f"average.{name}": value for name, value in self._average.state().items()}
        with self._drawn():
            drawn = to_diffusers(self._adapter.state(), self._place.component)
        progress = Progress(self.step, self._watch.losses, self._place.name, self._spent())
        checkpoint = Checkpoint(progress, drawn, state, rest)
        self._saved = checkpoints.save_checkpoint(
            self._place.folder, checkpoint, self._place.metadata, self._settings.model_dump(mode="json")
        )
        yield Saved(self.step, self._saved)

    def _restore(self, checkpoint: Checkpoint) -> None:
        held = {prefix: _under(checkpoint.optimiser, prefix) for prefix in ("state", "weights", "average")}
        self._adapter.load(held["weights"] or from_diffusers(checkpoint.adapter, self._place.component))
        optimisers.restore(self._optimiser, held["state"], checkpoint.rest)
        if self._average is not None:
            self._average.load(held["average"])
        progress = checkpoint.progress
        self._watch, self.step, self._before = Watch(progress.losses), progress.step, progress.seconds


def _under(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(f"{prefix}."): value for name, value in tensors.items() if name.startswith(f"{prefix}.")}
