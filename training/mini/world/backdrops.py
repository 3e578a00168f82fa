"""What lies behind the subject in each style: a solid ground, a stage, a ring, or a layered scene."""

from collections.abc import Callable

from training.mini.world.palette import PLAIN, mix

Canvas = tuple[float, float]


def gradient(name: str, stops: tuple[str, ...], height: float = 100) -> str:
    """A vertical gradient over `height` units, to be used as url(#name)."""
    marks = "".join(f'<stop offset="{i / (len(stops) - 1):g}" stop-color="{c}"/>' for i, c in enumerate(stops))
    return (
        f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="0" y2="{height:g}">'
        f"{marks}</linearGradient>"
    )


def fill(canvas: Canvas, paint: str) -> str:
    return f'<rect width="{canvas[0]:g}" height="{canvas[1]:g}" fill="{paint}"/>'


def disc(x: float, y: float, r: float, paint: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{paint}"/>'


def wave(canvas: Canvas, level: float, swing: float, paint: str) -> str:
    """Everything below a soft wave at `level` (share of the height) with `swing` units of amplitude."""
    w, h = canvas
    y = level * h
    curve = f"M0 {y:g} C{w * 0.3:g} {y - swing:g} {w * 0.6:g} {y + swing:g} {w:g} {y - swing * 0.4:g}"
    return f'<path d="{curve} V{h:g} H0Z" fill="{paint}"/>'


def stage(canvas: Canvas, background: str) -> str:
    """Product style: a wall with a soft disc, and a ground in the shade of the wall."""
    w, h = canvas
    tone = PLAIN[background]
    ground = f'<rect y="{h * 0.74:g}" width="{w:g}" height="{h * 0.26:g}" fill="{tone.dark}"/>'
    return fill(canvas, tone.base) + disc(w / 2, h * 0.46, 40, mix(tone.base, tone.light, 0.8)) + ground


def layers(canvas: Canvas, background: str) -> str:
    """Premium style on a named colour: a glow and three waves in tones of that colour."""
    w, h = canvas
    tone = PLAIN[background]
    sky = gradient("sky", (tone.light, tone.base), h) + fill(canvas, "url(#sky)")
    deep = mix(tone.base, tone.dark, 0.5)
    deeper = mix(tone.dark, "#000000", 0.12)
    return (
        sky
        + disc(w * 0.78, h * 0.24, 15, mix(tone.light, "#ffffff", 0.6 if background not in ("black", "navy") else 0.15))
        + wave(canvas, 0.62, 9, deep)
        + wave(canvas, 0.75, -8, tone.dark)
        + wave(canvas, 0.88, 5, deeper)
    )


def hills(canvas: Canvas) -> str:
    w, h = canvas
    return (
        gradient("sky", ("#7cc4ff", "#e4f5ff"), h)
        + fill(canvas, "url(#sky)")
        + disc(w * 0.16, h * 0.18, 8, "#fff3b0")
        + disc(w * 0.78, h * 0.2, 6, "#ffffff")
        + disc(w * 0.85, h * 0.2, 8, "#ffffff")
        + wave(canvas, 0.58, 12, "#a8dca0")
        + wave(canvas, 0.7, -10, "#6cbf6a")
        + wave(canvas, 0.84, 6, "#3f9a50")
    )


def city(canvas: Canvas) -> str:
    w, h = canvas
    towers = ""
    for paint, top, tops in (("#c07fb0", 0.46, (0, 18, 6, 24, 2, 14)), ("#7a4a8c", 0.58, (12, 0, 16, 4, 20, 6))):
        step = w / len(tops)
        for i, rise in enumerate(tops):
            y = h * top - rise * 0.8
            towers += f'<rect x="{i * step:g}" y="{y:g}" width="{step * 0.86:g}" height="{h - y:g}" fill="{paint}"/>'
    sky = gradient("sky", ("#ff9e7a", "#ffd9a0"), h * 0.8) + fill(canvas, "url(#sky)")
    street = f'<rect y="{h * 0.84:g}" width="{w:g}" height="{h * 0.16:g}" fill="#4a3560"/>'
    return sky + disc(w * 0.2, h * 0.2, 10, "#fff0c0") + towers + street


def beach(canvas: Canvas) -> str:
    w, h = canvas
    sea = f'<rect y="{h * 0.5:g}" width="{w:g}" height="{h * 0.3:g}" fill="#1ba3c6"/>'
    foam = wave(canvas, 0.69, 4, "#c9f1f5")
    return (
        gradient("sky", ("#8fdcf5", "#eafaff"), h * 0.5)
        + fill(canvas, "url(#sky)")
        + disc(w * 0.82, h * 0.18, 10, "#ffdf5c")
        + sea
        + foam
        + wave(canvas, 0.73, 4, "#f3dca2")
    )


def night(canvas: Canvas) -> str:
    w, h = canvas
    spots = ((0.1, 0.12), (0.28, 0.26), (0.42, 0.08), (0.6, 0.2), (0.93, 0.38), (0.08, 0.44), (0.68, 0.05))
    stars = "".join(disc(w * x, h * y, 1.3, "#ffffff") for x, y in spots)
    moon = disc(w * 0.83, h * 0.17, 9, "#fff3c4") + disc(w * 0.83 - 4, h * 0.17 - 2.5, 8, "#10183f")
    return (
        gradient("sky", ("#0b1033", "#3b3a86"), h)
        + fill(canvas, "url(#sky)")
        + stars
        + moon
        + wave(canvas, 0.7, 9, "#252460")
        + wave(canvas, 0.84, -6, "#14143c")
    )


SCENE_BACKDROPS: dict[str, Callable[[Canvas], str]] = {"hills": hills, "city": city, "beach": beach, "night": night}
