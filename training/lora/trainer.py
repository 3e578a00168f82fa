"""The trainer: a generator of events. Whoever runs it is asked before each step whether it goes on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from configs.errors import ConfigError
from configs.training import TrainingSettings
from deployments.families.training import Trainable
from training.lora import checkpoints
from training.lora.adapter import Adapter
from training.lora.cache import Cache
from training.lora.events import Began, Event, Wish
from training.lora.layouts import component_of
from training.lora.lessons import Lessons, share_out
from training.lora.loss import Learner
from training.lora.memory import memory_in_use, saying_what_would_fit
from training.lora.pictures import TrainingPicture
from training.lora.run import Material, Place, Run
from training.lora.samples import Samples
from training.lora.saving import PEFT
from training.lora.validation import Validation

DONT_NAME = {"checkpoint_every", "validate_every", "sample_every", "sample_prompts", "gradient_checkpointing"}
"""Settings that change nothing of what is learned: a run goes on under others."""


class Trainer:
    """One run of a model on pictures, in a folder. It goes on from the newest whole checkpoint that lies there."""

    def __init__(
        self,
        trainable: Trainable,
        pictures: Sequence[TrainingPicture],
        settings: TrainingSettings,
        folder: Path,
        cache: Path | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """`cache` is where encoded pictures and captions lie, `folder`/cache if absent: runs of a sweep share one.
        `metadata` goes into the adapter's file, beside what loaders need.

        Raises ConfigError for too few pictures, and for a folder that holds another run.
        """
        self._trainable, self._settings, self._folder = trainable, settings, folder
        self._learned, self._held_out = share_out(pictures, settings)
        self._cache = Cache(trainable, cache or folder / "cache")
        self._metadata = dict(metadata or {})
        self._run = name_of(trainable, pictures, settings)
        self._newest = self._find_newest()

    def run(self, wanted: Callable[[], Wish] = lambda: Wish.GO_ON) -> Iterator[Event]:
        """Train, and tell of it. Ends with `Ended` or `Stopped`; the denoiser is as it was before, then.

        Raises StageError where memory or disk do not suffice, with what would; ConfigError for a damaged checkpoint.
        """
        began = time.monotonic()
        with saying_what_would_fit(self._settings):
            material = self._encode()
            adapter = Adapter(self._trainable, self._settings)
            try:
                run = Run(material, adapter, self._place(adapter), self._newest)
                cached = time.monotonic() - began
                in_use = memory_in_use(self._trainable.device)
                yield Began(run.step, self._settings.steps, cached, adapter.size, in_use)
                yield from run.events(wanted)
            finally:
                adapter.remove()

    def _place(self, adapter: Adapter) -> Place:
        component = component_of(self._trainable)
        metadata = self._metadata | {PEFT: adapter.described(component)}
        return Place(self._folder, self._run, component, metadata)

    def _encode(self) -> Material:
        """All that the encoders are needed for."""
        model, settings, cache = self._trainable, self._settings, self._cache
        side = settings.size or model.manner.side
        learned, held_out = cache.lessons(self._learned, side), cache.lessons(self._held_out, side)
        empty = cache.caption("")
        prompts = [cache.caption(prompt) for prompt in settings.sample_prompts]
        model.release_encoders()
        return Material(
            trainable=model,
            settings=settings,
            lessons=Lessons(learned, settings),
            learner=Learner(model, settings, empty),
            validation=Validation(model, held_out, settings),
            samples=Samples(model, prompts, empty),
        )

    def _find_newest(self) -> Path | None:
        found = checkpoints.newest(self._folder)
        if found is not None and checkpoints.read_progress(found).run != self._run:
            raise ConfigError(
                f"{self._folder.name} holds a run of other pictures or settings: choose another folder, or remove it"
            )
        return found


def name_of(trainable: Trainable, pictures: Sequence[TrainingPicture], settings: TrainingSettings) -> str:
    """What tells runs apart: base, pictures, captions, and settings."""
    told = [trainable.weights, settings.model_dump_json(exclude=DONT_NAME)]
    told += [repr((one.sha256, one.words, one.held_out, one.is_prior)) for one in pictures]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
