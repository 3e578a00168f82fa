"""Spaces from Python and the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from atelier import AsyncAtelier, Atelier, Retry
from atelier.errors import NotFound

from tests.clients.cli.terminal import shown
from tests.studio import running_studio

ONCE = Retry(attempts=0)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("spaces")) as url:
        yield url


def ran(url: str, *arguments: str, code: int = 0) -> str:
    done = shown(url, "spaces", *arguments, columns=120)
    assert done.code == code, done.err
    return done.out if code == 0 else done.err


def test_a_space_is_made_changed_and_deleted(url: str) -> None:
    with Atelier(url, retry=ONCE) as studio:
        made = studio.spaces.create("brand", "Brand team", {"quality": "draft"})
        assert (made.name, made.defaults.quality, made.members) == ("Brand team", "draft", ())
        assert [(one.id, one.name) for one in studio.spaces.find("brand", "dev")] == [("dev", "Developer")]
        assert studio.names(["dev", "nobody"]) == {"dev": "Developer"}
        (lead,) = studio.spaces.let_in("brand", "dev", "lead").members
        assert (lead.principal, lead.role) == ("dev", "lead")
        assert studio.spaces.change("brand", defaults={}).defaults.quality is None
        files = {"formats": ("png", "webp"), "private": True, "retention_days": 90}
        changed = studio.spaces.change("brand", files=files)
        assert changed.files.model_dump() == {**files, "credentials": True}
        assert (changed.retention_days, changed.allowed.most_retention_days) == (90, 36_500)
        assert studio.spaces.change("brand", archived=True).archived_at is not None
        assert studio.spaces.take_out("brand", "dev").members == ()
        assert [one.id for one in studio.spaces.list()] == ["brand", "home"]
        assert studio.spaces.delete("brand") is True
        with pytest.raises(NotFound):
            studio.spaces.get("brand")


def test_the_same_awaited(url: str) -> None:
    async def way() -> None:
        async with AsyncAtelier(url, retry=ONCE) as studio:
            await studio.spaces.create("later")
            assert (await studio.spaces.get("later")).name == "later"
            assert (await studio.spaces.change("later", name="Later")).name == "Later"
            assert await studio.spaces.find("later", "nobody") == ()
            assert await studio.names(["dev"]) == {"dev": "Developer"}
            await studio.spaces.let_in("later", "dev")
            await studio.spaces.take_out("later", "dev")
            assert "later" in [one.id for one in await studio.spaces.list()]
            assert await studio.spaces.delete("later")

    asyncio.run(way())


def test_the_environment_says_for_which_space_one_works(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Atelier(url, retry=ONCE) as studio:
        studio.spaces.create("drafts", defaults={"quality": "draft"})
    monkeypatch.setenv("ATELIER_SPACE", "drafts")
    with Atelier(url, retry=ONCE) as studio:
        assert studio.generate("a fox").quality == "draft"
        assert studio.spaces.delete("drafts") is False


def test_the_command_line_does_all_of_it(url: str) -> None:
    assert "quality" in ran(url, "create", "cli", "--name", "The team", "--default", "quality=draft")
    assert "Developer" in ran(url, "find", "cli", "DEV")
    assert json.loads(ran(url, "find", "cli", "nobody", "--json")) == {"people": []}
    assert "dev" in ran(url, "let-in", "cli", "dev", "--lead")
    listed: Any = json.loads(ran(url, "--json"))
    assert {"cli", "home"} <= {one["id"] for one in listed["spaces"]}
    assert "The team" in ran(url)
    said = ["formats=png,webp", "private=true", "retention_days=90"]
    told = ran(url, "change", "cli", *(part for one in said for part in ("--files", one)))
    assert "png, webp, without the prompt" in told
    assert "go after 90 days" in told
    assert "formats of the asset type" in ran(url, "change", "cli", "--files", "none")
    assert "7 to 36500 days" in ran(url, "change", "cli", "--files", "retention_days=1", code=2)
    assert "true or false" in ran(url, "change", "cli", "--files", "private=perhaps", code=2)
    assert "FIELD=VALUE" in ran(url, "change", "cli", "--files", "colour=red", code=2)
    assert "archived" in ran(url, "change", "cli", "--archive", "--default", "none")
    assert "in use" in ran(url, "change", "cli", "--restore")
    assert "The team" in ran(url, "show", "cli")
    ran(url, "take-out", "cli", "dev")
    assert "cli is gone" in ran(url, "delete", "cli")
    assert "FIELD=ID" in ran(url, "create", "other", "--default", "colour=red", code=2)
    assert "choose one of" in ran(url, "create", "other", "--default", "model=gone", code=2)
