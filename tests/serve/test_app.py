"""A generator's deployment is what we mean once Serve has read it; what travels by value needs none of our code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from configs.replicas import GeneratorReplicas
from configs.sharing import SharedReplicas
from serve.app import _by_backlog, _deploy, _shared, bind
from tests.catalogue import load_installation

pytestmark = pytest.mark.slow


class Drawer:
    """Stands in for a generator."""


@pytest.fixture
def config() -> Any:
    """What Serve makes of a generator's options."""
    replicas = GeneratorReplicas(max_replicas=3, target_backlog_seconds=7, drain_seconds=42)
    model = load_installation("local").catalog.models["mini"]
    deployment: Any = _deploy(Drawer, "generator-mini", replicas, **_by_backlog(model, replicas))
    return deployment._deployment_config


def test_a_generator_is_fed_many_requests_and_drains_as_long_as_its_profile_says(config: Any) -> None:
    assert (config.max_ongoing_requests, config.graceful_shutdown_timeout_s) == (16, 42)


def test_a_generator_grows_by_its_backlog_within_its_bounds(config: Any) -> None:
    scaling = config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas) == (1, 3)
    assert scaling.policy.policy_function == "serve.autoscaling:BacklogPolicy"
    assert scaling.policy.get_policy()(**scaling.policy.policy_kwargs)
    assert scaling.policy.policy_kwargs["target_seconds"] == 7


def test_a_generator_is_routed_by_its_loras(config: Any) -> None:
    router = config.request_router_config
    assert router.request_router_class == "serve.routing:LoraRouter"
    assert router.get_request_router_class().__name__ == "LoraRouter"
    assert router.request_router_kwargs["ceiling_seconds"] == 7


@pytest.mark.parametrize("part", ["policy", "router"])
def test_what_travels_by_value_loads_where_our_packages_are_not(config: Any, part: str, tmp_path: Path) -> None:
    parts: dict[str, Any] = {"policy": config.autoscaling_config.policy, "router": config.request_router_config}
    pickled = {"policy": "get_serialized_policy_def", "router": "get_serialized_request_router_cls"}
    file = tmp_path / "pickled"
    file.write_bytes(getattr(parts[part], pickled[part])())
    program = (
        "import pathlib, sys; from ray import cloudpickle; cloudpickle.loads(pathlib.Path(sys.argv[1]).read_bytes());"
        "print([name for name in sys.modules if name.partition('.')[0] in {'serve', 'configs', 'deployments'}])"
    )
    command = [sys.executable, "-I", "-c", program, str(file)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "[]"), ended.stderr


def test_models_that_share_replicas_are_one_deployment_that_knows_each_by_name() -> None:
    installation = load_installation("local")
    placement = installation.profile.generators[0].model_copy(update={"share": "box"})
    replicas = SharedReplicas(keep_alive_seconds=60, memory_gb=4)
    profile = installation.profile.model_copy(update={"generators": (placement,), "shared": {"box": replicas}})
    bound = _shared(installation.model_copy(update={"profile": profile}))
    assert list(bound) == ["shared-box"]
    deployment: Any = bound["shared-box"]._bound_deployment
    drawings, terms = deployment.init_args[:2]
    assert list(drawings) == ["mini"]
    assert drawings["mini"].config.id == "mini"
    assert (terms.keep_alive_seconds, terms.memory) == (60, 4e9)
    assert deployment._deployment_config.request_router_config.request_router_class == "serve.routing:LoraRouter"


@pytest.mark.parametrize("profile", ["local", "gpu"])
def test_a_finisher_has_room_for_all_that_is_under_way_while_the_file_store_is_away(profile: str) -> None:
    configured = load_installation(profile).profile
    assert configured.finisher.max_ongoing_requests >= configured.parallel_jobs * configured.limits.max_variations


@pytest.mark.parametrize("apart", [False, True])
def test_the_conductor_is_a_deployment_of_its_own_where_the_profile_says_so(apart: bool) -> None:
    installation = load_installation("local")
    conductor = installation.profile.conductor.model_copy(update={"apart": apart, "replicas": 2})
    profile = installation.profile.model_copy(update={"conductor": conductor})
    door: Any = bind(installation.model_copy(update={"profile": profile}))._bound_deployment
    others = [one._bound_deployment for one in door.init_args[2:]]
    assert [(one.name, one._deployment_config.num_replicas) for one in others] == [("conductor", 2)] * apart


def test_a_deployment_of_one_kind_of_gpu_runs_on_its_nodes_alone() -> None:
    pinned = GeneratorReplicas(num_gpus=0.5, labels={"ray.io/accelerator-type": "T4"})
    deployment: Any = _deploy(Drawer, "generator-mini", pinned)
    assert deployment.ray_actor_options["label_selector"] == {"ray.io/accelerator-type": "T4"}
    anywhere: Any = _deploy(Drawer, "generator-mini", GeneratorReplicas())
    assert "label_selector" not in anywhere.ray_actor_options


def test_a_door_binds_nothing_that_draws() -> None:
    door: Any = bind(load_installation("door"))._bound_deployment
    assert door.name == "front-door"
    assert list(door.init_args[1]) == ["finisher"]
    assert len(door.init_args) == 2


def test_a_worker_binds_what_draws_and_a_conductor_that_no_door_calls() -> None:
    worker: Any = bind(load_installation("worker"))._bound_deployment
    assert worker.name == "conductor"
    assert {"generator-mini", "finisher", "upscaler-mini-x4"} <= worker.init_args[1].keys()
