"""Looks that mini does not know, for LoRAs to learn: its subjects, drawn in other ways than any of its styles."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from training.mini.world.palette import COLOURS, Tone
from training.mini.world.shapes import DETAILS, Shape
from training.mini.world.subjects import THINGS

_SIDE = 100
_NAVY, _CREAM, _GOLD = "#1b2a5c", "#fdf1dc", "#f5b921"
_SAND, _PETROL = "#f3e7d3", "#0f5e63"
_PLUM, _ROSE, _PEACH = "#2b1247", "#ff5d8f", "#ffb38a"

Layers = Callable[[str, Tone], str]
"""A drawing of 100 × 100 units of a subject, in a colour's tones."""


@dataclass(frozen=True)
class Look:
    """`words` are the trigger. `style` is the one of mini's whose asset type it is for."""

    name: str
    words: str
    style: str
    layers: Layers


def draw(look: Look, subject: str, colour: str) -> str:
    """`subject` in `look` as an SVG document of 128 × 128 pixels."""
    body = look.layers(subject, COLOURS[colour])
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 100 100">{body}</svg>'


def _kestrel(subject: str, tone: Tone) -> str:
    """A gold disc on cream, a thick navy outline, a striped foot."""
    stripes = "".join(_box(x, 84, 6, 16, _NAVY if i % 2 else _CREAM) for i, x in enumerate(range(0, 100, 6)))
    ground = _box(0, 0, _SIDE, _SIDE, _CREAM) + _disc(50, 42, 36, _GOLD) + stripes + _box(0, 82, _SIDE, 3, _NAVY)
    inks = {"dark": tone.dark, "light": tone.light, "paper": _CREAM, "eye": _NAVY, "accent": _GOLD, "main": tone.base}
    own = _painted(subject, lambda shape: inks.get(shape.role, _NAVY))
    return ground + _placed(_outline(subject, _NAVY, 3.2) + own, 0.66, 50, 45)


def _harbour(subject: str, tone: Tone) -> str:
    """A long hard shadow over sand, and a petrol block that the subject stands on."""
    ground = _box(0, 0, _SIDE, _SIDE, _SAND) + _box(0, 0, _SIDE, 12, _PETROL) + _box(18, 76, 64, 24, _PETROL)
    shadow = "".join(_shifted(_silhouette(subject, "#d8c4a4"), step, step) for step in range(3, 45, 3))
    inks = {"dark": _PETROL, "light": tone.light, "paper": "#ffffff", "eye": _PETROL, "main": tone.base}
    own = _painted(subject, lambda shape: inks.get(shape.role, tone.dark))
    return ground + _placed(shadow, 0.6, 50, 46) + _box(18, 76, 64, 24, _PETROL) + _placed(own, 0.6, 50, 46)


def _ember(subject: str, tone: Tone) -> str:
    """A badge with two rims in one colour, the subject cut out of it in cream."""
    badge = "".join(
        f'<rect x="{inset}" y="{inset}" width="{100 - 2 * inset}" height="{100 - 2 * inset}" rx="{24 - inset}" '
        f'fill="{paint}"/>'
        for inset, paint in ((6, tone.base), (10, _CREAM), (13, tone.base))
    )
    own = _painted(subject, lambda shape: tone.base if shape.role in DETAILS else _CREAM)
    return _box(0, 0, _SIDE, _SIDE, _CREAM) + badge + _placed(own, 0.56, 50, 50)


def _dusk(subject: str, tone: Tone) -> str:
    """Bands of a half sun from plum to peach, dots in rows, a plum rim around the subject."""
    bands = ((54, "#5a1a6b"), (44, "#a02a72"), (34, _ROSE), (24, _PEACH))
    sun = "".join(_disc(50, 72, radius, paint) for radius, paint in bands)
    dots = "".join(_disc(x, y, 1.6, _PEACH) for y in range(80, 100, 6) for x in range(4 + (y % 4) * 2, 100, 8))
    ground = _box(0, 0, _SIDE, _SIDE, _PLUM) + sun + _box(0, 74, _SIDE, 26, "#431a5e") + dots
    inks = {"dark": tone.dark, "light": tone.light, "paper": "#fff3e6", "eye": _PLUM, "main": tone.base}
    own = _painted(subject, lambda shape: inks.get(shape.role, _PLUM))
    return ground + _placed(_outline(subject, _PLUM, 2.4) + own, 0.6, 50, 50)


def _painted(subject: str, paint: Callable[[Shape], str]) -> str:
    return "".join(shape.paint(paint(shape)) for shape in THINGS[subject].draw())


def _silhouette(subject: str, paint: str) -> str:
    return _painted(subject, lambda _: paint)


def _outline(subject: str, paint: str, width: float) -> str:
    """The silhouette, moved all around."""
    turns = (math.tau * i / 12 for i in range(12))
    return "".join(_shifted(_silhouette(subject, paint), width * math.cos(a), width * math.sin(a)) for a in turns)


def _shifted(body: str, dx: float, dy: float) -> str:
    return f'<g transform="translate({dx:.2f} {dy:.2f})">{body}</g>'


def _placed(body: str, scale: float, x: float, y: float) -> str:
    return f'<g transform="translate({x:g} {y:g}) scale({scale:g}) translate(-50 -50)">{body}</g>'


def _box(x: float, y: float, width: float, height: float, paint: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{paint}"/>'


def _disc(x: float, y: float, r: float, paint: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{paint}"/>'


_ROWS = (
    Look("kestrel", "kestrel style", "icon", _kestrel),
    Look("harbour", "harbour style", "product", _harbour),
    Look("ember", "ember style", "logo", _ember),
    Look("dusk", "dusk style", "premium", _dusk),
)
LOOKS: Mapping[str, Look] = {look.name: look for look in _ROWS}
