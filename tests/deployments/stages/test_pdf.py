"""A PDF shows what the SVG shows, by another renderer; what it cannot show is refused."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pypdfium2
import pytest
import resvg_py
from PIL import Image

from configs.errors import StageError
from deployments.stages import xmp
from deployments.stages.pdf import write_pdf
from deployments.stages.vector import write_svg
from tests.deployments.pictures import RECIPE, soft_icon

SHAPES = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="10 20 120 100" width="240" height="200">
<metadata>nothing to see</metadata><title>shapes</title>
<rect id="background" x="10" y="20" width="120" height="100" fill="#f5f0e6"/>
<g id="a" fill="#d13438" transform="translate(10 20)">
<circle cx="30" cy="30" r="20"/><ellipse cx="80" cy="30" rx="30" ry="12" fill="#0078d4"/>
<path d="M10 60 h30 v30 h-30z m5 5 v20 h20 v-20 z" fill-rule="evenodd"/>
<g transform="matrix(1 0.2 0 1 0 -10)"><polygon points="50,60 90,60 70,90" fill="#00753a"/></g>
<path d="M60 90 Q70 60 80 90 T100 90 L100 95 60 95 Z" fill="#201f1e" transform="translate(0 2) scale(1.1 1)"/>
<path d="M95 55 A8 8 0 1 1 111 55 C 108 60 100 60 95 55 S 90 50 95 45 Z" fill="#ffb900"/>
</g><rect width="500" height="500" fill="none"/></svg>"""


def psnr(svg: str, pdf: bytes, width: int) -> float:
    """Of both as pixels, in dB."""
    page: Any = pypdfium2.PdfDocument(pdf)[0]
    shown = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, skip_system_fonts=True))
    wanted = Image.open(io.BytesIO(png)).convert("RGB")
    assert shown.size == wanted.size
    error = float(np.mean((np.asarray(shown, np.float64) - np.asarray(wanted, np.float64)) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def test_every_shape_and_curve_is_where_the_svg_has_it() -> None:
    assert psnr(SHAPES, write_pdf(SHAPES.encode(), RECIPE, 240, 200), 480) > 38


def test_a_traced_picture_is_the_same_drawing() -> None:
    picture = soft_icon(1, 256)
    svg = write_svg(Image.frombytes("RGB", (256, 256), picture.rgb), RECIPE, 256, 256)
    pdf = write_pdf(svg, RECIPE, 256, 256)
    assert psnr(svg.decode(), pdf, 512) > 38
    assert pypdfium2.PdfDocument(pdf)[0].get_size() == (192, 192)  # 256 pixels at 96 to the inch
    assert b"/JavaScript" not in pdf
    assert ElementTree.fromstring(xmp.find_packet(pdf).partition(b"?>")[2]) is not None


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        ('<image href="/etc/passwd"/>', "'image' that is more than a filled outline"),
        ('<rect width="5" height="5" fill="url(#a)"/>', "which is no plain colour"),
        ('<rect width="5" height="5" fill="#d13438" stroke="#000000"/>', "'rect' that is more than"),
        ('<path d="M0 0 L5 5 Z" fill="#d13438" opacity="0.5"/>', "'path' that is more than"),
    ],
)
def test_what_is_no_filled_outline_is_refused(shape: str, why: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{shape}</svg>'
    with pytest.raises(StageError, match="no PDF: .*") as refused:
        write_pdf(svg.encode(), RECIPE, 10, 10)
    assert why in refused.value.message
