"""Makes `kubernetes.json.gz` beside it: the schemas of what the chart makes, without descriptions, and closed.

`python -m tests.helm.schemas.cut CRD WHEEL`: KubeRay's `ray.io_rayservices.yaml`, and the wheel of kubernetes-validate.
"""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
KINDS = {
    "ConfigMap": "configmap-v1",
    "Ingress": "ingress-networking-v1",
    "NetworkPolicy": "networkpolicy-networking-v1",
    "PersistentVolume": "persistentvolume-v1",
    "PersistentVolumeClaim": "persistentvolumeclaim-v1",
    "Pod": "pod-v1",
    "PodDisruptionBudget": "poddisruptionbudget-policy-v1",
    "Service": "service-v1",
    "ServiceAccount": "serviceaccount-v1",
    "StatefulSet": "statefulset-apps-v1",
}
_FOLDER = "kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict/"
_OF_OBJECTS = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}


def closed(node: Any) -> Any:
    """An OpenAPI v3 schema of a CRD as a JSON Schema that refuses what it does not know."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    schema = {key: closed(value) for key, value in node.items() if key != "description" or isinstance(value, dict)}
    if schema.pop("nullable", False) is True:
        schema["type"] = [schema["type"], "null"]
    if schema.pop("x-kubernetes-int-or-string", False) is True:
        schema.pop("anyOf", None)
        schema["type"] = ["integer", "string"]
    if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema.setdefault("additionalProperties", False)
    return schema


def rayservice(crd: str) -> dict[str, Any]:
    """Of version v1."""
    versions = yaml.load(crd, yaml.CSafeLoader)["spec"]["versions"]
    schema = closed(next(one for one in versions if one["name"] == "v1")["schema"]["openAPIV3Schema"])
    schema["properties"] |= _OF_OBJECTS
    return dict(schema)


def kubernetes(wheel: zipfile.ZipFile) -> dict[str, Any]:
    """Of the kinds above, by kind, and the definitions that they need."""
    definitions = json.loads(wheel.read(f"{_FOLDER}_definitions.json"))["$defs"]
    roots = {kind: _local(json.loads(wheel.read(f"{_FOLDER}{name}.json"))) for kind, name in KINDS.items()}
    needed: dict[str, Any] = {}
    open_ends = [roots]
    while open_ends:
        for name in set(_references(open_ends.pop())) - needed.keys():
            needed[name] = _local(definitions[name])
            open_ends.append(needed[name])
    return {"kinds": roots, "$defs": needed}


def _local(node: Any) -> Any:
    if isinstance(node, list):
        return [_local(one) for one in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": f"#/$defs/{_named(node)}"}
    plain = {key: value for key, value in node.items() if key not in ("$id", "$schema")}
    plain = {key: value for key, value in plain.items() if key != "description" or isinstance(value, dict)}
    return {key: _local(value) for key, value in plain.items()}


def _named(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for one in node for name in _references(one)]
    if not isinstance(node, dict):
        return []
    own = [_named(node)] if isinstance(node.get("$ref"), str) else []
    return own + [name for value in node.values() for name in _references(value)]


def main(crd: str, wheel: str) -> None:
    made = kubernetes(zipfile.ZipFile(wheel))
    made["kinds"]["RayService"] = rayservice(Path(crd).read_text(encoding="utf-8"))
    text = json.dumps(made, sort_keys=True, separators=(",", ":")).encode()
    (HERE / "kubernetes.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
