"""Masks as people make them, in every mode and either convention: read as they mark, said, or refused; never turned
around in silence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from configs.errors import InvalidRequest
from configs.schema import Size
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.pictures.intake import take_in
from router.pictures.marking import check_marks
from router.pictures.masks import MARKED, Convention, Marks, read_levels, read_marks
from router.pictures.names import FoundPicture
from router.pictures.opening import cover_mask, open_stored
from router.planning.making import make_plan
from router.rates import Rates
from tests.catalogue import load_installation
from tests.short_form import examples

INSTALLATION = load_installation("local")
CAN = INSTALLATION.capabilities["mini"]
SQUARE = INSTALLATION.catalog.models["mini"].native_sizes[0]
Box = tuple[float, float, float, float]


def photograph(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Many colours, smoothly, with light and dark parts."""
    noise = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def drawing(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """A yellow disc on blue: an icon."""
    image = Image.new("RGB", size, (40, 60, 220))
    ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), (240, 220, 40))
    return image


def shape(size: tuple[int, int], box: Box, soft: float = 0.0) -> Image.Image:
    """White on black, where the picture is to be redrawn."""
    marked = Image.new("L", size, 0)
    x, y, w, h = box
    left, top = int(x * size[0]), int(y * size[1])
    right, bottom = min(size[0], left + max(8, int(w * size[0]))), min(size[1], top + max(8, int(h * size[1])))
    marked.paste(255, (left, top, right, bottom))
    return marked.filter(ImageFilter.GaussianBlur(soft)) if soft else marked


def white_on_transparent(marked: Image.Image) -> Image.Image:
    mask = Image.new("RGBA", marked.size, (255, 255, 255, 0))
    mask.putalpha(marked)
    return mask


def grey_and_alpha(marked: Image.Image) -> Image.Image:
    """As programs write it that keep a mask in both: its level and how opaque it is."""
    return Image.merge("LA", (marked, marked))


def with_clear_colour(marked: Image.Image) -> Image.Image:
    """Palette, black made transparent by tRNS."""
    return marked.point(lambda level: 255 * (level >= MARKED)).convert("P")


LIGHT: dict[str, Callable[[Image.Image], Image.Image]] = {
    "1": lambda marked: marked.convert("1", dither=Image.Dither.NONE),
    "L": lambda marked: marked,
    "LA": lambda marked: Image.merge("LA", (marked, Image.new("L", marked.size, 255))),
    "LA, transparent": grey_and_alpha,
    "P": lambda marked: marked.convert("P"),
    "P, transparent": with_clear_colour,
    "RGB": lambda marked: marked.convert("RGB"),
    "RGBA": lambda marked: marked.convert("RGBA"),
    "RGBA, transparent": white_on_transparent,
    "16 bit": lambda marked: Image.fromarray(np.asarray(marked, np.uint16) * 257),
}


def stored(image: Image.Image, **options: int) -> Image.Image:
    """As an upload is kept."""
    file = BytesIO()
    image.save(file, "PNG", **options)
    return open_stored(take_in(file.getvalue(), 40_000_000).png)


def agreement(marks: Marks, marked: Image.Image) -> float:
    """The share of pixels that are read as they were meant, but for what is half marked."""
    meant, read = np.asarray(marked, int), np.asarray(marks.levels, int) >= MARKED
    sure = np.abs(meant - 127.5) > 56  # of a level that is also the opacity the square counts
    return float(((meant >= MARKED) == read)[sure].mean())


BOXES = st.tuples(*[st.floats(0.0, 0.7)] * 2, *[st.floats(0.1, 0.6)] * 2)
SIDES = st.integers(24, 200)
PICTURES = st.sampled_from([photograph, drawing])


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(sorted(LIGHT)), SIDES, SIDES, BOXES, st.sampled_from([0.0, 1.5]), st.integers(1, 3), PICTURES)
def test_white_is_redrawn_in_whatever_mode_it_comes(
    mode: str, width: int, height: int, box: Box, soft: float, times: int, picture: Callable[..., Image.Image]
) -> None:
    marked = shape((width, height), box, soft)
    options = {"transparency": 0} if mode == "P, transparent" else {}
    mask = stored(LIGHT[mode](marked), **options)
    marks = read_marks(mask, picture((width * times, height * times)))
    assert marks.convention == "light"
    assert agreement(marks, marked) == 1.0
    assert marks.levels.tobytes() == read_levels(mask, marks.convention).tobytes()


