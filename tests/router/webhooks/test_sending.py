"""From an event to a receiver, by a real studio: its API, its conductor, and receivers that are as receivers are."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from configs.webhooks import WebhookConfig
from tests.router import calls
from tests.router.webhooks import receivers
from tests.router.webhooks.receivers import Heard, Receiver, receiving
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow

STUDIO = "https://studio.example"
DRAFT = {"prompt": "a red fox", "quality": "draft", "asset_type": "icon"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    allowed = WebhookConfig(allow=("127.0.0.1:*",), studio_url=STUDIO)
    folder = tmp_path_factory.mktemp("hooks")
    with (
        running_studio(folder, PaintedGenerator(step_seconds=0.001), webhooks=allowed) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


@pytest.fixture(autouse=True)
def _alone(api: httpx.Client) -> Iterator[None]:
    """What a test has made tells nothing to the next one."""
    yield
    for one in api.get("/webhooks").json()["webhooks"]:
        assert api.delete(f"/webhooks/{one['id']}").status_code == 204


def hook(api: httpx.Client, receiver: Receiver, *events: str, **said: Any) -> dict[str, Any]:
    answer = api.post("/webhooks", json={"url": receiver.url, "events": events or ["job.complete"], **said})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made: dict[str, Any] = answer.json()
    return made


def draw(api: httpx.Client, **said: Any) -> str:
    answer = api.post("/generate", json=DRAFT | said)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


def verified(heard: Heard, made: dict[str, Any]) -> dict[str, Any]:
    """What the specification's own library makes of a request. Raises where it is not ours."""
    told: dict[str, Any] = Webhook(made["secret"]).verify(heard.body, dict(heard.headers))
    return told


def deliveries(api: httpx.Client, made: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/webhooks/{made['id']}/deliveries", params=asked).json()["deliveries"]
    return found


def until(api: httpx.Client, made: dict[str, Any], state: str, attempts: int = 1) -> dict[str, Any]:
    """The one delivery, once it is so."""
    end = time.monotonic() + 60
    while True:
        found = deliveries(api, made)
        if found and found[0]["state"] == state and len(found[0]["attempts"]) >= attempts:
            (one,) = found
            return one
        assert time.monotonic() < end, found
        time.sleep(0.05)


def test_a_job_that_is_drawn_is_told_with_ids_links_and_a_signature(api: httpx.Client) -> None:
    with receiving() as receiver:
        made = hook(api, receiver, "job.complete", "job.image")
        job = draw(api, num_variations=2)
        told = [verified(one, made) for one in receiver.until(3)]
        complete = next(one for one in told if one["type"] == "job.complete")
        images = [one for one in told if one["type"] == "job.image"]
        assert complete["data"]["links"] == {"job": f"{STUDIO}/jobs/{job}"}
        assert {one["data"]["index"] for one in images} == {0, 1}
        for one in images:
            assert api.get(one["data"]["links"]["image"].removeprefix(STUDIO)).status_code == 200
        assert not any(b"fox" in one.body for one in receiver.heard), "no prompt was asked for"
        assert {one.headers["webhook-id"] for one in receiver.heard} == {
            f"msg_{job}_{told_one['data']['seq']}" for told_one in told
        }
        calls.until(lambda: len(deliveries(api, made, state="delivered")) == 3)


def test_a_failure_a_cancel_and_a_batch_are_told(api: httpx.Client) -> None:
    with receiving() as receiver:
        made = hook(api, receiver, "job.failed", "batch.ended", include=["prompt"])
        job = draw(api, prompt="poison")
        rows = [DRAFT, DRAFT | {"prompt": "poison"}]
        batch = api.post("/batches", json={"rows": rows}).json()["batch_id"]
        told = [verified(one, made) for one in receiver.until(3)]
        alone = next(one for one in told if one["data"].get("job_id") == job)
        assert alone["data"]["failure"] == api.get(f"/jobs/{job}").json()["error"]["code"]
        assert alone["data"]["prompt"] == "poison"
        ended = next(one for one in told if one["type"] == "batch.ended")
        assert (ended["data"]["batch_id"], ended["data"]["jobs"]) == (batch, {"complete": 1, "failed": 1})


def test_a_receiver_that_fails_is_asked_again_with_the_same_id_and_another_signature(api: httpx.Client) -> None:
    answers = receivers.then(receivers.in_the_middle, receivers.well)
    with receiving(answers) as receiver:
        made = hook(api, receiver)
        draw(api)
        first, second = receiver.until(2)
        assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        verified(second, made)
        one = until(api, made, "delivered", 2)
        assert [it.get("status") for it in one["attempts"]] == [None, 204]
        assert one["attempts"][0]["error"]
        assert api.get(f"/webhooks/{made['id']}").json().get("failing_since") is None


def test_one_that_answers_410_is_disabled_and_can_be_taken_up_again(api: httpx.Client) -> None:
    with receiving(receivers.then(receivers.status(410, b"no more"), receivers.well)) as receiver:
        made = hook(api, receiver)
        draw(api)
        one = until(api, made, "failed")
        assert one["attempts"][0]["answer"] == "no more"
        stands = api.get(f"/webhooks/{made['id']}").json()
        assert (stands["enabled"], stands["disabled_reason"]) == (False, "gone")
        assert api.post(f"/webhooks/{made['id']}/test").status_code == 409
        assert api.patch(f"/webhooks/{made['id']}", json={"enabled": True}).json()["enabled"]
        again = api.post(f"/webhooks/{made['id']}/replay", json={"since": one["at"]})
        assert (again.status_code, again.json()) == (202, {"replayed": 1})
        assert until(api, made, "delivered", 2)["id"] == one["id"]


def test_one_that_asks_for_a_pause_gets_it(api: httpx.Client) -> None:
    with receiving(receivers.status(429, Retry_After="3600")) as receiver:
        made = hook(api, receiver)
        draw(api)
        one = until(api, made, "pending")
        stands = api.get(f"/webhooks/{made['id']}").json()
        assert stands["paused_until"] >= one["due_at"][:19]
        draw(api)
        time.sleep(1.5)
        assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    "answer", [receivers.status(302, Location="http://127.0.0.1:1/"), receivers.status(500, b"x" * 9000)]
)
def test_a_redirect_and_a_long_error_are_failures_to_look_at(api: httpx.Client, answer: Any) -> None:
    with receiving(answer) as receiver:
        made = hook(api, receiver)
        draw(api)
        (attempt,) = until(api, made, "pending")["attempts"]
        assert attempt["status"] in (302, 500)
        assert attempt.get("answer", "") in ("", "x" * 1000)


