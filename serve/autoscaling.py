"""How many replicas a generator needs, decided by predicted seconds of queued work: requests differ too much to count.

Serve's controller runs this with nothing of ours installed, so nothing but the standard library and Ray is imported.
"""

import json
import logging
import math
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ray.experimental import internal_kv
from ray.serve.config import AutoscalingContext

_log = logging.getLogger("ray.serve.atelier")

BACKLOG = "backlog_seconds"
"""What a replica calls its predicted seconds in `record_autoscaling_stats`."""


QUEUE_DEPTHS = b"atelier-waiting"
"""The namespace of Ray's key-value store in which a front door says what waits; the key is the application's name."""

_LOOK_SECONDS = 1.0  # between two looks at the notice
_STALE_SECONDS = 30.0  # after which the last notice counts no more: a front door that dies is back sooner


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that no handle has seen yet, because it waits in the job database: `requests` of `seconds` together.

    `at_once` is how many of its requests can be on their way at a time, however many replicas there are.
    """

    seconds: float = 0.0
    requests: float = 0.0
    at_once: int = 0


NOTHING = Waiting()


def desired_replicas(
    backlogs: Sequence[float],
    queued_requests: float,
    running_requests: float,
    seconds_per_request: float,
    target_seconds: float,
    current: int,
    waiting: Waiting = NOTHING,
) -> int:
    """Replicas that share the work out so that each has about `target_seconds` of it.

    `backlogs` are those of the replicas that have reported, in seconds; `queued_requests` have not reached a replica
    yet and count as `seconds_per_request` each. Never more replicas than there can be requests at a time, since one
    request cannot be shared out; never fewer than `current` while some of these have not reported. 0 when there is
    nothing to do.
    """
    seconds = sum(backlogs) + queued_requests * seconds_per_request + waiting.seconds
    here = queued_requests + running_requests
    requests = max(math.ceil(here), min(math.ceil(here + waiting.requests), waiting.at_once), 1)
    desired = min(math.ceil(seconds / target_seconds), requests)
    return max(desired, current) if len(backlogs) < current else desired


def encode_depths(waiting: dict[str, Waiting], now: float) -> bytes:
    """What waits for each deployment, as `decode_depths` reads it; another `now` makes another text."""
    told = {name: [one.seconds, one.requests, one.at_once] for name, one in waiting.items()}
    return json.dumps({"at": now, "waiting": told}).encode()


def decode_depths(notice: bytes) -> dict[str, Waiting]:
    return {name: Waiting(*figures) for name, figures in json.loads(notice)["waiting"].items()}


class QueueDepthBoard:
    """The last notice of an application's front doors, looked at from a thread: Serve's controller waits for nothing.

    A notice is as old as it has been the same here, so clocks of other machines do not matter.
    """

    def __init__(self, read: Callable[[], bytes | None], look_seconds: float = _LOOK_SECONDS) -> None:
        """The thread ends when the board is let go."""
        self._last: tuple[bytes | None, float] = (None, time.monotonic())
        stop = threading.Event()
        weakref.finalize(self, stop.set)
        watch = (weakref.ref(self), read, stop, look_seconds)
        threading.Thread(target=_watch, args=watch, name="waiting-work", daemon=True).start()

    def waiting(self, deployment: str) -> Waiting:
        """What waits for a deployment; nothing where nobody has said so lately."""
        notice, since = self._last
        if notice is None or time.monotonic() - since > _STALE_SECONDS:
            return NOTHING
        return decode_depths(notice).get(deployment, NOTHING)

    def pin(self, notice: bytes | None) -> None:
        """Take what was read just now."""
        if notice != self._last[0]:
            self._last = (notice, time.monotonic())


def _watch(
    board: weakref.ref[QueueDepthBoard], read: Callable[[], bytes | None], stop: threading.Event, seconds: float
) -> None:
    in_trouble = False
    while not stop.is_set():
        try:
            notice = read()
            if (alive := board()) is not None:
                alive.pin(notice)
            del alive
            in_trouble = False
        except Exception:  # noqa: BLE001 - a boundary to Ray; the last notice grows stale meanwhile
            if not in_trouble:
                _log.exception("what waits in the queue cannot be read: only what has left it counts")
            in_trouble = True
        stop.wait(seconds)


def _read_kv(application: str) -> bytes | None:
    notice: bytes | None = internal_kv._internal_kv_get(application, namespace=QUEUE_DEPTHS)
    return notice


class BacklogPolicy:
    """`desired_replicas` as a policy of Serve, which applies the deployment's bounds and delays to what it returns."""

    def __init__(
        self,
        seconds_per_request: float,
        target_seconds: float,
        read: Callable[[str], bytes | None] = _read_kv,
    ) -> None:
        """`read` finds the last notice of an application."""
        self._seconds_per_request = seconds_per_request
        self._target_seconds = target_seconds
        self._read = read
        self._board: QueueDepthBoard | None = None
        self._in_trouble = False

    def __call__(self, ctx: AutoscalingContext) -> tuple[int, dict[str, object]]:
        """The replicas wished for, and no state. Never raises: that would stop the scaling of every application."""
        try:
            desired = self._decide(ctx)
            self._in_trouble = False
        except Exception:  # noqa: BLE001 - the controller's boundary; what runs now is kept until the figures are back
            if not self._in_trouble:
                _log.exception("the backlog of %s cannot be read: its replicas stay as they are", ctx.deployment_name)
            self._in_trouble = True
            desired = ctx.target_num_replicas
        return desired, {}

    def _decide(self, ctx: AutoscalingContext) -> int:
        reported = (ctx.aggregated_metrics or {}).get(BACKLOG, {})
        return desired_replicas(
            backlogs=[seconds for replica, seconds in reported.items() if replica in set(ctx.running_replicas)],
            queued_requests=ctx.total_queued_requests or 0.0,
            running_requests=ctx.total_running_requests,
            seconds_per_request=self._seconds_per_request,
            target_seconds=self._target_seconds,
            current=ctx.current_num_replicas,
            waiting=self._waiting(ctx),
        )

    def _waiting(self, ctx: AutoscalingContext) -> Waiting:
        if self._board is None:
            self._board = QueueDepthBoard(partial(self._read, str(ctx.app_name)))
        return self._board.waiting(ctx.deployment_name)
