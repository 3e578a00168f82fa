"""The AI mark alone, written and found again."""

from __future__ import annotations

import io
from typing import Literal

import pytest
from PIL import Image

from deployments.stages.mark import DRAWN, mark_of, mark_of_sheet, save_marked
from deployments.stages.xmp import MACHINE_CHANGED, MACHINE_MADE

Format = Literal["PNG", "WEBP"]


def a_file(format: Format, mark: str) -> bytes:
    written = io.BytesIO()
    save_marked(Image.new("RGB", (8, 8), "red"), written, format, mark)
    return written.getvalue()


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_a_mark_is_found_again_and_the_picture_stays(format: Format) -> None:
    file = a_file(format, DRAWN)
    assert mark_of(file) == DRAWN
    assert MACHINE_MADE.encode() in file
    assert mark_of(a_file(format, "")) == ""
    assert Image.open(io.BytesIO(file)).size == (8, 8)


def test_a_sheet_is_as_all_that_is_on_it_or_a_composite() -> None:
    drawn, other = a_file("WEBP", DRAWN), a_file("PNG", "")
    assert mark_of_sheet([drawn, a_file("PNG", DRAWN)]) == DRAWN
    assert MACHINE_CHANGED in mark_of_sheet([drawn, other])
    assert mark_of_sheet([other, other]) == ""
