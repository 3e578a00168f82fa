"""Pictures in looks made up by chance: the captioner is to see a subject in any look, and to tell where there is none.

The four looks of `training/mini/looks.py` are not among them: those measure how well that went.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from training.captioner.questions import NOTHING, Truth, of_thing
from training.mini.world import backdrops
from training.mini.world.drawing import FIXED
from training.mini.world.palette import COLOURS, PLAIN, Tone, mix
from training.mini.world.shapes import DETAILS, Shape
from training.mini.world.subjects import THINGS

_CANVAS = (100.0, 100.0)
_EMPTY_SHARE, _NAMED_SHARE = 0.1, 0.5
_LEAST_CONTRAST = 90.0  # of subject and what is behind it, in 8-bit levels: less hides it

Decor = Callable[[random.Random, str], str]
"""Something behind a subject in a paint."""


def draw_look(rng: random.Random) -> tuple[str, Truth]:
    """A thing of the world as nobody has drawn it, or none, as an SVG of 128 x 128 pixels, and what it shows."""
    named = rng.choice(tuple(PLAIN)) if rng.random() < _NAMED_SHARE else None
    paper = PLAIN[named].base if named else _paint(rng)
    below = _ground(rng, paper, named is None) + _decorations(rng, paper)
    if rng.random() < _EMPTY_SHARE:
        return _document(below + _scribbles(rng)), NOTHING
    subject, colour = rng.choice(tuple(THINGS)), rng.choice(tuple(COLOURS))
    tone, behind = COLOURS[colour], paper
    if rng.random() < 0.5 or _far(tone.base, paper) < _LEAST_CONTRAST:
        behind = _contrasting(rng, tone.base)
        below += _panel(rng, behind)
    return _document(below + _subject(rng, subject, tone, behind)), of_thing(subject, colour, named)


def _document(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 100 100">{body}</svg>'


def _paint(rng: random.Random) -> str:
    """Any of the world's colours, lighter or darker."""
    tone = rng.choice(tuple(COLOURS.values()))
    return mix(rng.choice((tone.base, tone.dark, tone.light)), rng.choice(("#ffffff", "#000000")), rng.uniform(0, 0.5))


def _far(one: str, other: str) -> float:
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs))


def _contrasting(rng: random.Random, to: str) -> str:
    while _far(paint := rng.choice((_paint(rng), "#ffffff", "#fdf1dc", "#15264f")), to) < _LEAST_CONTRAST:
        pass
    return paint


def _ground(rng: random.Random, paper: str, free: bool) -> str:
    if free and rng.random() < 0.5:
        return backdrops.gradient("sky", (paper, _paint(rng)), 100) + backdrops.fill(_CANVAS, "url(#sky)")
    return backdrops.fill(_CANVAS, paper)


def _box(x: float, y: float, width: float, height: float, paint: str, round_by: float = 0) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{round_by:.1f}" fill="{paint}"/>'
    )


def _stripes(rng: random.Random, paint: str) -> str:
    step, foot = rng.uniform(5, 16), rng.uniform(8, 30)
    places = [step * i for i in range(int(100 / step) + 1)]
    if rng.random() < 0.5:
        return "".join(_box(x, 100 - foot, step / 2, foot, paint) for x in places)
    return "".join(_box(0, y, foot / 2, step / 2, paint) + _box(100 - foot / 2, y, 50, step / 2, paint) for y in places)


def _beam(rng: random.Random, paint: str) -> str:
    high = rng.uniform(4, 28)
    return _box(0, rng.choice((0.0, 100 - high)), 100, high, paint)


def _wave(rng: random.Random, paint: str) -> str:
    return backdrops.wave(_CANVAS, rng.uniform(0.6, 0.9), rng.uniform(-10, 10), paint)


def _sun(rng: random.Random, paint: str) -> str:
    x, y, r = rng.uniform(20, 80), rng.uniform(20, 70), rng.uniform(8, 42)
    inner = backdrops.disc(x, y, r * 0.75, _paint(rng)) if rng.random() < 0.5 else ""
    return backdrops.disc(x, y, r, paint) + inner