@pytest.mark.slow
@settings(max_examples=examples(150), deadline=None)
@given(SIDES, SIDES, BOXES, st.sampled_from([0.0, 1.5]), st.booleans(), st.integers(1, 200), PICTURES, st.booleans())
def test_the_hole_in_a_picture_is_redrawn_and_the_plan_says_so(
    width: int,
    height: int,
    box: Box,
    soft: float,
    same: bool,
    seed: int,
    picture: Callable[..., Image.Image],
    grey: bool,
) -> None:
    image, marked = picture((width, height)), shape((width, height), box, soft)
    base = image if same else photograph((width, height), seed)
    if grey:
        image, base = image.convert("L").convert("RGB"), base.convert("L").convert("RGBA").convert("RGB")
    cut = base.convert("RGBA")
    cut.putalpha(ImageOps.invert(marked))
    certain = same and not grey
    with nullcontext() if certain else suppress(InvalidRequest):
        check_hole(read_marks(stored(cut), image), image, marked, certain)


def check_hole(marks: Marks, image: Image.Image, marked: Image.Image, certain: bool) -> None:
    """Drawn in the picture's own shape: in another, the part with the hole may be what is cut away."""
    seen = [one.code for one in reading(marks, image, marked.size, Size(width=image.width, height=image.height))]
    if certain or marks.convention == "transparency":
        assert (agreement(marks, marked), seen) == (1.0, [NoteCode.MASK_TRANSPARENCY])
    else:
        assert seen == [NoteCode.MASK_LIGHT]


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 180), st.booleans(), st.sampled_from(["light", "transparency"]))
def test_a_mark_is_refused_where_none_of_it_is_kept(start: int, upright: bool, convention: Convention) -> None:
    """Of 200x100 a square keeps the middle, from 50 to 150."""
    marked = Image.new("L", (200, 100), 0)
    marked.paste(255, (start, 0, start + 20, 50))
    marked = marked.transpose(Image.Transpose.TRANSPOSE) if upright else marked
    kept = min(start + 20, 150) - max(start, 50)
    assume(not 0 < kept < 3)  # the edge falls on either side of a pixel
    refused = pytest.raises(InvalidRequest, match="outside of what is kept") if kept <= 0 else nullcontext()
    with refused:
        reading(Marks(marked, convention), Image.new("RGB", marked.size), marked.size)


def reading(
    marks: Marks, image: Image.Image, mask: tuple[int, int], size: Size = SQUARE, /, **request: object
) -> tuple[Note, ...]:
    asked = JobRequest.model_validate({"prompt": "x", "image": "a", "mask": "b", **request})
    found = {
        "a": FoundPicture("0" * 64, "png", *image.size),
        "b": FoundPicture("1" * 64, "png", *mask, marks=marks),
    }
    strength = 1.0 if asked.strength is None else asked.strength
    return check_marks(asked, found, size, strength, CAN)


def test_black_around_a_hole_is_openais_mask_too() -> None:
    """Of an opaque mask with a hole that is black (or hardly opaque), white would mark nothing."""
    marked = shape((64, 64), (0.2, 0.2, 0.4, 0.4))
    for most in (255, 1):
        mask = Image.new("RGBA", marked.size, (0, 0, 0, most))
        mask.paste((0, 0, 0, 0), (0, 0), marked)
        marks = read_marks(stored(mask), photograph(marked.size))
        assert (marks.convention, agreement(marks, marked)) == ("transparency", 1.0)


