"""Thumbnails: as small as a screen shows them, in the picture's colours, made once and gone with the picture."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from configs.errors import FileStoreUnavailable, NotFound
from deployments.blobs.store import BlobStore
from deployments.stages.xmp import MACHINE_MADE
from router.people.viewer import Viewer
from router.pictures import thumbnails
from router.pictures.thumbnails import Side, Thumbnails, make_thumbnail, remove_with_thumbnails
from tests.router.calls import submit, wait
from tests.studio import painted_studio

WHOLE_ICONS = True  # one of outlines alone is cleaned and traced


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def opened(file: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(file), formats=("WEBP",))
    image.load()
    return image


def photo(width: int, height: int) -> Image.Image:
    """Left half red, right half blue."""
    levels = np.zeros((height, width, 3), np.uint8)
    levels[:, : width // 2, 0], levels[:, width // 2 :, 2] = 200, 200
    return Image.fromarray(levels)


def uploaded(api: httpx.Client, image: Image.Image) -> str:
    answer = api.post("/pictures", files={"file": ("a.png", png(image))})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["picture_id"])


def drawn(api: httpx.Client, **wishes: Any) -> dict[str, Any]:
    image: dict[str, Any] = wait(api, submit(api, quality="draft", **wishes))["images"][0]
    return image


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each side was made."""
    made: Counter[int] = Counter()

    def make(file: bytes, side: int) -> bytes:
        made[side] += 1
        return make_thumbnail(file, side)

    monkeypatch.setattr(thumbnails, "make_thumbnail", make)
    return made


@pytest.mark.parametrize(
    ("size", "side", "expected"),
    [
        ((1600, 800), 256, (256, 128)),
        ((700, 1400), 512, (256, 512)),
        ((100, 60), 1024, (100, 60)),
        ((4000, 1), 128, (128, 1)),
    ],
)
def test_a_thumbnail_has_the_shape_of_its_picture_and_is_never_larger(
    size: tuple[int, int], side: int, expected: tuple[int, int]
) -> None:
    assert opened(make_thumbnail(png(Image.new("RGB", size, "red")), side)).size == expected


def test_its_colours_are_those_of_the_picture() -> None:
    small = np.asarray(opened(make_thumbnail(png(photo(1600, 1200)), 256)).convert("RGB"), np.int16)
    assert np.abs(small[:, :120].reshape(-1, 3) - (200, 0, 0)).max() <= 4
    assert np.abs(small[:, 136:].reshape(-1, 3) - (0, 0, 200)).max() <= 4


def test_what_is_transparent_stays_so() -> None:
    image = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    image.paste((10, 200, 30, 255), (0, 0, 400, 800))
    small = opened(make_thumbnail(png(image), 128))
    assert small.mode == "RGBA"
    assert small.getchannel("A").getpixel((20, 64)) == 255
    assert small.getchannel("A").getpixel((108, 64)) == 0


