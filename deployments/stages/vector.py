"""SVG for flat art: traced from few colours, rebuilt from the few elements we allow, and believed only when rendering
it gives the picture back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import resvg_py
from PIL import Image

from configs.errors import StageError
from deployments.messages import Recipe
from deployments.stages import xmp
from deployments.stages.oklab import Levels, to_oklab
from deployments.stages.palette import find_exact_colours, flatten, snap
from deployments.stages.recipe import to_json
from deployments.stages.similarity import measure_psnr, measure_ssim
from deployments.stages.tracing import Fit, Group, group, trace, trace_apart

MAX_PATHS = 64
MIN_PSNR = 28.0
MIN_SSIM = 0.95
_JUDGED_SIDE, _JUDGED_EXACT = 256, 512  # pixels; what has noise is compared where it does not count

Colour: TypeAlias = tuple[int, int, int]
_WHITE: Colour = (255, 255, 255)
_KEYS: tuple[Colour, ...] = ((255, 0, 255), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 0))

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
    """The picture as paths in a canvas of width × height, its recipe in `<metadata>`; without a ground where it is
    transparent.

    Raises StageError, in one sentence for the designer, if no drawing of at most MAX_PATHS paths comes within
    MIN_PSNR decibels of the picture; and has MIN_SSIM of its structure, where the picture has exact colours.
    """
    reason = ""
    shaped, key = _cropped(image, width / height), None
    if shaped.mode == "RGBA":
        shaped, key = _laid_on_key(shaped)
    exact = find_exact_colours(shaped)
    wanted = _scaled(shaped, _JUDGED_SIDE if exact is None else _JUDGED_EXACT)
    for attempt in _SOFT if exact is None else _EXACT:
        flat = _flatten(shaped, attempt, exact)
        reason = _too_far(measure_psnr(_scaled(flat, max(wanted.size)), wanted))
        if reason:
            continue
        drawing = _draw(flat, attempt.fit, key)
        svg = _write(drawing, recipe, (width, height))
        reason = _objection(drawing, svg, wanted, key, exact is not None)
        if not reason:
            return svg.encode()
    raise StageError(f"no SVG: the picture is not flat enough, {reason}")


def measure_fidelity(svg: str, source: Image.Image) -> float:
    """PSNR in dB between the rendered drawing and the picture, both at 256 pixels on the longer side."""
    wanted = _scaled(source, _JUDGED_SIDE)
    return measure_psnr(rasterise(svg, *wanted.size), wanted)


def _flatten(image: Image.Image, attempt: _Attempt, exact: Levels | None) -> Image.Image:
    """The picture in few colours: its exact ones, or else what is nearest to them all."""
    if exact is None:
        return flatten(_scaled(image, attempt.side), attempt.tolerance, attempt.colours)
    return snap(image, exact, _size(image, attempt.side))


def _objection(drawing: Drawing, svg: str, wanted: Image.Image, key: Colour | None, exact: bool) -> str:
    """Why a drawing is not good enough; nothing where it is. Where there is noise, its structure is not asked for."""
    if drawing.paths > MAX_PATHS:
        return f"it takes {drawing.paths} paths to trace, {MAX_PATHS} at most make a usable icon"
    seen = rasterise(svg, *wanted.size, ground=key or _WHITE)
    if reason := _too_far(measure_psnr(seen, wanted)):
        return reason
    if exact and (alike := measure_ssim(seen, wanted)) < MIN_SSIM:
        return f"its tracing has {alike:.2f} of the picture's structure (SSIM), {MIN_SSIM} are needed"
    return ""


def _too_far(reached: float) -> str:
    if reached >= MIN_PSNR:
        return ""
    return f"its tracing comes within {reached:.1f} dB of the picture, {MIN_PSNR:.0f} are needed"


def _cropped(image: Image.Image, aspect: float) -> Image.Image:
    """To an aspect ratio around its centre, and no pixel changed: exact colours stay so."""
    width, height = min(image.width, round(image.height * aspect)), min(image.height, round(image.width / aspect))
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + max(1, width), top + max(1, height)))


def rasterise(svg: str, width: int, height: int, ground: Colour = _WHITE) -> Image.Image:
    """A drawing of ours as pixels, on `ground` where it is transparent."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    drawn = Image.open(io.BytesIO(png)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", drawn.size, (*ground, 255)), drawn).convert("RGB")


def _laid_on_key(image: Image.Image) -> tuple[Image.Image, Colour]:
    """What is cut out on a colour that nothing of it is like, and that colour."""
    pixels = np.asarray(image)
    colours = np.unique(pixels[pixels[..., 3] > 127][:, :3] >> 3, axis=0) << 3
    if not len(colours):
        raise StageError("no SVG: the picture is empty")
    labs = to_oklab(colours.astype(np.uint8))
    key = max(_KEYS, key=lambda one: float(np.linalg.norm(labs - to_oklab(np.array(one, np.uint8)), axis=-1).min()))
    return Image.alpha_composite(Image.new("RGBA", image.size, (*key, 255)), image).convert("RGB"), key


def _scaled(image: Image.Image, side: int) -> Image.Image:
    return image.resize(_size(image, side), Image.Resampling.LANCZOS)


def _size(image: Image.Image, side: int) -> tuple[int, int]:
    """Of the picture with a longer side of `side` pixels."""
    scale = side / max(image.size)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _draw(flat: Image.Image, fit: Fit, key: Colour | None) -> Drawing:
    """On the ground that the picture has; on none where it is laid on a `key`."""
    if key is not None:
        return Drawing(flat.width, flat.height, None, group(trace_apart(flat, _nearest(flat, key), fit)))
    paths = list(trace(flat, fit))
    ground = _ground(flat)
    # The tracer's first path is the ground that the others lie on: a rectangle says so, and is easy to remove.
    if ground is not None and paths and paths[0].fill == ground:
        paths = paths[1:]
    return Drawing(flat.width, flat.height, ground, group(paths))


def _nearest(flat: Image.Image, key: Colour) -> Colour:
    """What became of a colour when the picture was flattened."""
    colours = np.unique(np.asarray(flat).reshape(-1, 3), axis=0)
    red, green, blue = colours[((colours.astype(int) - key) ** 2).sum(axis=1).argmin()].tolist()
    return red, green, blue


def _write(drawing: Drawing, recipe: Recipe, size: tuple[int, int]) -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'width="{size[0]}" height="{size[1]}">',
        f"<title>{xmp.to_text(recipe.prompt or recipe.asset_type)}</title>",
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
