"""PDF of flat art: the outlines of the SVG file that was verified, on one page, with recipe and marking as XMP."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterator

from fontTools.misc.transform import Identity, Transform
from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import PathBuilder, parse_path

from configs.errors import StageError
from deployments.messages import Recipe
from deployments.stages import xmp
from deployments.stages.raster import srgb_profile
from deployments.stages.recipe import to_json

_POINTS = 72 / 96  # a pixel is a 96th of an inch, a point a 72nd
_TRANSFORM = re.compile(r"\s*(translate|scale|matrix)\(([^)]*)\)")
_SHAPES = ("path", "rect", "circle", "ellipse", "polygon")
_SILENT = ("metadata", "title", "desc")
_UNDERSTOOD = frozenset(
    {"id", "class", "d", "x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "points"}
    | {"fill", "fill-rule", "transform"}
)


def write_pdf(svg: bytes, recipe: Recipe, width: int, height: int) -> bytes:
    """One page of width x height pixels at 96 to the inch; `svg` is a file that we wrote. Raises StageError for a
    drawing of more than filled outlines."""
    page = f"{width * _POINTS:g} {height * _POINTS:g}"
    drawing = "\n".join(_draw(svg, width * _POINTS, height * _POINTS)).encode("ascii")
    packet = xmp.to_packet(recipe, to_json(recipe)).encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {page}]/Contents 4 0 R"
        "/Resources<</ColorSpace<</DefaultRGB[/ICCBased 6 0 R]>>>>>>".encode("ascii"),
        _stream(b"/Filter/FlateDecode", zlib.compress(drawing, 9)),
        _stream(b"/Type/Metadata/Subtype/XML", packet),  # in the open, where readers find it that know no PDF
        _stream(b"/N 3/Filter/FlateDecode", zlib.compress(srgb_profile(), 9)),
    )
    return _file(objects)


class _PdfPen(BasePen):  # type: ignore[misc]  # fontTools has no types
    """Writes an outline as operators of a content stream."""

    def __init__(self) -> None:
        super().__init__(None)
        self.operators: list[str] = []

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - the names that fontTools calls
        self._write("m", point)

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._write("l", point)

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._write("c", *points)

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")

    def _write(self, operator: str, *points: tuple[float, float]) -> None:
        numbers = " ".join(f"{number:.4f}".rstrip("0").rstrip(".") for point in points for number in point)
        self.operators.append(f"{numbers} {operator}")


def _draw(svg: bytes, width: float, height: float) -> Iterator[str]:
    """A content stream: everything that is filled, the lowest first. The page's y goes up, the picture's down."""
    root = ElementTree.fromstring(svg)
    left, top, wide, high = (float(one) for one in root.attrib["viewBox"].split())
    place = Transform(width / wide, 0, 0, -height / high, -left * width / wide, height + top * height / high)
    return _walk(root, place, {})


def _walk(parent: ElementTree.Element, place: Transform, inherited: dict[str, str]) -> Iterator[str]:
    for element in parent:
        kind = element.tag.partition("}")[2]
        if kind in _SILENT:
            continue
        if kind not in ("g", *_SHAPES) or not element.attrib.keys() <= _UNDERSTOOD:
            raise StageError(f"no PDF: its drawing has a '{kind}' that is more than a filled outline")
        said = inherited | {name: element.attrib[name] for name in ("fill", "fill-rule") if name in element.attrib}
        here = place.transform(_transform(element.attrib.pop("transform", "")))
        if kind == "g":
            yield from _walk(element, here, said)
        elif said.get("fill") != "none":
            yield from _fill(element, here, said.get("fill", "#000000"), said.get("fill-rule") == "evenodd")


def _fill(element: ElementTree.Element, place: Transform, fill: str, even_odd: bool) -> Iterator[str]:
    if not re.fullmatch("#[0-9a-fA-F]{6}", fill):
        raise StageError(f"no PDF: its drawing is filled with '{fill}', which is no plain colour")
    outline, pen = PathBuilder(), _PdfPen()
    outline.add_path_from_element(element)
    for path in outline.paths:
        parse_path(path, TransformPen(pen, place))
    yield " ".join(f"{level / 255:.5g}" for level in bytes.fromhex(fill[1:])) + " rg"
    yield from pen.operators
    yield "f*" if even_odd else "f"


def _transform(text: str) -> Transform:
    place = Identity
    for name, inside in _TRANSFORM.findall(text):
        numbers = [float(one) for one in re.split(r"[\s,]+", inside.strip())]
        if name == "matrix":
            place = place.transform(numbers)
        else:
            place = place.translate(*numbers) if name == "translate" else place.scale(*numbers)
    return place


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def _file(objects: tuple[bytes, ...]) -> bytes:
    """The objects, numbered from 1, the first of which is the catalog, and where each begins."""
    file, starts = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), list[int]()
    for number, content in enumerate(objects, 1):
        starts.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(file) + end % (size, table, size, len(file))
