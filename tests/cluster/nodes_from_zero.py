"""A deployment that is pinned to a kind of GPU of which there is no node, on a Ray whose autoscaler starts nodes (here,
with GPUs that are numbers in Ray's books): a node of the kind comes, and goes once nothing runs on it.

`python -m tests.cluster.nodes_from_zero FILE` writes what was seen to a file, for `test_nodes_from_zero.py`: Ray runs
in processes of its own. Ray's provider of such nodes wants port 6379.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray
import yaml
from pydantic import BaseModel
from ray import serve as ray_serve

from configs.fleet import Fleet
from configs.load import load_fleets
from serve.held import kind_of, kinds_of
from tests.cluster.kinds import FLEET, ask, deploy

KIND = "t4"
PORT = 6379
_HEAD = "f" * 51 + "00000"
_PATIENCE = 180
_COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
    "cluster_synced_files",
)
"""What Ray wants to be told of machines that it reaches by SSH."""


class Seen(BaseModel):
    """How many nodes of each kind lived: before anything was asked for, while it ran, and after it was deleted; and the
    kind on which it ran."""

    before: dict[str, int] = {}
    ran_on: str = ""
    meanwhile: dict[str, int] = {}
    after: dict[str, int] = {}


def main(file: Path) -> None:
    fleet = load_fleets()[FLEET]
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        live(file, fleet, start_head(Path(folder), fleet))


def live(file: Path, fleet: Fleet, head: subprocess.Popen[bytes]) -> None:
    try:
        wait_until(connected, "Ray")
        ray_serve.start(proxy_location="Disabled")
        seen = Seen(before=nodes(fleet))
        seen.ran_on = ask(deploy(fleet, KIND, KIND))[0]
        seen.meanwhile = nodes(fleet)
        ray_serve.delete(KIND)
        wait_until(lambda: not nodes(fleet), "the node's end")
        seen.after = nodes(fleet)
        file.write_text(seen.model_dump_json(indent=2))
        ray_serve.shutdown()  # type: ignore[no-untyped-call]
    finally:
        ray.shutdown()
        head.send_signal(signal.SIGTERM)
        head.wait(60)


def start_head(folder: Path, fleet: Fleet) -> subprocess.Popen[bytes]:
    """`ray start` with an autoscaler that may start two nodes of each kind, and none at first. All that it writes is in
    `folder`, which has a short name: where it is, too, which others would take for the cluster of this machine."""
    types = {name: node_type(dict(kind.labels)) for name, kind in fleet.kinds.items()}
    module = "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider"
    scaling = {
        "cluster_name": "from-zero",
        "max_workers": 2,
        "idle_timeout_minutes": 0.1,
        "provider": {"type": "external", "module": module, "launch_multiple": True, "head_node_id": _HEAD},
        "available_node_types": {
            "ray.head.default": {"resources": {"CPU": 2}, "node_config": {}, "min_workers": 0, "max_workers": 0},
            **types,
        },
        "head_node_type": "ray.head.default",
        **{name: [] for name in _COMMANDS},
        **{name: {} for name in ("auth", "docker", "file_mounts")},
    }
    config = folder / "scaling.yaml"
    config.write_text(yaml.safe_dump(scaling))
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", f"--port={PORT}"]
    command += ["--num-cpus=2", "--num-gpus=0", "--include-dashboard=false", f"--autoscaling-config={config}"]
    command += [f"--object-store-memory={80 * 2**20}"]
    told = {
        "RAY_TMPDIR": str(folder),
        "RAY_FAKE_CLUSTER": "1",
        "RAY_enable_autoscaler_v2": "1",
        "RAY_AUTH_MODE": "disabled",
        "RAY_CLOUD_INSTANCE_ID": _HEAD,
        "RAY_OVERRIDE_NODE_ID_FOR_TESTING": _HEAD,
    }
    log = (folder / "ray.log").open("wb")
    return subprocess.Popen(command, env=os.environ | told, stdout=log, stderr=subprocess.STDOUT)


def node_type(labels: dict[str, str]) -> dict[str, Any]:
    """A kind of the fleet, as Ray's autoscaler is told of it: the chart's worker groups say the same of theirs."""
    resources = {"CPU": 1, "GPU": 1, "object_store_memory": 80 * 2**20}
    return {"resources": resources, "labels": labels, "node_config": {}, "min_workers": 0, "max_workers": 2}


def connected() -> bool:
    try:
        ray.init(address=f"127.0.0.1:{PORT}", log_to_driver=False)
    except ConnectionError:
        return False
    return True


def nodes(fleet: Fleet) -> dict[str, int]:
    """Living nodes with a GPU, by kind."""
    known: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    alive = [node for node in known if node["Alive"] and node["Resources"].get("GPU")]
    return dict(Counter(kind_of(node["Labels"], kinds_of(fleet)) for node in alive))


def wait_until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_PATIENCE} s for {what}")
        time.sleep(0.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
