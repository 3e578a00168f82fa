"""What a replica holds, found out in the replica: which kind of GPU its node has, and how much of one it took."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import ray

from configs.fleet import RAY_KIND, Fleet
from deployments.engine.held import HeldDevice, Holding
from serve.metrics import RayMetrics

Kinds = Mapping[str, Mapping[str, str]]
"""Of a fleet: the labels of the nodes of each kind."""


def kinds_of(fleet: Fleet | None) -> Kinds:
    """As the labels of a node are held against it."""
    return {} if fleet is None else {name: dict(kind.labels) for name, kind in fleet.kinds.items()}


def held_metrics(deployment: str, share: float, kinds: Kinds) -> HeldDevice:
    """`Metrics` for a replica that reserves this `share` of a GPU; to be made in it."""
    if not share:
        return HeldDevice(RayMetrics(), Holding(deployment))
    labels = {name: str(value) for name, value in ray.get_runtime_context().get_node_labels().items()}
    kind = kind_of(labels, kinds)
    return HeldDevice(RayMetrics(), Holding(deployment, kind, share), _peak_bytes)


def kind_of(labels: Mapping[str, str], kinds: Kinds) -> str:
    """The kind whose labels a node has, most of them first; what Ray calls its GPU where the fleet has none."""
    fitting = [name for name, wanted in kinds.items() if wanted.items() <= labels.items()]
    return max(fitting, key=lambda name: len(kinds[name]), default=labels.get(RAY_KIND, "gpu"))


def _peak_bytes() -> float | None:
    """None where this process has used no GPU. Asked of the module that the model's code has loaded: none is loaded
    for it."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    return float(torch.cuda.max_memory_reserved())