def test_drawn_and_uploaded_pictures_have_one_over_http(api: httpx.Client) -> None:
    image = drawn(api, prompt="a small lamp", formats=["png"])
    first = api.get(f"/images/{image['asset_id']}/thumbnail")
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp"), first.text
    assert first.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert opened(first.content).size == (min(256, image["width"]), min(256, image["height"]))
    assert MACHINE_MADE.encode() in opened(first.content).info["xmp"], "it is marked as the picture is"
    again = api.get(f"/images/{image['asset_id']}/thumbnail", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = api.get(f"/images/{image['asset_id']}/thumbnail?side=128")
    assert max(opened(other.content).size) == 128
    assert other.headers["etag"] != first.headers["etag"]
    brought = api.get(f"/images/{uploaded(api, photo(640, 400))}/thumbnail?side=512")
    assert opened(brought.content).size == (512, 320)
    assert "xmp" not in opened(brought.content).info


@pytest.mark.parametrize("side", ["0", "100", "255", "2048", "large", "256.5", ""])
def test_another_side_is_refused_in_a_sentence(api: httpx.Client, side: str) -> None:
    answer = api.get("/images/pic_1/thumbnail", params={"side": side})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["field"] == "side"
    assert "128" in error["message"], error
    assert "\n" not in error["message"]


def test_a_picture_that_is_not_there_or_has_no_pixels_has_none(api: httpx.Client) -> None:
    for id in ("pic_nothing", "pic_%00", "%E2%98%83"):
        assert api.get(f"/images/{id}/thumbnail").status_code == 404
    outlines = drawn(api, prompt="only outlines", formats=["svg"])
    assert [file["format"] for file in outlines["files"]] == ["svg"]
    answer = api.get(f"/images/{outlines['asset_id']}/thumbnail")
    assert answer.status_code == 404
    assert "no file with pixels" in answer.json()["error"]["message"]


def test_a_deleted_picture_is_shown_to_who_may_restore_it(api: httpx.Client) -> None:
    id = uploaded(api, photo(300, 300))
    assert api.delete(f"/images/{id}").status_code == 204
    assert api.get(f"/images/{id}/thumbnail").status_code == 200


def test_a_thumbnail_is_made_once_over_several_front_doors(tmp_path: Path, making: Counter[int]) -> None:
    async def use() -> None:
        doors = [Thumbnails(BlobStore.open(None, tmp_path)) for _ in range(2)]
        key = await BlobStore.open(None, tmp_path).put(png(photo(600, 400)))
        first, *others = await asyncio.gather(*(doors[0].get(key, Side.CARD) for _ in range(5)))
        assert [await doors[1].get(key, Side.CARD), *others] == [first] * 5
        assert making == {256: 1}

    asyncio.run(use())


def test_who_goes_away_takes_it_from_nobody_else(tmp_path: Path, making: Counter[int]) -> None:
    async def use() -> None:
        small, key = (
            Thumbnails(BlobStore.open(None, tmp_path)),
            await BlobStore.open(None, tmp_path).put(png(photo(8, 8))),
        )
        tasks = [asyncio.create_task(small.get(key, Side.TILE)) for _ in range(2)]
        while not making:
            await asyncio.sleep(0)
        tasks[0].cancel()
        assert opened(await tasks[1]).size == (8, 8)
        assert making == {128: 1}

    asyncio.run(use())


def test_at_most_two_are_made_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0

    def make(file: bytes, side: int) -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        made = make_thumbnail(file, side)
        now -= 1
        return made

    async def use() -> None:
        blobs = BlobStore.open(None, tmp_path)
        keys = [await blobs.put(png(Image.new("RGB", (900, 900), (level, 0, 0)))) for level in range(8)]
        small = Thumbnails(blobs)
        await asyncio.gather(*(small.get(key, Side.CARD) for key in keys))

    monkeypatch.setattr(thumbnails, "make_thumbnail", make)
    asyncio.run(use())
    assert 1 <= most <= 2


def test_one_that_is_not_whole_is_made_again(tmp_path: Path, making: Counter[int]) -> None:
    async def use() -> None:
        blobs = BlobStore.open(None, tmp_path)
        small, key = Thumbnails(blobs), await blobs.put(png(photo(64, 64)))
        whole = await small.get(key, Side.CARD)
        for broken in (b"", b"RIFF", whole[:-20], b"<svg/>" * 10):
            await blobs.put_derived(key, "256.webp", broken)
            assert await small.get(key, Side.CARD) == whole
        assert making == {256: 5}

    asyncio.run(use())


def test_it_is_shown_while_it_cannot_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise FileStoreUnavailable("the disk is full: make room")

    async def use() -> None:
        blobs = BlobStore.open(None, tmp_path)
        key = await blobs.put(png(photo(64, 64)))
        monkeypatch.setattr(blobs, "put_derived", full)
        assert opened(await Thumbnails(blobs).get(key, Side.CARD)).size == (64, 64)

    asyncio.run(use())


def test_a_file_goes_with_its_thumbnails(tmp_path: Path) -> None:
    async def use() -> None:
        blobs = BlobStore.open(None, tmp_path)
        small, key = Thumbnails(blobs), await blobs.put(png(photo(64, 64)))
        for side in Side:
            await small.get(key, side)
        await asyncio.to_thread(remove_with_thumbnails, blobs, key)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        with pytest.raises(NotFound):
            await small.get(key, Side.CARD)

    asyncio.run(use())


def test_the_sweep_of_a_deleted_picture_leaves_no_thumbnail(tmp_path: Path) -> None:
    async def use() -> None:
        studio, ana = painted_studio(tmp_path), Viewer("ana")
        await studio.store.open()
        picture, _ = await studio.uploads.put(ana, png(photo(64, 64)))
        await studio.thumbnails.get(picture.sha256, Side.CARD)
        await studio.uploads.sweep(0)
        assert await studio.blobs.get_derived(picture.sha256, "256.webp") is not None
        await studio.store.remove_picture(ana, picture.id)
        await studio.uploads.sweep(0)
        assert await studio.blobs.get_derived(picture.sha256, "256.webp") is None
        await studio.store.close()

    asyncio.run(use())
