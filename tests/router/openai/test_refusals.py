"""What is refused on OpenAI's paths is told in the shape of its errors, by whichever layer refuses it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from configs.errors import StoreUnavailable
from configs.openai_door import OpenAIDoor
from configs.quotas import Quota, Quotas
from configs.service import Limits
from router.api.app import create_app
from router.studio import Studio
from tests.router.calls import until, wait
from tests.router.licences.samples import CONDITIONAL, REFERENCE_ONLY, licensed_studio
from tests.router.openai.pictures import png
from tests.studio import PaintedGenerator, painted_studio, running_studio, serving

SHAPE = {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("said", "param", "code", "words"),
    [
        ({"size": "123x45"}, "size", "unknown_name", "'123x45' is not a size of product_illustration on mini"),
        ({"size": "1536x1024"}, "size", "unknown_name", "choose one of 512x512, 1024x1024"),
        ({"size": "large"}, "size", "invalid_request", "size: is not of the right form"),
        ({"n": 11}, "n", "invalid_request", "n: must be 10 or less"),
        ({"n": 0}, "n", "invalid_request", "n: must be 1 or more"),
        ({"n": 9}, "n", "invalid_request", "n may be 1 to 8 here"),
        ({"prompt": " "}, "prompt", "invalid_request", "prompt: must not be empty"),
        ({"prompt": "x" * 2001}, "prompt", "invalid_request", "the prompt has 2001 characters"),
        ({"quality": "best"}, "quality", "unknown_name", "'best' is not a quality"),
        ({"output_format": "gif"}, "output_format", "invalid_request", "must be 'png', 'jpeg', 'webp' or 'svg'"),
        ({"output_format": "svg"}, "output_format", "invalid_request", "it is no flat art"),
        ({"output_format": "jpeg", "background": "transparent"}, "output_format", "invalid_request", "no transparency"),
        ({"partial_images": 2}, "partial_images", "invalid_request", "say stream, too"),
        ({"stream": True, "response_format": "url"}, "response_format", "invalid_request", "leave response_format out"),
        ({"extra_body": {"loras": [{"id": "none"}]}}, "loras", "unknown_name", "'none'"),
        ({"extra_body": {"asset_type": "poster"}}, "asset_type", "unknown_name", "'poster' is not an asset type"),
        ({"extra_body": {"seed": -1}}, "seed", "invalid_request", "seed: must be 0 or more"),
        (
            {"extra_body": {"brand_kit": "harbour"}, "prompt": "a pirate"},
            "prompt",
            "content_policy_violation",
            "banned",
        ),
    ],
)
def test_what_cannot_be_drawn_names_the_parameter(
    sdk: openai.OpenAI, said: dict[str, Any], param: str, code: str, words: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.images.generate(**{"prompt": "a fox", **said})
    assert (refused.value.param, refused.value.code) == (param, code)
    assert words in refused.value.message
    assert refused.value.type == "invalid_request_error"
    assert refused.value.request_id


def test_an_unknown_parameter_is_refused_with_those_that_are_known(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.images.generate(prompt="a fox", extra_body={"cfg_scale": 7})
    assert (refused.value.param, refused.value.code) == ("cfg_scale", "unknown_parameter")
    assert "guidance_scale" in refused.value.message
    with pytest.raises(openai.BadRequestError) as form:
        sdk.images.edit(image=png(), prompt="a fox", extra_body={"cfg_scale": 7})
    assert (form.value.param, form.value.code) == ("cfg_scale", "unknown_parameter")


def test_an_unknown_model_is_not_found(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        sdk.images.generate(prompt="a fox", model="sora-2")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "words"),
    [
        ("POST", "/v1/images/generations", {"content": b'{"prompt": '}, 400, "the body is not JSON"),
        ("POST", "/v1/images/generations", {"content": b'{"prompt": "\xff"}'}, 400, "no text in UTF-8"),
        ("POST", "/v1/images/generations", {"content": b"[]"}, 400, "JSON object"),
        ("POST", "/v1/images/generations", {"content": b"{}"}, 400, "'prompt' is missing"),
        ("POST", "/v1/images/generations", {"content": b"x" * 70_000}, 413, "the body is larger"),
        ("POST", "/v1/chat/completions", {"content": b"{}"}, 404, "there is nothing at /v1/chat/completions"),
        ("GET", "/v1", {}, 404, "there is nothing at /v1"),
        ("DELETE", "/v1/models/mini", {}, 405, "the header Allow names what it does"),
        ("GET", "/openai/deployments/mini/images/edits", {}, 405, "the header Allow"),
    ],
)
def test_every_layer_refuses_in_that_shape(
    url: str, method: str, path: str, sent: dict[str, Any], status: int, words: str
) -> None:
    answer = httpx.request(method, url + path, headers={"Content-Type": "application/json"}, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    error = answer.json()["error"]
    assert words in error["message"]
    assert error.keys() >= SHAPE
    assert answer.headers["x-request-id"]
    assert len(answer.content) == int(answer.headers["content-length"])


def test_other_paths_refuse_as_before(url: str) -> None:
    answer = httpx.post(f"{url}/generate", json={"prompt": "a fox", "cfg": 1})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_request"
    assert answer.json()["error"]["field"] == "cfg"


def test_a_form_that_is_too_large_is_read_no_further(tmp_path: Path) -> None:
    with running_studio(tmp_path, limits=Limits(max_picture_bytes=10_000, max_pictures=1)) as url:
        files: dict[str, Any] = {"image": ("a.png", b"x" * 200_000), "prompt": (None, "a fox")}
        answer = httpx.post(f"{url}/v1/images/edits", files=files)
    assert answer.status_code == 413
    assert answer.json()["error"].keys() >= SHAPE


def test_a_quota_says_when_it_is_free_again(tmp_path: Path) -> None:
    limits = Limits(quotas=Quotas(user=Quota(pictures_per_day=2)))
    with running_studio(tmp_path, limits=limits) as url:
        sdk = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
        drawn = sdk.images.with_raw_response.generate(prompt="a fox", quality="low", n=2)
        assert drawn.headers["ratelimit-remaining"] == "0"
        with pytest.raises(openai.RateLimitError) as refused:
            sdk.images.generate(prompt="a fox", quality="low")
        assert (refused.value.code, refused.value.type) == ("insufficient_quota", "insufficient_quota")
        assert 0 < int(refused.value.response.headers["retry-after"]) <= 86_400
        with pytest.raises(openai.RateLimitError) as never:
            sdk.images.generate(prompt="a fox", quality="low", n=3)
        assert never.value.response.headers["x-should-retry"] == "false"


def test_a_database_that_is_away_is_worth_another_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = painted_studio(tmp_path)

    async def away(*_: Any) -> None:
        raise StoreUnavailable("the job database does not answer; try again in a moment")

    monkeypatch.setattr(studio.store, "backlog", away)
    with serving(create_app(studio)) as url:
        sdk = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
        with pytest.raises(openai.InternalServerError) as refused:
            sdk.images.generate(prompt="a fox")
    assert (refused.value.status_code, refused.value.code) == (503, "store_unavailable")
    assert refused.value.response.headers["retry-after"] == "5"
    assert "x-should-retry" not in refused.value.response.headers


def test_what_a_licence_forbids_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    with licensed_studio(tmp_path, REFERENCE_ONLY) as api:
        sdk = openai.OpenAI(base_url=f"{api.base_url}/v1", api_key="any", max_retries=0)
        for stream in (False, True):
            with pytest.raises(openai.BadRequestError) as refused:
                sdk.images.generate(prompt="a fox", quality="low", stream=stream, extra_query={"use": "product"})
            assert refused.value.code == "content_policy_violation"
            assert "may not be used for product" in refused.value.message
        assert api.get("/jobs").json()["jobs"] == []
        assert sdk.images.generate(prompt="a fox", quality="low", extra_query={"use": "reference"}).data


def test_under_a_condition_it_is_drawn_and_had_once_that_is_acknowledged(tmp_path: Path) -> None:
    with licensed_studio(tmp_path, CONDITIONAL) as api:
        sdk = openai.OpenAI(base_url=f"{api.base_url}/v1", api_key="any", max_retries=0)

        def draw() -> Any:
            again = {"Idempotency-Key": "one"}
            said: dict[str, Any] = {"extra_query": {"use": "product"}, "extra_headers": again}
            return sdk.images.generate(prompt="a fox", quality="low", **said)

        with pytest.raises(openai.BadRequestError) as refused:
            draw()
        assert refused.value.code == "content_policy_violation"
        assert "Acknowledge them first" in refused.value.message
        (job,) = api.get("/jobs").json()["jobs"]
        assert job["job_id"] in refused.value.message
        api.post(f"/jobs/{job['job_id']}/acknowledge", json={"purpose": "product"}).raise_for_status()
        assert draw().job_id == job["job_id"]


def test_a_picture_that_cannot_be_drawn_says_why_and_is_not_tried_again(url: str) -> None:
    sdk = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=2)
    before = len(httpx.get(f"{url}/jobs", params={"limit": 200}).json()["jobs"])
    with pytest.raises(openai.InternalServerError) as refused:
        sdk.images.generate(prompt="poison", quality="low")
    assert "this prompt cannot be drawn" in refused.value.message
    assert (refused.value.status_code, refused.value.type) == (500, "server_error")
    jobs = httpx.get(f"{url}/jobs", params={"limit": 200}).json()["jobs"]
    assert len(jobs) == before + 1
    assert refused.value.body["job_id"] == jobs[0]["job_id"]  # type: ignore[index]


def waiting_studio(folder: Path, seconds: float) -> Studio:
    return painted_studio(folder, PaintedGenerator(step_seconds=0.15), openai=OpenAIDoor(wait_seconds=seconds))


def test_what_takes_longer_than_an_answer_may_goes_on_and_is_named(tmp_path: Path) -> None:
    with serving(create_app(waiting_studio(tmp_path, 0.3))) as url, httpx.Client(base_url=url) as api:
        sdk = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=2)
        with pytest.raises(openai.InternalServerError) as late:
            sdk.images.generate(prompt="a fox", size="128x128")
        assert (late.value.status_code, late.value.code) == (504, "answer_overdue")
        (job,) = api.get("/jobs").json()["jobs"]
        assert late.value.body["job_id"] == job["job_id"]  # type: ignore[index]
        assert job["job_id"] in late.value.message
        assert wait(api, job["job_id"])["status"] == "complete"


def ask(url: str, key: str | None, stream: bool) -> Callable[[], None]:
    def leave() -> None:
        headers = {} if key is None else {"Idempotency-Key": key}
        said = {"prompt": "a fox", "size": "128x128", "stream": stream}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/v1/images/generations", json=said, headers=headers, timeout=0.6)

    return leave


@pytest.mark.parametrize("stream", [False, True])
def test_who_leaves_has_the_job_canceled_unless_they_can_ask_for_it_again(tmp_path: Path, stream: bool) -> None:
    with serving(create_app(waiting_studio(tmp_path, 60))) as url, httpx.Client(base_url=url) as api:
        until(lambda: api.get("/readyz").status_code == 200)
        ask(url, None, stream)()
        (job,) = api.get("/jobs").json()["jobs"]
        assert wait(api, job["job_id"])["status"] == "canceled"
        ask(url, "again", stream)()
        kept = api.get("/jobs").json()["jobs"][0]
        assert kept["job_id"] != job["job_id"]
        assert wait(api, kept["job_id"])["status"] == "complete"
        said = {"prompt": "a fox", "size": "128x128", "stream": stream}
        again = api.post("/v1/images/generations", json=said, headers={"Idempotency-Key": "again"})
        assert kept["job_id"] in again.text


def test_a_job_that_somebody_else_cancels_is_told(tmp_path: Path) -> None:
    with (
        serving(create_app(waiting_studio(tmp_path, 60))) as url,
        httpx.Client(base_url=url) as api,
        ThreadPoolExecutor(1) as pool,
    ):
        coming = pool.submit(httpx.post, f"{url}/v1/images/generations", json={"prompt": "a fox"}, timeout=60)
        until(lambda: api.get("/jobs").json()["jobs"])
        api.delete(f"/jobs/{api.get('/jobs').json()['jobs'][0]['job_id']}")
        answer = coming.result()
    assert answer.status_code == 409
    assert "was canceled" in answer.json()["error"]["message"]
