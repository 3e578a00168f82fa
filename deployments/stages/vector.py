"""SVG for flat art: traced from few colours, rebuilt from the few elements we allow, and believed only when rendering
it gives the picture back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import resvg_py
from PIL import Image, ImageOps

from configs.errors import StageError
from deployments.messages import Recipe
from deployments.stages import xmp
from deployments.stages.oklab import Levels
from deployments.stages.palette import find_exact_colours, flatten, snap
from deployments.stages.recipe import to_json
from deployments.stages.similarity import measure_psnr, measure_ssim
from deployments.stages.tracing import Fit, Group, group, trace

MAX_PATHS = 64
MIN_PSNR = 28.0
MIN_SSIM = 0.95
_JUDGED_SIDE, _JUDGED_EXACT = 256, 512  # pixels; what has noise is compared where it does not count

_PLAIN, _CLOSE = Fit(20.0, 45), Fit(8.0, 20)


class _Attempt(NamedTuple):
    """Outlines are followed at `side` pixels as closely as `fit` says. Without exact colours, those nearer than
    `tolerance` (OKLab) are one, `colours` at most."""

    side: int
    fit: Fit
    tolerance: float = 0.0
    colours: int = 0


# Few nodes first: the plainest drawing that is faithful enough wins. A larger side follows what is small and crooked
# more closely, with more nodes.
_EXACT = (_Attempt(512, _PLAIN), _Attempt(768, _PLAIN), _Attempt(1024, _PLAIN), _Attempt(1024, _CLOSE))
# Few colours first. Twice the side costs four times the time, and is for outlines of a model's soft edges.
_SOFT = (
    _Attempt(512, _CLOSE, 0.08, 8),
    _Attempt(1024, _CLOSE, 0.08, 8),
    _Attempt(1024, _CLOSE, 0.05, 12),
    _Attempt(512, _CLOSE, 0.03, 24),
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Groups of paths on a ground (#rrggbb, None for none) in a canvas of traced pixels."""

    width: int
    height: int
    ground: str | None
    groups: tuple[Group, ...]

    @property
    def paths(self) -> int:
        """How many there are."""
        return sum(len(one.paths) for one in self.groups)


def write_svg(image: Image.Image, recipe: Recipe, width: int, height: int) -> bytes:
    """The picture as paths in a canvas of width × height, its recipe in `<metadata>`.

    Raises StageError, in one sentence for the designer, if no drawing of at most MAX_PATHS paths comes within
    MIN_PSNR decibels of the picture; and has MIN_SSIM of its structure, where the picture has exact colours.
    """
    reason = ""
    shaped = _fit(image, width, height, max(image.size))
    exact = find_exact_colours(shaped)
    wanted = _judged(shaped, _JUDGED_SIDE if exact is None else _JUDGED_EXACT)
    for attempt in _SOFT if exact is None else _EXACT:
        flat = _flatten(shaped, attempt, exact)
        svg, reason = _try(flat, wanted, attempt.fit, recipe, (width, height), exact is not None)
        if not reason:
            return svg.encode()
    raise StageError(f"no SVG: the picture is not flat enough, {reason}")


def measure_fidelity(svg: str, source: Image.Image) -> float:
    """PSNR in dB between the rendered drawing and the picture, both at 256 pixels on the longer side."""
    wanted = _judged(source, _JUDGED_SIDE)
    return measure_psnr(rasterise(svg, *wanted.size), wanted)


def _flatten(image: Image.Image, attempt: _Attempt, exact: Levels | None) -> Image.Image:
    """The picture in few colours: its exact ones, or else what is nearest to them all."""
    if exact is None:
        return flatten(_fit(image, image.width, image.height, attempt.side), attempt.tolerance, attempt.colours)
    scale = attempt.side / max(image.size)
    return snap(image, exact, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))


def _try(
    flat: Image.Image, wanted: Image.Image, fit: Fit, recipe: Recipe, size: tuple[int, int], exact: bool
) -> tuple[str, str]:
    """The picture as SVG, and why it is not good enough. Where there is noise, its structure is not asked for."""
    if (reached := measure_psnr(_judged(flat, max(wanted.size)), wanted)) < MIN_PSNR:
        return "", _too_far(reached)
    drawing = _draw(flat, fit)
    if drawing.paths > MAX_PATHS:
        return "", f"it takes {drawing.paths} paths to trace, {MAX_PATHS} at most make a usable icon"
    svg = _write(drawing, recipe, size)
    seen = rasterise(svg, *wanted.size)
    if (reached := measure_psnr(seen, wanted)) < MIN_PSNR:
        return svg, _too_far(reached)
    if exact and (alike := measure_ssim(seen, wanted)) < MIN_SSIM:
        return svg, f"its tracing has {alike:.2f} of the picture's structure (SSIM), {MIN_SSIM} are needed"
    return svg, ""


def _too_far(reached: float) -> str:
    return f"its tracing comes within {reached:.1f} dB of the picture, {MIN_PSNR:.0f} are needed"


def _fit(image: Image.Image, width: int, height: int, side: int) -> Image.Image:
    """In the shape of width × height, the longer side of `side` pixels."""
    scale = side / max(width, height)
    size = round(width * scale), round(height * scale)
    return image if image.size == size else ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def rasterise(svg: str, width: int, height: int) -> Image.Image:
    """A drawing of ours as pixels."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    return Image.open(io.BytesIO(png)).convert("RGB")


def _judged(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def _draw(flat: Image.Image, fit: Fit) -> Drawing:
    paths = list(trace(flat, fit))
    ground = _ground(flat)
    # The tracer's first path is the ground that the others lie on: a rectangle says so, and is easy to remove.
    if ground is not None and paths and paths[0].fill == ground:
        paths = paths[1:]
    return Drawing(flat.width, flat.height, ground, group(paths))


def _write(drawing: Drawing, recipe: Recipe, size: tuple[int, int]) -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'width="{size[0]}" height="{size[1]}">',
        f"<title>{xmp.to_text(recipe.prompt)}</title>",
        f"<metadata>{xmp.to_rdf(recipe, to_json(recipe))}</metadata>",
    ]
    if drawing.ground is not None:
        shape = f'width="{drawing.width}" height="{drawing.height}" fill="{drawing.ground}"'
        lines.append(f'<rect id="background" {shape}/>')
    for one in drawing.groups:
        lines.append(f'<g id="{one.name}" fill="{one.fill}">')
        lines += [f'<path d="{path.d}"/>' for path in one.paths]
        lines.append("</g>")
    return "\n".join([*lines, "</svg>\n"])


def _ground(flat: Image.Image) -> str | None:
    """The colour of most of the picture's border as `#rrggbb`, None if no colour has most of it."""
    pixels = np.asarray(flat)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colours, counts = np.unique(border, axis=0, return_counts=True)
    if counts.max() * 2 <= len(border):
        return None
    return "#" + bytes(colours[counts.argmax()]).hex()
