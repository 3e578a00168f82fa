"""What the SDK does about failing, busy and foreign servers; no server is needed to know."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from atelier import Atelier, Retry, errors
from atelier.models import Image

ACCEPTED = {"job_id": "j1", "status": "queued", "estimated_time_seconds": 1.5, "new_field": {"later": True}}
LICENCE = {"reference": "allowed", "internal": "allowed", "product": "allowed", "licences": ["apache-2.0"]}
JOB = {
    "job_id": "j1", "status": "complete", "progress": 1, "images_completed": 0, "images_total": 1,
    "estimated_time_seconds": 0, "images": [], "prompt": "a lamp", "asset_type": "icon", "model": "mini",
    "quality": "draft", "owner": "dev", "licence": LICENCE, "created_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


class Server:
    """Answers from a script, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)


def studio(server: Server, **options: Any) -> Atelier:
    return Atelier("http://studio:8000", transport=httpx.MockTransport(server), **options)


def error(
    status: int, code: str = "invalid_request", headers: dict[str, str] | None = None, **detail: Any
) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "no", **detail}}, headers=headers)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("atelier.client.time.sleep", pauses.append)
    return pauses


def test_a_repeated_submission_carries_the_same_idempotency_key(slept: list[float]) -> None:
    lost = httpx.ReadError("gone")
    server = Server(lost, httpx.Response(502, text="proxy"), httpx.Response(202, json=ACCEPTED))
    assert studio(server).submit("a lamp").job_id == "j1"
    keys = {request.headers["Idempotency-Key"] for request in server.requests}
    assert len(keys) == 1
    assert len(slept) == 2


def test_two_submissions_have_two_keys(slept: list[float]) -> None:
    server = Server(httpx.Response(202, json=ACCEPTED), httpx.Response(202, json=ACCEPTED))
    client = studio(server)
    client.submit("a lamp")
    client.submit("a lamp")
    first, second = (request.headers["Idempotency-Key"] for request in server.requests)
    assert first != second


def test_options_that_are_none_are_left_to_the_studio() -> None:
    server = Server(httpx.Response(202, json=ACCEPTED))
    studio(server).submit("a lamp", quality="draft", seed=None)
    assert json.loads(server.requests[0].content) == {"prompt": "a lamp", "quality": "draft"}


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(slept: list[float], status: int) -> None:
    server = Server(error(status, headers={"Retry-After": "7"}), httpx.Response(200, json=JOB))
    assert studio(server).job("j1").prompt == "a lamp"
    assert slept == [7.0]


def test_retry_after_may_be_a_date(slept: list[float]) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server = Server(error(503, headers={"Retry-After": date}), httpx.Response(200, json=JOB))
    studio(server).job("j1")
    assert 10 < slept[0] <= 20


def test_a_wish_for_a_very_long_pause_is_reported_instead(slept: list[float]) -> None:
    with pytest.raises(errors.RateLimited) as caught:
        studio(Server(error(429, "too_busy", headers={"Retry-After": "3600"}))).job("j1")
    assert caught.value.retry_after == 3600
    assert slept == []


def test_what_is_wrong_is_not_tried_again(slept: list[float]) -> None:
    server = Server(error(422, "unknown_name", field="model", allowed=["mini"]))
    with pytest.raises(errors.UnknownName) as caught:
        studio(server).submit("a lamp", model="maxi")
    assert (caught.value.field, caught.value.allowed, caught.value.status) == ("model", ("mini",), 422)
    assert "mini" in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "whatever", errors.NotSignedIn),
        (404, "not_found", errors.NotFound),
        (413, "too_large", errors.TooLarge),
        (409, "idempotency_conflict", errors.IdempotencyConflict),
        (422, "from_the_future", errors.InvalidRequest),
        (500, "internal_error", errors.ServerError),
    ],
)
def test_every_refusal_has_its_class(status: int, code: str, kind: type[errors.APIError]) -> None:
    with pytest.raises(kind) as caught:
        studio(Server(error(status, code))).job("j1")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), copy.code, copy.status) == (kind, code, status)


