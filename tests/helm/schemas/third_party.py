"""Objects of other operators, closed: what the chart writes of them, as their API documents have it. Written by hand,
since no package of PyPI, npm or Debian has their CRDs as schemas."""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_LABELS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
_DURATION: dict[str, Any] = {"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"}


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": item}


def _kind(api: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = _object(("name",), name=_TEXT, labels=_LABELS, annotations=_LABELS)
    shape = {"apiVersion": {"pattern": api}, "kind": {"const": kind}, "metadata": metadata, "spec": spec}
    return _object(("apiVersion", "kind", "metadata", "spec"), **shape)


_RELABELING = _object(
    action={"enum": ["replace", "keep", "drop", "labelmap"]},
    sourceLabels=_list(_TEXT),
    targetLabel=_TEXT,
    regex=_TEXT,
    replacement=_TEXT,
)
_ENDPOINT = _object(
    ("port",), port=_TEXT, interval=_DURATION, relabelings=_list(_RELABELING), metricRelabelings=_list(_RELABELING)
)
_RULE = {
    **_object(
        ("expr",),
        expr=_TEXT,
        record=_TEXT,
        alert=_TEXT,
        labels=_LABELS,
        annotations=_LABELS,
        keep_firing_for=_DURATION,
        **{"for": _DURATION},
    ),
    "oneOf": [{"required": ["record"]}, {"required": ["alert"]}],
}
_GROUP = _object(("name", "rules"), name=_TEXT, interval=_DURATION, rules=_list(_RULE))
_PARENT = _object(("name",), name=_TEXT, namespace=_TEXT, sectionName=_TEXT)
_BACKEND = _object(("name", "port"), name=_TEXT, port={"type": "integer"})
_ROUTE = _object(("backendRefs",), backendRefs=_list(_BACKEND), timeouts=_object(request=_DURATION))
_REMOTE = _object(("secretKey", "remoteRef"), secretKey=_TEXT, remoteRef=_object(("key",), key=_TEXT))

KINDS = {
    "PodMonitor": _kind(
        r"^(az)?monitoring\.coreos\.com/v1$",
        "PodMonitor",
        _object(
            ("selector", "podMetricsEndpoints"),
            selector=_object(("matchLabels",), matchLabels=_LABELS),
            podMetricsEndpoints=_list(_ENDPOINT),
        ),
    ),
    "PrometheusRule": _kind(
        r"^(az)?monitoring\.coreos\.com/v1$", "PrometheusRule", _object(("groups",), groups=_list(_GROUP))
    ),
    "HTTPRoute": _kind(
        r"^gateway\.networking\.k8s\.io/v1$",
        "HTTPRoute",
        _object(("parentRefs", "rules"), parentRefs=_list(_PARENT), hostnames=_list(_TEXT), rules=_list(_ROUTE)),
    ),
    "ExternalSecret": _kind(
        r"^external-secrets\.io/v1$",
        "ExternalSecret",
        _object(
            ("secretStoreRef", "target", "data"),
            refreshInterval=_DURATION,
            secretStoreRef=_object(("name", "kind"), name=_TEXT, kind={"enum": ["SecretStore", "ClusterSecretStore"]}),
            target=_object(("name",), name=_TEXT, creationPolicy={"enum": ["Owner", "Orphan", "Merge", "None"]}),
            data=_list(_REMOTE),
        ),
    ),
}
