"""What an operator sees: what runs, what there is to do in seconds, and what is away, each part by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request

from configs.errors import StageUnavailable
from configs.version import VERSION
from router.api.app import create_app
from router.operations.survey import Survey
from router.people.principal import Principal, Role
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.clients.held import HeldGenerator
from tests.router.calls import submit, until, wait
from tests.router.test_cold_start import ColdGenerator
from tests.studio import PaintedGenerator, painted_studio, serving


@pytest.fixture
def generator() -> HeldGenerator:
    return HeldGenerator()


@pytest.fixture
def studio(tmp_path: Path, generator: HeldGenerator) -> Studio:
    return painted_studio(tmp_path, generator, parallel_jobs=1)


@pytest.fixture
def api(studio: Studio) -> Iterator[httpx.Client]:
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def operations(api: httpx.Client) -> dict[str, Any]:
    answer = api.get("/operations")
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


def mini(seen: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in seen["models"] if one["model"] == "mini")


def test_in_one_process_each_deployment_runs_once_and_there_is_no_dashboard(api: httpx.Client) -> None:
    seen = operations(api)
    assert (seen["version"], seen["profile"], seen["dashboard"]) == (VERSION, "local", None)
    assert seen["stores"] == {"database": {"ok": True, "detail": ""}, "files": {"ok": True, "detail": ""}}
    names = {one["name"]: one for one in seen["deployments"]}
    assert {"generator-mini", "finisher", "upscaler-mini-x4"} <= names.keys()
    replicas = [(one["state"], one["node"]) for one in names["generator-mini"]["replicas"]]
    assert replicas == [("running", None)]
    assert (mini(seen)["queued"]["jobs"], mini(seen)["cold_start_seconds"]) == (0, 0)
    assert mini(seen)["memory_gb"] > 0
    assert "generator-mini" in {one["deployment"] for one in seen["gpus"]["ledger"]}


def test_work_is_told_in_predicted_seconds_what_waits_apart_from_what_is_drawn(
    api: httpx.Client, generator: HeldGenerator
) -> None:
    generator.held = True
    jobs = [submit(api, quality="draft", num_variations=4)]
    until(lambda: mini(operations(api))["running"]["jobs"] == 1)
    jobs += [submit(api, quality="draft", num_variations=2) for _ in range(2)]
    until(lambda: mini(operations(api))["queued"]["jobs"] == 2)
    load = mini(operations(api))
    assert load["queued"]["pictures"] == 4
    assert 0 < load["running"]["pictures"] <= 4
    assert load["queued"]["seconds"] > 0
    assert load["running"]["seconds"] > 0
    generator.held = False
    for job in jobs:
        wait(api, job)
    done = mini(operations(api))
    assert done["queued"] == done["running"] == {"jobs": 0, "pictures": 0, "seconds": 0}


def test_a_model_that_is_not_in_memory_is_told_with_the_seconds_that_it_will_take(tmp_path: Path) -> None:
    with (
        serving(create_app(painted_studio(tmp_path, ColdGenerator()))) as url,
        httpx.Client(base_url=url, timeout=30) as api,
    ):
        cold = mini(operations(api))
    assert cold["cold_start_seconds"] > 0
    assert cold["last_load_seconds"] is None


class Silent(DirectReplicas):
    """A cluster whose controller does not answer."""

    async def survey(self) -> Survey:
        raise StageUnavailable("no answer")


def test_a_part_that_does_not_answer_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = painted_studio(tmp_path)
    monkeypatch.setattr(type(studio.replicas), "survey", Silent.survey)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as api:
        seen = operations(api)
    assert seen["deployments"] is None
    assert mini(seen)["queued"]["jobs"] == 0
    assert mini(seen)["last_load_seconds"] is None


@pytest.mark.parametrize(
    ("role", "status"), [(Role.OPERATOR, 200), (Role.ADMIN, 200), (Role.DESIGNER, 403), (Role.EVALUATOR, 403)]
)
def test_operators_and_admins_see_it_and_nobody_else(tmp_path: Path, role: Role, status: int) -> None:
    async def door(_: Request) -> Principal:
        return Principal("zoe", "Zoe", frozenset({role}), how="oidc")

    app = create_app(painted_studio(tmp_path, PaintedGenerator()), door=door)
    with serving(app) as url:
        assert httpx.get(f"{url}/operations", timeout=30).status_code == status
