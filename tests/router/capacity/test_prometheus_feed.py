"""A Prometheus is believed only where its answer is sound, over its real protocol; a bad one changes nothing."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from configs.capacity import PrometheusSource
from router.capacity.feeds.prometheus import PrometheusFeed

pytestmark = pytest.mark.slow

NOW = 1_000_000.0
QUERY = "sum by (deployment) (foreign_seconds)"


class Prometheus:
    """Answers `/api/v1/query` as the real one does, or as it is told."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"generator-mini": "42"}
        self.at = NOW
        self.status, self.body = 200, b""
        self.asked: list[dict[str, list[str]]] = []
        self.authorization: str | None = None

    def answer(self, query: str) -> bytes:
        if self.body:
            return self.body
        timed = query.startswith("timestamp(")
        result = [
            {"metric": {"deployment": name}, "value": [NOW, str(self.at) if timed else value]}
            for name, value in self.values.items()
        ]
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


@pytest.fixture
def prometheus() -> Iterator[tuple[Prometheus, str]]:
    served = Prometheus()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            served.asked.append(asked)
            served.authorization = self.headers["Authorization"]
            self.send_response(served.status)
            self.end_headers()
            self.wfile.write(served.answer(asked["query"][0]))

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield served, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Time:
    now = NOW

    def __call__(self) -> float:
        return self.now


def feed(url: str, time: Time, token: str = "") -> PrometheusFeed:
    return PrometheusFeed(PrometheusSource(url=url, query=QUERY), token, clock=time)


def test_a_sound_answer_is_taken_with_its_age_and_kept_for_a_while(prometheus: tuple[Prometheus, str]) -> None:
    served, url = prometheus
    time = Time()
    served.at = NOW - 20
    told = feed(url, time, token="secret")
    assert told.ask() == {"generator-mini": 42.0}
    assert (told.age_seconds, told.fault) == (20, "")
    assert [asked["query"][0] for asked in served.asked] == [QUERY, f"timestamp({QUERY})"]
    assert (served.asked[0]["timeout"], served.authorization) == (["2s"], "Bearer secret")
    time.now += 14
    told.ask()
    assert len(served.asked) == 2
    time.now += 2
    told.ask()
    assert len(served.asked) == 4


def test_no_samples_are_no_load(prometheus: tuple[Prometheus, str]) -> None:
    served, url = prometheus
    served.values = {}
    told = feed(url, Time())
    assert (told.ask(), told.fault) == ({}, "")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html><body>Sign in</body></html>", "no JSON: is that its address?"),
        (401, b"", "answers 401 (check its token)"),
        (503, b"", "answers 503"),
        (200, b'{"status": "error", "error": "parse error"}', "refuses the query: parse error"),
        (200, b'{"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}', "gives no vector"),
        (200, b'{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}}', "by deployment"),
        (200, b'{"status": "success"}', "gives no vector"),
        (200, b"[]", "refuses the query"),
    ],
)
def test_an_answer_that_is_none_is_told_and_changes_nothing(
    prometheus: tuple[Prometheus, str], status: int, body: bytes, words: str
) -> None:
    served, url = prometheus
    time = Time()
    told = feed(url, time)
    assert told.ask() == {"generator-mini": 42.0}
    served.status, served.body = status, body
    time.now += 20
    assert told.ask() == {"generator-mini": 42.0}
    assert words in told.fault
    assert told.age_seconds == 20
    served.status, served.body, served.at = 200, b"", time.now
    time.now += 20
    told.ask()
    assert told.fault == ""


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-3"])
def test_values_that_mean_nothing_are_not_believed(prometheus: tuple[Prometheus, str], value: str) -> None:
    served, url = prometheus
    served.values["generator-mini"] = value
    told = feed(url, Time())
    assert told.ask() == {}
    assert told.fault == f"Prometheus says {value} of generator-mini"


@pytest.mark.parametrize(
    ("ago", "words"), [(3600, "what was true 3600 s ago"), (-600, "600 s from now: set the clocks")]
)
def test_values_of_another_time_are_not_believed(prometheus: tuple[Prometheus, str], ago: float, words: str) -> None:
    served, url = prometheus
    served.at = NOW - ago
    told = feed(url, Time())
    assert told.ask() == {}
    assert words in told.fault


def test_nobody_at_the_address_is_told_within_the_timeout() -> None:
    told = feed("http://127.0.0.1:9", Time())
    assert told.ask() == {}
    assert told.fault.startswith("Prometheus does not answer")
    assert math.isfinite(told.age_seconds)
