"""LoRAs and deadlines through the REST API: listed, asked for, drawn with, and told of afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from configs.errors import DeadlineMissed
from deployments.messages import GenerateRequest, Told
from deployments.stages.recipe import read_recipe
from tests.catalogue import add_lora, add_model, copy_configs
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator, running_studio


class HurriedGenerator(PaintedGenerator):
    """Refuses what has less than a second, as the engine does."""

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Told]:
        if request.deadline_seconds is not None and request.deadline_seconds < 1:
            raise DeadlineMissed("this picture takes longer than its deadline leaves")
        async for message in super().generate(request):
            yield message


@pytest.fixture(scope="module")
def generator() -> HurriedGenerator:
    return HurriedGenerator()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, generator: HurriedGenerator) -> Iterator[httpx.Client]:
    root = copy_configs(tmp_path_factory.mktemp("root"))
    add_model(root, "other", "paint")
    add_lora(root, "icons", "trigger_words: [fluenticon]", "default_strength: 0.8", "description: Flat icons")
    add_lora(root, "people", data_licence="flux-1-dev-non-commercial")
    add_lora(root, "photo", family="paint")
    with (
        running_studio(tmp_path_factory.mktemp("api"), generator, root) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_loras_are_listed_by_family_with_the_models_they_fit(api: httpx.Client) -> None:
    loras = api.get("/loras").json()["loras"]
    assert [(one["family"], one["id"], one["models"]) for one in loras] == [
        ("flux", "icons", ["mini"]),
        ("flux", "people", ["mini"]),
        ("paint", "photo", []),
    ]
    icons, people, _ = loras
    assert (icons["name"], icons["description"]) == ("The icons style", "Flat icons")
    assert (icons["trigger_words"], icons["default_strength"]) == (["fluenticon"], 0.8)
    assert (icons["licence"]["product"], people["licence"]["product"]) == ("allowed", "refused")
    assert api.get("/asset-types").json()["limits"]["max_loras"] == 4


def test_loras_of_one_model_are_those_that_fit_it(api: httpx.Client) -> None:
    loras = api.get("/loras", params={"model": "mini"}).json()["loras"]
    assert [one["id"] for one in loras] == ["icons", "people"]
    answer = api.get("/loras", params={"model": "maxi"})
    assert (answer.status_code, answer.json()["error"]["allowed"]) == (422, ["mini"])


def test_a_job_is_drawn_with_its_loras_and_tells_of_them(api: httpx.Client, generator: HurriedGenerator) -> None:
    loras = [{"id": "icons"}, {"id": "people", "strength": -0.25}]
    job = wait(api, submit(api, loras=loras, formats=["png"], seed=1))
    told = [(one["id"], one["version"], one["strength"]) for one in job["loras"]]
    assert told == [("icons", "1.0.0", 0.8), ("people", "1.0.0", -0.25)]
    assert job["licence"]["product"] == "refused"
    request = generator.drawn[-1]
    assert [(one.lora, one.strength) for one in request.loras] == [("icons", 0.8), ("people", -0.25)]
    assert request.prompt.startswith("fluenticon, a red bicycle, ")
    recipe = read_recipe(httpx.get(job["images"][0]["url"], params={"use": "reference"}).content)
    assert [(one.lora, one.strength) for one in recipe.loras] == [("icons", 0.8), ("people", -0.25)]


def test_what_a_job_tells_of_its_loras_can_be_asked_for_again(api: httpx.Client) -> None:
    first = wait(api, submit(api, loras=[{"id": "icons"}], seed=3))
    again = wait(api, submit(api, loras=first["loras"], seed=3))
    assert again["loras"] == first["loras"]


def test_a_dry_run_shows_loras_and_licence(api: httpx.Client) -> None:
    body = {"prompt": "x", "dry_run": True, "loras": [{"id": "people"}]}
    answer = api.post("/generate", json=body).json()
    used = {"lora": "people", "strength": 1.0, "version": "1.0.0", "entry": ""}
    assert answer["plan"]["stages"][0]["loras"] == [used]
    assert [(one["kind"], one["id"], one["version"]) for one in answer["plan"]["entries"]] == [
        ("asset-types", "icon", "1.0.0"),
        ("loras", "people", "1.0.0"),
    ]
    assert answer["licence"]["product"] == "refused"


def test_a_lora_of_another_family_is_refused_with_what_it_fits(api: httpx.Client) -> None:
    answer = api.post("/generate", json={"prompt": "x", "loras": [{"id": "photo"}]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (422, "lora_incompatible", "loras")
    assert "family paint" in error["message"]


def test_an_unknown_lora_lists_those_of_the_family(api: httpx.Client) -> None:
    error = api.post("/generate", json={"prompt": "x", "loras": [{"id": "icon"}]}).json()["error"]
    assert (error["code"], error["allowed"]) == ("unknown_name", ["icons", "people"])


def test_a_wrong_key_of_a_lora_lists_its_keys(api: httpx.Client) -> None:
    error = api.post("/generate", json={"prompt": "x", "loras": [{"id": "icons", "scale": 1}]}).json()["error"]
    assert error["allowed"] == ["id", "strength", "version"]


def test_a_number_that_is_none_is_refused(api: httpx.Client) -> None:
    for field in ('"loras": [{"id": "icons", "strength": NaN}]', '"deadline_seconds": Infinity'):
        body = f'{{"prompt": "x", {field}}}'
        answer = api.post("/generate", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422


def test_a_job_whose_deadline_cannot_be_met_fails_and_says_so(api: httpx.Client) -> None:
    for seconds in (0.01, 1.0):  # refused here, and by the replica
        job = wait(api, submit(api, deadline_seconds=seconds, quality="draft"))
        assert (job["status"], job["error"]["code"], job["deadline_seconds"]) == ("failed", "deadline", seconds)
        assert "deadline" in job["error"]["message"]


def test_a_deadline_far_away_changes_nothing(api: httpx.Client, generator: HurriedGenerator) -> None:
    assert wait(api, submit(api, deadline_seconds=600))["status"] == "complete"
    left = generator.drawn[-1].deadline_seconds
    assert left is not None
    assert 500 < left < 600
