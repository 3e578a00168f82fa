"""Sentences about a scene: one that is true of it, and some that are nearly so."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from deployments.scorers.vocabulary import Vocabulary, words_of
from training.mini.captions import Mention, describe
from training.mini.wordings import (
    COLOUR_WORDS,
    GARMENT_WORDS,
    GROUND_PHRASES,
    GROUND_WORDS,
    SCENE_PHRASES,
    STYLE_PREFIXES,
    STYLE_SUFFIXES,
)
from training.mini.world.palette import BACKGROUNDS, COLOURS
from training.mini.world.people import GARMENTS
from training.mini.world.scene import STYLES, Scene
from training.mini.world.subjects import PEOPLE, THINGS

NEARLY = 3
LENGTH = 48
_TRIES = 12


def _split(texts: Sequence[str]) -> set[str]:
    return {word for text in texts for word in words_of(text)}


def _flat(table: dict[str, tuple[str, ...]]) -> list[str]:
    return [text for texts in table.values() for text in texts]


_NAMES = [name for entry in THINGS.values() for name in entry.names] + _flat(PEOPLE)
_TELLING = (*_NAMES, *_flat(COLOUR_WORDS), *_flat(GARMENT_WORDS), *_flat(GROUND_WORDS), *_flat(SCENE_PHRASES))
_STYLED = (*_flat(STYLE_PREFIXES), *_flat(STYLE_SUFFIXES))
_JOINING = ("and with wearing dressed coloured person", *(phrase.format(g="") for phrase in GROUND_PHRASES))
_SILENT = frozenset(["a", "an", "the", "of", "for", "please"])


def make_vocabulary() -> Vocabulary:
    """The words of the captions' grammar that say something of a picture, in alphabetical order."""
    return Vocabulary(sorted(_split((*_TELLING, *_STYLED, *_JOINING)) - _SILENT), LENGTH)


def tell(scene: Scene, rng: random.Random) -> tuple[str, list[str]]:
    """A true sentence, and up to `NEARLY` in the same words but for one thing that is not so."""
    mention = Mention(rng.random() < 0.9, rng.random() < 0.7, rng.random() < 0.6, rng.random() < 0.7)
    wording = rng.random()
    true = describe(scene, mention, random.Random(wording))
    others: list[str] = []
    for _ in range(_TRIES):
        other = describe(rng.choice(CHANGES)(scene, rng), mention, random.Random(wording))
        if other != true and other not in others:  # else what changed is not mentioned
            others.append(other)
        if len(others) == NEARLY:
            break
    return true, others


def _other(choices: Sequence[str], than: str | None, rng: random.Random) -> str:
    return rng.choice([one for one in choices if one != than])


def _recolour(scene: Scene, rng: random.Random) -> Scene:
    if not scene.garments:
        return replace(scene, colour=_other(tuple(COLOURS), scene.colour, rng))
    place = rng.randrange(len(scene.garments))
    worn = scene.garments[place]
    changed = replace(worn, colour=_other(tuple(COLOURS), worn.colour, rng))
    return replace(scene, garments=(*scene.garments[:place], changed, *scene.garments[place + 1 :]))


def _rename(scene: Scene, rng: random.Random) -> Scene:
    return replace(scene, subject=_other(tuple(PEOPLE if scene.garments else THINGS), scene.subject, rng))


def _swap(scene: Scene, rng: random.Random) -> Scene:
    """Two garments have each other's colour."""
    if len(scene.garments) < 2:
        return _recolour(scene, rng)
    a, b = rng.sample(range(len(scene.garments)), 2)
    worn = list(scene.garments)
    worn[a], worn[b] = replace(worn[a], colour=worn[b].colour), replace(worn[b], colour=worn[a].colour)
    return replace(scene, garments=tuple(worn))


def _redress(scene: Scene, rng: random.Random) -> Scene:
    """One garment is another, which is not worn yet."""
    if not scene.garments:
        return _rename(scene, rng)
    place = rng.randrange(len(scene.garments))
    worn = {one.kind for one in scene.garments}
    changed = replace(scene.garments[place], kind=rng.choice([kind for kind in GARMENTS if kind not in worn]))
    return replace(scene, garments=(*scene.garments[:place], changed, *scene.garments[place + 1 :]))


def _move(scene: Scene, rng: random.Random) -> Scene:
    return replace(scene, background=_other(BACKGROUNDS, scene.background, rng))


def _restyle(scene: Scene, rng: random.Random) -> Scene:
    return replace(scene, style=_other(STYLES, scene.style, rng))


CHANGES: tuple[Callable[[Scene, random.Random], Scene], ...] = (
    *(_recolour, _recolour, _rename, _swap, _redress, _move, _restyle),
)
