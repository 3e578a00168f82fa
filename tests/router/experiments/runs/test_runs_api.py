"""/experiments/{id}/runs as its users see it: a prompt set on all arms, drawn by the conductor to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from router.api.app import create_app
from router.studio import Studio
from tests.router.calls import until
from tests.router.experiments.runs.conftest import Bench
from tests.studio import painted_studio, serving


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Over a database in which the experiment `steps` runs."""
    folder: Path = tmp_path_factory.mktemp("runs")

    async def prepare() -> None:
        studio = painted_studio(folder)
        await studio.store.open()
        await studio.library.open()
        await Bench(studio).start("paired")
        await studio.store.close()

    asyncio.run(prepare())
    return painted_studio(folder)


@pytest.fixture(scope="module")
def api(studio: Studio) -> Iterator[httpx.Client]:
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.mark.slow
def test_a_prompt_set_is_drawn_on_all_arms_and_is_in_nobodys_history(api: httpx.Client) -> None:
    answer = api.post("/experiments/steps/runs", json={"prompt_set": "house@1.0.0", "seeds": 1})
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert (run["kind"], run["lines"], run["prompt_set"]) == ("replay", 12, "house@1.0.0")
    until(lambda: api.get(answer.headers["Location"]).json()["status"] == "complete")
    done = api.get(answer.headers["Location"]).json()
    assert done["jobs"]["complete"] == 24
    assert done["gpu_seconds"] > 0
    assert done["ended_at"] is not None
    assert api.get("/jobs").json()["jobs"] == []
    kinds = {one["kind"]: one["status"] for one in api.get("/experiments/steps/runs").json()["runs"]}
    assert kinds == {"replay": "complete", "paired": "running"}


def test_a_run_is_canceled(api: httpx.Client) -> None:
    run = api.post("/experiments/steps/runs", json={"prompt_set": "house", "seeds": 16}).json()
    path = f"/experiments/steps/runs/{run['run_id']}"
    assert api.delete(path).json()["status"] == "canceled"
    until(lambda: not {"queued", "processing"} & {s for s, n in api.get(path).json()["jobs"].items() if n})
    assert api.get(path).json()["reason"] == "canceled by dev"


@pytest.mark.parametrize(
    ("experiment", "body", "status", "field", "says"),
    [
        ("steps", {}, 422, "prompt_set", "the experiment names no prompt set: give one of house"),
        ("steps", {"prompt_set": "gone"}, 422, "prompt_set", "there is no prompt set 'gone'; there are house"),
        ("steps", {"prompt_set": "house@9.0.0"}, 422, "prompt_set", "house has no version '9.0.0'"),
        ("steps", {"prompt_set": "house", "quality": "best"}, 422, "quality", "'best' is not drawn here"),
        ("steps", {"prompt_set": "house", "seeds": 0}, 422, "seeds", "seeds"),
        ("steps", {"kind": "shadow"}, 422, "kind", "kind"),
        ("none", {"prompt_set": "house"}, 404, "id", "no experiment 'none' was ever started"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    api: httpx.Client, experiment: str, body: dict[str, object], status: int, field: str, says: str
) -> None:
    answer = api.post(f"/experiments/{experiment}/runs", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["field"] == field
    assert says in answer.json()["error"]["message"]
