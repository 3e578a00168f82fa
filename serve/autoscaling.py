"""How many replicas a generator needs, decided by predicted seconds of queued work: requests differ too much to count.

Serve's controller runs this with nothing of ours installed, so nothing but the standard library and Ray is imported.
"""

import logging
import math
from collections.abc import Sequence

from ray.serve.config import AutoscalingContext

_log = logging.getLogger("ray.serve.atelier")

BACKLOG = "backlog_seconds"
"""What a replica calls its predicted seconds in `record_autoscaling_stats`."""


def desired_replicas(
    backlogs: Sequence[float],
    queued_requests: float,
    running_requests: float,
    seconds_per_request: float,
    target_seconds: float,
    current: int,
) -> int:
    """Replicas that share the work out so that each has about `target_seconds` of it.

    `backlogs` are those of the replicas that have reported, in seconds; `queued_requests` have not reached a replica
    yet and count as `seconds_per_request` each. Never more replicas than there are requests, since one request cannot
    be shared out; never fewer than `current` while some of these have not reported. 0 when there is nothing to do.
    """
    seconds = sum(backlogs) + queued_requests * seconds_per_request
    requests = max(math.ceil(queued_requests + running_requests), 1)
    desired = min(math.ceil(seconds / target_seconds), requests)
    return max(desired, current) if len(backlogs) < current else desired


class BacklogPolicy:
    """`desired_replicas` as a policy of Serve, which applies the deployment's bounds and delays to what it returns."""

    def __init__(self, seconds_per_request: float, target_seconds: float) -> None:
        self._seconds_per_request = seconds_per_request
        self._target_seconds = target_seconds
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
        )
