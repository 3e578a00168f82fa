"""Experiments and champions through the API: started, split, paused, promoted, rolled back, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.router.calls import submit, until, wait
from tests.studio import PaintedGenerator, running_studio

FASTER = {"steps": {"draft": 3}}
SPLIT: dict[str, Any] = {
    "name": "Fewer steps",
    "mode": "split",
    "unit": "job",
    "scope": {"asset_types": ["icon"], "qualities": ["draft"]},
    "arms": [{"id": "champion"}, {"id": "half", "overlay": {"steps": {"draft": 2}}}],
}


@pytest.fixture
def painter() -> PaintedGenerator:
    return PaintedGenerator()


@pytest.fixture
def api(tmp_path: Path, painter: PaintedGenerator) -> Iterator[httpx.Client]:
    with running_studio(tmp_path, painter) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def add(api: httpx.Client, id: str, version: str = "1.0.0", **body: object) -> None:
    entry = {"id": id, "version": version, "body": {**SPLIT, **body}, "mark": "live"}
    answer = api.post("/library/experiments", json=entry)
    assert answer.status_code == 201, answer.text


def call(api: httpx.Client, method: str, path: str, status: int = 200, **body: object) -> dict[str, Any]:
    answer = api.request(method, path, json=body or None)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def planned(api: httpx.Client, **asked: object) -> dict[str, Any]:
    answer = api.post("/generate", json={"prompt": "a red bicycle", "quality": "draft", "dry_run": True, **asked})
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()["plan"]
    return plan


def steps(plan: dict[str, Any]) -> int:
    return int(plan["stages"][0]["num_inference_steps"])


def test_an_experiment_splits_jobs_until_it_is_paused(api: httpx.Client) -> None:
    add(api, "fewer")
    assert call(api, "GET", "/experiments/fewer")["state"] == "ready"
    started = call(api, "POST", "/experiments/fewer/start", reason="half is enough?")
    assert (started["state"], started["phase"]) == ("running", 1)
    seen = set()
    for _ in range(24):
        plan = planned(api)
        routed = plan["routed"]
        assert routed["reason"] == "split"
        assert steps(plan) == (2 if routed["assigned"] == "half" else 12)
        seen.add(routed["assigned"])
    assert seen == {"champion", "half"}
    job = wait(api, submit(api, quality="draft"))
    assert job["status"] == "complete"
    assert planned(api, quality="standard")["routed"] is None
    assert planned(api, num_inference_steps=7)["routed"]["reason"].startswith("ineligible:half:")
    assert call(api, "PATCH", "/experiments/fewer", exposure=0)["exposure"] == 0
    assert planned(api)["routed"]["reason"] == "not_exposed"
    assert call(api, "POST", "/experiments/fewer/pause")["state"] == "paused"
    assert planned(api)["routed"]["reason"] == "paused"
    assert call(api, "POST", "/experiments/fewer/pause")["state"] == "paused"
    assert call(api, "POST", "/experiments/fewer/start", 409)["error"]["code"] == "state_conflict"
    assert call(api, "POST", "/experiments/fewer/resume")["state"] == "running"
    stopped = call(api, "POST", "/experiments/fewer/stop", decision="prefer:half", reason="as good")
    assert (stopped["state"], stopped["decision"]) == ("stopped", "prefer:half")
    assert planned(api)["routed"] is None
    assert call(api, "POST", "/experiments/fewer/resume", 409)["error"]["code"] == "state_conflict"
    events = call(api, "GET", "/experiments/fewer/events")["events"]
    assert [one["type"] for one in events] == ["started", "exposure_changed", "paused", "resumed", "decided"]
    assert [one["seq"] for one in events] == [1, 2, 3, 4, 5]
    assert (events[1]["before"]["exposure"], events[1]["after"]["exposure"]) == (1.0, 0.0)


def test_more_of_a_picture_stays_in_its_arm(api: httpx.Client) -> None:
    add(api, "fewer")
    call(api, "POST", "/experiments/fewer/start")
    arms: dict[str, dict[str, Any]] = {}
    while len(arms) < 2:
        job = wait(api, submit(api, quality="draft"))
        arms[call(api, "POST", "/regenerate", job_id=job["job_id"], dry_run=True)["plan"]["routed"]["assigned"]] = job
    for arm, job in arms.items():
        for path, body in (
            ("/regenerate", {"job_id": job["job_id"]}),
            ("/tweak", {"asset_id": f"{job['job_id']}/0", "prompt": "a blue bicycle"}),
        ):
            plan = call(api, "POST", path, **body, dry_run=True)["plan"]
            assert (plan["routed"]["assigned"], plan["routed"]["reason"]) == (arm, "kept")
            assert steps(plan) == (2 if arm == "half" else 12)


def test_a_session_stays_in_its_arm(api: httpx.Client) -> None:
    add(api, "fewer", unit="session")
    call(api, "POST", "/experiments/fewer/start")
    arms = {}
    for number in range(12):
        api.headers["X-Atelier-Session"] = f"s-{number}"
        told = {planned(api)["routed"]["assigned"] for _ in range(3)}
        assert len(told) == 1
        arms[number] = told.pop()
    assert set(arms.values()) == {"champion", "half"}


def test_batches_take_part(api: httpx.Client, painter: PaintedGenerator) -> None:
    add(api, "fewer")
    call(api, "POST", "/experiments/fewer/start")
    batch = call(api, "POST", "/batches", 202, prompts=list("abcdefgh"), qualities=["draft"])
    until(lambda: call(api, "GET", f"/batches/{batch['batch_id']}")["status"] == "complete")
    assert {request.num_inference_steps for request in painter.drawn} == {2, 12}


@pytest.mark.slow
def test_what_runs_is_not_changed_by_a_new_version(api: httpx.Client) -> None:
    add(api, "fewer")
    call(api, "POST", "/experiments/fewer/start")
    add(api, "fewer", version="1.1.0", arms=[{"id": "champion"}, {"id": "half", "overlay": {"steps": {"draft": 3}}}])
    assert {steps(planned(api)) for _ in range(20)} == {2, 12}
    again = call(api, "POST", "/experiments/fewer/phases", reason="three")
    assert (again["phase"], again["version"]) == (2, "1.1.0")
    assert {steps(planned(api)) for _ in range(20)} == {3, 12}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (
            {"arms": [{"id": "champion", "weight": 0}, {"id": "a", "weight": 0, "overlay": {"model": "mini"}}]},
            None,
            "0",
        ),
        ({"arms": [{"id": "champion"}, {"id": "a", "overlay": {"model": "imagined"}}]}, "overlay", "imagined"),
        ({"arms": [{"id": "champion"}, {"id": "a", "overlay": {"loras": [{"id": "gone"}]}}]}, "overlay", "gone"),
        ({"arms": [{"id": "champion"}, {"id": "a"}]}, None, "changes nothing"),
        ({"arms": [{"id": "champion"}, {"id": "a", "overlay": {"stages": {"paint": {}}}}]}, "overlay", "no stage"),
        ({"mode": "replay"}, None, "prompt_set"),
        ({"guardrails": [{"metric": "failure", "max_ratio": 2}]}, "guardrails", "max"),
        ({"layer": {"name": "l", "slots": [5, 5]}}, "layer", "lower"),
    ],
)
def test_what_cannot_be_an_experiment_is_refused_by_its_field(
    api: httpx.Client, change: dict[str, Any], field: str | None, words: str
) -> None:
    answer = api.post("/library/experiments", json={"id": "bad", "body": {**SPLIT, **change}, "mark": "live"})
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert words in error["message"]
    assert field is None or field in error["field"]


def test_an_arm_that_cannot_draw_its_scope_keeps_it_from_starting(api: httpx.Client) -> None:
    add(api, "big", arms=[{"id": "champion"}, {"id": "flux", "overlay": {"model": "flux-1-dev"}}])
    error = call(api, "POST", "/experiments/big/start", 422)["error"]
    assert error["message"] == "arm flux cannot draw: flux-1-dev does not run here"
    add(api, "wild", arms=[{"id": "champion"}, {"id": "a", "overlay": {"asset_type": "icon@9.9.9"}}])
    error = call(api, "POST", "/experiments/wild/start", 422)["error"]
    assert "arm a cannot draw icon, draft" in error["message"]
    add(api, "where", scope={"asset_types": ["poster"]})
    error = call(api, "POST", "/experiments/where/start", 422)["error"]
    assert (error["field"], "poster" in error["message"]) == ("scope.asset_types", True)
    assert call(api, "POST", "/experiments/nobody/start", 404)["error"]["code"] == "not_found"


@pytest.mark.slow
def test_two_experiments_share_no_unit(api: httpx.Client) -> None:
    add(api, "one", layer={"name": "icons", "slots": [0, 5000]})
    add(api, "two", layer={"name": "icons", "slots": [4000, 10000]})
    add(api, "three", layer={"name": "icons", "slots": [5000, 10000]})
    add(api, "four")
    call(api, "POST", "/experiments/one/start")
    assert "slots 0 to 5000" in call(api, "POST", "/experiments/two/start", 409)["error"]["message"]
    assert "layer" in call(api, "POST", "/experiments/four/start", 409)["error"]["message"]
    call(api, "POST", "/experiments/three/start")
    seen = {planned(api)["routed"]["experiment"] for _ in range(24)}
    assert seen == {"one", "three"}


def test_promote_ramp_and_roll_back(api: httpx.Client) -> None:
    path = "/champions/icon/draft"
    assert call(api, "GET", path)["revision"] == 0
    body: dict[str, Any] = {"overlay": FASTER, "reason": "faster"}
    assert "say what is promoted" in call(api, "POST", path, 422, reason="why")["error"]["message"]
    promoted = call(api, "POST", path, **body)
    assert (promoted["kind"], promoted["canary"]["share"], promoted["revision"]) == ("canary", 0.1, 1)
    assert promoted["warnings"] == ["no experiment says that this is better than what is live"]
    assert planned(api)["routed"]["champion"] == 1
    assert call(api, "POST", path, 409, **body)["error"]["code"] == "state_conflict"
    for share in (0.25, 0.5, 1.0):
        assert call(api, "POST", f"{path}/ramp", reason="goes well")["canary"]["share"] == share
    assert steps(planned(api)) == 3
    champion = call(api, "POST", f"{path}/ramp", reason="all of them")
    assert (champion["kind"], champion["canary"], champion["overlay"]["steps"]) == ("promote", None, {"draft": 3})
    assert (steps(planned(api)), planned(api)["routed"]["reason"]) == (3, "champion")
    assert api.post(f"{path}/rollback", json={"reason": "no"}, headers={"If-Match": '"1"'}).status_code == 409
    back = call(api, "POST", f"{path}/rollback", reason="worse on logos")
    assert (back["kind"], steps(planned(api))) == ("rollback", 12)
    history = call(api, "GET", f"{path}/history")["champions"]
    assert [one["kind"] for one in history] == ["rollback", "promote", "ramp", "ramp", "ramp", "canary"]


def test_a_canary_can_be_taken_back_and_what_is_gone_cannot_be_promoted(api: httpx.Client) -> None:
    path = "/champions/icon/draft"
    gone: dict[str, Any] = {"overlay": {"loras": [{"id": "gone"}]}, "reason": "nice"}
    error = call(api, "POST", path, 422, **gone)["error"]
    assert (error["field"], "gone" in error["message"]) == ("overlay.loras.0.id", True)
    assert call(api, "POST", f"{path}/rollback", 409, reason="?")["error"]["code"] == "state_conflict"
    call(api, "POST", path, overlay={"steps": {"draft": 3}}, reason="faster")
    assert call(api, "POST", f"{path}/pause", reason="hm")["canary"]["paused"] is True
    assert call(api, "POST", f"{path}/resume", reason="ok")["canary"]["paused"] is False
    assert call(api, "POST", f"{path}/rollback", reason="no")["canary"] is None
    assert call(api, "POST", "/champions/poster/draft", 422, overlay={"model": "mini"}, reason="x")["error"][
        "field"
    ] == ("asset_type")


def test_an_experiment_of_every_mode_can_be_read_back(api: httpx.Client) -> None:
    for mode in ("paired", "shadow"):
        add(api, mode, mode=mode)
        call(api, "POST", f"/experiments/{mode}/start")
        assert call(api, "GET", f"/experiments/{mode}")["definition"]["mode"] == mode


def test_a_unit_can_be_asked_for(api: httpx.Client) -> None:
    add(api, "fewer", unit="user")
    call(api, "POST", "/experiments/fewer/start")
    told = call(api, "GET", "/assignments?experiment=fewer&unit=local")
    assert told["assigned"] == planned(api)["routed"]["assigned"] or told["unit"] != "local"
    assert 0 <= told["bucket"] < 1


POISON = {"asset_type": "icon@1.9.0"}


def poison(api: httpx.Client) -> None:
    """A version of icons that no generator draws; it is not live."""
    icon = call(api, "GET", "/library/asset-types/icon")["body"]
    body = {**icon, "prompt_template": "poison {subject}", "slots": {}, "styles": {}, "default_style": None}
    answer = api.post("/library/asset-types", json={"id": "icon", "version": "1.9.0", "body": body})
    assert answer.status_code == 201, answer.text


def test_an_arm_that_fails_is_paused_by_its_guardrail(api: httpx.Client) -> None:
    """Versus 2 %, after two failures of three, or three of ten: one that always fails needs two."""
    poison(api)
    arms = [{"id": "champion"}, {"id": "bad", "overlay": POISON}]
    add(api, "risky", arms=arms, guardrails=[{"metric": "failure", "max": 0.02}])
    call(api, "POST", "/experiments/risky/start")
    failed = 0
    for _ in range(40):
        job = wait(api, submit(api, quality="draft"))
        failed += job["status"] == "failed"
        if failed == 2:
            break
    until(lambda: call(api, "GET", "/experiments/risky")["state"] == "paused")
    event = call(api, "GET", "/experiments/risky/events")["events"][-1]
    assert (event["type"], event["actor"]) == ("guardrail_tripped", "atelier")
    assert event["reason"] == "bad fails in 100% of 2 jobs, 2% are allowed"
    assert event["told"]["guardrail"]["e_value"] > 100
    assert wait(api, submit(api, quality="draft"))["status"] == "complete"


def test_a_canary_that_fails_is_paused_and_the_champion_draws(api: httpx.Client) -> None:
    poison(api)
    path = "/champions/icon/draft"
    call(api, "POST", path, overlay=POISON, reason="trust me")
    for _ in range(3):
        call(api, "POST", f"{path}/ramp", reason="hurry")
    for _ in range(3):
        wait(api, submit(api, quality="draft"))
    until(lambda: call(api, "GET", path)["canary"]["paused"])
    assert "canary fails in 100% of 3 jobs" in call(api, "GET", path)["reason"]
    assert wait(api, submit(api, quality="draft"))["status"] == "complete"
    assert call(api, "POST", f"{path}/rollback", reason="of course")["canary"] is None
