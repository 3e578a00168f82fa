"""SVG for flat art: traced from few colours, rebuilt from the few elements we allow, and believed only when rendering
it gives the picture back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import resvg_py
import vtracer
from PIL import Image, ImageOps

from configs.errors import StageError
from deployments.messages import Recipe
from deployments.stages import xmp
from deployments.stages.palette import flatten
from deployments.stages.recipe import to_json

MAX_PATHS = 64
MIN_PSNR = 28.0
_JUDGED_SIDE = 256


class _Attempt(NamedTuple):
    """Colours nearer than `tolerance` (OKLab) are one, `colours` at most, outlines are followed at `side` pixels."""

    tolerance: float
    colours: int
    side: int


# Few colours first: the plainest drawing that is faithful enough wins. Twice the side costs four times the time, and
# is for what is small and crooked: outlines of a model's soft edges, to which half a pixel is much.
_ATTEMPTS = (_Attempt(0.08, 8, 512), _Attempt(0.08, 8, 1024), _Attempt(0.05, 12, 1024), _Attempt(0.03, 24, 512))
_SPECKLE = 1 / 64  # of the side: a patch that is smaller each way is noise, and would be a path of its own

_PATH = re.compile(
    r'<path d="(?P<d>[MLCZ0-9 .,\-]+)" fill="(?P<fill>#[0-9A-Fa-f]{6})" '
    r'transform="translate\((?P<x>-?[0-9.]+),(?P<y>-?[0-9.]+)\)"/>'
)


@dataclass(frozen=True, slots=True)
class Path:
    """A filled outline in traced pixels, offset by (x, y)."""

    d: str
    fill: str
    x: float
    y: float


def write_svg(image: Image.Image, recipe: Recipe, width: int, height: int) -> bytes:
    """The picture as paths in a canvas of width × height, its recipe in `<metadata>`.

    Raises StageError, in one sentence for the designer, if no drawing of at most MAX_PATHS paths comes within
    MIN_PSNR decibels of the picture.
    """
    reason = ""
    for attempt in _ATTEMPTS:
        source = _fit(image, width, height, attempt.side)
        flat = flatten(source, attempt.tolerance, attempt.colours)
        fidelity = _psnr(flat, source)
        count = 0
        if fidelity >= MIN_PSNR:
            svg, count = _draw(flat, recipe, width, height)
            fidelity = measure_fidelity(svg, source)
        if count > MAX_PATHS:
            reason = f"it takes {count} paths to trace, {MAX_PATHS} at most make a usable icon"
        elif fidelity < MIN_PSNR:
            reason = f"its tracing comes within {fidelity:.1f} dB of the picture, {MIN_PSNR:.0f} are needed"
        else:
            return svg.encode()
    raise StageError(f"no SVG: the picture is not flat enough, {reason}")


def _fit(image: Image.Image, width: int, height: int, side: int) -> Image.Image:
    """In the shape of width × height, the longer side of `side` pixels."""
    scale = side / max(width, height)
    return ImageOps.fit(image, (round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)


def measure_fidelity(svg: str, source: Image.Image) -> float:
    """PSNR in dB between the rendered drawing and the picture, both at 256 pixels on the longer side."""
    width, height = _judged_size(source)
    png = resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    return _psnr(Image.open(io.BytesIO(png)).convert("RGB"), source)


def _psnr(image: Image.Image, source: Image.Image) -> float:
    size = _judged_size(source)
    seen, wanted = (np.asarray(one.resize(size, Image.Resampling.LANCZOS), np.float32) for one in (image, source))
    return float(10 * np.log10(255**2 / max(float(np.mean((seen - wanted) ** 2)), 1e-6)))


def _judged_size(source: Image.Image) -> tuple[int, int]:
    scale = _JUDGED_SIDE / max(source.width, source.height)
    return max(1, round(source.width * scale)), max(1, round(source.height * scale))


def _draw(flat: Image.Image, recipe: Recipe, width: int, height: int) -> tuple[str, int]:
    paths = list(_trace(flat))
    background = _background(flat)
    # The tracer's first path is the ground that the others lie on: a rectangle says so, and is easy to remove.
    if background is not None and paths and paths[0].fill.lower() == background:
        paths = paths[1:]
    body = [f'<rect id="background" width="{flat.width}" height="{flat.height}" fill="{background}"/>'] * (
        background is not None
    )
    body += [f'<path fill="{path.fill.lower()}"{_offset(path)} d="{path.d.strip()}"/>' for path in paths]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {flat.width} {flat.height}" '
        f'width="{width}" height="{height}">\n<metadata>{xmp.to_rdf(recipe, to_json(recipe))}</metadata>'
    )
    return "\n".join([head, *body, "</svg>\n"]), len(paths)


def _trace(flat: Image.Image) -> Iterator[Path]:
    """vtracer's paths, and nothing else of what it writes: no element gets through that is not listed here."""
    file = io.BytesIO()
    flat.save(file, "PNG", compress_level=1)
    svg: str = vtracer.convert_raw_image_to_svg(
        file.getvalue(),
        img_format="png",
        colormode="color",
        hierarchical="stacked",
        mode="spline",
        filter_speckle=round(max(flat.size) * _SPECKLE),
        length_threshold=8.0,  # shorter segments wiggle: 4 dB worse on straight outlines, and a third larger
        splice_threshold=20,  # degrees; outlines that turn more are cut there, and 0.5 dB nearer than at the usual 45
        color_precision=8,
        layer_difference=0,
        path_precision=2,
    )
    for found in _PATH.finditer(svg):
        yield Path(found["d"], found["fill"], float(found["x"]), float(found["y"]))


def _background(flat: Image.Image) -> str | None:
    """The colour of most of the picture's border as `#rrggbb`, None if no colour has most of it."""
    pixels = np.asarray(flat)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colours, counts = np.unique(border, axis=0, return_counts=True)
    if counts.max() * 2 <= len(border):
        return None
    return "#" + bytes(colours[counts.argmax()]).hex()


def _offset(path: Path) -> str:
    return f' transform="translate({path.x:g} {path.y:g})"' if path.x or path.y else ""
