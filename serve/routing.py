"""Which replica of a generator draws a request: one that holds its LoRAs already, unless it is much busier than others.

Every process that calls a generator gets this module by value, so only the standard library and Ray are imported.
"""

import random
import time
from collections.abc import Collection, Mapping, Sequence
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
    least busy one, and of these the least busy alone; then the less busy of two at random; then all.
    """
    if not standings:
        return []
    everyone = range(len(standings))
    pair = draw.sample(everyone, min(2, len(standings)))
    holders = _holders(wanted, standings, ceiling_seconds)
    one = min(pair, key=lambda i: standings[i].seconds)
    return [group for group in (holders[:1], holders[1:], [one], [*everyone]) if group]


def _holders(wanted: frozenset[str], standings: Sequence[Standing], ceiling_seconds: float) -> list[int]:
    """Those to prefer, least busy first."""
    limit = min(one.seconds for one in standings) + ceiling_seconds
    held = {i: len(wanted & one.loras) for i, one in enumerate(standings) if one.seconds <= limit}
    most = max(held.values())
    holders = [i for i, count in held.items() if count == most] if most else []
    return sorted(holders, key=lambda i: standings[i].seconds)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that this process gives to a replica, and when; `there` once the replica has taken it."""

    replica: str
    loras: frozenset[str]
    at: float
    there: bool = True


class Ledger:
    """What this process has given to each replica and is not done: reports come too late to spread a burst."""

    def __init__(self, seconds_per_request: float, report_seconds: float) -> None:
        """A request counts as `seconds_per_request` until the replica's report, `report_seconds` old, must have it."""
        self._seconds_per_request, self._report_seconds = seconds_per_request, report_seconds
        self._sent: dict[str, Sent] = {}

    def put(self, request: str, sent: Sent) -> None:
        """Write down where a request goes; what was written of it before is replaced."""
        self._sent[request] = sent

    def remove(self, request: str) -> None:
        self._sent.pop(request, None)

    def forget(self, replicas: Collection[str], now: float) -> None:
        """Strike out what went to other than `replicas`, and what no replica ever took."""
        for request, sent in [*self._sent.items()]:
            if sent.replica not in replicas or not (sent.there or self._is_fresh(sent, now)):
                self.remove(request)

    def standing(self, replica: str, reported: Mapping[str, Any], now: float) -> Standing:
        """What the replica has `reported` last, and what it was given since."""
        sent = [one for one in [*self._sent.values()] if one.replica == replica]
        fresh = sum(self._is_fresh(one, now) for one in sent)
        return Standing(
            loras=frozenset(reported.get("loras", ())).union(*(one.loras for one in sent)),
            seconds=float(reported.get("backlog_seconds", 0.0)) + fresh * self._seconds_per_request,
        )

    def _is_fresh(self, sent: Sent, now: float) -> bool:
        return sent.at > now - self._report_seconds


class LoraRouter(RequestRouter):
    """`rank` as a router of Serve.

    Not first in, first out: with Serve's FIFO mixin, the replica chosen for one request may be given another.
    """

    # A replica that is busy drawing is slow to say how long its queue is; Serve's 0.1 s would pass it over for that.
    queue_len_response_deadline_s = 1.0
    max_queue_len_response_deadline_s = 2.0

    def initialize_state(  # type: ignore[override]  # Serve passes the deployment's request_router_kwargs
        self, ceiling_seconds: float, seconds_per_request: float, report_seconds: float
    ) -> None:
        self._ceiling_seconds = ceiling_seconds
        self._ledger = Ledger(seconds_per_request, report_seconds)
        self._draw = random.Random()

    async def choose_replicas(
        self, candidate_replicas: list[RunningReplica], pending_request: PendingRequest | None = None
    ) -> list[list[RunningReplica]]:
        wanted, request = frozenset[str](), ""
        if pending_request is not None:
            pending_request.routing_context.should_backoff = True  # or Serve asks again at once, forever
            wanted, request = loras_of(pending_request), pending_request.metadata.internal_request_id
        self._ledger.remove(request)  # asked again: it went nowhere
        now, names = time.monotonic(), [one.replica_id.unique_id for one in candidate_replicas]
        self._ledger.forget(names, now)
        standings = [
            self._ledger.standing(name, one.routing_stats, now)
            for name, one in zip(names, candidate_replicas, strict=True)
        ]
        groups = rank(wanted, standings, self._ceiling_seconds, self._draw)
        if request and groups:
            # Where it most probably goes: the rest of a burst is routed before the first of it has arrived.
            self._ledger.put(request, Sent(names[groups[0][0]], wanted, now, there=False))
        return [[candidate_replicas[i] for i in group] for group in groups]

    def on_request_routed(
        self,
        pending_request: PendingRequest,
        replica_id: ReplicaID,
        result: Any,  # noqa: ARG002
    ) -> None:
        sent = Sent(replica_id.unique_id, loras_of(pending_request), time.monotonic())
        self._ledger.put(pending_request.metadata.internal_request_id, sent)

    def on_request_completed(self, replica_id: ReplicaID, internal_request_id: str) -> None:  # noqa: ARG002
        self._ledger.remove(internal_request_id)


def loras_of(pending: PendingRequest) -> frozenset[str]:
    """The LoRAs that a call needs, by version: those that its request applies; none for calls that draw nothing.

    Where models share replicas, the model that is meant is needed, too, and stands before each LoRA.
    """
    request, *drawings = pending.args or (None,)
    loras = [one.key for one in getattr(request, "loras", ()) if one.strength]
    return frozenset([*drawings, *(f"{name}/{lora}" for name in drawings for lora in loras)] if drawings else loras)
