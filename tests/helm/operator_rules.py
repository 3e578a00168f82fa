"""What KubeRay's operator refuses although its CRD takes it: rules of its `validation.go` (v1.7.0), in our words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Spec = dict[str, Any]
_STRATEGIES = ("None", "NewCluster", "NewClusterWithIncrementalUpgrade")
_RESOURCES = ("num-cpus", "num-gpus", "memory", "resources")
_NAME = re.compile(r"^[a-z]([-a-z0-9]*[a-z0-9])?$")
_LABEL = re.compile(r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$")


def refusals(service: Spec) -> list[str]:
    """All that is wrong with a RayService."""
    return [f"{rule.__name__.strip('_')}: {why}" for rule in RULES for why in rule(service)]


def _name(service: Spec) -> Iterator[str]:
    name = service["metadata"]["name"]
    if len(name) > 47 or not _NAME.match(name):
        yield name


def _strategy(service: Spec) -> Iterator[str]:
    kind = service["spec"].get("upgradeStrategy", {}).get("type", "NewCluster")
    if kind not in _STRATEGIES:
        yield kind


def _steps(service: Spec) -> Iterator[str]:
    strategy = service["spec"].get("upgradeStrategy", {})
    if strategy.get("type") != _STRATEGIES[2]:
        return
    options = strategy.get("clusterUpgradeOptions", {})
    if not _cluster(service).get("enableInTreeAutoscaling"):
        yield "no autoscaler"
    if not options.get("gatewayClassName"):
        yield "no gatewayClassName"
    if not 0 <= options.get("stepSizePercent", -1) <= options.get("maxSurgePercent", 100) <= 100:
        yield "stepSizePercent"
    if options.get("intervalSeconds", 0) <= 0:
        yield "intervalSeconds"


def _deletion(service: Spec) -> Iterator[str]:
    if service["spec"].get("rayClusterDeletionDelaySeconds", 0) < 0:
        yield "negative delay"


def _head_service(service: Spec) -> Iterator[str]:
    if _cluster(service)["headGroupSpec"].get("headService", {}).get("metadata", {}).get("name"):
        yield "headService has a name"


def _containers(service: Spec) -> Iterator[str]:
    for name, group in _groups(service):
        if not group["template"]["spec"].get("containers"):
            yield name


def _replicas(service: Spec) -> Iterator[str]:
    for name, group in _groups(service):
        least, most = group.get("minReplicas", 0), group.get("maxReplicas", 2**31)
        if least < 0 or least > most:
            yield f"{name}: {least} to {most}"


def _resources_once(service: Spec) -> Iterator[str]:
    for name, group in _groups(service):
        if group.get("resources") and any(group.get("rayStartParams", {}).get(key) for key in _RESOURCES):
            yield name


def _labels(service: Spec) -> Iterator[str]:
    for name, group in _groups(service):
        if "labels" in group.get("rayStartParams", {}):
            yield f"{name}: in rayStartParams"
        for key, value in group.get("labels", {}).items():
            if not _LABEL.match(value) or not _LABEL.match(key.rpartition("/")[2]) or not key:
                yield f"{name}: {key}={value}"


def _restarts(service: Spec) -> Iterator[str]:
    if _autoscaler(service).get("version") != "v2":
        return
    for name, group in _groups(service):
        if group["template"]["spec"].get("restartPolicy", "Never") != "Never":
            yield name


def _one_autoscaler(service: Spec) -> Iterator[str]:
    named = "RAY_enable_autoscaler_v2" in _environment(_cluster(service)["headGroupSpec"])
    if named and (_autoscaler(service).get("version") or not _cluster(service).get("enableInTreeAutoscaling")):
        yield "by option and by environment"


def _idle(service: Spec) -> Iterator[str]:
    if _autoscaler(service).get("idleTimeoutSeconds", 0) < 0:
        yield "negative"


def _priorities(service: Spec) -> Iterator[str]:
    for name, group in _groups(service):
        if group.get("priority") and (_version(service) < (2, 56, 0) or _autoscaler(service).get("version") != "v2"):
            yield name


def _redis(service: Spec) -> Iterator[str]:
    cluster = _cluster(service)
    named = {"RAY_REDIS_ADDRESS", "REDIS_PASSWORD", "REDIS_USERNAME"} & _environment(cluster["headGroupSpec"])
    if named and (cluster.get("gcsFaultToleranceOptions") or "RAY_REDIS_ADDRESS" in named):
        yield f"{sorted(named)} in the head's environment"


def _token(service: Spec) -> Iterator[str]:
    if _cluster(service).get("authOptions", {}).get("mode") == "token" and _version(service) < (2, 52, 0):
        yield "a token needs Ray 2.52"


def _gates(service: Spec) -> Iterator[str]:
    for key in ("networkPolicy", "tlsOptions", "historyServerOptions"):
        if _cluster(service).get(key):
            yield f"{key} is behind a feature gate"
    if _cluster(service).get("gcsFaultToleranceOptions", {}).get("backend") == "rocksdb":
        yield "rocksdb is behind a feature gate"


RULES: tuple[Callable[[Spec], Iterator[str]], ...] = (
    _name,
    _strategy,
    _steps,
    _deletion,
    _head_service,
    _containers,
    _replicas,
    _resources_once,
    _labels,
    _restarts,
    _one_autoscaler,
    _idle,
    _priorities,
    _redis,
    _token,
    _gates,
)


def _cluster(service: Spec) -> Spec:
    return dict(service["spec"]["rayClusterConfig"])


def _groups(service: Spec) -> Iterator[tuple[str, Spec]]:
    yield "head", _cluster(service)["headGroupSpec"]
    for group in _cluster(service).get("workerGroupSpecs", ()):
        yield group["groupName"], group


def _autoscaler(service: Spec) -> Spec:
    return dict(_cluster(service).get("autoscalerOptions", {}))


def _environment(group: Spec) -> set[str]:
    return {each["name"] for each in group["template"]["spec"]["containers"][0].get("env", ())}


def _version(service: Spec) -> tuple[int, ...]:
    return tuple(int(part) for part in _cluster(service).get("rayVersion", "0").split("."))