def _dots(rng: random.Random, paint: str) -> str:
    return "".join(
        backdrops.disc(rng.uniform(0, 100), rng.uniform(0, 100), rng.uniform(0.8, 4), paint) for _ in range(12)
    )


def _frame(rng: random.Random, paint: str) -> str:
    inset, width = rng.uniform(1, 10), rng.uniform(2, 5)
    side = 100 - 2 * inset
    return (
        f'<rect x="{inset:.1f}" y="{inset:.1f}" width="{side:.1f}" height="{side:.1f}" rx="{rng.uniform(0, 24):.1f}" '
        f'fill="none" stroke="{paint}" stroke-width="{width:.1f}"/>'
    )


_DECOR: tuple[Decor, ...] = (_stripes, _beam, _wave, _sun, _dots, _frame)


def _decorations(rng: random.Random, paper: str) -> str:
    paints = [_paint(rng) if rng.random() < 0.6 else mix(paper, "#000000", rng.uniform(0.1, 0.5)) for _ in range(3)]
    return "".join(rng.choice(_DECOR)(rng, paint) for paint in paints[: rng.randint(0, 3)])


def _panel(rng: random.Random, paint: str) -> str:
    """What a subject stands before, so that it can be seen."""
    r = rng.uniform(38, 46)
    if rng.random() < 0.6:
        return backdrops.disc(50, 50, r, paint)
    return _box(50 - r, 50 - r, 2 * r, 2 * r, paint, rng.uniform(0, 24))


def _scribbles(rng: random.Random) -> str:
    """Shapes that are nothing."""
    drawn = ""
    for _ in range(rng.randint(0, 6)):
        points = " ".join(f"{rng.gauss(50, 18):.1f},{rng.gauss(50, 18):.1f}" for _ in range(rng.randint(3, 7)))
        drawn += f'<polygon points="{points}" fill="{_paint(rng)}"/>'
    return drawn + (_dots(rng, _paint(rng)) if rng.random() < 0.3 else "")


def _subject(rng: random.Random, subject: str, tone: Tone, behind: str) -> str:
    scale, turn = rng.uniform(0.5, 0.82), rng.uniform(-4, 4)
    x, y = rng.uniform(47, 53), rng.uniform(46, 58)
    paint, defined = _manner(rng, tone, behind)
    body = "".join(shape.paint(paint(shape)) for shape in THINGS[subject].draw())
    shadow = ""
    if rng.random() < 0.4:
        shadow = (
            f'<ellipse cx="{x:.1f}" cy="{y + scale * 46:.1f}" rx="{scale * 44:.1f}" ry="{scale * 6:.1f}" '
            'fill="#000000" fill-opacity="0.25"/>'
        )
    place = f"translate({x:.1f} {y:.1f}) rotate({turn:.1f}) scale({scale:.3f}) translate(-50 -50)"
    return f'{defined}{shadow}<g transform="{place}">{body}</g>'


def _manner(rng: random.Random, tone: Tone, behind: str) -> tuple[Callable[[Shape], str], str]:
    """How its shapes are painted, and what has to be defined for that."""
    way = rng.random()
    if way < 0.3:  # one colour, with what is behind it for the details
        return (lambda shape: behind if shape.role in DETAILS else tone.base), ""
    if way < 0.45:  # two colours
        ink = _contrasting(rng, tone.base)
        return (lambda shape: tone.base if shape.role == "main" else ink), ""
    if way < 0.7:
        return (lambda shape: _full(shape, tone)), ""
    share = rng.uniform(0.2, 0.7)
    stops = (mix(tone.base, tone.light, share * 0.5), tone.base, mix(tone.base, tone.dark, share))
    shaded = backdrops.gradient("main", stops)
    return (lambda shape: "url(#main)" if shape.role == "main" else _full(shape, tone)), shaded


def _full(shape: Shape, tone: Tone) -> str:
    inks = {"main": tone.base, "dark": tone.dark, "light": tone.light, "paper": "#ffffff", "eye": "#1d2026"}
    return inks.get(shape.role) or FIXED.get(shape.role) or "#343a46"
