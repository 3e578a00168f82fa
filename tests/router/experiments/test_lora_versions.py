"""A LoRA's candidate, never live, goes its way: an arm beside what is live, a canary, the champion, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.catalogue import add_lora, copy_configs
from tests.router.calls import submit, until, wait
from tests.studio import running_studio

CHAMPION = "/champions/icon/draft"
TRIED: dict[str, Any] = {"loras": [{"id": "stamps@1.1.0", "strength": 0.8}]}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """With the LoRA `stamps`: 1.1.0 is its candidate, whose word is 'stamped', and no version of it is live."""
    root = copy_configs(tmp_path / "configs")
    add_lora(root, "stamps")
    with running_studio(tmp_path / "studio", root=root) as url, httpx.Client(base_url=url, timeout=60) as api:
        body = api.get("/library/loras/stamps").json()["body"] | {"trigger_words": ["stamped"]}
        body.pop("id")
        later = {"id": "stamps", "version": "1.1.0", "body": body, "mark": "candidate"}
        assert api.post("/library/loras", json=later).status_code == 201
        call(api, "/library/loras/stamps/mark", mark="live", version=None)
        yield api


def call(api: httpx.Client, path: str, status: int = 200, **body: object) -> dict[str, Any]:
    answer = api.post(path, json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def begin(api: httpx.Client, mode: str = "split", **overlay: object) -> None:
    """An experiment of what is live against an overlay."""
    body = {
        "name": "Stamped",
        "mode": mode,
        "unit": "job",
        "scope": {"asset_types": ["icon"], "qualities": ["draft"]},
        "arms": [{"id": "champion"}, {"id": "stamped", "overlay": overlay or TRIED}],
    }
    call(api, "/library/experiments", 201, id="stamps", body=body, mark="live")
    call(api, "/experiments/stamps/start", reason="does it look better?")


def planned(api: httpx.Client, **asked: Any) -> dict[str, Any]:
    plan: dict[str, Any] = call(api, "/generate", prompt="a red bicycle", quality="draft", dry_run=True, **asked)[
        "plan"
    ]
    return plan


def worn(plan: dict[str, Any]) -> list[str]:
    return [f"{one['lora']}@{one['version']}" for one in plan["stages"][0]["loras"]]


def drawn_as(api: httpx.Client, arm: str) -> dict[str, Any]:
    """A finished job that was assigned to an arm: one of a few dozen is."""
    for _ in range(60):
        if planned(api)["routed"]["assigned"] != arm:
            continue
        job = wait(api, submit(api, quality="draft"))
        assert job["status"] == "complete"
        if bool(job["loras"]) == (arm == "stamped"):
            return job
    raise AssertionError(f"nothing was drawn as {arm}")


def test_a_candidate_is_an_arm_of_an_experiment(api: httpx.Client) -> None:
    begin(api)
    seen = {(plan["routed"]["assigned"], *worn(plan)) for plan in (planned(api) for _ in range(40))}
    assert seen == {("champion",), ("stamped", "stamps@1.1.0")}
    (arm,) = (one for one in api.get("/experiments/stamps").json()["arms"] if one["id"] == "stamped")
    assert (arm["overlay"]["loras"], arm["down"]) == (TRIED["loras"], None)


def test_its_job_recipe_and_replay_are_of_that_version(api: httpx.Client) -> None:
    begin(api)
    job = drawn_as(api, "stamped")
    assert job["loras"] == [{"id": "stamps", "version": "1.1.0", "strength": 0.8}]
    picture = job["images"][0]["asset_id"]
    same = planned(api, loras=job["loras"])
    assert (worn(same), same["stages"][0]["loras"][0]["strength"]) == (["stamps@1.1.0"], 0.8), "as it is asked for"
    recipe = api.get(f"/images/{picture}/recipe").json()
    assert [(one["lora"], one["version"]) for one in recipe["loras"]] == [("stamps", "1.1.0")]
    assert recipe["full_prompt"].startswith("stamped")
    call(api, "/library/loras/stamps/mark", mark="live", version="1.0.0")
    again = wait(api, call(api, f"/images/{picture}/replay", 202)["job_id"])
    assert again["loras"] == job["loras"]
    assert again["replay"]["identical"] is True, again["replay"]


def test_it_is_let_in_as_a_canary_becomes_champion_and_is_taken_back(api: httpx.Client) -> None:
    begin(api)
    call(api, "/experiments/stamps/stop", decision="prefer:stamped", reason="it does")
    canary = call(api, CHAMPION, experiment="stamps", arm="stamped", reason="it won")
    assert (canary["kind"], canary["canary"]["share"]) == ("canary", 0.1)
    assert list(canary["canary"]["hashes"]) == ["loras/stamps@1.1.0"]
    for _ in range(4):
        call(api, f"{CHAMPION}/ramp", reason="goes well")
    plan = planned(api)
    assert (plan["routed"]["reason"], worn(plan)) == ("champion", ["stamps@1.1.0"])
    assert plan["stages"][0]["full_prompt"].startswith("stamped")
    call(api, "/library/loras/stamps/mark", mark="live", version="1.0.0")
    assert worn(planned(api)) == ["stamps@1.1.0"], "a champion stays what was promoted, whatever becomes live"
    assert planned(api, loras=[{"id": "stamps"}])["routed"]["overlay"]["loras"] == [], "what is asked for counts"
    assert worn(call(api, "/generate", prompt="a mug <lora:stamps@1.0.0>", quality="draft", dry_run=True)["plan"]) == [
        "stamps@1.0.0"
    ]
    assert wait(api, submit(api, quality="draft"))["loras"][0]["version"] == "1.1.0"
    call(api, f"{CHAMPION}/rollback", reason="worse on logos")
    assert worn(planned(api)) == []


def test_rows_of_a_batch_take_part_and_may_name_a_version_themselves(api: httpx.Client) -> None:
    begin(api)
    file = "prompt,quality,lora\n" + "a mug,draft,\n" * 24 + "a jug,draft,stamps@1.0.0@0.5\n"
    answer = api.post("/batches", content=file, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 202, answer.text
    batch = answer.json()["batch_id"]
    until(lambda: api.get(f"/batches/{batch}").json()["status"] == "complete")
    jobs = api.get("/jobs", params={"batch": batch, "limit": 50}).json()["jobs"]
    of = {json.dumps([job["prompt"], *(f"{one['id']}@{one['version']}" for one in job["loras"])]) for job in jobs}
    assert of == {'["a mug"]', '["a mug", "stamps@1.1.0"]', '["a jug", "stamps@1.0.0"]'}


def test_two_versions_are_compared_side_by_side(api: httpx.Client) -> None:
    arms = [{"id": f"v{i}", "overlay": {"loras": [{"id": f"stamps@1.{i}.0"}]}} for i in (0, 1)]
    told = call(api, "/compare", 202, prompt="a mug", quality="draft", seeds=1, arms=arms)
    until(lambda: api.get(f"/batches/{told['comparison_id']}").json()["status"] == "complete")
    jobs = api.get("/jobs", params={"batch": told["comparison_id"]}).json()["jobs"]
    assert {job["loras"][0]["version"] for job in jobs} == {"1.0.0", "1.1.0"}


def test_what_is_not_there_keeps_it_from_starting_and_from_being_promoted(api: httpx.Client) -> None:
    for name, words in (("stamps@7.0.0", "1.1.0"), ("ghost@1.0.0", "ghost")):
        overlay = {"loras": [{"id": name}]}
        error = call(api, CHAMPION, 422, overlay=overlay, reason="nice")["error"]
        assert (error["field"], words in error["message"]) == ("overlay", True)
    body = {
        "name": "Ghost",
        "mode": "split",
        "scope": {"asset_types": ["icon"], "qualities": ["draft"]},
        "arms": [{"id": "champion"}, {"id": "ghost", "overlay": {"loras": [{"id": "ghost@1.0.0"}]}}],
    }
    call(api, "/library/experiments", 201, id="ghost", body=body, mark="live")
    assert "ghost" in call(api, "/experiments/ghost/start", 422, reason="")["error"]["message"]
