"""What is wrong in values is refused by name before anything reaches a cluster; the checks of these tests can fail."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helm.chart import EXAMPLES, example, service, template
from tests.helm.operator_rules import RULES, refusals
from tests.helm.pods import pods, unrestricted
from tests.helm.schemas.objects import faults

CLUSTER = "fleet: aks\ncpuWorkers: {max: 1}\nprofile: gpu\n"
STORES = "database: {secretRef: {name: db, key: url}}\nblob: {url: s3://pictures}\n"


def _refusal(values: str, folder: Path) -> str:
    file = folder / "values.yaml"
    file.write_text(values)
    done = template(EXAMPLES / "minimal.yaml", file)
    assert done.returncode != 0, "it was taken"
    return done.stderr


@pytest.mark.parametrize(
    ("values", "place", "key"),
    [
        ("imagge: {tag: x}", "", "imagge"),
        ("image: {tags: x}", "/image", "tags"),
        ("kinds: {t4: {maxReplica: 3}}", "/kinds/t4", "maxReplica"),
        ("head: {resources: {cpus: 3}}", "/head/resources", "cpus"),
        ("settings: {sign_in: {mode: oidc, issuer: x}}", "/settings/sign_in", "issuer"),
        ("settings: {database_url: 'postgresql://u:p@h/d'}", "/settings", "database_url"),
        ("database: {url: 'postgresql://u:p@h/d'}", "/database", "url"),
        ("database: {secretRef: 'postgresql://u:p@h/d'}", "/database/secretRef", "object"),
        ("redis: {password: {value: geheim}}", "/redis/password", "value"),
        ("redis: {address: 'redis://:geheim@redis:6379'}", "/redis/address", "pattern"),
        ("environment: {AWS_SECRET_ACCESS_KEY: geheim}", "/environment", "AWS_SECRET_ACCESS_KEY"),
        ("secretEnvironment: {HF_TOKEN: geheim}", "/secretEnvironment/HF_TOKEN", "object"),
        ("blob: {url: 'az://key@account/pictures'}", "/blob/url", "pattern"),
        ("upgrade: {type: Blue}", "/upgrade/type", "NewCluster"),
        ("head: {shmGb: half}", "/head/shmGb", "integer"),
        ("pdb: {cpuWorkersMinAvailable: 50%}", "/pdb/cpuWorkersMinAvailable", "integer"),
        ("fullnameOverride: Studio", "/fullnameOverride", "pattern"),
    ],
)
def test_a_typo_or_a_secret_is_refused_with_its_place(values: str, place: str, key: str, tmp_path: Path) -> None:
    told = _refusal(values, tmp_path)
    assert place in told
    assert key in told
    assert "rayservice.yaml" not in told  # by the schema, not by some template


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("fleet: moon", "fleet: there is no 'moon' in the chart; known: aca, aks, local, one-gpu"),
        ("profile: moon", "profile: there is no 'moon' in the chart; known: gpu, local"),
        (
            "fleet: aks\nkinds: {b200: {max: 1}}",
            "kinds.b200: fleet 'aks' has no such kind of GPU; it has: a100, h100, t4",
        ),
        ("fleet: aks\nkinds: {t4: {min: 9}}", "kinds.t4: min 9 is larger than max 4"),
        ("cpuWorkers: {min: 2, max: 1}", "cpuWorkers: min 2 is larger than max 1"),
        (CLUSTER, "database: pods share no SQLite file"),
        (CLUSTER + "database: {secretRef: {name: db, key: url}}", "blob.url: pods share no folder"),
        (
            CLUSTER + STORES + "postgres: {enabled: true}",
            "database: it is either database.secretRef or postgres.enabled",
        ),
        ("database: {secretRef: {name: db}}", "database.secretRef: name the Secret and the key in it"),
        ("blob: {url: az://pictures}", "blob.account: say whose container it is"),
        ("ingress: {enabled: true}", "settings.sign_in: nobody signs in"),
        ("gateway: {enabled: true, name: g}", "settings.sign_in: nobody signs in"),
        ("upgrade: {type: NewClusterWithIncrementalUpgrade}", "upgrade.type: incremental upgrades need an autoscaler"),
        (CLUSTER + STORES + "upgrade: {type: NewClusterWithIncrementalUpgrade}", "upgrade.gatewayClassName"),
        ("identity: {workload: azure}", "identity.clientId: name the identity"),
        ("externalSecrets: {enabled: true}", "externalSecrets: say which store"),
        ("models: {cache: hostPath}", "models.cache: hostPath is forbidden where pods are restricted"),
        ("models: {cache: blobfuse}", "models.blobfuse: name the storage account"),
        ("fullnameOverride: " + "a" * 48, "fullnameOverride"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_sentence(values: str, told: str, tmp_path: Path) -> None:
    assert told in _refusal(values, tmp_path)


Change = Callable[[dict[str, Any]], object]


def _cluster(service: dict[str, Any]) -> Any:
    return service["spec"]["rayClusterConfig"]


def _worker(service: dict[str, Any]) -> Any:
    return _cluster(service)["workerGroupSpecs"][0]


def _env(service: dict[str, Any], name: str) -> None:
    _cluster(service)["headGroupSpec"]["template"]["spec"]["containers"][0]["env"].append({"name": name, "value": "1"})


BROKEN: dict[str, Change] = {
    "name": lambda one: one["metadata"].update(name="9lives"),
    "strategy": lambda one: one["spec"].update(upgradeStrategy={"type": "Blue"}),
    "steps": lambda one: one["spec"]["upgradeStrategy"]["clusterUpgradeOptions"].update(stepSizePercent=40),
    "deletion": lambda one: one["spec"].update(rayClusterDeletionDelaySeconds=-1),
    "head_service": lambda one: _cluster(one)["headGroupSpec"].update(headService={"metadata": {"name": "mine"}}),
    "containers": lambda one: _worker(one)["template"]["spec"].update(containers=[]),
    "replicas": lambda one: _worker(one).update(minReplicas=9),
    "resources_once": lambda one: _worker(one).update(resources={"CPU": "1"}, rayStartParams={"num-cpus": "1"}),
    "labels": lambda one: _worker(one).update(labels={"ray.io/accelerator-type": "two words"}),
    "restarts": lambda one: _worker(one)["template"]["spec"].update(restartPolicy="Always"),
    "one_autoscaler": lambda one: _env(one, "RAY_enable_autoscaler_v2"),
    "idle": lambda one: _cluster(one)["autoscalerOptions"].update(idleTimeoutSeconds=-1),
    "priorities": lambda one: (_worker(one).update(priority=1), _cluster(one).update(rayVersion="2.55.0")),
    "redis": lambda one: _env(one, "RAY_REDIS_ADDRESS"),
    "token": lambda one: _cluster(one).update(rayVersion="2.51.0"),
    "gates": lambda one: _cluster(one).update(networkPolicy={"mode": "DenyAll"}),
}


@pytest.mark.parametrize("rule", [rule.__name__.strip("_") for rule in RULES])
def test_each_rule_of_the_operator_can_refuse(rule: str) -> None:
    broken = copy.deepcopy(service(example("incremental")))
    BROKEN[rule](broken)
    assert [why.partition(":")[0] for why in refusals(broken)] == [rule]


def test_a_typo_inside_of_a_rayservice_is_a_fault() -> None:
    broken = copy.deepcopy(service(example("mixed")))
    _worker(broken)["maxReplica"] = 3
    _worker(broken)["template"]["spec"]["containers"][0]["resource"] = {}
    assert len(faults(broken)) == 2


@pytest.mark.parametrize("kind", ["PodMonitor", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget"])
def test_a_typo_inside_of_any_other_object_is_a_fault(kind: str) -> None:
    broken = copy.deepcopy(next(each for each in example("mixed") if each["kind"] == kind))
    broken["spec"]["selectors"] = {}
    assert faults(broken)


def test_a_pod_that_may_do_more_is_not_restricted() -> None:
    head = copy.deepcopy(next(pods(example("minimal"))))
    head["spec"]["hostNetwork"] = True
    head["spec"]["volumes"].append({"name": "root", "hostPath": {"path": "/"}})
    head["spec"]["securityContext"].pop("seccompProfile")
    head["spec"]["containers"][0]["securityContext"] = {"capabilities": {"add": ["SYS_ADMIN"]}, "privileged": True}
    assert len(list(unrestricted(head))) == 5
