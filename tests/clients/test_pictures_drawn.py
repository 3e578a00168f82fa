"""Pictures as inputs against the real API: from both clients and the command."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from atelier import AsyncAtelier, Atelier, errors
from PIL import Image as Pictures

from tests.clients.cli.terminal import Shown, ran, shown

pytestmark = pytest.mark.slow


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Pictures.new("RGB", (200, 100), "navy").save(path)
    return path


def test_a_job_says_what_it_began_with(url: str, photo: Path, tmp_path: Path) -> None:
    mask = Pictures.new("L", (128, 128), 0)
    mask.paste(255, (0, 0, 64, 128))
    mask.save(tmp_path / "mask.png")
    with Atelier(url) as studio:
        first = studio.wait(studio.generate("a lamp", image=photo, strength=0.5, quality="draft"))
        again = studio.wait(
            studio.generate("a lamp", image=first.images[0], mask=tmp_path / "mask.png", quality="draft")
        )
    assert first.inputs[0].picture.startswith("pic_")
    assert [(one.role, one.picture) for one in again.inputs][0] == ("image", f"{first.job_id}/0")
    assert [one.role for one in again.inputs] == ["image", "mask"]


def test_the_async_client_begins_with_a_picture_too(url: str, photo: Path) -> None:
    async def main() -> None:
        async with AsyncAtelier(url) as studio:
            picture = await studio.upload(photo)
            assert (picture.width, picture.height) == (200, 100)
            plan = (await studio.plan("a lamp", image=picture, strength=0.5)).plan
            assert [one.image.picture for one in plan.base.inputs] == [picture.picture_id]
            assert plan.base.strength == 0.5

    asyncio.run(main())


def test_uploads_are_listed_and_deleted(url: str, photo: Path) -> None:
    with Atelier(url) as studio:
        kept, gone = studio.upload(photo), studio.upload(photo)
        studio.delete(gone)
        assert [one for one in studio.pictures(page_size=1) if one in (kept, gone)] == [kept]
        with pytest.raises(errors.NotFound):
            studio.delete(gone)

    async def main() -> None:
        async with AsyncAtelier(url) as studio:
            assert kept in [one async for one in studio.pictures()]
            await studio.delete(kept.picture_id)
            assert kept not in [one async for one in studio.pictures()]

    asyncio.run(main())


def test_the_command_lists_and_deletes_uploads(url: str, photo: Path) -> None:
    def run(*arguments: str) -> Shown:
        return shown(url, "pictures", *arguments)

    with Atelier(url) as studio:
        picture = studio.upload(photo)
    line = f"{picture.picture_id}  200x100  {picture.size_bytes / 1000:.0f} kB"
    assert line in run().out
    assert f"deleted {picture.picture_id}" in run("--delete", picture.picture_id).err
    assert line not in run().out
    again = run("--delete", picture.picture_id)
    assert (again.code, "picture" in again.err) == (2, True)


def test_what_is_no_picture_and_what_a_model_cannot_do_are_refused(url: str, photo: Path) -> None:
    with Atelier(url) as studio:
        with pytest.raises(errors.InvalidRequest, match="PNG, JPEG or WebP"):
            studio.upload(b"notes")
        with pytest.raises(errors.Unsupported):
            studio.plan("a lamp", references=[photo])


def test_the_command_begins_with_a_file(url: str, photo: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return ran(url, photo.parent, "generate", "a lamp", "-q", "draft", *arguments)

    done = run("--image", "photo.jpg", "--strength", "0.4", "--json")
    told = json.loads(done.stdout)
    assert (told["inputs"][0]["role"], told["strength"]) == ("image", 0.4)
    job = shown(url, "job", told["job_id"]).out
    assert f"image       {told['inputs'][0]['picture']} (40% redrawn)" in job
    assert "(200x100, 40% redrawn)" in run("--image", "photo.jpg", "--strength", "0.4", "--dry-run").stdout
    missing = run("--image", "nowhere.jpg")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "nowhere.jpg" in missing.stderr
