"""Vector shapes with a colour role instead of a colour, so that one drawing serves every style and every mask."""

import math
from collections.abc import Callable
from dataclasses import dataclass

PAINT = "$"

# Roles. Structure (main, ink, wood, leafy, flame, stem) makes the silhouette; details (dark, light, paper, eye,
# accent) lie inside it. A logo draws structure in one colour and knocks the details out.
DETAILS = frozenset({"dark", "light", "paper", "eye", "accent"})


@dataclass(frozen=True)
class Shape:
    """One SVG element; every `$` in `markup` stands for the paint of `role`. `part` names what a mask selects."""

    role: str
    markup: str
    part: str = "subject"

    def paint(self, colour: str) -> str:
        return self.markup.replace(PAINT, colour)


Subject = Callable[[], tuple[Shape, ...]]


def circle(role: str, cx: float, cy: float, r: float) -> Shape:
    return Shape(role, f'<circle cx="{cx:g}" cy="{cy:g}" r="{r:g}" fill="$"/>')


def ring(role: str, cx: float, cy: float, r: float, width: float) -> Shape:
    markup = f'<circle cx="{cx:g}" cy="{cy:g}" r="{r:g}" fill="none" stroke="$" stroke-width="{width:g}"/>'
    return Shape(role, markup)


def ellipse(role: str, centre: tuple[float, float], radii: tuple[float, float], turn: float = 0) -> Shape:
    """An ellipse turned by `turn` degrees about its centre."""
    (cx, cy), (rx, ry) = centre, radii
    return Shape(
        role,
        f'<ellipse cx="{cx:g}" cy="{cy:g}" rx="{rx:g}" ry="{ry:g}" fill="$" '
        f'transform="rotate({turn:g} {cx:g} {cy:g})"/>',
    )


def box(role: str, x: float, y: float, size: tuple[float, float], r: float = 0) -> Shape:
    markup = f'<rect x="{x:g}" y="{y:g}" width="{size[0]:g}" height="{size[1]:g}" rx="{r:g}" fill="$"/>'
    return Shape(role, markup)


def path(role: str, d: str) -> Shape:
    """A filled path (even-odd, so that inner loops are holes) with slightly rounded joins."""
    return Shape(
        role, f'<path d="{d}" fill="$" fill-rule="evenodd" stroke="$" stroke-width="1.5" stroke-linejoin="round"/>'
    )


def stroke(role: str, d: str, width: float) -> Shape:
    return Shape(
        role,
        f'<path d="{d}" fill="none" stroke="$" stroke-width="{width:g}" stroke-linecap="round" '
        f'stroke-linejoin="round"/>',
    )


def polygon(points: list[tuple[float, float]]) -> str:
    """Path data of a closed polygon."""
    return "M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in points) + "Z"


def around(centre: tuple[float, float], radius: float, count: int, start: float = -90) -> list[tuple[float, float]]:
    """`count` points evenly around a circle, the first at `start` degrees."""
    angles = [math.radians(start + 360 * i / count) for i in range(count)]
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]
