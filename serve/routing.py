"""Which replica of a generator draws a request: one that holds its LoRAs already, unless it is much busier than others.

Every process that calls a generator gets this module by value, so only the standard library and Ray are imported.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ray.serve.request_router import PendingRequest, ReplicaID, RequestRouter, RunningReplica


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a replica: the LoRAs that it holds or soon will, and its predicted seconds of work."""

    loras: frozenset[str]
    seconds: float


def rank(
    wanted: frozenset[str], standings: Sequence[Standing], ceiling_seconds: float, draw: random.Random
) -> list[list[int]]:
    """Groups of indices into `standings`, in the order to ask; of a group, Serve takes the shortest queue with room.

    First those that hold most of `wanted`, if any holds some, among those at most `ceiling_seconds` busier than the
    least busy one; then two at random; then all.
    """
    if not standings:
        return []
    everyone = range(len(standings))
    pair = draw.sample(everyone, min(2, len(standings)))
    holders = _holders(wanted, standings, ceiling_seconds)
    return [group for group in (holders, pair, [*everyone]) if group]


def _holders(wanted: frozenset[str], standings: Sequence[Standing], ceiling_seconds: float) -> list[int]:
    limit = min(one.seconds for one in standings) + ceiling_seconds
    held = {i: len(wanted & one.loras) for i, one in enumerate(standings) if one.seconds <= limit}
    most = max(held.values())
    return [i for i, count in held.items() if count == most] if most else []


@dataclass(frozen=True, slots=True)
class Sent:
    """A request under way that this process gave to a replica, and when."""

    at: float
    loras: frozenset[str]


class Ledger:
    """What this process has given to each replica and is not done: reports come too late to spread a burst."""

    def __init__(self, seconds_per_request: float, report_seconds: float) -> None:
        """A request counts as `seconds_per_request` until the replica's report, `report_seconds` old, must have it."""
        self._seconds_per_request, self._report_seconds = seconds_per_request, report_seconds
        self._sent: dict[str, dict[str, Sent]] = {}

    def add(self, replica: str, request: str, sent: Sent) -> None:
        self._sent.setdefault(replica, {})[request] = sent

    def remove(self, replica: str, request: str) -> None:
        self._sent.get(replica, {}).pop(request, None)

    def keep_only(self, replicas: Sequence[str]) -> None:
        """Forget replicas that are gone."""
        for gone in self._sent.keys() - set(replicas):
            self._sent.pop(gone, None)

    def standing(self, replica: str, reported: dict[str, Any], now: float) -> Standing:
        """What the replica has `reported` last, and what it was given since."""
        sent = [*self._sent.get(replica, {}).values()]
        fresh = sum(one.at > now - self._report_seconds for one in sent)
        return Standing(
            loras=frozenset(reported.get("loras", ())).union(*(one.loras for one in sent)),
            seconds=float(reported.get("backlog_seconds", 0.0)) + fresh * self._seconds_per_request,
        )


class LoraRouter(RequestRouter):
    """`rank` as a router of Serve.

    Not first in, first out: with Serve's FIFO mixin, the replica chosen for one request may be given another.
    """

    def initialize_state(  # type: ignore[override]  # Serve passes the deployment's request_router_kwargs
        self, ceiling_seconds: float, seconds_per_request: float, report_seconds: float
    ) -> None:
        self._ceiling_seconds = ceiling_seconds
        self._ledger = Ledger(seconds_per_request, report_seconds)
        self._draw = random.Random()

    async def choose_replicas(
        self, candidate_replicas: list[RunningReplica], pending_request: PendingRequest | None = None
    ) -> list[list[RunningReplica]]:
        wanted: frozenset[str] = frozenset()
        if pending_request is not None:
            pending_request.routing_context.should_backoff = True  # or Serve asks again at once, forever
            wanted = loras_of(pending_request)
        now = time.monotonic()
        standings = [
            self._ledger.standing(one.replica_id.unique_id, one.routing_stats, now) for one in candidate_replicas
        ]
        groups = rank(wanted, standings, self._ceiling_seconds, self._draw)
        return [[candidate_replicas[i] for i in group] for group in groups]

    def on_request_routed(self, pending_request: PendingRequest, replica_id: ReplicaID, result: Any) -> None:  # noqa: ARG002
        sent = Sent(time.monotonic(), loras_of(pending_request))
        self._ledger.add(replica_id.unique_id, pending_request.metadata.internal_request_id, sent)

    def on_request_completed(self, replica_id: ReplicaID, internal_request_id: str) -> None:
        self._ledger.remove(replica_id.unique_id, internal_request_id)

    def update_replicas(self, replicas: list[RunningReplica]) -> None:
        super().update_replicas(replicas)
        self._ledger.keep_only([one.replica_id.unique_id for one in replicas])


def loras_of(pending: PendingRequest) -> frozenset[str]:
    """The LoRAs that a call needs: those of its request; none for calls that draw nothing."""
    request = pending.args[0] if pending.args else None
    return frozenset(one.lora for one in getattr(request, "loras", ()))
