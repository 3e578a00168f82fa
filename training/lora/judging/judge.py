"""A judging: the base and every checkpoint draw one grid, are measured, and one is picked with its reasons.

All checkpoints are drawn at full strength; those that the choice lies between are drawn at less, too, since less
strength costs little of a look and much of its drift.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from PIL import Image

from configs.errors import AtelierError, ConfigError
from configs.judgement import JudgedAdapter, Judgement, Mark, MeasureName
from deployments.scorers.scorer import Scorer
from training.lora.events import Wish
from training.lora.judging import album
from training.lora.judging.closer import look_closer
from training.lora.judging.events import Judged, Judging, JudgingEvent, JudgingStopped, Looked
from training.lora.judging.eyes import Eyes, Manner
from training.lora.judging.grid import compose, shots, without_trigger
from training.lora.judging.losses import overfit
from training.lora.judging.measures import measure
from training.lora.judging.painter import Painter
from training.lora.judging.pick import CAUTIONS, choose, failures, finalists, others
from training.lora.judging.references import References
from training.lora.judging.seen import Seen, Views
from training.lora.judging.settings import JudgingSettings as JudgingSettings
from training.lora.judging.sheet import draw_sheet
from training.lora.pictures import TrainingPicture

_FINALISTS = 2
_TELLS = 0.15  # more for right captions than for wrong ones, from which on a scorer is a witness


def judge(
    checkpoints: Mapping[int, Path],
    painter: Painter,
    pictures: Sequence[TrainingPicture],
    settings: JudgingSettings,
    wanted: Callable[[], Wish] = lambda: Wish.GO_ON,
    *,
    scorer: Scorer | None = None,
    eyes: Sequence[Eyes] = (),
    held_out_loss: Mapping[int, Mapping[float, float]] | None = None,
    folder: Path | None = None,
) -> Iterator[JudgingEvent]:
    """Judge `checkpoints` (step -> the adapter's file). Ends with `Judged`, or `JudgingStopped` where `wanted` says so,
    which is asked between batches of pictures. With a `folder`, what was drawn there is not drawn again.

    `scorer` tells how well pictures fit prompts, `eyes` (networks) see styles beside the pixels, and `held_out_loss` is
    what the training told. Raises ConfigError for no checkpoint or no picture.
    """
    yield from _Bench(
        checkpoints, painter, pictures, settings, wanted, scorer, eyes, held_out_loss or {}, folder
    ).events()


class _Stop(Exception):
    """Whoever runs it wants it to stop."""


class _Bench:
    """One judging."""

    def __init__(
        self,
        checkpoints: Mapping[int, Path],
        painter: Painter,
        pictures: Sequence[TrainingPicture],
        settings: JudgingSettings,
        wanted: Callable[[], Wish],
        scorer: Scorer | None,
        eyes: Sequence[Eyes],
        held_out_loss: Mapping[int, Mapping[float, float]],
        folder: Path | None,
    ) -> None:
        own = [one for one in pictures if not one.is_prior]
        learned, held_out = ([one for one in own if one.held_out == back] for back in (False, True))
        if not checkpoints or not learned:
            raise ConfigError("there is nothing to judge: it takes a checkpoint, and pictures that were learned from")
        self._painter, self._settings, self._wanted, self._scorer = painter, settings, wanted, scorer
        self._files = settings.choose(checkpoints, held_out_loss)
        self._hashes = {step: _hash(file) for step, file in self._files.items()}
        self._losses = held_out_loss
        self._references = References(learned, held_out, (Manner(), *eyes))
        captions = [one.caption for one in learned], [one.caption for one in held_out]
        self._prompts = settings.prompts or compose(*captions, settings.trigger, settings.size)
        self._shots = shots(self._prompts, settings.seeds)
        how = album.Manner(painter.weights, painter.size, painter.steps, painter.guidance)
        self._album = album.Album(folder, self._shots, how)
        self._drawn: dict[tuple[int, float], list[Image.Image]] = {}
        self._base: Views | None = None
        rows = 1 + len(self._files) + _FINALISTS * (len(settings.strengths) - 1)
        self._done, self._all = 0, len(self._shots) * rows

    def events(self) -> Iterator[JudgingEvent]:
        try:
            yield from self._draw(0, 0.0)
            judged: list[JudgedAdapter] = []
            full, *less = self._settings.strengths
            for step in self._files:
                yield from self._look(step, full, judged)
            for step in finalists(judged, _FINALISTS):
                for strength in less:
                    yield from self._look(step, strength, judged)
        except _Stop:
            yield JudgingStopped(self._share)
            return
        yield self._conclude(sorted(judged, key=lambda one: (one.step, -one.strength)))

    def _look(self, step: int, strength: float, judged: list[JudgedAdapter]) -> Iterator[JudgingEvent]:
        """A checkpoint that draws nothing (it holds no numbers, it does not load) is told of, and stops nothing."""
        try:
            yield from self._draw(step, strength)
        except AtelierError as error:
            judged.append(JudgedAdapter(step=step, strength=strength, lost=error.message))
        else:
            marks = measure(self._seen(step, strength)) | self._by_losses(step)
            failed, cautions = failures(marks), failures(marks, CAUTIONS)
            one = JudgedAdapter(step=step, strength=strength, marks=marks, failed=failed, cautions=cautions)
            judged.append(one)
        yield Looked(judged[-1])

    def _by_losses(self, step: int) -> dict[MeasureName, Mark]:
        """Of the checkpoint, whatever its strength."""
        value = overfit(self._losses, step)
        return {} if value is None else {"overfit": Mark(value=round(value, 4), error=0.0)}

    def _draw(self, step: int, strength: float) -> Iterator[JudgingEvent]:
        name = self._hashes.get(step, album.BASE)
        found = self._album.find(name, strength)
        if found is None or len(found) != len(self._shots):
            found = []
            with self._painter.wearing(self._files.get(step), strength) as worn:
                for first in range(0, len(self._shots), self._painter.batch):
                    if self._wanted() is not Wish.GO_ON:
                        raise _Stop
                    found += worn.draw(self._shots[first : first + self._painter.batch])
                    yield Judging(step, strength, min(1.0, self._share + len(found) / self._all))
            self._album.keep(name, strength, found)
        self._done += len(found)
        self._drawn[step, strength] = found

    @property
    def _share(self) -> float:
        return min(1.0, self._done / self._all)

    def _seen(self, step: int, strength: float) -> Seen:
        if self._base is None:
            self._base = Views(self._drawn[0, 0.0], self._references)
        drawn = Views(self._drawn[step, strength], self._references)
        return Seen(self._shots, drawn, self._base, self._references, self._scorer, self._own_fidelity)

    @cached_property
    def _own_fidelity(self) -> float | None:
        if self._scorer is None:
            return None
        subjects = [without_trigger(text, self._settings.trigger) for text in self._references.captions]
        right, wrong = self._references.own_fidelity(self._scorer, subjects)
        return right if right - wrong >= _TELLS else None

    def _conclude(self, judged: Sequence[JudgedAdapter]) -> Judged:
        if all(one.lost is not None for one in judged):
            raise ConfigError(f"no checkpoint draws anything: {judged[-1].lost}")
        pick = choose(judged, self._losses)
        painter, settings = self._painter, self._settings
        closer: dict[MeasureName, Mark] = look_closer(self._drawn, pick, self._references)
        judgement = Judgement(
            model=painter.model,
            base=painter.weights,
            dataset=settings.dataset,
            trigger=settings.trigger,
            prompts=self._prompts,
            seeds=settings.seeds,
            size=painter.size,
            steps=painter.steps,
            guidance=painter.guidance,
            looked=_looked(self._references, self._scorer, self._own_fidelity),
            adapters=self._hashes,
            judged=tuple(
                _with(one, closer) if (one.step, one.strength) == (pick.step, pick.strength) else one for one in judged
            ),
            held_out_loss={step: dict(losses) for step, losses in self._losses.items() if step in self._files},
            pick=pick,
            others=others(judged, pick),
        )
        return Judged(judgement, draw_sheet(judgement, self._shots, self._drawn))


def _looked(references: References, scorer: Scorer | None, own_fidelity: float | None) -> tuple[str, ...]:
    """What saw, and what it could not see."""
    names = [eyes.name for eyes in references.manners]
    if scorer is not None:
        blind = (
            ""
            if own_fidelity is not None
            else ", where there is no trigger: right captions of this look it cannot tell"
        )
        names.append(f"prompts by {type(scorer).__name__}{blind}")
    return tuple(names)


def _with(one: JudgedAdapter, marks: Mapping[MeasureName, Mark]) -> JudgedAdapter:
    return one.model_copy(update={"marks": {**one.marks, **marks}})


def _hash(file: Path) -> str:
    """Raises ConfigError for a file that is not there."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"the checkpoint {file.parent.name} cannot be read ({error.strerror})") from None
