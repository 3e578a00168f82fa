"""What programs hold for pictures and numbers can be given as it is; what cannot be sent is refused with its field."""

from __future__ import annotations

import datetime
import enum
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from atelier import Atelier, errors
from atelier.models import LoraUse
from atelier.rasters import read_raster
from atelier.values import to_json
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from tests.clients.test_pictures import PictureServer

MODES = [
    "1",
    "L",
    "LA",
    "P",
    "RGB",
    "RGBA",
    "CMYK",
    "YCbCr",
    "HSV",
    "LAB",
    "I",
    "F",
    "I;16",
    "PA",
    "La",
    "RGBa",
    "RGBX",
]
PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


@pytest.fixture
def server() -> PictureServer:
    return PictureServer()


@pytest.fixture
def studio(server: PictureServer) -> Atelier:
    import httpx

    return Atelier("http://studio:8000", transport=httpx.MockTransport(server))


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
            lambda size: st.sampled_from([size, *((*size, channels) for channels in (1, 2, 3, 4))])
        )
    ),
    st.sampled_from(["C", "F", "turned"]),
)  # fmt: skip
def test_every_array_of_bytes_is_the_picture_that_it_shows(array: Any, order: str) -> None:
    given = array[::-1, ::-1] if order == "turned" else np.asarray(array, order=order)  # type: ignore[call-overload]
    shown = np.asarray(opened(read_raster(given, "image")))
    assert np.array_equal(shown.reshape(given.shape), given)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_pil_becomes_a_file(mode: str) -> None:
    picture = opened(read_raster(Image.new(mode, (6, 4)), "image"))
    assert (picture.format, picture.size) == ("PNG", (6, 4))


def test_a_turned_photograph_stays_turned_and_keeps_its_profile() -> None:
    photo = Image.fromarray(PIXELS)
    photo.getexif()[274] = 6
    photo.info["icc_profile"] = b"a profile"
    sent = opened(read_raster(photo, "image"))
    assert sent.getexif()[274] == 6
    assert sent.info["icc_profile"] == b"a profile"
    assert np.array_equal(np.asarray(sent), PIXELS)


def test_all_kinds_of_pictures_are_sent_and_equal_ones_once(
    studio: Atelier, server: PictureServer, tmp_path: Path
) -> None:
    path, image = tmp_path / "a.png", Image.fromarray(PIXELS)
    image.save(path)
    data = path.read_bytes()
    stream = io.BytesIO()
    stream.write(data)  # at its end, as after image.save(stream)
    with path.open("rb") as file:
        studio.submit(
            "a lamp",
            image=PIXELS,
            mask=PIXELS[:, :, 0] > 9,
            references=[stream, file, bytearray(data), memoryview(data), data, path, str(path), image, image, PIXELS],
        )
    sent = server.job_request["references"]
    assert len(set(sent[:5])) == 1  # five ways to hold the same bytes
    assert sent[5] != sent[6]  # a path and its text may not be the same to a program
    assert sent[7] == sent[8]
    assert sent[9] == server.job_request["image"]
    studio.upload(PIXELS)
    studio.upload(io.BytesIO(data))


@pytest.mark.parametrize(
    "given",
    [
        PIXELS.astype(np.float32), PIXELS.astype(np.int64), PIXELS[:0],
        np.zeros((2, 2, 5), np.uint8), np.zeros(4, np.uint8),
        np.uint8(3), np.array("text"), np.zeros((1, 2, 3, 4), np.uint8), b"", io.BytesIO(), io.StringIO("text"), 7, 1.5,
        object(), [PIXELS], {"path": "x"}, Image.new("RGB", (0, 4)), bytearray(),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_by_its_field_and_nothing_sent(
    studio: Atelier, server: PictureServer, given: Any
) -> None:
    requests: list[tuple[str, dict[str, Any]]] = [
        ("image", {"image": given}), ("mask", {"mask": given}), ("references[1]", {"references": [b"x", given]}),
        ("controls[0].image", {"controls": [{"kind": "canny", "image": given}]}),
        ("image_prompts[0].image", {"image_prompts": [{"image": given}]}),
    ]  # fmt: skip
    for field, request in requests:
        with pytest.raises(errors.BadInput) as caught:
            studio.submit("a lamp", **request)
        assert str(caught.value).startswith(f"{field}: ")
    with pytest.raises(errors.BadInput, match="^picture: "):
        studio.upload(given)
    assert server.requests == []


def test_closed_and_write_only_files_are_refused(studio: Atelier, tmp_path: Path) -> None:
    closed = io.BytesIO(b"x")
    closed.close()
    with (tmp_path / "w").open("wb") as writing:
        for file in (closed, writing):
            with pytest.raises(errors.BadInput, match="image: the file cannot be read"):
                studio.submit("a lamp", image=file)


@pytest.mark.parametrize("field", ["references", "controls", "image_prompts"])
@pytest.mark.parametrize("given", ["a.png", b"x", PIXELS, 3, {"image": "a.png"}])
def test_one_in_place_of_a_list_is_refused(studio: Atelier, field: str, given: Any) -> None:
    with pytest.raises(errors.BadInput, match=f"^{field}: give a list"):
        studio.submit("a lamp", **{field: given})


WHOLE = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, int]


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_numbers_of_numpy_are_numbers(studio: Atelier, server: PictureServer, kind: Any) -> None:
    steps: Any = np.array(9, kind)
    studio.submit("a lamp", seed=kind(7), num_variations=kind(2), num_inference_steps=steps)
    assert json.loads(server.requests[0].content) == {
        "prompt": "a lamp", "seed": 7, "num_variations": 2, "num_inference_steps": 9,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble, float, Decimal, Fraction, str])
