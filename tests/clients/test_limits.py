"""Quotas and the audit from Python and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from atelier import AsyncAtelier, Atelier, Retry
from atelier.errors import NotFound, QuotaReached

from configs.quotas import Quota, Quotas
from configs.service import Limits
from tests.clients.cli.terminal import Shown, shown
from tests.studio import running_studio

ONCE = Retry(attempts=0)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    limits = Limits(quotas=Quotas(user=Quota(pictures_per_day=1000)))
    with running_studio(tmp_path_factory.mktemp("limits"), limits=limits) as url:
        yield url


@pytest.fixture(autouse=True)
def nothing_is_set(url: str) -> None:
    httpx.delete(f"{url}/quotas/user/dev")


def ran(url: str, *arguments: str, code: int = 0) -> Shown:
    done = shown(url, *arguments, columns=120)
    assert done.code == code, done.err
    return done


def answered(url: str, *arguments: str) -> Any:
    return json.loads(ran(url, *arguments, "--json").out)


def test_a_quota_that_is_reached_is_told(url: str) -> None:
    with Atelier(url) as studio:
        studio.quotas.set("user", "dev", pictures_per_day=0)
        with pytest.raises(QuotaReached, match="nothing may be drawn until an operator raises it") as caught:
            studio.submit("a fox", quality="draft")
        assert (caught.value.retry_after, caught.value.status) == (None, 429)
        refused = ran(url, "generate", "a fox", "--quality", "draft", code=1)
        assert "your quota is 0 pictures a day" in refused.err


def test_no_waiting_helps_against_some_quotas(url: str) -> None:
    asked = []

    def count(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        error = {"code": "quota_reached", "message": "your quota is 0 pictures a day"}
        return httpx.Response(429, json={"error": error})

    with Atelier(url, transport=httpx.MockTransport(count)) as studio, pytest.raises(QuotaReached):
        studio.submit("a fox")
    assert len(asked) == 1


def test_quotas_are_read_set_and_removed(url: str) -> None:
    with Atelier(url, retry=ONCE) as studio:
        told = studio.quotas.set("user", "dev", jobs_in_flight=7, pictures_per_day="unlimited")
        assert (told.quota.jobs_in_flight, told.quota.pictures_per_day, told.set_by) == (7, None, "dev")
        assert [one.quota.jobs_in_flight for one in studio.quotas.own()] == [7, None]
        assert [(one.subject, one.id) for one in studio.quotas.all()] == [("user", "dev")]
        assert studio.quotas.remove("user", "dev").quota.pictures_per_day == 1000
        with pytest.raises(NotFound):
            studio.quotas.remove("user", "dev")


async def _async_way(url: str) -> None:
    async with AsyncAtelier(url, retry=ONCE) as studio:
        await studio.quotas.set("user", "dev", device_seconds_per_day=0.5)
        assert (await studio.quotas.get("user", "dev")).quota.device_seconds_per_day == 0.5
        assert len(await studio.quotas.all()) == 1
        assert (await studio.quotas.own())[0].id == "dev"
        await studio.quotas.remove("user", "dev")
        actions = [line.action async for line in studio.audit.lines(page_size=1, action="quota")]
        assert actions[:2] == ["quota.remove", "quota.set"]


def test_the_same_awaited(url: str) -> None:
    import asyncio

    asyncio.run(_async_way(url))


def test_the_command_says_what_you_may_have_drawn(url: str) -> None:
    told = ran(url, "quota")
    assert "1000" in told.out
    assert "pictures a day" in told.out
    assert "Days begin at 00:00 UTC" in told.err
    assert answered(url, "quota")["quotas"][0]["quota"]["pictures_per_day"] == 1000
    ran(url, "quota", "set", "space", "home", "--jobs", "3", "--seconds", "unlimited")
    listed = ran(url, "quota", "list").out
    assert "home" in listed
    assert "unlimited" in listed
    assert answered(url, "quota", "show", "space", "home")["quota"]["jobs_in_flight"] == 3
    ran(url, "quota", "remove", "space", "home")
    assert "Operators have set no quotas" in ran(url, "quota", "list").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "user", "dev"), "name a limit"),
        (("set", "team", "dev", "--jobs", "1"), "'team' is none of user, space, key"),
        (("set", "user", "dev", "--jobs", "-1"), "a limit is 0, more, or unlimited"),
        (("set", "user", "dev", "--pictures", "many"), "many"),
    ],
)
def test_a_bad_quota_is_a_mistake_of_usage(url: str, arguments: tuple[str, ...], message: str) -> None:
    assert message in ran(url, "quota", *arguments, code=2).err


def test_the_audit_is_shown_and_exported(url: str, tmp_path: Path) -> None:
    ran(url, "quota", "set", "user", "cleo", "--pictures", "5")
    ran(url, "quota", "remove", "user", "cleo")
    shown_lines = ran(url, "audit", "--on", "quotas/user/cleo", "--limit", "5").out
    assert "quota.set" in shown_lines
    assert "pictures_per_day 5" in shown_lines
    lines = answered(url, "audit", "--action", "quota", "--who", "dev", "--limit", "2")["lines"]
    assert [line["action"] for line in lines] == ["quota.remove", "quota.set"]
    file = tmp_path / "audit.jsonl"
    assert answered(url, "audit", "--export", str(file))["file"] == str(file)
    exported = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["seq"] for line in exported] == list(range(1, len(exported) + 1))
    assert exported[-1]["action"] == "quota.remove"
    with Atelier(url, retry=ONCE) as studio:
        assert [one.seq for one in studio.audit.lines(page_size=2)] == [line["seq"] for line in exported][::-1]
        assert studio.audit.export(tmp_path / "some.jsonl", action="quota.set").read_text().count("\n") > 0
    assert "The audit has no such lines" in ran(url, "audit", "--who", "nobody").err
    assert "is nothing that is audited" in ran(url, "audit", "--action", "steal", code=2).err
