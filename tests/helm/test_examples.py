"""Each example is what Helm, Kubernetes, KubeRay and Ray take, and restricted namespaces; and it tells no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from configs.chart.fields import NAMES_A_SECRET
from configs.load import load_installation
from deployments.families.registry import FAMILIES
from tests.helm.chart import CHART, EXAMPLES, NAMES, SNAPSHOTS, example, helm, service, snapshot
from tests.helm.operator_rules import refusals
from tests.helm.pods import amount, containers, pods, unrestricted
from tests.helm.schemas.objects import faults

examples = pytest.mark.parametrize("name", NAMES)


def test_there_is_an_example_of_each_kind() -> None:
    assert len(NAMES) >= 8


@examples
def test_helm_finds_nothing_to_complain_about(name: str) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", str(EXAMPLES / f"{name}.yaml"))
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


@examples
def test_every_object_is_one_that_its_api_knows_to_the_last_field(name: str) -> None:
    assert [fault for each in example(name) for fault in faults(each)] == []


@examples
def test_every_pod_is_one_that_kubernetes_knows(name: str) -> None:
    assert [fault for pod in pods(example(name)) for fault in faults(pod)] == []


@examples
def test_kuberay_refuses_nothing(name: str) -> None:
    assert refusals(service(example(name))) == []


@examples
def test_a_restricted_namespace_lets_every_pod_in(name: str) -> None:
    found = list(pods(example(name)))
    assert found
    assert [why for pod in found for why in unrestricted(pod)] == []


@examples
def test_pods_mount_what_they_have_write_nowhere_else_and_have_memory_for_their_shm(name: str) -> None:
    for pod in pods(example(name)):
        claims = next(
            (each["spec"]["volumeClaimTemplates"] for each in example(name) if each["kind"] == "StatefulSet"), ()
        )
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]} | {one["metadata"]["name"] for one in claims}
        for one in containers(pod):
            assert one["securityContext"]["readOnlyRootFilesystem"] is True
            assert {mount["name"] for mount in one["volumeMounts"]} <= volumes
        in_memory = sum(
            amount(one["emptyDir"]["sizeLimit"])
            for one in pod["spec"]["volumes"]
            if one.get("emptyDir", {}).get("medium")
        )
        assert in_memory < 0.8 * amount(pod["spec"]["containers"][0]["resources"]["limits"]["memory"])


@examples
def test_no_secret_is_in_it(name: str) -> None:
    objects = example(name)
    assert all(each["kind"] != "Secret" for each in objects)
    for pod in pods(objects):
        for variable in (one for container in containers(pod) for one in container.get("env", ())):
            if re.search(NAMES_A_SECRET, variable["name"]) and "value" in variable:
                assert "$(POSTGRES_PASSWORD)" in variable["value"]
    assert not re.search(r"://[^/\s:]*:[^$@/\s]+@", snapshot(name))


@examples
def test_ray_takes_the_serve_config_and_the_studio_its_profile(name: str) -> None:
    from ray.serve.schema import ServeDeploySchema

    config = json.loads(service(example(name))["spec"]["serveConfigV2"])
    ServeDeploySchema.model_validate(config)
    (application,) = config["applications"]
    profile = load_installation(application["args"]["profile"], FAMILIES.table()).profile
    assert profile.http.model_dump() == config["http_options"]
    assert (profile.sign_in.mode == "oidc") == (profile.http.host == "0.0.0.0")


@examples
def test_it_is_what_was_looked_at(name: str) -> None:
    file = SNAPSHOTS / f"{name}.yaml"
    assert file.exists(), "python -m tests.helm.chart writes it down: look at what it says"
    assert snapshot(name) == file.read_text(), "look at what changed, then: python -m tests.helm.chart"


def test_the_chart_alone_says_what_is_missing() -> None:
    done = helm("template", "studio", str(CHART))
    assert done.returncode != 0
    assert "image.repository: say where you pushed the image" in done.stderr


def test_claims_of_many_pods_can_be_mounted_by_many_nodes() -> None:
    for name in NAMES:
        for claim in (each for each in example(name) if each["kind"] == "PersistentVolumeClaim"):
            alone = claim["metadata"]["name"].endswith("-state")
            assert claim["spec"]["accessModes"] == ["ReadWriteOnce"] if alone else ["ReadWriteMany", "ReadOnlyMany"]


def test_the_network_lets_nobody_in_but_pods_operator_entrance_and_scrapers() -> None:
    (policy,) = (each for each in example("gateway") if each["kind"] == "NetworkPolicy")
    entries = list(_entries(policy))
    assert entries == [(None, []), ("kuberay", [8265, 8000]), ("gateways", [8000]), ("observe", [8080, 44217, 44227])]


def _entries(policy: dict[str, Any]) -> Iterator[tuple[str | None, list[int]]]:
    for rule in policy["spec"]["ingress"]:
        (source,) = rule["from"]
        space = source.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
        yield space, [port["port"] for port in rule.get("ports", [])]


def test_the_profile_goes_along_so_that_a_change_of_it_is_made_in_place() -> None:
    config = yaml.safe_load(service(example("gateway"))["spec"]["serveConfigV2"])
    profile = config["applications"][0]["args"]["profile"]
    assert profile["limits"] == {"max_body_bytes": 131072}
    assert profile["default_model"] == "mini"
