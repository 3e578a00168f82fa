"""Looks that mini does not know, for LoRAs to learn: its subjects, drawn in other ways than any of its styles.

Each is for one asset type. A subject stands where and as large as that style of mini has it, and a ground that is asked
for stays: so what an adapter has to learn is the look alone, and what it must not forget is the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from training.mini.world import backdrops
from training.mini.world.drawing import CENTRE, EXTENT, FIXED
from training.mini.world.palette import COLOURS, PLAIN, Tone, mix
from training.mini.world.shapes import DETAILS, Shape
from training.mini.world.subjects import THINGS

GROUNDS = ("white", "light grey", "cream", "light pink", "light blue", "mint", "lavender")
"""Those of mini's that a picture of a look may be asked for on: light ones, on which every look can be seen."""
_CANVAS = (100.0, 100.0)
_NAVY, _CREAM, _GOLD = "#1b2a5c", "#fdf1dc", "#f5b921"
_SAND, _PETROL = "#f3e7d3", "#0f5e63"
_PLUM, _WINE, _ROSE, _PEACH = "#2b1247", "#7a2474", "#ff5d8f", "#ffb38a"

Layers = Callable[[str, Tone, "Tone | None"], str]
"""A drawing of 100 × 100 units of a subject, in a colour's tones, on a ground's or, for None, on the look's own."""


@dataclass(frozen=True)
class Look:
    """`words` are the trigger. `style` is the one of mini's whose asset type it is for."""

    name: str
    words: str
    style: str
    layers: Layers


def draw(look: Look, subject: str, colour: str, ground: str | None = None) -> str:
    """`subject` in `look` as an SVG document of 128 × 128 pixels, on one of `GROUNDS` or the look's own."""
    body = look.layers(subject, COLOURS[colour], PLAIN[ground] if ground else None)
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 100 100">{body}</svg>'


def _kestrel(subject: str, tone: Tone, ground: Tone | None) -> str:
    """A cream disc on gold, over a foot of navy stripes."""
    paper = ground.base if ground else _GOLD
    stripes = "".join(_box(x, 89, 5, 11, _NAVY) for x in range(0, 100, 10))
    foot = _box(0, 86, 100, 14, _CREAM) + _box(0, 86, 100, 3, _NAVY) + stripes
    own = _painted(subject, lambda shape: _full(shape, tone))
    return backdrops.fill(_CANVAS, paper) + foot + _disc(50, 47, 44, _CREAM) + _placed(own, 0.74, 50, 47)


def _harbour(subject: str, tone: Tone, ground: Tone | None) -> str:
    """A wall of sand under a petrol beam, a porthole behind, a petrol quay that the subject stands on."""
    wall, glass = (ground.base, ground.light) if ground else (_SAND, "#fffaf0")
    porthole = _disc(50, 47, 37, _PETROL) + _disc(50, 47, 33, glass)
    quay = _box(0, 78, 100, 22, _PETROL) + _box(0, 78, 100, 4, "#2f8f8f")
    behind = backdrops.fill(_CANVAS, wall) + porthole + _box(0, 0, 100, 8, _PETROL) + quay
    return behind + _standing(subject, tone, "product")


def _ember(subject: str, tone: Tone, ground: Tone | None) -> str:
    """A badge of one colour: two rims with round corners, and the subject as that colour's silhouette."""
    paper = ground.base if ground else _CREAM
    rims = "".join(
        f'<rect x="{inset}" y="{inset}" width="{100 - 2 * inset}" height="{100 - 2 * inset}" rx="{22 - inset}" '
        f'fill="{paint}"/>'
        for inset, paint in ((3, tone.base), (8, paper), (11, tone.base), (14, paper))
    )
    own = _painted(subject, lambda shape: paper if shape.role in DETAILS else tone.base)
    return backdrops.fill(_CANVAS, paper) + rims + _placed(own, EXTENT["logo"], 50, 100 * CENTRE["logo"])


def _dusk(subject: str, tone: Tone, ground: Tone | None) -> str:
    """A sun in bands, from plum to peach, half set behind two dark waves."""
    top, low = (ground.dark, ground.light) if ground else (_PLUM, _WINE)
    sky = backdrops.gradient("sky", (top, low), 80) + backdrops.fill(_CANVAS, "url(#sky)")
    bands = ((46, mix(low, _ROSE, 0.45)), (37, _ROSE), (28, _PEACH))
    sun = "".join(_disc(50, 58, radius, paint) for radius, paint in bands)
    sea = backdrops.wave(_CANVAS, 0.74, 5, "#4a1a63") + backdrops.wave(_CANVAS, 0.87, -4, "#1f0d36")
    return sky + sun + sea + _standing(subject, tone, "premium")


def _standing(subject: str, tone: Tone, style: str) -> str:
    """A subject on the ground of one of mini's shaded styles, lit from above, with its shadow."""
    share, across = (0.35 if style == "product" else 0.6), 100 * EXTENT[style]
    stops = (mix(tone.base, tone.light, share * 0.5), tone.base, mix(tone.base, tone.dark, share))
    own = _painted(subject, lambda shape: "url(#main)" if shape.role == "main" else _full(shape, tone))
    x, y = 50, 100 * CENTRE[style]
    shadow = (
        f'<ellipse cx="{x}" cy="{y + across * 0.46:g}" rx="{across * 0.44:g}" ry="{across * 0.06:g}" '
        'fill="#000000" fill-opacity="0.25"/>'
    )
    return backdrops.gradient("main", stops) + shadow + _placed(own, EXTENT[style], x, y)


def _full(shape: Shape, tone: Tone) -> str:
    """As mini's own icons are painted."""
    inks = {"main": tone.base, "dark": tone.dark, "light": tone.light, "paper": "#ffffff", "eye": "#1d2026"}
    return inks.get(shape.role) or FIXED.get(shape.role) or "#343a46"


def _painted(subject: str, paint: Callable[[Shape], str]) -> str:
    return "".join(shape.paint(paint(shape)) for shape in THINGS[subject].draw())


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