def test_one_that_never_answers_holds_no_other(api: httpx.Client) -> None:
    with receiving(lambda *_: time.sleep(8)) as slow, receiving(receivers.without_end) as endless, receiving() as quick:
        never, _, well = hook(api, slow), hook(api, endless), hook(api, quick)
        for _ in range(6):
            draw(api)
        quick.until(6)
        assert slow.most_at_once <= 4
        assert {verified(one, well)["type"] for one in quick.heard} == {"job.complete"}
        endless.until(6)
        assert endless.written < 6 * 64 * 2**20
        assert not deliveries(api, never, state="delivered")


def test_a_test_goes_the_way_of_everything_and_a_new_secret_signs_beside_the_old_one(api: httpx.Client) -> None:
    with receiving() as receiver:
        old = hook(api, receiver)
        new = api.post(f"/webhooks/{old['id']}/secret").json()
        assert new["secret"] != old["secret"]
        sent = api.post(f"/webhooks/{old['id']}/test")
        assert sent.status_code == 202
        (heard,) = receiver.until(1)
        assert heard.headers["webhook-id"] == sent.json()["id"]
        assert verified(heard, old) == verified(heard, new)
        assert verified(heard, new)["type"] == "webhook.test"


def test_a_secret_is_told_once_and_nowhere_else(api: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with receiving(receivers.status(500)) as receiver:
        made = hook(api, receiver)
        api.post(f"/webhooks/{made['id']}/test")
        until(api, made, "pending")
        read = [api.get(path).text for path in ("/webhooks", f"/webhooks/{made['id']}", "/audit")]
        read.append(api.get(f"/webhooks/{made['id']}/deliveries").text)
        assert made["secret"].removeprefix("whsec_") not in "".join(read) + caplog.text
        (line,) = [one for one in api.get("/audit").json()["lines"] if one["on"]["id"] == made["id"]]
        assert line["told"]["host"] in receiver.url
        assert "/hook" not in json.dumps(line), "the path may be what lets one in"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"url": "https://127.0.0.2/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://nowhere.invalid/"}, "url"),
        ({"events": ["job.queued"]}, "events"),
        ({"events": []}, "events"),
        ({"scope": "space"}, "scope"),
        ({"include": ["secrets"]}, "include"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_no_webhook_can_be_is_refused_by_field(api: httpx.Client, said: dict[str, Any], field: str) -> None:
    answer = api.post("/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["job.complete"], **said})
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["error"]["field"]
    assert api.get("/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-01T12:00:00", ""])
def test_a_time_that_is_none_is_refused_by_field(api: httpx.Client, since: str) -> None:
    with receiving() as receiver:
        made = hook(api, receiver)
        answer = api.post(f"/webhooks/{made['id']}/replay", json={"since": since})
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "since"), answer.text


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "-", "..", "x" * 1900, "[fe80::1%25eth0]", "%31%32%37.0.0.1"])
def test_names_that_are_none_are_refused_too(api: httpx.Client, host: str) -> None:
    answer = api.post("/webhooks", json={"url": f"https://{host}/", "events": ["job.complete"]})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "url"), answer.text


def test_what_is_allowed_at_first_is_looked_at_again_at_each_attempt(tmp_path: Path) -> None:
    """An operator who takes a host back from `allow` is heard at once."""
    with receiving() as receiver:
        allowed = WebhookConfig(allow=("127.0.0.1:*",))
        with running_studio(tmp_path, webhooks=allowed) as url, httpx.Client(base_url=url, timeout=60) as api:
            made = hook(api, receiver)
        with running_studio(tmp_path, webhooks=WebhookConfig()) as url, httpx.Client(base_url=url, timeout=60) as api:
            api.post(f"/webhooks/{made['id']}/test")
            one = until(api, made, "pending")
            assert "https" in one["attempts"][0]["error"]
        assert not receiver.heard
