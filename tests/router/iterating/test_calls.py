"""Each call that goes on from a finished picture makes the request that it says, and keeps what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from configs.noise import SeedVariation
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, running_studio

ORDER = {"num_variations": 2, "seed": 7, "formats": ["png"], "guidance_scale": 2.0}


@pytest.fixture(scope="module")
def first(api: httpx.Client) -> dict[str, Any]:
    return wait(api, submit(api, **ORDER))


def ask(api: httpx.Client, call: str, **body: object) -> dict[str, Any]:
    """The plan of a call."""
    answer = api.post(f"/{call}", json={**body, "dry_run": True})
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()["plan"]
    return plan


def order(api: httpx.Client, call: str, **body: object) -> dict[str, Any]:
    answer = api.post(f"/{call}", json=body)
    assert answer.status_code == 202, answer.text
    return wait(api, answer.json()["job_id"])


def refused(api: httpx.Client, call: str, status: int = 422, **body: object) -> dict[str, Any]:
    answer = api.post(f"/{call}", json=body)
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def drawing(plan: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plan["stages"][0].items() if key != "estimated_seconds"}


def test_regenerating_repeats_the_request_with_seeds_that_were_not_drawn(
    api: httpx.Client, first: dict[str, Any]
) -> None:
    again = order(api, "regenerate", job_id=first["job_id"], num_variations=3)
    further = order(api, "regenerate", job_id=again["job_id"], num_variations=3)
    seeds = [*first["seeds"], *again["seeds"], *further["seeds"]]
    assert len(set(seeds)) == 8
    one, other = ask(api, "regenerate", job_id=first["job_id"]), ask(api, "generate", prompt="a red bicycle", **ORDER)
    assert drawing(one) == drawing(other)
    assert len(one["seeds"]) == 4
    error = refused(api, "regenerate", job_id=first["job_id"], seed=again["seeds"][1], num_variations=1)
    assert error["field"] == "seed"
    assert str(again["seeds"][1]) in error["message"]
    assert ask(api, "regenerate", job_id=first["job_id"], seed=5, num_variations=1)["seeds"] == [5]


def test_more_like_this_turns_the_noise_where_the_model_can(
    api: httpx.Client, first: dict[str, Any], generator: PaintedGenerator
) -> None:
    name = f"{first['job_id']}/1"
    plan = ask(api, "like", asset_id=name, closeness=0.7)
    assert plan["stages"][0]["near"] == {"seed": 8, "strength": 0.3, "variations": []}
    assert not {7, 8} & set(plan["seeds"])
    note = next(note for note in plan["notes"] if note["code"] == "iterated")
    assert note["message"].startswith(f"like {name} by seed: its noise is turned 30%")
    near = order(api, "like", asset_id=first["images"][1]["asset_id"], num_variations=1)
    drawn = generator.drawn[-1]
    assert (drawn.seed, drawn.variations) == (8, (SeedVariation(seed=near["seeds"][0], strength=0.5),))
    nearer = ask(api, "like", asset_id=f"{near['job_id']}/0", closeness=0.9)["stages"][0]["near"]
    assert nearer == {"seed": 8, "strength": 0.1, "variations": [{"seed": near["seeds"][0], "strength": 0.5}]}


def test_more_like_this_redraws_what_was_redrawn(api: httpx.Client, first: dict[str, Any]) -> None:
    over = wait(api, submit(api, image=f"{first['job_id']}/0", strength=0.5, formats=["png"]))
    name = f"{over['job_id']}/0"
    plan = ask(api, "like", asset_id=name)
    assert plan["stages"][0]["strength"] == 0.5
    assert [one["image"]["picture"] for one in plan["stages"][0]["inputs"]] == [name]
    assert "since it was drawn over another picture" in " ".join(note["message"] for note in plan["notes"])
    error = refused(api, "like", asset_id=name, how="seed")
    assert (error["code"], error["field"], error["allowed"]) == ("unsupported_capability", "how", ["redraw"])


def test_a_tweak_keeps_all_but_the_words(api: httpx.Client, first: dict[str, Any]) -> None:
    before = ask(api, "generate", prompt="a red bicycle", **ORDER)
    plan = ask(api, "tweak", asset_id=f"{first['job_id']}/1", prompt="a blue bicycle")
    assert plan["seeds"] == [8]
    kept, had = drawing(plan), drawing(before)
    assert {key for key in kept if kept[key] != had[key]} == {"full_prompt"}
    assert kept["full_prompt"] == had["full_prompt"].replace("a red", "a blue")


def test_a_draft_is_finished_from_its_own_pixels(api: httpx.Client) -> None:
    draft = wait(api, submit(api, quality="draft", seed=3, formats=["png"], num_inference_steps=9))
    name = f"{draft['job_id']}/0"
    plan = ask(api, "finish", asset_id=name, quality="high")
    base = plan["stages"][0]
    assert (plan["quality"], plan["seeds"], base["strength"]) == ("high", [3], 0.35)
    assert base["num_inference_steps"] > 9
    (given,) = base["inputs"]
    assert (given["role"], given["image"]["picture"]) == ("image", name)
    assert refused(api, "finish", asset_id=name, quality="draft")["field"] == "quality"


@pytest.mark.parametrize("call", ["like", "tweak", "finish"])
def test_what_is_no_finished_picture_of_yours_is_refused_by_its_field(api: httpx.Client, call: str) -> None:
    more: dict[str, Any] = {"prompt": "a cat"} if call == "tweak" else {}
    for name in ("nothing/0", "pic_nothing"):
        error = refused(api, call, asset_id=name, **more)
        assert (error["code"], error["field"]) == ("missing_asset", "asset_id")
        assert name in error["message"]


def test_what_is_no_job_of_yours_is_refused_by_its_field(api: httpx.Client) -> None:
    assert refused(api, "regenerate", job_id="nothing")["field"] == "job_id"
    assert api.get("/jobs/nothing/lineage").status_code == 404
    assert api.get("/assets/pic_nothing/lineage").status_code == 404


def test_a_key_is_for_one_body_to_one_path(api: httpx.Client, first: dict[str, Any]) -> None:
    body, key = {"asset_id": f"{first['job_id']}/0"}, {"Idempotency-Key": "once"}
    one, again = (api.post("/like", json=body, headers=key) for _ in range(2))
    assert (one.json()["job_id"], again.headers["idempotent-replayed"]) == (again.json()["job_id"], "true")
    assert api.post("/finish", json=body, headers=key).status_code == 409


@pytest.fixture
def slow_api(tmp_path: Any) -> Iterator[httpx.Client]:
    with (
        running_studio(tmp_path, PaintedGenerator(step_seconds=30)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_a_job_that_goes_on_can_be_repeated_and_its_picture_not_yet(slow_api: httpx.Client) -> None:
    job_id = submit(slow_api, seed=4)
    assert 4 not in ask(slow_api, "regenerate", job_id=job_id)["seeds"]
    error = refused(slow_api, "like", asset_id=f"{job_id}/0")
    assert "not finished it yet" in error["message"]


def test_how_alike_a_picture_is_to_what_it_goes_on_from_is_measured(api: httpx.Client, first: dict[str, Any]) -> None:
    assert "likeness" not in first["images"][0]["scores"]
    same = order(api, "tweak", asset_id=f"{first['job_id']}/0", prompt="a red bicycle")
    assert same["images"][0]["scores"]["likeness"] == 1.0
    other = order(api, "tweak", asset_id=f"{first['job_id']}/0", prompt="a blue bicycle")
    assert other["images"][0]["scores"]["likeness"] < 1.0
    assert "likeness" not in order(api, "regenerate", job_id=first["job_id"])["images"][0]["scores"]
