"""A chart as a file: SVG for pages and papers, PNG for chats."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from router.charts.shapes import Box, Drawing, Line, Shape

_SCALE = 2  # pixels of the PNG to one of the chart
_CHARACTERS = 92  # of a line of text, at most


def to_svg(drawing: Drawing) -> str:
    """With the title as its `<title>`."""
    width, height = drawing.width, drawing.height
    shapes = "\n".join(map(_element, drawing.shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="system-ui, sans-serif" role="img">\n<title>{escape(drawing.title)}</title>\n{shapes}\n</svg>\n'
    )


def _element(shape: Shape) -> str:
    if isinstance(shape, Line):
        ends = f'x1="{shape.x1:.1f}" y1="{shape.y1:.1f}" x2="{shape.x2:.1f}" y2="{shape.y2:.1f}"'
        return f'<line {ends} stroke="{shape.colour}" stroke-width="{shape.width:g}"/>'
    if isinstance(shape, Box):
        place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:g}" height="{shape.height:g}"'
        return f'<rect {place} fill="{shape.colour}"/>'
    look = f'fill="{shape.colour}" font-size="{shape.size}" text-anchor="{shape.anchor}"'
    place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" dominant-baseline="central"'
    return f"<text {place} {look}>{escape(_cut(shape.text))}</text>"


def to_png(drawing: Drawing) -> bytes:
    """Twice as many pixels as the chart is wide."""
    image = paint(drawing)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def paint(drawing: Drawing) -> Image.Image:
    """As `to_png`, for other formats."""
    image = Image.new("RGB", (drawing.width * _SCALE, drawing.height * _SCALE), "white")
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        _paint(pen, shape)
    return image


def _paint(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    if isinstance(shape, Line):
        ends = [shape.x1 * _SCALE, shape.y1 * _SCALE, shape.x2 * _SCALE, shape.y2 * _SCALE]
        pen.line(ends, shape.colour, round(shape.width * _SCALE))
    elif isinstance(shape, Box):
        x, y = shape.x * _SCALE, shape.y * _SCALE
        pen.rectangle([x, y, x + shape.width * _SCALE - 1, y + shape.height * _SCALE - 1], shape.colour)
    else:
        anchor = {"start": "lm", "middle": "mm", "end": "rm"}[shape.anchor]
        font = ImageFont.load_default(shape.size * _SCALE)
        pen.text((shape.x * _SCALE, shape.y * _SCALE), _cut(shape.text), shape.colour, font, anchor)


def _cut(text: str) -> str:
    """One line that fits."""
    line = " ".join(text.split())
    return line if len(line) <= _CHARACTERS else f"{line[: _CHARACTERS - 1].rstrip()}…"
