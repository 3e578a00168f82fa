"""A picture that was drawn here and comes back is as strict as it was, however it was carried."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, PngImagePlugin

from router.licences.fingerprint import look_at
from tests.router.licences.samples import REFERENCE_ONLY, draw, licensed_studio, photo, upload


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with licensed_studio(tmp_path_factory.mktemp("back"), REFERENCE_ONLY, default_use="reference") as client:
        yield client


@pytest.fixture(scope="module")
def drawn(api: httpx.Client) -> bytes:
    return api.get(draw(api, seed=1, formats=["png"])["images"][0]["files"][0]["url"]).content


def resaved(file: bytes, format: str = "JPEG", share: float = 1.0, **options: Any) -> bytes:
    """As another program would save it: without what the file says of itself."""
    saved = io.BytesIO()
    with Image.open(io.BytesIO(file)) as image:
        plain = Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())
        plain.resize((round(image.width * share), round(image.height * share))).save(saved, format, **options)
    return saved.getvalue()


def for_product(api: httpx.Client, picture: dict[str, Any]) -> int:
    return api.get(f"/pictures/{picture['picture_id']}", params={"use": "product"}).status_code


def codes(picture: dict[str, Any]) -> list[str]:
    return [note["code"] for note in picture["notes"]]


def test_the_same_file_comes_back_with_its_licences_whatever_is_said_of_it(api: httpx.Client, drawn: bytes) -> None:
    picture = upload(api, drawn, right="own")
    assert for_product(api, picture) == 403
    assert codes(picture) == ["recognised"]
    assert "Reference only" in picture["notes"][0]["message"]


@pytest.mark.parametrize(
    ("format", "share", "options"),
    [("JPEG", 1.0, {"quality": 60}), ("PNG", 0.5, {}), ("WEBP", 0.75, {"quality": 80}), ("JPEG", 1.5, {"quality": 90})],
)
def test_a_copy_that_was_saved_anew_or_resized_is_known_and_says_how_it_is_contested(
    api: httpx.Client, drawn: bytes, format: str, share: float, options: dict[str, Any]
) -> None:
    picture = upload(api, resaved(drawn, format, share, **options), right="own")
    assert for_product(api, picture) == 403
    assert f"POST /pictures/{picture['picture_id']}/clear" in picture["notes"][0]["message"]


def test_an_operator_who_has_looked_says_that_it_is_another_picture(api: httpx.Client, drawn: bytes) -> None:
    picture = upload(api, resaved(drawn, "PNG", 0.6), right="own")
    made = draw(api, prompt="on", image=picture["picture_id"])
    assert api.post(f"/pictures/{picture['picture_id']}/clear", json={"reason": "I drew it"}).status_code == 204
    assert for_product(api, picture) == 200
    reasons = api.get(f"/jobs/{made['job_id']}").json()["licence"]["reasons"]
    assert [reason for reason in reasons if "upload" in reason] == []
    assert api.post("/pictures/pic_none/clear", json={"reason": "x"}).status_code == 404


def test_another_picture_is_not_taken_for_it(api: httpx.Client, drawn: bytes) -> None:
    for colour in ((1, 2, 3), (90, 40, 10), (0, 200, 100)):
        picture = upload(api, photo(colour), right="own")
        assert (for_product(api, picture), picture["notes"]) == (200, [])


def test_a_recipe_that_somebody_wrote_makes_it_stricter_and_never_looser(api: httpx.Client, drawn: bytes) -> None:
    with Image.open(io.BytesIO(drawn)) as image:
        told = json.loads(str(image.info["atelier"]))
    forged = upload(api, with_recipe(photo((7, 99, 3)), told | {"job_id": "0" * 24, "licence": "mit"}), right="own")
    assert for_product(api, forged) == 403, "it names mini, which is for reference only here"
    foreign = told | {
        "model": "their-model",
        "loras": [],
        "upscaler": None,
        "job_id": "0" * 24,
        "licence": "apache-2.0",
    }
    unknown = upload(api, with_recipe(photo((200, 9, 3)), foreign), right="own")
    assert for_product(api, unknown) == 403, "nobody has judged their model"
    mild = told | {"licence": "mit", "model": "mini-x4"}
    assert for_product(api, upload(api, with_recipe(drawn, mild), right="own")) == 403


@pytest.mark.parametrize("told", ["{", "[]", '{"model": 3}', "x" * 100_000])
def test_a_recipe_that_cannot_be_read_says_nothing(api: httpx.Client, told: str) -> None:
    picture = upload(api, with_text(photo((5, 5, 90)), told), right="own")
    assert (for_product(api, picture), picture["notes"]) == (200, [])


def test_what_is_of_one_colour_is_like_nothing(tmp_path: Path) -> None:
    plain = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(plain, "PNG")
    assert look_at(plain.getvalue()) is None


def with_recipe(file: bytes, told: dict[str, Any]) -> bytes:
    return with_text(file, json.dumps(told))


def with_text(file: bytes, text: str) -> bytes:
    info, saved = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("atelier", text)
    with Image.open(io.BytesIO(file)) as image:
        Image.frombytes("RGB", image.size, image.convert("RGB").tobytes()).save(saved, "PNG", pnginfo=info)
    return saved.getvalue()
