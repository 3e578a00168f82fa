"""Pictures found again, kept and shared, from Python and from the command line."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from atelier import AsyncAtelier, Atelier, errors
from PIL import Image

from tests.clients.cli.terminal import ran
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), PaintedGenerator()) as url:
        with Atelier(url) as studio:
            for prompt in ("a red fox", "a blue lamp"):
                studio.wait(studio.submit(prompt, quality="draft", formats=["png"], num_variations=1))
        yield url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = ran(url, tmp_path, *arguments)
        assert done.returncode == code, done.stderr
        return done

    return run


def test_pictures_are_searched_kept_tagged_deleted_and_had_back(url: str) -> None:
    with Atelier(url) as studio:
        gallery = studio.gallery
        assert [one.prompt for one in gallery.search(page_size=1)] == ["a blue lamp", "a red fox"]
        (fox,) = gallery.history("fox", asset_type="icon", since=date(2020, 1, 1), tag=[])
        gallery.favourite(fox)
        assert gallery.tag(fox, ["Sea"]) == ("sea",)
        assert [one.asset_id for one in gallery.search(favourite=True, tag="sea")] == [fox.asset_id]
        assert gallery.get(fox).favourite
        assert gallery.facets("fox").facets["tag"][0].value == "sea"
        small = gallery.thumbnail(fox, side=128, use="reference")
        assert max(Image.open(io.BytesIO(small), formats=("WEBP",)).size) <= 128
        with pytest.raises(errors.InvalidRequest, match="must be 128, 256, 512 or 1024"):
            gallery.thumbnail(fox, side=100)
        recipe = gallery.recipe(fox)
        assert (recipe.prompt, recipe.seed, recipe.asset_id) == ("a red fox", fox.seed, fox.asset_id)
        assert recipe.request is not None
        assert studio.plan(**recipe.request).plan.seeds == (fox.seed,)
        gallery.delete(fox)
        assert [one.asset_id for one in gallery.deleted()] == [fox.asset_id]
        assert gallery.restore(fox.asset_id).deleted_at is None
        gallery.favourite(fox, False)
        assert gallery.analytics(of="all").pictures == 2
        with pytest.raises(errors.BadInput, match="nothing to search by"):
            gallery.search(colr="red")  # type: ignore[call-arg]
        with pytest.raises(errors.InvalidRequest, match="six digits"):
            next(gallery.search(colour="red"))
        with pytest.raises(errors.NotFound):
            gallery.favourite("pic_none")


def test_a_collection_is_put_together_and_shared(url: str) -> None:
    with Atelier(url) as studio:
        lamp, fox = studio.gallery.search()
        spring = studio.collections.create("Spring", "for the launch")
        assert studio.collections.put(spring, [lamp, fox]).pictures == 2
        studio.collections.put(spring, [fox], after="")
        studio.collections.note(spring, fox, "larger")
        shown = studio.collections.get(spring)
        assert [(one.image.prompt, one.note) for one in shown.items] == [("a red fox", "larger"), ("a blue lamp", "")]
        assert studio.collections.change(spring, name="Summer").notes == "for the launch"
        link = studio.collections.share(spring, days=1)
        assert len(httpx.get(link.url).json()["images"]) == 2
        studio.collections.revoke(link)
        assert httpx.get(link.url).status_code == 410
        assert [one.state for one in studio.collections.links(spring.id)] == ["revoked"]
        assert studio.collections.share(fox).kind == "image"
        studio.collections.remove(spring, lamp)
        assert [one.pictures for one in studio.collections.list()] == [1]
        studio.collections.delete(spring)
        assert studio.collections.list() == ()


def test_the_asynchronous_client_does_the_same(url: str) -> None:
    async def walk() -> None:
        async with AsyncAtelier(url) as studio:
            found = [one async for one in studio.gallery.search("lamp")]
            await studio.gallery.favourite(found[0])
            made = await studio.collections.create("Async")
            await studio.collections.put(made, found)
            assert (await studio.collections.get(made)).items[0].image.favourite
            await studio.collections.delete(made)
            await studio.gallery.favourite(found[0], False)

    asyncio.run(walk())


def test_the_command_line_finds_keeps_and_shares(run: Run, tmp_path: Path) -> None:
    def read(*arguments: str) -> Any:
        return json.loads(run(*arguments, "--json").stdout)

    (fox,) = read("images", "search", "fox", "--asset-type", "icon")["images"]
    id = fox["asset_id"]
    assert "a red fox" in run("history", "red").stdout
    run("favourite", id)
    assert [one["asset_id"] for one in read("images", "search", "--favourite")["images"]] == [id]
    assert run("tag", id, "Sea").stdout.strip() == "sea"
    assert "a red fox" in run("recipe", id).stdout
    assert read("recipe", id)["request"]["prompt"] == "a red fox"
    kept = Path(run("recipe", id, "-o", str(tmp_path / "fox.json")).stdout.strip())
    assert json.loads(kept.read_text(encoding="utf-8"))["asset_id"] == id
    collection = run("collections", "create", "Spring").stdout.strip()
    run("collections", "add", collection, id)
    run("collections", "note", collection, id, "larger")
    assert "larger" in run("collections", "show", collection).stdout
    assert "Spring" in run("collections", "list").stdout
    link = run("share", collection, "--days", "3").stdout.strip()
    assert httpx.get(link).status_code == 200
    (listed,) = read("share", collection, "--list")["links"]
    run("share", collection, "--revoke", listed["id"])
    assert httpx.get(link).status_code == 410
    run("collections", "remove", collection, id)
    run("collections", "delete", collection)
    run("delete", id)
    assert "No pictures are like that" in run("history", "fox").stderr
    run("restore", id)
    run("favourite", id, "--remove")
    assert "icon" in run("images", "facets").stdout
    assert "time saved" in run("analytics").stdout


def test_what_cannot_be_is_said_in_a_sentence(run: Run) -> None:
    said = run("images", "search", "* -", code=2)
    assert "there is no word in it" in said.stderr
    assert "Traceback" not in said.stderr
    assert "leave the rest out" in run("images", "search", "fox", "--deleted", code=2).stderr
    run("favourite", "pic_none", code=2)
