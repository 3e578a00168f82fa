"""Scenes as data, and their distribution: what is drawn, in which colours, on what ground, in which style."""

import random
from dataclasses import dataclass

from training.mini.world.palette import CLASHES, COLOURS, PLAIN, SCENES
from training.mini.world.people import BODY_GARMENTS, EXTRAS, GARMENTS, Garment
from training.mini.world.subjects import PEOPLE, THINGS

STYLES: tuple[str, ...] = ("icon", "product", "logo", "premium")
SIZES: tuple[tuple[int, int], ...] = ((128, 128), (96, 160), (160, 96))
PEOPLE_SHARE = 0.3


@dataclass(frozen=True)
class Placement:
    """How a drawing departs from its canonical pose: small, so that variety costs little to learn."""

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    variant: int = 0


@dataclass(frozen=True)
class Scene:
    """Everything that decides a picture. `colour` is None for people, whose garments carry the colours."""

    subject: str
    colour: str | None
    background: str
    style: str
    size: tuple[int, int] = (128, 128)
    garments: tuple[Garment, ...] = ()
    placement: Placement = Placement()


def _held_out() -> frozenset[tuple[str, str]]:
    names = list(COLOURS)
    pairs = []
    for i, (subject, entry) in enumerate(THINGS.items()):
        offset = next(k for k in range(12) if _may_hold_out(subject, names[(i * 5 + k) % 12], entry.usual))
        pairs.append((subject, names[(i * 5 + offset) % 12]))
    return frozenset(pairs)


def _may_hold_out(subject: str, colour: str, usual: tuple[str, ...]) -> bool:
    return colour not in usual and (subject, colour) != ("bicycle", "red")


# One colour of each subject and of each garment is never drawn for training: it measures composition.
HELD_OUT = _held_out()
HELD_OUT_GARMENTS = frozenset(zip(GARMENTS, list(COLOURS)[3:11], strict=True))


def is_held_out(scene: Scene) -> bool:
    """Whether training must never see this scene."""
    worn = any((g.kind, g.colour) in HELD_OUT_GARMENTS for g in scene.garments)
    return worn or (scene.subject, scene.colour) in HELD_OUT


def sample(rng: random.Random) -> Scene:
    """A scene of the training distribution; the same generator state gives the same scene."""
    while True:
        scene = sample_any(rng)
        if not is_held_out(scene):
            return scene


def sample_any(rng: random.Random) -> Scene:
    """A scene of the whole world, held-out pairs included: for judging, never for training the model."""
    return _sample_person(rng) if rng.random() < PEOPLE_SHARE else _sample_thing(rng)


def sample_placement(rng: random.Random) -> Placement:
    return Placement(
        dx=rng.uniform(-2, 2),
        dy=rng.uniform(-1.5, 1.5),
        scale=rng.uniform(0.96, 1.04),
        turn=rng.uniform(-2, 2),
        variant=rng.randrange(3),
    )


def clashes(colours: tuple[str, ...], background: str) -> bool:
    """Whether something in one of `colours` would vanish into `background`."""
    return any((colour, background) in CLASHES for colour in colours)


def sample_ground(rng: random.Random, style: str) -> str:
    """A background for `style`; scenes belong to the premium style, white is likelier elsewhere."""
    if style == "premium" and rng.random() < 0.6:
        return rng.choice(SCENES)
    if style != "premium" and rng.random() < 0.2:
        return "white"
    return rng.choice(tuple(PLAIN))


def _sample_thing(rng: random.Random) -> Scene:
    subject = rng.choice(tuple(THINGS))
    usual = THINGS[subject].usual
    colour = rng.choice(usual) if usual and rng.random() < 0.25 else rng.choice(tuple(COLOURS))
    return _finish(rng, subject, colour, ())


def _sample_person(rng: random.Random) -> Scene:
    subject = rng.choice(tuple(PEOPLE))
    kinds = rng.choice(BODY_GARMENTS[subject])
    extras = [k for k in EXTRAS if rng.random() < 0.3]
    garments = tuple(Garment(k, rng.choice(tuple(COLOURS))) for k in (*kinds, *extras[:2]))
    return _finish(rng, subject, None, garments)


def _finish(rng: random.Random, subject: str, colour: str | None, garments: tuple[Garment, ...]) -> Scene:
    style = rng.choices(STYLES, (0.3, 0.25, 0.2, 0.25))[0]
    if subject in PEOPLE and style == "logo":
        shared = garments[0].colour
        garments = tuple(Garment(g.kind, shared) for g in garments)
    ground = sample_ground(rng, style)
    while clashes((colour,) if colour else tuple(g.colour for g in garments), ground):
        ground = sample_ground(rng, style)
    size = rng.choices(SIZES, (0.7, 0.15, 0.15))[0]
    return Scene(subject, colour, ground, style, size, garments, sample_placement(rng))
