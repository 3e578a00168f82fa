"""Sends what is due: a few at once, and to one receiver fewer, so that one that is slow keeps no other waiting."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from configs.errors import StoreUnavailable
from configs.metrics import Metrics
from router.metrics import WEBHOOK_ATTEMPTS, WEBHOOK_LAG, WEBHOOKS_DUE
from router.webhooks.model import Attempt, Sending, Verdict
from router.webhooks.posting import Answer, Courier
from router.webhooks.queue import DeliveryQueue
from router.webhooks.schedule import judge
from router.webhooks.signing import signed_headers

_log = logging.getLogger("atelier.webhooks")
AT_ONCE = 32
"""Requests of one conductor."""
TO_ONE = 4
"""Of those, to one webhook."""
_LOOK_SECONDS = 0.5
_REPORT_SECONDS = 5.0
_TIDY_SECONDS = 3600.0
_KEPT_CHARS = 1000  # of an answer


class Sender:
    """Several may run, in whatever process: each delivery is leased. `clock` gives aware times."""

    def __init__(
        self,
        queue: DeliveryQueue,
        courier: Courier,
        metrics: Metrics,
        studio_url: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._queue, self._courier, self._metrics, self._clock = queue, courier, metrics, clock
        self._studio_url = studio_url
        self._busy: Counter[str] = Counter()
        self._sent = asyncio.Event()
        self._tidied = self._looked = float("-inf")

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._sent.clear()
                for sending in await self._next():
                    self._busy[sending.webhook] += 1
                    tasks.create_task(self._send(sending))
                await self._wait()

    async def _next(self) -> tuple[Sending, ...]:
        try:
            await self._queue.settle_batches()
            await self._look_around()
            return await self._queue.lease(AT_ONCE - self._busy.total(), TO_ONE, self._busy)
        except StoreUnavailable:
            return ()
        except Exception:  # noqa: BLE001 - the sender must outlive whatever this was
            _log.exception("could not look at what webhooks are to be told; trying again")
            return ()

    async def _look_around(self) -> None:
        if time.monotonic() >= self._looked + _REPORT_SECONDS:
            self._metrics.gauge(WEBHOOKS_DUE, await self._queue.overdue_seconds())
            self._looked = time.monotonic()
        if time.monotonic() >= self._tidied + _TIDY_SECONDS:
            await self._queue.tidy()
            self._tidied = time.monotonic()

    async def _wait(self) -> None:
        """Until it is time to look again, or one more may be sent."""
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._sent.wait()
        except TimeoutError:
            return

    async def _send(self, sending: Sending) -> None:
        try:
            await self._attempt(sending)
        except StoreUnavailable:
            pass  # its lease runs out, and it is sent again
        except Exception:  # noqa: BLE001 - one receiver's misfortune must not stop the others; its lease runs out
            _log.exception("delivery %s to webhook %s stopped unexpectedly", sending.id, sending.webhook)
        finally:
            self._busy[sending.webhook] -= 1
            if not self._busy[sending.webhook]:
                del self._busy[sending.webhook]
            self._sent.set()

    async def _attempt(self, sending: Sending) -> None:
        body, began_at, began = write_body(sending, self._studio_url), self._clock(), time.monotonic()
        headers = signed_headers(sending.secrets, sending.id, began_at, body)
        answer = await self._courier.post(sending.url, headers, body)
        attempt = _attempt_of(sending, answer, began_at, time.monotonic() - began)

        def follow(failing_since: datetime | None) -> Verdict:
            return judge(attempt, sending.tries, failing_since, answer.retry_after, self._clock())

        verdict = await self._queue.end(sending, attempt, follow)
        if verdict is not None:
            self._report(sending, attempt, verdict)

    def _report(self, sending: Sending, attempt: Attempt, verdict: Verdict) -> None:
        outcome = "delivered" if attempt.succeeded else verdict.disabled or ("later" if verdict.again_at else "failed")
        self._metrics.count(WEBHOOK_ATTEMPTS, outcome=outcome)
        if attempt.succeeded:
            self._metrics.observe(WEBHOOK_LAG, max((self._clock() - sending.at).total_seconds(), 0.0))


def write_body(sending: Sending, studio_url: str) -> bytes:
    """The same bytes at each attempt, as long as the studio's address stays."""
    data: dict[str, Any] = dict(sending.data)
    data["links"] = {name: studio_url + path for name, path in data.get("links", {}).items()}
    at = sending.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"type": sending.type, "timestamp": at, "data": data}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode()


def _attempt_of(sending: Sending, answer: Answer, at: datetime, seconds: float) -> Attempt:
    text = answer.body.decode(errors="replace").replace("\x00", "�")[:_KEPT_CHARS]
    return Attempt(sending.number, at, seconds, answer.status, answer.error, text)
