"""The outlines of a picture of exact colours, by vtracer, in groups that have names."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import vtracer
from PIL import Image
from scipy import ndimage

from deployments.stages.oklab import to_oklab

_SPECKLE = 1 / 64  # of the side: a patch that is smaller each way is noise, and would be a path of its own
_BELOW = 2  # pixels

_PATH = re.compile(
    r'<path d="(?P<d>[MLCZ0-9 .,\-]+)" fill="(?P<fill>#[0-9A-Fa-f]{6})" '
    r'transform="translate\((?P<x>-?[0-9.]+),(?P<y>-?[0-9.]+)\)"/>'
)
_POINT = re.compile(r"(-?\d+(?:\.\d+)?)[ ,](-?\d+(?:\.\d+)?)")
_NAMES = {
    "white": "#ffffff", "light-grey": "#d0d4da", "grey": "#8a919c", "dark-grey": "#4c505a", "black": "#16171b",
    "red": "#e3262a", "dark-red": "#8c1a1a", "orange": "#fb8a14", "yellow": "#ffd51e", "cream": "#fbeac4",
    "green": "#37a63a", "dark-green": "#1d5a30", "mint": "#b9f0d0", "teal": "#0e9f9f", "light-blue": "#bfe1ff",
    "blue": "#2563eb", "navy": "#15264f", "purple": "#8b3bdb", "lavender": "#d9cbff", "pink": "#f767b1",
    "light-pink": "#ffcfdd", "brown": "#8a5630", "tan": "#d2a679",
}  # fmt: skip
_TONES = to_oklab(np.array([list(bytes.fromhex(tone[1:])) for tone in _NAMES.values()], np.float32))


@dataclass(frozen=True, slots=True)
class Fit:
    """How closely outlines are followed: no segment shorter than `length` pixels is cut in two, and a curve is where
    it turns more than `splice` degrees. Long segments and large angles make few nodes."""

    length: float
    splice: int


@dataclass(frozen=True, slots=True)
class Path:
    """A filled outline in traced pixels, and the box that it lies in (left, top, right, bottom)."""

    d: str
    fill: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """Paths of one colour that can be painted one after the other."""

    name: str
    fill: str
    paths: tuple[Path, ...]


def trace(flat: Image.Image, fit: Fit) -> Iterator[Path]:
    """The outlines of all areas in the order they are painted: each lies on those before it, and none has holes."""
    yield from _run(flat, fit, "stacked")


def trace_apart(flat: Image.Image, ground: tuple[int, int, int], fit: Fit) -> Iterator[Path]:
    """The outlines of all areas but those of the colour `ground`, with holes where it shows through. Larger areas come
    first, and go on for a little below what is painted over them: no seam opens between two."""
    pixels = np.asarray(flat)
    colours, labels = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    labels = labels.reshape(pixels.shape[:2])
    order = np.argsort(-np.bincount(labels.ravel(), minlength=len(colours)), kind="stable")
    later = (pixels != ground).any(axis=-1)
    for label in order:
        if tuple(colours[label]) == ground:
            continue
        area = labels == label
        later &= ~area
        below = area | (ndimage.binary_dilation(area, iterations=_BELOW) & later)
        mask = Image.fromarray(np.where(below[..., None], colours[label], ground).astype(np.uint8), "RGB")
        fill = "#" + bytes(colours[label]).hex()
        yield from (path for path in _run(mask, fit, "cutout") if path.fill == fill)


def _run(flat: Image.Image, fit: Fit, hierarchical: str) -> Iterator[Path]:
    """vtracer's paths, and nothing else of what it writes: no element gets through that is not listed here."""
    file = io.BytesIO()
    flat.save(file, "PNG", compress_level=1)
    svg: str = vtracer.convert_raw_image_to_svg(
        file.getvalue(),
        img_format="png",
        colormode="color",
        hierarchical=hierarchical,
        mode="spline",
        filter_speckle=round(max(flat.size) * _SPECKLE),
        length_threshold=fit.length,
        splice_threshold=fit.splice,
        color_precision=8,
        layer_difference=0,
        path_precision=2,
    )
    for found in _PATH.finditer(svg):
        yield _place(found["d"].strip(), found["fill"].lower(), float(found["x"]), float(found["y"]))


def group(paths: Iterable[Path]) -> tuple[Group, ...]:
    """Paths of one colour together, as far as what is painted over what stays so."""
    groups: list[list[Path]] = []
    for path in paths:
        home = _home(groups, path)
        if home is None:
            groups.append([path])
        else:
            home.append(path)
    names = _name([members[0].fill for members in groups])
    return tuple(Group(name, members[0].fill, tuple(members)) for name, members in zip(names, groups, strict=True))


def count_nodes(svg: str) -> int:
    """The points of all outlines: a beginning, a line or a curve each."""
    return sum(len(re.findall("[MLC]", d)) for d in re.findall(r' d="([^"]+)"', svg))


def _place(d: str, fill: str, x: float, y: float) -> Path:
    """A path with its offset in its coordinates."""
    points = [(float(one) + x, float(other) + y) for one, other in _POINT.findall(d)]
    moved = iter(points)

    def written(_: re.Match[str]) -> str:
        across, down = next(moved)
        return f"{round(across, 2):g} {round(down, 2):g}"

    across, down = zip(*points, strict=True)
    return Path(_POINT.sub(written, d), fill, (min(across), min(down), max(across), max(down)))


def _home(groups: Sequence[list[Path]], path: Path) -> list[Path] | None:
    """The last group of the path's colour, if nothing that was painted since lies where the path does."""
    for members in reversed(groups):
        if members[0].fill == path.fill:
            return members
        if any(_meet(path.box, other.box) for other in members):
            return None
    return None


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _name(fills: Sequence[str]) -> list[str]:
    """Ids by colour, in words: red, white, red-2."""
    taken: dict[str, int] = {}
    names = []
    for fill in fills:
        lab = to_oklab(np.array(list(bytes.fromhex(fill[1:])), np.float32))
        word = list(_NAMES)[int(((_TONES - lab) ** 2).sum(axis=1).argmin())]
        taken[word] = taken.get(word, 0) + 1
        names.append(word if taken[word] == 1 else f"{word}-{taken[word]}")
    return names
