"""Legibility goes down with size, detail and faintness, and says nothing of what shows nothing."""

from __future__ import annotations

from PIL import Image, ImageDraw

from deployments.stages.legibility import SIZES, measure_drawing, measure_legibility
from deployments.stages.vector import rasterise


def drawing(lines: int, ink: tuple[int, int, int] = (20, 20, 30)) -> Image.Image:
    """A disc; or as many upright lines, of the same area together."""
    image = Image.new("RGB", (512, 512), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    if lines == 1:
        pen.ellipse([156, 156, 356, 356], fill=ink)
    for line in range(lines if lines > 1 else 0):
        left = 96 + line * 320 // lines
        pen.rectangle([left, 96, left + 160 // lines, 416], fill=ink)
    return image


def test_smaller_is_never_easier_to_read() -> None:
    for lines in (1, 4, 8, 16):
        scores = measure_legibility(drawing(lines))
        assert tuple(scores) == SIZES
        assert 0 <= scores[16] <= scores[24] + 0.02
        assert scores[24] <= scores[32] + 0.02 <= 1.02


def test_plain_shapes_are_read_more_easily_than_fine_ones() -> None:
    plain, fine, hair = (measure_legibility(drawing(lines))[16] for lines in (1, 6, 20))
    assert plain > 0.6
    assert plain > fine > hair
    assert hair < 0.1


def test_what_is_faint_is_hard_to_read() -> None:
    assert measure_legibility(drawing(1, (235, 235, 240)))[24] < 0.3 < measure_legibility(drawing(1))[24]


def test_a_picture_of_nothing_is_not_legible() -> None:
    assert measure_legibility(Image.new("RGB", (64, 40), (10, 20, 30))) == dict.fromkeys(SIZES, 0.0)


def test_what_is_cut_out_counts_on_the_ground_that_suits_it() -> None:
    white = Image.new("RGBA", (256, 256), (255, 255, 255, 0))
    ImageDraw.Draw(white).ellipse([60, 60, 196, 196], fill=(255, 255, 255, 255))
    assert measure_legibility(white)[24] > 0.6


def test_a_drawing_is_judged_as_it_is_rendered() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{}</svg>'
    bold = svg.format('<circle cx="4" cy="4" r="3" fill="#202020"/>')
    fine = svg.format("".join(f'<path d="M{i / 3} 1h.1v6h-.1z" fill="#202020"/>' for i in range(2, 22)))
    scores = [measure_drawing(lambda w, h, of=one: rasterise(of, w, h), 8, 8)[16] for one in (bold, fine)]  # type: ignore[misc]
    assert scores[0] > 0.6 > scores[1]
