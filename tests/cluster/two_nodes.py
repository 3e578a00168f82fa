"""Two nodes with a folder for weights each, a replica of mini on each, and LoRAs that come while they run.

`python -m tests.cluster.two_nodes FILE` writes what was seen to a file, for `test_two_nodes.py`: Ray runs in a process
of its own.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import ray
from pydantic import BaseModel
from ray import serve as ray_serve
from ray.cluster_utils import Cluster

from configs.catalog import Installation
from configs.replicas import GeneratorReplicas
from configs.schema import AppliedLora
from deployments.blobs.node_cache import CachedStore
from deployments.messages import Done, GenerateRequest
from serve.app import _generators
from tests.bench.mini_loras import mini_lora
from tests.deployments.stored_loras import add
from tests.s3 import Bucket, running_bucket
from tests.studio import local_installation

NAME, STEPS, SEEDS = "generator-mini", 12, (1, 2, 3, 4)


class Seen(BaseModel):
    """`alike` are the largest differences, in levels, from pictures with the same LoRA that was there from the start,
    for each version and seed; `exact` whether there is none where one request is drawn at a time; `apart` are the mean
    differences from pictures without. `fetched` is how often each file of the store was asked for, and `kept` how many
    files each node has. `homes` are the versions that each replica holds."""

    nodes: int = 0
    alike: list[int] = []
    exact: list[bool] = []
    apart: list[float] = []
    fetched: list[int] = []
    kept: list[int] = []
    homes: list[list[str]] = []
    entries: list[str] = []
    failed: str = ""


def main(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, running_bucket() as bucket:
        os.environ.update(bucket.environment)
        os.environ.update({"RAY_AUTH_MODE": "disabled", "OMP_NUM_THREADS": "1"})
        places = [Path(folder, f"node-{number}") for number in range(2)]
        cluster = start(places)
        try:
            file.write_text(asyncio.run(live(installed(Path(folder)), bucket, places)).model_dump_json(indent=2))
        finally:
            ray_serve.shutdown()  # type: ignore[no-untyped-call]
            ray.shutdown()
            cluster.shutdown()


def start(places: Sequence[Path]) -> Any:
    """A cluster with one node for each folder; each has room for one replica."""
    cluster: Any = Cluster(shutdown_at_exit=True)
    for number, place in enumerate(places):
        head = {"include_dashboard": False} if number == 0 else {}
        cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20, env_vars={"ATELIER_WEIGHTS": str(place)}, **head)
    ray.init(address=cluster.address, log_to_driver=False)
    ray_serve.start(proxy_location="Disabled")
    return cluster


def installed(folder: Path) -> Installation:
    """mini in two replicas, with two LoRAs that are there from the start, and a bucket for those that come."""
    replicas = GeneratorReplicas(min_replicas=2, max_replicas=2, num_cpus=1, target_backlog_seconds=0.01)
    installation = local_installation(folder, blob_url="s3://bucket")
    placements = tuple(one.model_copy(update={"replicas": replicas}) for one in installation.profile.generators)
    profile = installation.profile.model_copy(update={"generators": placements})
    loras = {name: mini_lora(folder, name, seed) for seed, name in enumerate(("first", "second"))}
    catalog = installation.catalog.model_copy(update={"loras": loras})
    return installation.model_copy(update={"profile": profile, "catalog": catalog})


async def live(installation: Installation, bucket: Bucket, places: Sequence[Path]) -> Seen:
    """Draw with LoRAs that were there, add them anew as two versions of one, and draw with these."""
    ray_nodes: Any = ray.nodes  # without types
    seen = Seen(nodes=len(ray_nodes()))
    await asyncio.to_thread(ray_serve.run, _generators(installation)[NAME], name="atelier", route_prefix=None)
    loras = installation.catalog.loras
    there = [await draw_all(AppliedLora(lora=name)) for name in loras]
    plain = await draw_all()
    store = CachedStore("s3://bucket", Path("unused"), 0)
    files = [Path(str(lora.weights.path)) for lora in loras.values()]
    config = loras["first"].model_copy(update={"id": "added"})
    uses = [await asyncio.to_thread(add, store, config, file, f"{n}.0.0") for n, file in enumerate(files, 1)]
    live = await asyncio.gather(*(draw_all(use) for use in uses))
    drawn, expected = [*chain(*live)], [*chain(*there)]
    seen.alike = [int(np.abs(one - other).max()) for one, other in zip(drawn, expected, strict=True)]
    seen.apart = [float(np.abs(one - bare).mean()) for one, bare in zip(drawn, [*plain, *plain], strict=True)]
    for name, use in zip(loras, uses, strict=True):
        seen.exact.append(bool((await draw(7, AppliedLora(lora=name)) == await draw(7, use)).all()))
    seen.entries = [use.key for use in uses]
    seen.fetched = [*bucket.asked.values()]
    seen.kept = [len([*place.glob("fetched/*.*")]) for place in places]
    seen.homes = [list(state.loras) for state in await handle().broadcast("state").results_async(timeout_s=30)]
    try:
        await draw(1, AppliedLora(lora="added", version="9.0.0", entry="0" * 64))
    except Exception as error:  # noqa: BLE001 - what comes out is what is looked at
        seen.failed = str(getattr(error, "cause", error))
    return seen


async def draw_all(*uses: AppliedLora) -> list[np.ndarray[Any, Any]]:
    """A picture for each seed, at once, so that both replicas draw."""
    return [*await asyncio.gather(*(draw(seed, *uses) for seed in SEEDS))]


async def draw(seed: int, *uses: AppliedLora) -> np.ndarray[Any, Any]:
    request = GenerateRequest(f"{seed}", "a red bicycle icon", "", 128, 128, seed, STEPS, 3.5, loras=uses)
    told: AsyncIterator[Any] = handle().options(stream=True).generate.remote(request)
    last = [message async for message in told][-1]
    assert isinstance(last, Done)
    picture: Any = await asyncio.to_thread(ray.get, last.picture)
    return np.frombuffer(picture.rgb, np.uint8).astype(int)


def handle() -> Any:
    return ray_serve.get_deployment_handle(NAME, "atelier")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
