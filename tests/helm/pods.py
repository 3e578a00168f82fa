"""The pods that an example asks for, written out; and what Pod Security calls restricted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Pod = dict[str, Any]
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
_UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def pods(objects: tuple[dict[str, Any], ...]) -> Iterator[Pod]:
    """Of the RayService's groups, the autoscaler that KubeRay adds to the head among them, and of stateful sets."""
    for each in objects:
        if each["kind"] == "RayService":
            cluster = each["spec"]["rayClusterConfig"]
            head = _pod("head", cluster["headGroupSpec"]["template"])
            if cluster["enableInTreeAutoscaling"]:
                added = {
                    key: cluster["autoscalerOptions"][key] for key in ("securityContext", "resources", "volumeMounts")
                }
                spec = head["spec"]
                head["spec"] = {**spec, "containers": [*spec["containers"], {"name": "autoscaler", **added}]}
            yield head
            for group in cluster.get("workerGroupSpecs", ()):
                yield _pod(group["groupName"], group["template"])
        elif each["kind"] == "StatefulSet":
            yield _pod(each["metadata"]["name"], each["spec"]["template"])


def containers(pod: Pod) -> Iterator[dict[str, Any]]:
    """All of them, those that come before the others included."""
    yield from (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"])


def unrestricted(pod: Pod) -> Iterator[str]:
    """What the level `restricted` forbids in it (Kubernetes' Pod Security Standards)."""
    spec, own = pod["spec"], pod["spec"].get("securityContext", {})
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield key
    for volume in spec.get("volumes", ()):
        if not (volume.keys() - {"name"}) <= _VOLUMES:
            yield f"volume {volume['name']}"
    for one in containers(pod):
        security = {**own, **one.get("securityContext", {})}
        yield from (f"{one['name']} {why}" for why in _unrestricted(security))
        if any("hostPort" in port for port in one.get("ports", ())):
            yield f"{one['name']} has a port of the node"


def _unrestricted(security: dict[str, Any]) -> Iterator[str]:
    """Of a container's security context, what its pod says included."""
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
        yield "may be root"
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield "may become more than it is"
    if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"
    capabilities = security.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", ()) or set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"}:
        yield "has capabilities"


def amount(quantity: Any) -> float:
    """Of bytes or cores, as a number."""
    match = re.fullmatch(r"([0-9.]+)(m|[kMGT]i?|Ki)?", str(quantity))
    assert match is not None, quantity
    return float(match[1]) * (0.001 if match[2] == "m" else _UNITS[match[2] or ""])


def _pod(name: str, template: dict[str, Any]) -> Pod:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, **template["metadata"]},
        "spec": template["spec"],
    }