def test_a_studio_that_is_not_there_is_named(slept: list[float]) -> None:
    server = Server(*[httpx.ConnectError("refused")] * 3)
    with pytest.raises(errors.Unreachable, match="http://studio:8000"):
        studio(server, retry=Retry(attempts=2)).models()
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<h1>It works!</h1>"),
        httpx.Response(404, text="Path '/models' not found"),
        httpx.Response(200, json={"models": [{"id": "half"}]}),
        httpx.Response(200, json=[]),
    ],
)
def test_another_program_at_the_address_is_recognised(answer: httpx.Response) -> None:
    with pytest.raises(errors.UnexpectedAnswer, match="address"):
        studio(Server(answer)).models()


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://studio", "http://", "http://host:port", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(errors.BadAddress):
        Atelier(address)


def test_a_path_before_the_api_is_kept() -> None:
    server = Server(httpx.Response(200, json=JOB))
    Atelier("https://host/studio", transport=httpx.MockTransport(server)).job("a/b?c")
    assert str(server.requests[0].url) == "https://host/studio/jobs/a%2Fb%3Fc"


def test_the_api_key_goes_to_the_studio_and_nowhere_else() -> None:
    links = {"index": 0, "seed": 1, "width": 8, "height": 8, "licence": LICENCE}
    elsewhere = {"format": "png", "media_type": "image/png", "url": "https://blobs.example/x.png", "size_bytes": 1}
    image = Image.model_validate({**links, "url": elsewhere["url"], "files": [elsewhere]})
    server = Server(httpx.Response(200, json=JOB), httpx.Response(200, content=b"png"))
    client = studio(server, api_key="secret")
    client.job("j1")
    assert client.content(image) == b"png"
    assert [request.headers.get("Authorization") for request in server.requests] == ["Bearer secret", None]


def stream(*events: dict[str, Any]) -> httpx.Response:
    text = "".join(f"id: {e['seq']}\nevent: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream; charset=utf-8"})


def event(seq: int, type: str) -> dict[str, Any]:
    return {"job_id": "j1", "seq": seq, "type": type, "at": "2026-01-01T00:00:00Z", "payload": {}}


RUNNING = {**JOB, "status": "processing", "progress": 0.5}


def test_a_dropped_stream_goes_on_where_it_stopped(slept: list[float]) -> None:
    server = Server(
        stream(event(1, "job.queued"), event(2, "job.started")),
        httpx.Response(200, json=RUNNING),
        stream(event(3, "job.complete")),
    )
    types = [one.type for one in studio(server).events("j1")]
    assert types == ["job.queued", "job.started", "progress", "job.complete"]
    assert server.requests[2].headers["Last-Event-ID"] == "2"


def test_without_streams_the_job_is_polled_to_its_end(slept: list[float]) -> None:
    refused = httpx.Response(404, text="no streams here")
    job = [httpx.Response(200, json=one) for one in (RUNNING, RUNNING, JOB, JOB)]
    server = Server(refused, job[0], httpx.ReadTimeout("slow"), job[1], refused, job[2], refused, job[3])
    seen: list[str] = []
    assert studio(server).wait("j1", lambda one: seen.append(one.type)).status == "complete"
    assert seen == ["progress", "progress"]


def test_a_restart_of_the_studio_is_waited_out(slept: list[float]) -> None:
    away = httpx.ConnectError("refused")
    running = [httpx.Response(200, json=RUNNING) for _ in range(2)]
    end = [stream(event(2, "job.complete")), httpx.Response(200, json=JOB)]
    server = Server(stream(event(1, "job.queued")), *[away] * 6, running[0], away, running[1], *end)
    assert studio(server, retry=Retry(attempts=1)).wait("j1").status == "complete"


@pytest.mark.parametrize(("status", "kind"), [("failed", errors.JobFailed), ("canceled", errors.JobCanceled)])
def test_a_job_that_did_not_end_well_is_raised_with_what_was_finished(
    status: str, kind: type[errors.JobFailed]
) -> None:
    ended = {**JOB, "status": status, "error": {"code": "stage_failed", "message": "out of paint"}}
    server = Server(stream(event(1, f"job.{status}")), httpx.Response(200, json=ended))
    with pytest.raises(kind) as caught:
        studio(server).wait("j1")
    assert caught.value.job.status == status