BRUSHED = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
BRUSHED.paste((200, 20, 20, 255), (10, 10, 40, 40))


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (Image.new("L", (64, 64), 0), "marks nothing"),
        (Image.new("RGB", (64, 64), (20, 20, 20)), "marks nothing"),
        (Image.new("I;16", (64, 64), 100), "marks nothing"),
        (Image.new("RGBA", (64, 64), (255, 255, 255, 0)), "transparent all over"),
        (shape((64, 64), (0.2, 0.2, 0.4, 0.4)).point(lambda level: level // 3), "marks nothing"),
        (BRUSHED, "one colour on a transparent ground"),
        (BRUSHED.convert("RGB"), "too dark"),
        (photograph((64, 64)), "shows the picture itself"),
    ],
)
def test_what_marks_nothing_or_may_mean_either_is_refused(mask: Image.Image, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        read_marks(stored(mask), photograph((64, 64)))
    assert caught.value.field == "mask"
    assert "paint white what is to be redrawn" in caught.value.message


def test_a_mask_with_colours_is_read_by_its_light_and_the_plan_says_so() -> None:
    mask = Image.new("RGB", (64, 64), (0, 0, 90))
    mask.paste((255, 255, 0), (0, 0, 32, 64))
    marks = read_marks(stored(mask), photograph((64, 64)))
    assert [one.code for one in reading(marks, photograph((64, 64)), (64, 64))] == [NoteCode.MASK_COLOURS]


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(8, 900), st.integers(8, 900), st.integers(8, 900), st.integers(8, 900))
def test_a_mask_of_another_shape_is_refused(a: int, b: int, c: int, d: int) -> None:
    """It would lie elsewhere than where it was painted; that of what is drawn, a square here, is as good."""
    marks = Marks(shape((c, d), (0.3, 0.3, 0.4, 0.4)), "light")
    apart = min(abs(a * d - b * c) / max(a * d, b * c), abs(c - d) / max(c, d))
    refused = ""
    try:
        reading(marks, Image.new("RGB", (a, b)), (c, d))
    except InvalidRequest as error:
        refused = error.message
    if apart > 1 / min(a, b, c, d) + 0.02:
        assert "of another shape" in refused
    elif apart == 0:
        assert "of another shape" not in refused


def test_what_is_too_small_or_cut_away_is_refused_before_it_is_drawn() -> None:
    dot = Image.new("L", (2000, 2000), 0)
    dot.paste(255, (1001, 1001, 1003, 1003))
    side = shape((2000, 1000), (0.0, 0.0, 0.1, 1.0))
    for levels in (dot, side):
        if cover_mask(levels, SQUARE).getextrema()[1] == 0:
            with pytest.raises(InvalidRequest, match="too small to be seen at 128x128"):
                reading(Marks(levels, "light"), Image.new("RGB", levels.size), levels.size)
    with pytest.raises(InvalidRequest, match="outside of what is kept"):
        reading(Marks(side, "light"), Image.new("RGB", side.size), side.size)


def test_all_of_a_picture_is_marked_only_where_that_can_be_meant() -> None:
    image, everything = photograph((64, 64)), Marks(Image.new("L", (64, 64), 255), "light")
    for strength in ({}, {"strength": 1.0}):
        with pytest.raises(InvalidRequest, match="nothing of it would be kept"):
            reading(everything, image, (64, 64), **strength)
    assert [one.code for one in reading(everything, image, (64, 64), strength=0.6)] == [NoteCode.MASK_WHOLE]
    fill = CAN.model_copy(update={"modes": ("inpaint",)})
    found = {
        "a": FoundPicture("0" * 64, "png", 64, 64),
        "b": FoundPicture("1" * 64, "png", 64, 64, marks=everything),
    }
    (note,) = check_marks(JobRequest(prompt="x", image="a", mask="b"), found, SQUARE, 1.0, fill)
    assert "nothing of it is kept" in note.message


def test_the_plan_settles_how_the_mask_is_read() -> None:
    marked = shape((64, 64), (0.2, 0.2, 0.4, 0.4))
    cut = photograph((64, 64)).convert("RGBA")
    cut.putalpha(ImageOps.invert(marked))
    found = {
        "a": FoundPicture("0" * 64, "png", 64, 64),
        "b": FoundPicture("1" * 64, "png", 64, 64, marks=read_marks(stored(cut), photograph((64, 64)))),
    }
    request = JobRequest(prompt="x", image="a", mask="b")
    plan = make_plan(request, INSTALLATION, Rates(), 1, found)
    assert [one.image.convention for one in plan.base.inputs] == [None, "transparency"]
    assert NoteCode.MASK_TRANSPARENCY in [one.code for one in plan.notes]
