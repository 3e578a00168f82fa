"""Load that the job table does not know, as a Prometheus tells it: asked seldom, believed only where it is sound."""

from __future__ import annotations

import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from configs.capacity import PrometheusSource

_KEPT_SECONDS = 15.0
_MOST_BYTES = 4 * 2**20
_AHEAD_SECONDS = 60.0  # that its clock may be ahead of ours


class Unsound(Exception):
    """An answer that is none: one sentence, which says what is wrong."""


Fetch = Callable[[str, Mapping[str, str], float], bytes]


def fetch(url: str, headers: Mapping[str, str], timeout_seconds: float) -> bytes:
    """The body of a GET. Raises `Unsound` for anything but 200."""
    request = urllib.request.Request(url, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:
            body: bytes = answer.read(_MOST_BYTES)
            return body
    except urllib.error.HTTPError as error:
        why = " (check its token)" if error.code in (401, 403) else ""
        raise Unsound(f"Prometheus answers {error.code}{why}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise Unsound(f"Prometheus does not answer ({reason})") from None


class PrometheusFeed:
    """Seconds of foreign work by deployment. `ask` blocks: call it on a thread."""

    def __init__(
        self, source: PrometheusSource, token: str, fetch: Fetch = fetch, clock: Callable[[], float] = time.time
    ) -> None:
        self._source, self._token, self._fetch, self._clock = source, token, fetch, clock
        self._asked_at = -math.inf
        self._heard_at = clock()
        self._known: dict[str, float] = {}
        self.fault = ""
        """What was wrong with the last answer; empty where it was sound."""

    @property
    def age_seconds(self) -> float:
        """Since what is known was true."""
        return max(self._clock() - self._heard_at, 0.0)

    def ask(self) -> Mapping[str, float]:
        """What was heard last, 15 s old at most while it answers. A bad answer changes nothing but `fault`."""
        if self._clock() - self._asked_at >= _KEPT_SECONDS:
            self._asked_at = self._clock()
            try:
                values = self._vector(self._source.query)
                times = self._vector(f"timestamp({self._source.query})") if values else {}
                self._check_times(times)
                self._known, self._heard_at, self.fault = values, min(times.values(), default=self._clock()), ""
            except Unsound as error:
                self.fault = str(error)
        return self._known

    def _check_times(self, times: Mapping[str, float]) -> None:
        now = self._clock()
        if not times:
            return
        age = now - min(times.values())
        if age > self._source.stale_seconds:
            raise Unsound(f"Prometheus tells what was true {age:.0f} s ago")
        if age < -_AHEAD_SECONDS:
            raise Unsound(f"Prometheus tells of {-age:.0f} s from now: set the clocks")

    def _vector(self, query: str) -> dict[str, float]:
        """Finite values by the label `deployment`."""
        seconds = self._source.timeout_seconds
        asked = urlencode({"query": query, "timeout": f"{seconds:g}s"})
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return _read(self._fetch(f"{self._source.url.rstrip('/')}/api/v1/query?{asked}", headers, seconds))


def _read(body: bytes) -> dict[str, float]:
    try:
        answer = json.loads(body)
    except ValueError:
        raise Unsound("Prometheus answers with something that is no JSON: is that its address?") from None
    if not isinstance(answer, dict) or answer.get("status") != "success":
        said = answer.get("error", "") if isinstance(answer, dict) else ""
        raise Unsound(f"Prometheus refuses the query: {said}" if said else "Prometheus refuses the query")
    data = answer.get("data")
    if not isinstance(data, dict) or data.get("resultType") != "vector":
        raise Unsound("the query gives no vector: sum it up by deployment")
    try:
        return dict(_sample(one) for one in data["result"])
    except (KeyError, TypeError, ValueError, IndexError):
        raise Unsound("the query gives no values by deployment: sum it up by deployment") from None


def _sample(sample: Any) -> tuple[str, float]:
    name, value = str(sample["metric"]["deployment"]), float(sample["value"][1])
    if not math.isfinite(value) or value < 0:
        raise Unsound(f"Prometheus says {sample['value'][1]} of {name}")
    return name, value