def test_fractions_of_any_kind_are_sent_as_written(kind: Any) -> None:
    sent = to_json([{"id": "x", "strength": kind("0.6")}], "loras")
    assert sent[0]["strength"] == ("0.6" if kind is str else 0.6)


def test_other_values_have_their_json() -> None:
    class Size(enum.StrEnum):
        LARGE = "large"

    assert to_json(np.bool_(True), "x") is True
    assert to_json(np.arange(3), "x") == [0, 1, 2]
    assert to_json((Size.LARGE, np.str_("y")), "x") == ["large", "y"]
    assert to_json([LoraUse(id="icons", strength=0.5)], "loras") == [{"id": "icons", "strength": 0.5, "version": None}]


NOWHERE: list[Any] = [
    float("nan"), float("inf"), np.float32("nan"), Decimal("NaN"), 10**400, Fraction(10**400), object(), 1j,
    np.complex64(1), b"bytes", datetime.date(2026, 1, 1), "half \ud83d", {1: "x"}, {"\ud83d": 1},
    np.datetime64("2026"), lambda: None,
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [*itertools.product(["seed", "strength", "size", "loras"], NOWHERE)])
def test_what_has_no_json_is_refused_by_its_field(
    studio: Atelier, server: PictureServer, name: str, value: Any
) -> None:
    cases: list[tuple[Any, str]] = [(value, name), ([{"id": value}], f"{name}[0].id")]
    for one, field in cases:
        request: dict[str, Any] = {name: one}
        with pytest.raises(errors.BadInput) as caught:
            studio.submit("a lamp", image=b"never sent", **request)
        assert str(caught.value).startswith(field)
        assert "0x" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize("id", ["", " ", None, 3, b"pic_1", ["pic_1"]])
def test_what_names_nothing_is_refused_before_it_is_sent(studio: Atelier, server: PictureServer, id: Any) -> None:
    for call in (studio.delete, studio.job, studio.cancel):
        with pytest.raises(errors.BadInput, match="^(id|job): "):
            call(id)
    assert server.requests == []


def test_what_holds_itself_is_refused(studio: Atelier) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(errors.BadInput, match=r"^formats.*too deeply"):
        studio.submit("a lamp", formats=endless)


@pytest.mark.parametrize("key", ["", "ключ", "two\nlines", " x", 7, b"x"])
def test_keys_that_no_header_carries_are_refused(studio: Atelier, key: Any) -> None:
    if key != "":
        with pytest.raises(errors.BadInput, match="^idempotency_key: "):
            studio.submit("a lamp", idempotency_key=key)
    if isinstance(key, str) and key.strip() == key and key:
        with pytest.raises(errors.BadInput, match="^api_key: "):
            Atelier("http://studio", api_key=key)


@pytest.mark.parametrize("job", [None, 7, b"x", "", ".."])
def test_what_names_no_job_is_refused(studio: Atelier, job: Any) -> None:
    asked: list[Callable[[Any], object]] = [studio.wait, studio.cancel]
    if job is not None:  # events without a job are those of all
        asked.append(lambda one: list(studio.events(one)))
    for ask in asked:
        with pytest.raises(errors.BadInput, match="^job: "):
            ask(job)


def test_neither_pil_nor_numpy_is_needed() -> None:
    code = "import sys, atelier, atelier.cli; sys.exit(bool({'PIL', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
