"""Which pictures are learned from and which are held back; and the batches of a step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from configs.errors import ConfigError
from configs.training import TrainingSettings
from training.lora.buckets import Course
from training.lora.cache import Lesson
from training.lora.pictures import TrainingPicture

FEWEST = 3
_HELD_OUT_FROM = 12


def share_out(
    pictures: Sequence[TrainingPicture], settings: TrainingSettings
) -> tuple[list[TrainingPicture], list[TrainingPicture]]:
    """Those to learn from, and those held back: as they say, or, where none says so, a share chosen by content.

    Raises ConfigError for too few to learn from.
    """
    held_out = {one.sha256 for one in pictures if one.held_out} or _chosen(pictures, settings)
    learned = [one for one in pictures if one.sha256 not in held_out]
    subjects = sum(not one.is_prior for one in learned)
    if subjects < FEWEST:
        raise ConfigError(f"{subjects} pictures are too few to learn from: give {FEWEST} at least", "pictures")
    return learned, [one for one in pictures if one.sha256 in held_out and not one.is_prior]


def _chosen(pictures: Sequence[TrainingPicture], settings: TrainingSettings) -> set[str]:
    known = sorted({one.sha256 for one in pictures if not one.is_prior}, key=_order)
    count = round(settings.validation_share * len(known))
    if settings.validation_share and len(known) >= _HELD_OUT_FROM:
        count = max(FEWEST, count)
    return set(known[:count])


def _order(sha256: str) -> str:
    return hashlib.sha256(f"held out {sha256}".encode()).hexdigest()


class Lessons:
    """The batches of a run: pictures of the subject or style, and of its class where there are some."""

    def __init__(self, lessons: Sequence[Lesson], settings: TrainingSettings) -> None:
        self._own = [one for one in lessons if not one.is_prior]
        self._prior = [one for one in lessons if one.is_prior]
        self._course = _course(self._own, settings, "own")
        self._prior_course = _course(self._prior, settings, "prior") if self._prior else None

    def own(self, number: int) -> Sequence[Lesson]:
        """Batch `number` of those that are learned."""
        return [self._own[place] for place in self._course.batch(number)]

    def prior(self, number: int) -> Sequence[Lesson]:
        """Batch `number` of those that keep the class; empty where there are none."""
        if self._prior_course is None:
            return ()
        return [self._prior[place] for place in self._prior_course.batch(number)]


def _course(lessons: Sequence[Lesson], settings: TrainingSettings, name: str) -> Course:
    return Course([(one.shape.width, one.shape.height) for one in lessons], settings.batch, settings.seed, name)
