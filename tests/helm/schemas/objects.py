"""Whether an object is one that Kubernetes, KubeRay and the others would take: unknown fields are faults."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import jsonschema_rs

from tests.helm.schemas.cut import HERE
from tests.helm.schemas.third_party import KINDS


def faults(thing: dict[str, Any]) -> list[str]:
    """Where it is wrong, and how."""
    return [
        f"{thing['kind']} {'.'.join(map(str, error.instance_path))}: {error.message[:300]}"
        for error in _validator(thing["kind"]).iter_errors(thing)
    ]


@cache
def _validator(kind: str) -> Any:
    known = _known()
    schema = {**known["kinds"], **KINDS}[kind] | {"$defs": known["$defs"]}
    return jsonschema_rs.Draft202012Validator(schema)


@cache
def _known() -> Any:
    return json.loads(gzip.decompress((HERE / "kubernetes.json.gz").read_bytes()))
