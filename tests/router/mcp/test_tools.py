"""Agents draw, look, search and compare; what they are refused is a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import jsonschema_rs
import pytest
from mcp import types
from mcp.client import Client

from configs.placements import GeneratorPlacement
from router.api.app import create_app
from router.mcp.tools import TOOLS
from router.studio import Studio
from tests.catalogue import copy_configs
from tests.router.calls import wait
from tests.router.licences.samples import REFERENCE_ONLY, licensed_studio
from tests.router.mcp.snapshot import SNAPSHOT, listing
from tests.router.mcp.talking import ERAS, Heard, answer, call, refusal, shown, talk, text
from tests.studio import PaintedGenerator, painted_studio, serving


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return painted_studio(tmp_path_factory.mktemp("mcp"), PaintedGenerator(step_seconds=0.02))


@pytest.fixture(scope="module")
def url(studio: Studio) -> Iterator[str]:
    with serving(create_app(studio)) as url:
        yield url


@pytest.mark.parametrize("era", ERAS)
def test_a_client_is_told_of_all_tools_as_they_are_written_down(url: str, era: str) -> None:
    async def work(client: Client) -> types.ListToolsResult:
        return await client.list_tools()

    tools = talk(url, work, era).tools
    assert [tool.name for tool in tools] == list(TOOLS)
    assert listing(tools) == SNAPSHOT.read_text("utf-8"), "python -m tests.router.mcp.snapshot"
    for tool in tools:
        assert tool.description
        jsonschema_rs.validator_for(tool.input_schema)


@pytest.mark.parametrize("era", ERAS)
def test_generate_draws_tells_how_far_it_is_and_shows_what_came(url: str, era: str) -> None:
    heard = Heard()

    async def work(client: Client) -> types.CallToolResult:
        asked = {"prompt": "a red fox", "quality": "draft", "number": 2, "seed": 7, "size": "512x512"}
        return await client.call_tool("generate", asked, progress_callback=heard)

    result = talk(url, work, era)
    job = answer(result)
    assert (job["status"], job["next"], [one["seed"] for one in job["pictures"]]) == ("complete", None, [7, 8])
    assert job["pictures"][0]["licence"]["product"] == "allowed"
    assert job["job_id"] in heard.sentences[0]
    assert heard.shares == sorted(set(heard.shares))
    assert "step" in heard.sentences[-1]
    sentence, _, said = text(result).partition("\n")
    assert sentence == f"Job {job['job_id']} is complete: 2 of 2 pictures are finished."
    assert [one["asset_id"] for one in json.loads(said)["pictures"]] == [one["asset_id"] for one in job["pictures"]]
    jsonschema_rs.validator_for(TOOLS["generate"].listed().output_schema or {}).validate(job)
    assert [(one.format, max(one.size) <= 512) for one in shown(result)] == [("WEBP", True)] * 2
    assert httpx.get(job["pictures"][0]["url"]).headers["content-type"] == "image/png"


def test_what_takes_longer_goes_on_and_is_asked_for_again(url: str) -> None:
    begun = answer(_slow(url, 0.3))
    assert begun["status"] in ("queued", "processing")
    assert begun["job_id"] in begun["next"]
    job = answer(call(url, "get_job", {"job_id": begun["job_id"]}))
    assert (job["status"], job["next"], len(job["pictures"])) == ("complete", None, 8)


def test_a_job_is_canceled_by_its_tool(url: str) -> None:
    begun = answer(_slow(url, 0))
    answer(call(url, "cancel_job", {"job_id": begun["job_id"]}))
    with httpx.Client(base_url=url) as api:
        assert wait(api, begun["job_id"])["status"] == "canceled"


def _draft(url: str, prompt: str, **more: object) -> types.CallToolResult:
    return call(url, "generate", {"prompt": prompt, "quality": "draft", **more})


def _slow(url: str, wait_seconds: float) -> types.CallToolResult:
    return call(url, "generate", {"prompt": "a lamp", "number": 8, "wait_seconds": wait_seconds})


def test_pictures_are_found_again_and_looked_at(url: str) -> None:
    drawn = answer(_draft(url, "a silver heron"))["pictures"][0]
    found = call(url, "search_images", {"query": "heron", "usable_for": "product", "show": 1, "limit": 1})
    (picture,) = answer(found)["pictures"]
    assert (picture["asset_id"], picture["prompt"], picture["seed"]) == (
        drawn["asset_id"],
        "a silver heron",
        drawn["seed"],
    )
    assert [one.type for one in found.content] == ["text", "image"]
    assert answer(call(url, "search_images", {"query": "unicorn", "since": "2020-01-01"}))["pictures"] == []
    looked = call(url, "get_image", {"asset_id": drawn["asset_id"], "side": 128})
    assert answer(looked)["asset_id"] == drawn["asset_id"]
    assert [max(one.size) <= 128 for one in shown(looked)] == [True]


def test_pages_of_a_search_follow_each_other(url: str) -> None:
    for seed in (1, 2, 3):
        answer(_draft(url, "a tall crane", seed=seed))
    first = answer(call(url, "search_images", {"query": "crane", "limit": 2, "show": 0}))
    rest = answer(call(url, "search_images", {"query": "crane", "limit": 2, "show": 0, "before": first["next"]}))
    assert [one["seed"] for one in first["pictures"] + rest["pictures"]] == [3, 2, 1]
    assert rest["next"] is None


def test_models_and_asset_types_are_those_of_the_api(url: str) -> None:
    models = answer(call(url, "list_models"))["models"]
    kinds = answer(call(url, "list_asset_types"))
    with httpx.Client(base_url=url) as api:
        assert [one["id"] for one in models] == [one["id"] for one in api.get("/models").json()["models"]]
        known = api.get("/asset-types").json()
    assert [one["id"] for one in kinds["asset_types"]] == [one["id"] for one in known["asset_types"]]
    assert models[0]["default"]
    assert models[0]["licence"]["product"] == "allowed"


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("generate", {}, "'prompt' is missing"),
        ("generate", {"prompt": "a fox", "steps": 3}, "'steps' is nothing that generate takes; it takes prompt, "),
        ("generate", {"prompt": "a fox", "seed": -1}, "seed: must be 0 or more"),
        ("generate", {"prompt": "a fox", "asset_type": "icn"}, "choose one of icon, "),
        ("generate", {"prompt": "a fox", "number": 100}, "8"),
        ("generate", {"prompt": "a fox", "wait_seconds": 3600}, "wait_seconds: must be 55.0 or less"),
        ("get_job", {"job_id": "0" * 24}, "There is no job"),
        ("get_job", {"job_id": "../me"}, "job_id: is not of the right form"),
        ("get_image", {"asset_id": "pic_0"}, "pic_0"),
        ("search_images", {"before": "x"}, "before: is not of the right form"),
        ("search_images", {"since": "2026-12-02", "until": "2026-12-01"}, "it ends before it begins"),
        ("compare", {"prompt": "a fox", "models": ["mini"]}, "a comparison needs two at least"),
        ("compare", {"prompt": "a fox", "models": ["mini", "other"]}, "'other' does not run here; choose one of mini"),
        ("get_comparison", {"comparison_id": "nothing"}, "nothing"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_no_picture(
    url: str, tool: str, arguments: dict[str, object], said: str
) -> None:
    sentence = refusal(call(url, tool, arguments))
    assert said in sentence
    assert "Traceback" not in sentence


def test_a_picture_that_fails_is_told_with_its_reason(url: str) -> None:
    result = _draft(url, "poison")
    job = answer(result)
    assert (job["status"], job["error"]) == ("failed", "this prompt cannot be drawn")


def test_what_nobody_foresaw_is_a_number_and_in_the_log(
    url: str, studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr(studio.live, "watch", fail)
    sentence = refusal(_draft(url, "a fox", number=4))
    number = sentence.rpartition(" ")[2]
    assert "secret" not in sentence
    (record,) = (one for one in caplog.records if number in one.getMessage())
    assert record.exc_info is not None


def test_a_picture_for_reference_alone_is_shown_with_its_verdict(tmp_path: Path) -> None:
    with licensed_studio(tmp_path, REFERENCE_ONLY, default_use="product") as api:
        result = _draft(str(api.base_url), "a fox")
    assert answer(result)["pictures"][0]["licence"]["product"] == "refused"
    assert [one.type for one in result.content] == ["text", "image"]


def test_models_are_compared_on_the_same_seeds(tmp_path: Path) -> None:
    models = copy_configs(tmp_path) / "configs" / "models"
    (models / "twin.yaml").write_text((models / "mini.yaml").read_text().replace("id: mini\n", "id: twin\n"))
    placed = (GeneratorPlacement(model="mini"), GeneratorPlacement(model="twin"))
    heard = Heard()

    async def work(client: Client) -> types.CallToolResult:
        asked = {"prompt": "a fox", "models": ["mini", "twin"], "quality": "draft", "seeds": 2, "seed": 3}
        return await client.call_tool("compare", asked, progress_callback=heard)

    with serving(create_app(painted_studio(tmp_path, root=tmp_path, generators=placed))) as url:
        result = talk(url, work)
        comparison = answer(result)
        again = answer(call(url, "get_comparison", {"comparison_id": comparison["comparison_id"]}))
    assert comparison == again
    assert comparison["status"] == "complete"
    assert {one["label"]: [p["seed"] for p in one["pictures"]] for one in comparison["sides"]} == {
        "mini": [3, 4],
        "twin": [3, 4],
    }
    assert comparison["comparison_id"] in heard.sentences[0]
    assert [one.type for one in result.content] == ["text", "image", "image"]


def test_the_loop_goes_on_while_many_wait(url: str) -> None:
    """Eight calls at once are eight jobs, and none waits for another's answer."""

    async def work(client: Client) -> list[str]:
        ids = []

        async def one(number: int) -> None:
            result = await client.call_tool("generate", {"prompt": f"a fox {number}", "quality": "draft"})
            ids.append(answer(result)["job_id"])

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(one, number)
        return ids

    assert len(set(talk(url, work))) == 8
