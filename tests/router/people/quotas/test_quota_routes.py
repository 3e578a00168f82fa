"""Quotas through the API: what is refused and how it is told, what remains, and what operators may say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from configs.quotas import Quota, Quotas, QuotaState
from configs.service import Limits
from router.api.app import create_app
from router.api.rate_limits import rate_limit_headers
from router.metrics import QUOTA_REJECTIONS
from router.people.quotas.counting import seconds_to_midnight
from router.people.quotas.sentences import in_words
from router.studio import Studio
from tests.router.calls import submit, wait
from tests.router.experiments.test_metrics import Tally
from tests.studio import painted_studio, serving

QUOTAS = Quotas(user=Quota(pictures_per_day=6, jobs_in_flight=50), space=Quota(device_seconds_per_day=1e6))
HEADERS = ("RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After")


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def api(tmp_path: Path, tally: Tally) -> Iterator[httpx.Client]:
    studio = painted_studio(tmp_path, limits=Limits(quotas=QUOTAS))
    counted = Studio.assemble(studio.installation, studio.replicas, tally)
    with serving(create_app(counted)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def order(api: httpx.Client, **body: Any) -> httpx.Response:
    return api.post("/generate", json={"prompt": "a fox", "quality": "draft", "num_variations": 4, **body})


def own(api: httpx.Client) -> dict[str, Any]:
    found = api.get("/me/quota").json()["quotas"]
    assert [(one["subject"], one["id"]) for one in found] == [("user", "dev"), ("space", "home")]
    mine: dict[str, Any] = found[0]
    return mine


def test_what_remains_is_in_the_headers_and_in_the_refusal(api: httpx.Client, tally: Tally) -> None:
    accepted = order(api)
    assert accepted.status_code == 202
    told = {name: accepted.headers.get(name) for name in HEADERS}
    reset = int(told["RateLimit-Reset"] or 0)
    assert 0 < reset <= 86400
    assert told["RateLimit-Policy"] == (
        '"user-jobs";q=50;qu="concurrent-requests", "user-pictures";q=6;qu="pictures";w=86400, '
        '"space-device-seconds";q=1000000;qu="device-seconds";w=86400'
    )
    assert re.match(rf'"user-jobs";r=49, "user-pictures";r=2;t={reset}, "space-device', str(told["RateLimit"]))
    assert (told["RateLimit-Limit"], told["RateLimit-Remaining"], told["Retry-After"]) == ("6", "2", None)
    refused = order(api)
    assert refused.status_code == 429
    error = refused.json()["error"]
    assert error["code"] == "quota_reached"
    assert error["message"].startswith("your quota of 6 pictures a day is reached: 4 are taken today, and this asks")
    until = datetime.now(UTC) + timedelta(seconds=int(refused.headers["Retry-After"]))
    assert min(until.hour * 60 + until.minute, 1440 - until.hour * 60 - until.minute) <= 1, "it is not midnight"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert tally.counts[QUOTA_REJECTIONS, (("quota", "pictures_per_day"), ("subject", "user"))] == 1
    assert order(api, num_variations=2).status_code == 202
    assert order(api, dry_run=True).status_code == 200


def test_what_was_refused_may_be_ordered_again_with_its_key(api: httpx.Client) -> None:
    order(api)
    headers, body = {"Idempotency-Key": "k"}, {"prompt": "a fox", "quality": "draft", "num_variations": 4}
    assert api.post("/generate", json=body, headers=headers).status_code == 429
    api.put("/quotas/user/dev", json={"pictures_per_day": "unlimited"})
    first = api.post("/generate", json=body, headers=headers)
    assert first.status_code == 202
    api.put("/quotas/user/dev", json={"pictures_per_day": 0})
    again = api.post("/generate", json=body, headers=headers)
    assert (again.status_code, again.json()["job_id"]) == (202, first.json()["job_id"])


def two_rows(pictures: int) -> dict[str, Any]:
    rows = [{"prompt": prompt, "num_variations": pictures} for prompt in ("a fox", "an owl")]
    return {"rows": rows, "qualities": ["draft"]}


def test_a_batch_and_a_comparison_are_refused_whole(api: httpx.Client) -> None:
    rows = api.post("/batches", json=two_rows(4))
    assert (rows.status_code, rows.json()["error"]["code"]) == (429, "quota_reached")
    assert "Retry-After" not in rows.headers, "no waiting helps"
    assert api.get("/batches").json()["batches"] == []
    taken = api.post("/batches", json=two_rows(3))
    assert taken.status_code == 202, taken.text
    assert taken.headers["RateLimit-Remaining"] == "0"
    ways = [{"id": "two", "overlay": {"steps": {"draft": 2}}}, {"id": "three", "overlay": {"steps": {"draft": 3}}}]
    compared = api.post("/compare", json={"prompt": "a fox", "quality": "draft", "arms": ways})
    assert (compared.status_code, compared.json()["error"]["code"]) == (429, "quota_reached"), compared.text


def test_what_was_taken_is_told_and_settled(api: httpx.Client) -> None:
    job = submit(api, quality="draft", num_variations=4)
    assert wait(api, job)["status"] == "complete"
    used = own(api)["used"]
    assert (used["jobs_in_flight"], used["pictures"]) == (0, 4)
    assert used["device_seconds"] > 0
    bad = submit(api, prompt="poison", quality="draft", num_variations=2)
    assert wait(api, bad)["status"] == "failed"
    assert own(api)["used"]["pictures"] == 4


def test_operators_set_and_remove(api: httpx.Client) -> None:
    told = api.put("/quotas/user/dev", json={"pictures_per_day": 0, "jobs_in_flight": "unlimited"}).json()
    assert told["quota"] == {"jobs_in_flight": None, "pictures_per_day": 0, "device_seconds_per_day": None}
    assert (told["set"]["jobs_in_flight"], told["set_by"]) == ("unlimited", "dev")
    assert own(api)["quota"] == told["quota"]
    refused = order(api)
    assert refused.json()["error"]["message"] == (
        "your quota is 0 pictures a day: nothing may be drawn until an operator raises it"
    )
    assert "Retry-After" not in refused.headers
    assert [one["id"] for one in api.get("/quotas").json()["quotas"]] == ["dev"]
    assert api.delete("/quotas/user/dev").json()["quota"]["pictures_per_day"] == 6
    assert api.delete("/quotas/user/dev").status_code == 404
    assert order(api).status_code == 202


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("user/dev", {"pictures_per_day": -1}, "pictures_per_day: must be a whole number from 0 on, or unlimited"),
        ("user/dev", {"pictures_per_day": 1.5}, "pictures_per_day: must be a whole number from 0 on, or unlimited"),
        ("user/dev", {"jobs_in_flight": True}, "jobs_in_flight: must be a whole number from 0 on, or unlimited"),
        ("user/dev", {"jobs_in_flight": "lots"}, "jobs_in_flight: must be a whole number from 0 on, or unlimited"),
        ("user/dev", {"device_seconds_per_day": 1e10}, "device_seconds_per_day: must be a number from 0 on, or unlim"),
        ("user/dev", {"pictures": 1}, "'pictures' is not a field; the fields are jobs_in_flight, pictures_per_day"),
        ("team/dev", {"pictures_per_day": 1}, "subject: must be 'user', 'space' or 'key'"),
        ("user/%00", {"pictures_per_day": 1}, "id: is not of the right form"),
    ],
)
def test_a_bad_quota_is_named(api: httpx.Client, path: str, body: dict[str, Any], message: str) -> None:
    answer = api.put(f"/quotas/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(message)


def test_without_a_limit_there_is_no_header(tmp_path: Path) -> None:
    with serving(create_app(painted_studio(tmp_path))) as url, httpx.Client(base_url=url, timeout=60) as client:
        answer = order(client)
        assert answer.status_code == 202
        assert not [name for name in answer.headers if name.lower().startswith("ratelimit")]
        assert own(client)["quota"] == {
            "jobs_in_flight": None,
            "pictures_per_day": None,
            "device_seconds_per_day": None,
        }


def test_a_limit_of_zero_is_the_closest() -> None:
    states = (
        QuotaState("user", "a", "pictures_per_day", 10, 1, 60),
        QuotaState("key", "k", "jobs_in_flight", 0, 1, None),
    )
    headers = rate_limit_headers(states)
    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("0", "0")
    assert "RateLimit-Reset" not in headers
    assert headers["RateLimit"] == '"user-pictures";r=9;t=60, "key-jobs";r=0'


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2026-03-01T00:00:00+00:00", 86400),
        ("2026-03-01T23:59:59.5+00:00", 1),
        ("2026-03-01T23:30:00-01:00", 84600),
        ("2024-02-28T12:00:00+00:00", 43200),
    ],
)
def test_days_are_those_of_utc(now: str, seconds: int) -> None:
    assert seconds_to_midnight(datetime.fromisoformat(now)) == seconds


@pytest.mark.parametrize(("seconds", "words"), [(5, "5 s"), (99, "99 s"), (100, "2 min"), (43200, "12 h 00 min")])
def test_time_is_told_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
