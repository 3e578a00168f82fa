"""A challenger's life on the real cluster: drawn beside the champion, judged blind until it is decided, promoted, taken
back; and a front door that is killed in the middle changes nothing."""

from __future__ import annotations

import io
import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.cluster.conftest import Cluster
from tests.cluster.test_cluster import replica_pid

pytestmark = pytest.mark.cluster
RATERS, TASTE = 8, 0.9
PROMPTS = (
    "a red bicycle",
    "a blue umbrella",
    "a green tree",
    "a purple cloud",
    "an orange house",
    "a red heart",
    "a yellow lamp",
    "a blue boat",
)
CARELESS = {"steps": {"draft": 2}}
"""Two steps in place of twelve: the same things with a veil of noise."""


def call(cluster: Cluster, method: str, path: str, status: int = 200, **body: object) -> dict[str, Any]:
    answer = cluster.api.request(method, path, json=body or None)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def until(true: Callable[[], object], what: str, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


@pytest.fixture(scope="module")
def judged(cluster: Cluster) -> Cluster:
    """The experiment, with everything drawn."""
    prompts = [{"prompt": prompt, "seed": i, "asset_type": "product_illustration"} for i, prompt in enumerate(PROMPTS)]
    add(cluster, "prompt-sets", "eight", {"name": "Eight things", "prompts": prompts})
    body = {
        "name": "Two steps",
        "mode": "paired",
        "scope": {"asset_types": ["product_illustration"], "qualities": ["draft"]},
        "arms": [{"id": "champion"}, {"id": "careless", "overlay": CARELESS}],
        "prompt_set": "eight",
        "stop": {"min_votes": 30, "max_votes": 64, "min_raters": 5},
    }
    add(cluster, "experiments", "two-steps", body)
    call(cluster, "POST", "/experiments/two-steps/start", reason="is it good enough?")

    def drawn() -> bool:
        runs = call(cluster, "GET", "/experiments/two-steps/runs")["runs"]
        return any(run["kind"] == "replay" and run["status"] == "complete" for run in runs)

    until(drawn, "the prompt set is not drawn")
    return cluster


def add(cluster: Cluster, kind: str, id: str, body: dict[str, Any]) -> None:
    call(cluster, "POST", f"/library/{kind}", 201, id=id, body=body, mark="live")


def noise(cluster: Cluster, url: str) -> float:
    """How restless the plain parts of a picture are: what its rater looks at."""
    answer = cluster.api.get(url)
    assert answer.status_code == 200, answer.text
    grey = np.asarray(Image.open(io.BytesIO(answer.content)).convert("L"), float)
    around = [np.roll(grey, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    spread = np.std(np.stack(around), axis=0)[1:-1, 1:-1]
    return float(spread[spread < 8].mean())


def vote(cluster: Cluster, rater: str, chance: random.Random) -> int:
    """All that a rater is offered, chosen by taste: the calm picture nine times of ten. How many votes."""
    cast = 0
    while ballots := call(cluster, "POST", "/experiments/two-steps/ballots", count=5, rater=rater)["ballots"]:
        for ballot in ballots:
            calmer = "left" if noise(cluster, ballot["left"]) < noise(cluster, ballot["right"]) else "right"
            other = "right" if calmer == "left" else "left"
            choice = calmer if chance.random() < TASTE else other
            call(cluster, "PUT", f"/ballots/{ballot['id']}/vote", choice=choice, rater=rater, dwell_ms=2000)
            cast += 1
    return cast


def test_the_better_arm_wins_and_the_interval_holds_the_truth(judged: Cluster) -> None:
    chance = random.Random(7)
    votes = sum(vote(judged, f"rater-{number}", chance) for number in range(RATERS))
    assert votes >= RATERS * len(PROMPTS), "each has seen each prompt"
    results = call(judged, "GET", "/experiments/two-steps/results")
    assert results["decision"] == "prefer:champion", results
    arm = next(one for one in results["arms"] if one["id"] == "careless")
    assert arm["share"]["low"] <= 1 - TASTE <= arm["share"]["high"], results
    stopped = call(judged, "POST", "/experiments/two-steps/stop", decision=results["decision"], reason="plain to see")
    assert stopped["state"] == "stopped"


def test_a_champion_is_let_in_survives_a_front_door_and_is_taken_back(judged: Cluster) -> None:
    path = "/champions/product_illustration/draft"
    promoted = call(judged, "POST", path, experiment="two-steps", arm="careless", reason="to see it", at_once=True)
    assert promoted["warnings"] == ["experiment two-steps has not decided for it"]
    assert steps(judged) == 2
    os.kill(replica_pid(judged, "front-door"), signal.SIGKILL)
    until(lambda: answers(judged), "no front door comes back")
    assert steps(judged) == 2
    call(judged, "POST", f"{path}/rollback", reason="of course")
    until(lambda: steps(judged) == 12, "the champion before does not draw")


def answers(cluster: Cluster) -> bool:
    try:
        return cluster.api.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def steps(cluster: Cluster) -> int:
    body: dict[str, Any] = {"prompt": "a cup", "asset_type": "product_illustration", "quality": "draft"}
    body["dry_run"] = True
    return int(call(cluster, "POST", "/generate", **body)["plan"]["stages"][0]["num_inference_steps"])
