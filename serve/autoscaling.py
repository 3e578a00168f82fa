"""How many replicas a generator has: as the planner has decided for all of them, else by predicted seconds of its own
queued work, since requests differ too much to count.

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

CAPACITY = b"atelier-capacity"
"""The namespace in which a conductor says what was decided; the key is the application's name."""

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


@dataclass(frozen=True, slots=True)
class Planned:
    """`replicas` that were decided for a deployment, knowing of so many unfinished `jobs`; without work a replica stays
    for `keep_alive_seconds`."""

    replicas: int
    jobs: int = 0
    keep_alive_seconds: float = 0.0


def encode_plan(planned: dict[str, Planned], now: float) -> bytes:
    """What was decided for each deployment, as `decode_plan` reads it; another `now` makes another text."""
    told = {name: [one.replicas, one.jobs, one.keep_alive_seconds] for name, one in planned.items()}
    return json.dumps({"at": now, "planned": told}).encode()


def decode_plan(notice: bytes) -> dict[str, Planned]:
    return {name: Planned(*figures) for name, figures in json.loads(notice)["planned"].items()}


class Board:
    """The last notice of an application's conductors, looked at from a thread: Serve's controller waits for nothing.

    A notice is as old as it has been the same here, so clocks of other machines do not matter.
    """

    def __init__(
        self,
        read: Callable[[], bytes | None],
        look_seconds: float = _LOOK_SECONDS,
        stale_seconds: float = _STALE_SECONDS,
    ) -> None:
        """The thread ends when the board is let go."""
        self._stale_seconds = stale_seconds
        self._last: tuple[bytes | None, float] = (None, time.monotonic())
        stop = threading.Event()
        weakref.finalize(self, stop.set)
        watch = (weakref.ref(self), read, stop, look_seconds)
        threading.Thread(target=_watch, args=watch, name="waiting-work", daemon=True).start()

    @property
    def told(self) -> bytes | None:
        """What was said last, however long ago; None where nobody has said anything yet."""
        return self._last[0]

    @property
    def fresh(self) -> bytes | None:
        """The same, if somebody has said so lately."""
        notice, since = self._last
        return None if time.monotonic() - since > self._stale_seconds else notice

    def pin(self, notice: bytes | None) -> None:
        """Take what was read just now."""
        if notice != self._last[0]:
            self._last = (notice, time.monotonic())


class QueueDepthBoard(Board):
    """What waits in the job database."""

    def waiting(self, deployment: str) -> Waiting:
        """What waits for a deployment; nothing where nobody has said so lately."""
        notice = self.fresh
        return NOTHING if notice is None else decode_depths(notice).get(deployment, NOTHING)


class PlanBoard(Board):
    """What was decided."""

    def planned(self, deployment: str) -> Planned | None:
        """For a deployment; None where nobody has said so lately."""
        notice = self.fresh
        return None if notice is None else decode_plan(notice).get(deployment)

    @property
    def silent(self) -> bool:
        """Whether somebody has decided, and does no more."""
        return self.told is not None and self.fresh is None


def _watch(board: weakref.ref[Board], read: Callable[[], bytes | None], stop: threading.Event, seconds: float) -> None:
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


def _read_waiting(application: str) -> bytes | None:
    notice: bytes | None = internal_kv._internal_kv_get(application, namespace=QUEUE_DEPTHS)
    return notice


def _read_plan(application: str) -> bytes | None:
    notice: bytes | None = internal_kv._internal_kv_get(application, namespace=CAPACITY)
    return notice


class BacklogPolicy:
    """What was decided for a deployment, as a policy of Serve, which applies its bounds and delays to what it returns.

    While nobody decides, it is `desired_replicas`, a reflex of this deployment alone; and if somebody used to, replicas
    are held: what has fallen silent is no reason for one to go.
    """

    def __init__(
        self,
        seconds_per_request: float,
        target_seconds: float,
        read: Callable[[str], bytes | None] = _read_waiting,
        read_plan: Callable[[str], bytes | None] = _read_plan,
        stale_seconds: float = _STALE_SECONDS,
    ) -> None:
        """`read` finds what waits, `read_plan` what was decided last for an application."""
        self._stale_seconds = stale_seconds
        self._seconds_per_request = seconds_per_request
        self._target_seconds = target_seconds
        self._read, self._read_plan = read, read_plan
        self._boards: tuple[QueueDepthBoard, PlanBoard] | None = None
        self._used_at = time.monotonic()
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
        waiting, plan = self._find_boards(ctx)
        here = ctx.total_num_requests
        if here > 0:
            self._used_at = time.monotonic()
        planned = plan.planned(ctx.deployment_name)
        if planned is None:
            reflex = self._reflex(ctx, waiting)
            return max(reflex, ctx.target_num_replicas) if plan.silent else reflex
        if planned.jobs > 0:
            return max(planned.replicas, 1 if here > 0 else 0)
        # Requests of which the job table says nothing (another model's pictures are refined here) are the reflex's.
        if here > 0:
            return max(self._reflex(ctx, waiting), planned.replicas)
        rested = time.monotonic() - self._used_at >= planned.keep_alive_seconds
        return planned.replicas if rested else max(planned.replicas, min(ctx.target_num_replicas, 1))

    def _reflex(self, ctx: AutoscalingContext, board: QueueDepthBoard) -> int:
        reported = (ctx.aggregated_metrics or {}).get(BACKLOG, {})
        return desired_replicas(
            backlogs=[seconds for replica, seconds in reported.items() if replica in set(ctx.running_replicas)],
            queued_requests=ctx.total_queued_requests or 0.0,
            running_requests=ctx.total_running_requests,
            seconds_per_request=self._seconds_per_request,
            target_seconds=self._target_seconds,
            current=ctx.current_num_replicas,
            waiting=board.waiting(ctx.deployment_name),
        )

    def _find_boards(self, ctx: AutoscalingContext) -> tuple[QueueDepthBoard, PlanBoard]:
        if self._boards is None:
            application = str(ctx.app_name)
            self._boards = (
                QueueDepthBoard(partial(self._read, application)),
                PlanBoard(partial(self._read_plan, application), stale_seconds=self._stale_seconds),
            )
        return self._boards
