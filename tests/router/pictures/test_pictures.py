"""Pictures over HTTP: brought, named in a request, handed to the replica as large as it draws, and told of after."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from configs.catalog import Installation
from configs.service import Limits
from deployments.messages import GenerateRequest, Picture, PictureRef
from deployments.stages.recipe import read_recipe
from router.api.app import create_app
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.studio import (
    NearestUpscaler,
    PaintedGenerator,
    finisher_of,
    local_installation,
    running_studio,
    serving,
)


@pytest.fixture(scope="module")
def generator() -> PaintedGenerator:
    return PaintedGenerator()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def api(folder: Path, generator: PaintedGenerator) -> Iterator[httpx.Client]:
    with running_studio(folder, generator) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def photo(width: int = 640, height: int = 400) -> Image.Image:
    """Left half red, right half blue, with a little noise that only exact pixels have."""
    levels = np.zeros((height, width, 3), np.uint8)
    levels[:, : width // 2, 0], levels[:, width // 2 :, 2] = 200, 200
    levels[..., 1] = np.random.default_rng(0).integers(0, 32, (height, width))
    return Image.fromarray(levels)


def left_half(width: int = 640, height: int = 400) -> Image.Image:
    """A mask: white on the left."""
    mask = Image.new("L", (width, height), 0)
    mask.paste(255, (0, 0, width // 2, height))
    return mask


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def send(api: httpx.Client, data: bytes) -> httpx.Response:
    return api.post("/pictures", files={"file": ("a.png", data)})


def upload(api: httpx.Client, image: Image.Image) -> str:
    answer = send(api, encoded(image))
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["picture_id"]
    return name


def draw(api: httpx.Client, **body: object) -> dict[str, Any]:
    answer = api.post("/generate", json={"prompt": "a red bicycle", "formats": ["png"], **body})
    assert answer.status_code == 202, answer.text
    for _ in range(500):
        job: dict[str, Any] = api.get(f"/jobs/{answer.json()['job_id']}").json()
        if job["status"] in ("complete", "failed", "canceled"):
            assert job["status"] == "complete", job
            return job
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def refusal(api: httpx.Client, **body: object) -> dict[str, Any]:
    answer = api.post("/generate", json={"prompt": "a red bicycle", **body})
    assert answer.status_code == 422, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def pixels(picture: object) -> np.ndarray[Any, Any]:
    assert isinstance(picture, Picture)
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)


def last(generator: PaintedGenerator) -> GenerateRequest:
    return generator.drawn[-1]


def test_a_picture_comes_back_as_it_was_sent(api: httpx.Client) -> None:
    answer = send(api, encoded(photo()))
    body = answer.json()
    assert (answer.status_code, body["width"], body["height"]) == (201, 640, 400)
    assert answer.headers["location"] == f"/pictures/{body['picture_id']}"
    png = httpx.get(body["url"])
    assert (png.headers["content-type"], len(png.content)) == ("image/png", body["size_bytes"])
    assert Image.open(BytesIO(png.content)).tobytes() == photo().tobytes()
    again = httpx.get(body["url"], headers={"If-None-Match": png.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_equal_pictures_are_one_file_and_two_uploads(api: httpx.Client, folder: Path) -> None:
    def files() -> int:
        return sum(path.is_file() for path in (folder / "state/blobs").rglob("*"))

    first, before = upload(api, photo(50, 50)), files()
    assert upload(api, photo(50, 50)) != first
    assert files() == before


def test_an_image_is_redrawn_in_the_size_of_the_drawing(api: httpx.Client, generator: PaintedGenerator) -> None:
    name = upload(api, photo())
    job = draw(api, image=name, num_variations=2)
    request = last(generator)
    assert (request.width, request.height, request.strength) == (128, 128, 0.75)
    levels = pixels(request.image)
    assert levels.shape == (128, 128, 3)  # covered, not squeezed: the border between the colours stays in the middle
    assert levels[:, :60, 0].min() > 190 > 10 > levels[:, 68:, 0].max()
    assert generator.drawn[-2].image is request.image  # opened once
    (given,) = job["inputs"]
    assert (given["role"], given["picture"]) == ("image", name)
    assert given["url"] == f"{api.base_url}/pictures/{name}"
    assert job["strength"] == 0.75


def test_where_the_mask_is_black_every_pixel_stays(api: httpx.Client, generator: PaintedGenerator) -> None:
    image, mask = upload(api, photo(512, 512)), upload(api, left_half(512, 512))
    job = draw(api, image=image, mask=mask, size="512x512")
    request = last(generator)
    assert request.strength == 1.0
    assert {tuple(level) for level in pixels(request.mask).reshape(-1, 3)} == {(0, 0, 0), (255, 255, 255)}
    drawn = np.asarray(Image.open(BytesIO(httpx.get(job["images"][0]["url"]).content)).convert("RGB"))
    assert (drawn[:, 256:] == np.asarray(photo(512, 512))[:, 256:]).all()
    assert (drawn[:100, :100] == 255).all()  # the painter's ground
    assert [one["role"] for one in job["inputs"]] == ["image", "mask"]


def test_what_nobody_painted_on_a_transparent_mask_is_kept(api: httpx.Client, generator: PaintedGenerator) -> None:
    brushed = Image.new("RGBA", (128, 128), (255, 255, 255, 0))
    brushed.paste((255, 255, 255, 255), (0, 0, 64, 128))
    draw(api, image=upload(api, photo(128, 128)), mask=upload(api, brushed))
    levels = pixels(last(generator).mask)
    assert (levels[:, :64] == 255).all()
    assert (levels[:, 64:] == 0).all()


def test_the_hole_of_a_mask_is_drawn_and_the_plan_and_the_job_say_so(
    api: httpx.Client, generator: PaintedGenerator
) -> None:
    cut = photo(128, 128).convert("RGBA")
    cut.paste((0, 0, 0, 0), (0, 0, 64, 128))
    given = {"image": upload(api, photo(128, 128)), "mask": upload(api, cut)}
    plan = api.post("/generate", json={"prompt": "x", "dry_run": True, **given}).json()["plan"]
    job = draw(api, **given)
    levels = pixels(last(generator).mask)
    assert (levels[:, :64] == 255).all()
    assert (levels[:, 64:] == 0).all()
    for notes in (plan["notes"], job["notes"]):
        (note,) = (one["message"] for one in notes if one["code"] == "mask_transparency")
        assert "transparent part: that part is redrawn" in note


def test_a_mask_that_marks_nothing_is_refused_before_anything_is_queued(api: httpx.Client) -> None:
    error = refusal(api, image=upload(api, photo(64, 64)), mask=upload(api, Image.new("L", (64, 64))))
    assert (error["code"], error["field"]) == ("invalid_request", "mask")
    assert "marks nothing" in error["message"]


def test_a_finished_picture_is_redrawn_by_its_name_and_the_recipe_says_so(api: httpx.Client) -> None:
    first = draw(api, seed=3)
    name = f"{first['job_id']}/0"
    second = draw(api, image=name, strength=0.5)
    (seen,) = second["inputs"]
    assert (seen["role"], seen["picture"], seen["url"]) == ("image", name, first["images"][0]["url"])
    assert (first["strength"], second["strength"]) == (None, 0.5)
    png = httpx.get(second["images"][0]["url"]).content
    recipe = read_recipe(png)
    assert (recipe.strength, recipe.inputs[0].role, recipe.inputs[0].image.picture) == (0.5, "image", name)
    assert recipe.inputs[0].image.sha256 in httpx.get(seen["url"]).headers["etag"]
    assert b"Denoising strength: 0.5" in png
    assert b"compositeWithTrainedAlgorithmicMedia" in png
    assert b"compositeWithTrainedAlgorithmicMedia" not in httpx.get(first["images"][0]["url"]).content


def test_the_plan_shows_its_pictures_and_the_steps_that_are_left(api: httpx.Client) -> None:
    name = upload(api, photo())

    def plan(**body: object) -> dict[str, Any]:
        answer = api.post("/generate", json={"prompt": "x", "dry_run": True, "num_inference_steps": 20, **body})
        assert answer.status_code == 200, answer.text
        base: dict[str, Any] = answer.json()["plan"]["stages"][0]
        return base

    half = plan(image=name, strength=0.5)
    (given,) = half["inputs"]
    picture = given["image"]
    assert (given["role"], picture["picture"], picture["width"], picture["height"]) == ("image", name, 640, 400)
    assert len(picture["sha256"]) == 64
    assert half["estimated_seconds"] == pytest.approx(plan()["estimated_seconds"] / 2)


def test_a_picture_that_nobody_brought_is_not_there(api: httpx.Client) -> None:
    answer = api.get("/pictures/pic_0")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def unfinished(api: httpx.Client) -> str:
    job_id: str = draw(api)["job_id"]
    return f"{job_id}/7"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"image": "pic_000"}, "missing_asset", "image"),
        ({"image": "../../etc/passwd"}, "missing_asset", "image"),
        ({"image": "nojob/0"}, "missing_asset", "image"),
        ({"image": "käse\u0000"}, "missing_asset", "image"),
        ({"image": unfinished}, "missing_asset", "image"),
        ({"image": photo, "mask": "pic_1"}, "missing_asset", "mask"),
        ({"references": [photo, "pic_1"]}, "missing_asset", "references"),
        ({"mask": photo}, "invalid_request", "mask"),
        ({"strength": 0.5}, "invalid_request", "strength"),
        ({"image": photo, "strength": 0.01}, "invalid_request", "strength"),
        ({"image": photo, "strength": 0}, "invalid_request", "strength"),
        ({"image": photo, "image_prompts": [{"image": photo}] * 16}, "invalid_request", "image_prompts"),
        ({"references": [photo]}, "unsupported_capability", "references"),
        ({"controls": [{"kind": "canny", "image": photo}]}, "unsupported_capability", "controls"),
        ({"image_prompts": [{"image": photo}]}, "unsupported_capability", "image_prompts"),
        ({"controls": [{"kind": "canny", "image": photo, "mode": 1}]}, "invalid_request", "controls.0.mode"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(api: httpx.Client, body: Any, code: str, field: str) -> None:
    error = refusal(api, **_filled(api, body))
    assert (error["code"], error["field"]) == (code, field), error
    assert len(error["message"]) > 20


def _filled(api: httpx.Client, value: Any) -> Any:
    """`value` with uploads in place of `photo`, and a name of no picture in place of `unfinished`."""
    if value is photo:
        return upload(api, photo(32, 32))
    if value is unfinished:
        return unfinished(api)
    if isinstance(value, dict):
        return {key: _filled(api, one) for key, one in value.items()}
    return [_filled(api, one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", encoded(photo(), "JPEG")[:2000]])
def test_what_is_no_whole_picture_is_refused_with_what_to_do(api: httpx.Client, data: bytes) -> None:
    answer = send(api, data)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (422, "invalid_request", "file")
    assert "PNG, JPEG or WebP" in error["message"]


def test_a_form_without_a_file_is_refused(api: httpx.Client) -> None:
    for body in ({"files": {"picture": ("a.png", b"x")}}, {"json": {"file": "x"}}, {"data": {"file": "x"}}):
        answer = api.post("/pictures", **body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "file")
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = api.post("/pictures", content=b"rubbish", headers={"content-type": kind})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_a_file_over_the_limits_is_refused_and_one_at_the_limit_is_taken(tmp_path: Path) -> None:
    fits = encoded(photo(100, 100))
    limits = Limits(max_picture_bytes=len(fits), max_picture_pixels=10_000)
    with running_studio(tmp_path, limits=limits) as url, httpx.Client(base_url=url) as api:
        assert send(api, fits).status_code == 201
        for data in (fits + b"\0", fits + bytes(200_000), encoded(Image.new("1", (101, 100)))):
            answer = send(api, data)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large"), len(data)
            assert "smaller and send it again" in answer.json()["error"]["message"]
        assert api.post("/generate", json={"prompt": "x" * 100_000}).status_code == 413
        assert api.get("/asset-types").json()["limits"]["max_picture_bytes"] == len(fits)


def assert_soon(done: Callable[[], bool]) -> None:
    for _ in range(100):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


class Parcel:
    """What stands for a picture where it is handed over."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture


class Courier(DirectReplicas):
    """Hands pictures over in parcels, and keeps none itself."""

    def __init__(self, painter: PaintedGenerator, installation: Installation) -> None:
        finisher = finisher_of(installation, get=lambda parcel: replace(parcel.picture))
        super().__init__({"generator-mini": painter, "upscaler-mini-x4": NearestUpscaler(), "finisher": finisher})
        self.parcels: list[weakref.ref[Parcel]] = []

    async def put(self, picture: Picture) -> PictureRef:
        parcel = Parcel(picture)
        self.parcels.append(weakref.ref(parcel))
        return parcel


@pytest.mark.slow
def test_pictures_are_handed_over_once_for_all_variations_and_let_go_at_the_end(tmp_path: Path) -> None:
    painter = PaintedGenerator()
    installation = local_installation(tmp_path)
    stages = Courier(painter, installation)
    studio = Studio.assemble(installation, stages)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        image, mask = upload(api, photo(512, 512)), upload(api, left_half(512, 512))
        draw(api, image=image, mask=mask, size="512x512", num_variations=4)
        assert len({request.image for request in painter.drawn}) == 1
        assert isinstance(painter.drawn[0].image, Parcel)
        assert len(painter.drawn) == 4
        assert len(stages.parcels) == 4  # the image and the mask, each as large as it is drawn and as it is finished
        painter.drawn.clear()
        assert_soon(lambda: gc.collect() >= 0 and not any(parcel() for parcel in stages.parcels))


def test_a_finished_picture_is_named_by_its_asset_id_and_remembered_as_parent(api: httpx.Client, folder: Path) -> None:
    first = draw(api)["images"][0]
    second = draw(api, image=first["asset_id"], strength=0.5)["images"][0]
    assert api.get(f"/pictures/{first['asset_id']}").content == api.get(first["url"]).content
    store = SqlJobStore(f"sqlite:///{folder / 'state' / 'jobs.db'}")

    async def parents() -> tuple[tuple[str, str], ...]:
        found = (await store.asset(Viewer("dev"), second["asset_id"])).parents
        await store.close()
        return tuple((parent.asset_id, parent.role) for parent in found)

    assert asyncio.run(parents()) == ((first["asset_id"], "image"),)
    assert api.delete(f"/pictures/{first['asset_id']}").status_code == 404, "a job's picture goes with its job"
