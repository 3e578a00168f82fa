"""Each value of the chart does something: one that no template reads is a promise that is not kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from configs.chart.fields import ChartValue
from configs.chart.pages import values_page, values_schema
from configs.chart.values import Values
from tests.helm.chart import CHART, EXAMPLES, NAMES, example, objects, template

TEMPLATES = "".join(file.read_text() for file in sorted((CHART / "templates").iterdir()))


def _leaves(model: type[ChartValue] = Values, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    made = model()
    for name, field in model.model_fields.items():
        inner, place = getattr(made, name), (*path, field.alias or name)
        if isinstance(inner, ChartValue):
            yield from _leaves(type(inner), place)
        else:
            yield place, inner


LEAVES = dict(_leaves())


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_each_value_is_named_in_a_template(path: tuple[str, ...]) -> None:
    assert re.search(rf"\.{path[-1]}\b|\"{path[-1]}\"", TEMPLATES) or _handed_on(path)
    assert f".Values.{path[0]}" in TEMPLATES


def _handed_on(path: tuple[str, ...]) -> bool:
    """Whether all that it is part of goes along as it is."""
    return path[-2:-1] == ("resources",) or path[-2:-1] == ("secretRef",)


def test_values_and_schema_are_as_the_code_has_them() -> None:
    """`make check` looks at the profiles and fleets, too."""
    assert (CHART / "values.yaml").read_text() == values_page()
    assert (CHART / "values.schema.json").read_text() == values_schema()


def test_the_defaults_are_those_of_the_model() -> None:
    page = yaml.safe_load((CHART / "values.yaml").read_text())
    assert Values.model_validate(page) == Values()


def test_the_schema_is_closed_at_every_level_that_has_names() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    open_ones = [
        name
        for name, part in {"values": schema, **schema["$defs"]}.items()
        if part.get("type") == "object" and "properties" in part and part.get("additionalProperties") is not False
    ]
    assert open_ones == []


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_and_the_model_take_the_same_examples(name: str) -> None:
    Values.model_validate(yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text()))


OTHERS: dict[tuple[str, ...], Any] = {
    ("image", "repository"): "other.example.com/atelier",
    ("image", "digest"): "sha256:" + "1" * 64,
    ("profile",): "gpu",
    ("settings",): {"owner": "somebody"},
    ("fleet",): "aca",
    ("kinds",): {"t4": {"max": 3}},
    ("blob", "url"): "s3://others",
    ("models", "prefetch"): ["mini"],
    ("redis", "address"): "other:6379",
    ("identity", "workload"): "aws",
    ("networkPolicy", "egressPorts"): [8443],
    ("networkPolicy", "egressCidr"): "192.0.2.0/24",
    ("externalSecrets", "secrets"): [{"name": "other", "data": {"key": "place"}}],
    ("head", "tolerations"): [{"key": "other"}],
    ("cpuWorkers", "tolerations"): [{"key": "other"}],
    ("secretEnvironment",): {"OTHER": {"name": "other", "key": "key"}},
    ("upgrade", "stepSizePercent"): 5,
    ("rayVersion",): "2.61.0",
    ("image", "pullSecrets"): ["other"],
    ("podSecurity", "allowHostPath"): False,
}
_ON_THE_NODE = {"models": {"cache": "hostPath"}, "podSecurity": {"allowHostPath": True}}
BESIDE: dict[tuple[str, ...], dict[str, Any]] = {
    ("models", "hostPath"): _ON_THE_NODE,
    ("podSecurity", "allowHostPath"): _ON_THE_NODE,
    ("models", "hubToken", "key"): {"models": {"hubToken": {"name": "hub", "key": "token"}}},
}
"""What has to hold for a value to say anything, where no example has it."""
BASES = ("mixed", "azure-identity", "external-secrets", "gateway", "incremental", "minimal")


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_each_value_changes_what_is_made(path: tuple[str, ...], tmp_path: Path) -> None:
    other: Any = OTHERS[path] if path in OTHERS else _other(path, LEAVES[path])
    if path[0] == "state":
        assert _differs("minimal", path, other, tmp_path)
    else:
        assert any(_differs(base, path, other, tmp_path) for base in BASES)


def _differs(base: str, path: tuple[str, ...], other: Any, folder: Path) -> bool:
    """Whether other objects come out, or a template refuses it."""
    for name in reversed(path):
        other = {name: other}
    beside, changed = folder / "beside.yaml", folder / "changed.yaml"
    beside.write_text(json.dumps(BESIDE.get(path, {})))
    changed.write_text(json.dumps(other))
    before = template(EXAMPLES / f"{base}.yaml", beside) if path in BESIDE else None
    done = template(EXAMPLES / f"{base}.yaml", beside, changed)
    assert "values don't meet" not in done.stderr, done.stderr
    return done.returncode != 0 or objects(done.stdout) != (objects(before.stdout) if before else example(base))


def _other(path: tuple[str, ...], value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {"other": "thing"}
    return {
        "size": "7Gi",
        "tmpSize": "7Gi",
        "cpu": "3",
        "memory": "31Gi",
        "interval": "7s",
        "refreshInterval": "7m",
    }.get(path[-1], _CHOICES.get(path[-1], "other"))


_CHOICES = {
    "pullPolicy": "Never",
    "cache": "emptyDir",
    "storeKind": "SecretStore",
    "apiGroup": "azmonitoring.coreos.com",
    "upscalingMode": "Aggressive",
    "type": "NewCluster",
    "hostPath": "/other",
    "prometheusUrl": "http://other",
    "grafanaUrl": "http://other",
    "grafanaIframeUrl": "http://other",
}
