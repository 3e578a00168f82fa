"""Deployments pinned to kinds of GPUs, on a cluster with a node of each kind that pretends to have one.

`python -m tests.cluster.kinds FILE` writes what was seen to a file, for `test_kinds.py`: Ray runs in a process of its
own.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import ray
from pydantic import BaseModel
from ray import serve as ray_serve
from ray.cluster_utils import Cluster

from configs.fleet import Fleet
from configs.load import load_fleets
from configs.replicas import GeneratorReplicas
from serve.app import _deploy
from serve.held import kind_of, kinds_of

FLEET, KINDS = "aks", ("t4", "a100")


class Seen(BaseModel):
    """The kind of the node on which a replica of each deployment ran, by the kind that it is pinned to; where two that
    share a GPU ran, and after the node of one was killed and another had come."""

    homes: dict[str, str] = {}
    beside: str = ""
    again: str = ""
    other_node: bool = False


class Placed:
    """A replica that knows where it runs."""

    def __init__(self, fleet: Fleet) -> None:
        self._kinds = kinds_of(fleet)

    def where(self) -> tuple[str, str]:
        """Its kind and its node."""
        context = ray.get_runtime_context()
        labels = {name: str(value) for name, value in context.get_node_labels().items()}
        return kind_of(labels, self._kinds), context.get_node_id()


def main(file: Path) -> None:
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    fleet = load_fleets()[FLEET]
    cluster: Any = Cluster(shutdown_at_exit=True)
    cluster.add_node(num_cpus=2, object_store_memory=80 * 2**20, include_dashboard=False)
    nodes = {kind: add(cluster, fleet, kind) for kind in KINDS}
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        ray_serve.start(proxy_location="Disabled")
        seen = Seen(homes={kind: ask(deploy(fleet, kind, kind))[0] for kind in reversed(KINDS)})
        seen.beside = ask(deploy(fleet, "a100", "beside"))[0]
        _, before = ask(handle("t4"))
        add(cluster, fleet, "t4")
        cluster.remove_node(nodes["t4"], allow_graceful=False)
        seen.again, after = ask(handle("t4"), but=before)
        seen.other_node = after != before
        file.write_text(seen.model_dump_json(indent=2))
    finally:
        ray_serve.shutdown()  # type: ignore[no-untyped-call]
        ray.shutdown()
        cluster.shutdown()


def add(cluster: Any, fleet: Fleet, kind: str) -> Any:
    """A node of that kind, whose GPU is a number in Ray's books."""
    labels = dict(fleet.kinds[kind].labels)
    return cluster.add_node(num_cpus=1, num_gpus=1, labels=labels, object_store_memory=80 * 2**20)


def deploy(fleet: Fleet, kind: str, name: str) -> Any:
    """Half a GPU of one kind, as a profile says it."""
    labels = dict(fleet.kinds[kind].labels)
    replicas = GeneratorReplicas(min_replicas=1, max_replicas=1, num_gpus=0.5, num_cpus=0, kind=kind, labels=labels)
    ray_serve.run(_deploy(Placed, name, replicas, num_replicas=1).bind(fleet), name=name, route_prefix=None)
    return handle(name)


def handle(name: str) -> Any:
    return ray_serve.get_deployment_handle(name, name)


def ask(handle: Any, but: str = "") -> tuple[str, str]:
    """Where it runs; asked again while its replica is lost, or while the node that is to be gone still answers."""
    deadline = time.monotonic() + 120
    while True:
        try:
            where: tuple[str, str] = handle.where.remote().result(timeout_s=30)
            if where[1] != but or time.monotonic() > deadline:
                return where
        except Exception:  # a boundary to Ray, which has many words for a replica that is gone
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
