"""helm/azure, as parsed trees: what is closed, who may read what, that nothing secret comes out, and that door and
workers are given what the code knows. Azure itself is not here: no test has ever deployed anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from obstore.exceptions import BaseError
from obstore.store import AzureStore

from configs.load import ROOT, load_fleets, load_installation
from configs.surroundings import DATABASE_URL
from deployments.checkpoints.cache import is_offline, weights_folder
from deployments.families.registry import FAMILIES
from router.operations.wake import WAKE_QUERY
from serve.preflight import check_meeting, check_reach
from tests.helm.bicep import FILES, FOLDER, made, resources, text, tree, walk

pytestmark = pytest.mark.slow

DOOR, WORKER = "Microsoft.App/containerApps", "Microsoft.App/jobs"
DATABASE = "Microsoft.DBforPostgreSQL/flexibleServers"
ROLES = {
    "registry": "7f951dda-4ed3-4680-a7ca-43fe172d538d",  # AcrPull
    "storage": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",  # Storage Blob Data Contributor
    "vault": "4633458b-17de-408a-b874-0445c86b69e6",  # Key Vault Secrets User
}
WORDS = re.compile(r"password|secret|key|token|connection", re.IGNORECASE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_parses_and_says_what_its_parameters_and_outputs_are(file: Path) -> None:
    parsed = tree(file)
    for part in ("parameters", "outputs"):
        for name, one in parsed.get(part, {}).items():
            assert "description" in [each["type"] for each in one["decorators"]], f"{part}: {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_parser_sees_every_resource(file: Path) -> None:
    """It forgets children that are nested in one resource, all but one."""
    declared = re.findall(r"^\s*resource (\w+)", file.read_text(), re.MULTILINE)
    assert sorted(tree(file).get("resources", {})) == sorted(declared)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_module_is_given_what_it_asks_for_and_nothing_else(file: Path) -> None:
    for module in tree(file).get("modules", {}).values():
        config = module["config"].get("config", module["config"])  # one more where it is made on a condition
        parameters = tree(FOLDER / module["detail"]["path"])["parameters"]
        needed = {name for name, one in parameters.items() if one["default"] is None}
        assert needed <= config["params"].keys() <= parameters.keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_name_hides_a_function_that_is_called(file: Path) -> None:
    """The compiler takes `tenant()` for a parameter of that name, and refuses it; the parser does not mind."""
    source = file.read_text()
    declared = set(re.findall(r"^(?:param|var|resource|module) (\w+)", source, re.MULTILINE))
    assert not declared & set(re.findall(r"\b(\w+)\(", source))


def test_files_are_reached_by_nobody_from_outside_and_by_nobody_with_a_key() -> None:
    (account,) = made("Microsoft.Storage/storageAccounts")
    assert account.properties["allowBlobPublicAccess"] is False
    assert account.properties["allowSharedKeyAccess"] is False
    assert account.properties["publicNetworkAccess"] == "Disabled"
    assert account.properties["supportsHttpsTrafficOnly"] is True
    containers = made("Microsoft.Storage/storageAccounts/blobServices/containers")
    assert {one.properties["publicAccess"] for one in containers} == {"None"}


def test_database_and_vault_have_no_address_outside() -> None:
    (server,) = made("Microsoft.DBforPostgreSQL/flexibleServers")
    assert server.properties["network"]["publicNetworkAccess"] == "Disabled"
    (vault,) = made("Microsoft.KeyVault/vaults")
    assert vault.properties["publicNetworkAccess"] == "Disabled"
    assert vault.properties["enableRbacAuthorization"] is True
    assert vault.properties["enablePurgeProtection"] is True
    assert not made("Microsoft.DBforPostgreSQL/flexibleServers/firewallRules")


def test_everything_else_that_could_be_open_is_closed() -> None:
    assert {one.properties["adminUserEnabled"] for one in made("Microsoft.ContainerRegistry/registries")} == {False}
    (cluster,) = made("Microsoft.ContainerService/managedClusters")
    assert cluster.properties["disableLocalAccounts"] is True
    (training,) = made("Microsoft.MachineLearningServices/workspaces")
    assert training.properties["publicNetworkAccess"] == "Disabled"
    (machines,) = made("Microsoft.MachineLearningServices/workspaces/computes")
    assert machines.properties["properties"]["remoteLoginPortPublicAccess"] == "Disabled"
    opened = [one for one in resources() if ("publicNetworkAccess", "Enabled") in list(_strings(one.config))]
    assert not opened


def _strings(config: Any) -> list[tuple[str, str]]:
    return [(key, value) for key, value in walk(config) if isinstance(value, str)]


def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    (account,) = made("Microsoft.Storage/storageAccounts")
    assert account.properties["minimumTlsVersion"] == "TLS1_2"
    settings = {one.config["name"]: one.properties["value"] for one in made(f"{DATABASE}/configurations")}
    assert settings == {"require_secure_transport": "on", "ssl_min_protocol_version": "TLSv1.2"}
    (door,) = made(DOOR)
    assert door.properties["configuration"]["ingress"]["allowInsecure"] is False
    assert "?sslmode=require" in (FOLDER / "vault.bicep").read_text()


@pytest.mark.parametrize("room", ROLES)
def test_the_studio_s_identity_may_do_what_it_needs_and_no_more(room: str) -> None:
    source = (FOLDER / f"{room}.bicep").read_text()
    assert re.findall(r"roleDefinitions', '([0-9a-f-]{36})'", source) == [ROLES[room]]
    (given,) = [one for one in made("Microsoft.Authorization/roleAssignments") if one.file == room]
    assert given.properties["principalId"] == "principal"
    assert given.config["scope"] != "resourceGroup()"


def test_what_is_secret_is_a_parameter_that_is_never_shown_and_goes_to_the_vault_alone() -> None:
    for file in FILES:
        for name, one in tree(file).get("parameters", {}).items():
            if "assword" in name:
                assert "secure" in [each["type"] for each in one["decorators"]]
                assert one["default"] is None
        for name, one in tree(file).get("outputs", {}).items():
            value = str(one["value"])
            assert not WORDS.search(name), f"{file.stem}: {name}"
            assert "list" not in value, f"{file.stem}: {name} looks a key up"
            assert "assword" not in value
    used = [file.stem for file in FILES if "assword" in re.sub("//.*", "", file.read_text())]
    assert used == ["database", "main", "vault"]


def test_door_and_workers_are_two_apps_with_an_identity_each_the_same() -> None:
    (door,), (worker,) = made(DOOR), made(WORKER)
    for app in (door, worker):
        assert app.config["identity"]["type"] == "UserAssigned"
        assert app.properties["configuration"]["registries"] == [{"server": "registry", "identity": "identity"}]
    assert door.properties["template"]["scale"]["minReplicas"] == 1
    assert door.properties["workloadProfileName"] == "Consumption"
    assert worker.properties["workloadProfileName"] == "gpu"
    assert "ingress" not in worker.properties["configuration"]


def test_workers_are_woken_by_the_query_that_the_code_has() -> None:
    (worker,) = made(WORKER)
    configuration = worker.properties["configuration"]
    assert configuration["triggerType"] == "Event"
    assert configuration["eventTriggerConfig"]["scale"]["minExecutions"] == 0
    (rule,) = configuration["eventTriggerConfig"]["scale"]["rules"]
    assert (rule["type"], rule["metadata"]["query"]) == ("postgresql", "wakeQuery")
    assert text(tree(FOLDER / "worker.bicep")["variables"]["wakeQuery"]["value"]) == WAKE_QUERY
    assert rule["auth"] == [{"secretRef": "database-url", "triggerParameter": "connection"}]


@pytest.mark.parametrize(("type", "role"), [(DOOR, "door"), (WORKER, "worker")])
def test_an_app_runs_what_the_image_has_with_names_that_the_code_reads(
    type: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (app,) = made(type)
    (container,) = app.properties["template"]["containers"]
    assert container["command"] == ["tini", "--", "python", "-m", "serve", "--profile", f"/etc/atelier/{role}.yaml"]
    assert container["volumeMounts"][0] == {"volumeName": "profile", "mountPath": "/etc/atelier"}
    (mounted,) = app.properties["template"]["volumes"][0]["secrets"]
    assert mounted == {"secretRef": "profile", "path": f"{role}.yaml"}
    secrets = {one["name"] for one in app.properties["configuration"]["secrets"]}
    given = {one["name"]: one for one in container["env"]}
    assert given.pop(DATABASE_URL)["secretRef"] in secrets
    for name, one in given.items():
        assert _is_read(name, one["value"], monkeypatch), name


def _is_read(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """By the library that opens file stores, or by us: then something is other than it was, once it is set."""
    if name.startswith("AZURE_"):
        return _is_known_to_the_store(name)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    before = is_offline(), weights_folder()
    monkeypatch.setenv(name, value)
    return (is_offline(), weights_folder()) != before


def _is_known_to_the_store(name: str) -> bool:
    """It takes from the environment what it takes as configuration, and refuses what it does not know."""
    try:
        config: Any = {"azure_storage_account_name": "ours", name.lower(): "value"}
        AzureStore("pictures", config=config)
    except BaseError:
        return False
    return True


def test_the_store_refuses_a_name_that_it_does_not_know() -> None:
    assert not _is_known_to_the_store("AZURE_NONSENSE")


def test_probes_ask_the_door_for_what_it_answers() -> None:
    (door,) = made(DOOR)
    probes = door.properties["template"]["containers"][0]["probes"]
    assert {probe["httpGet"]["path"] for probe in probes} == {"/healthz", "/readyz"}
    ports = {probe["httpGet"]["port"] for probe in probes}
    assert ports == {door.properties["configuration"]["ingress"]["targetPort"]} == {8000}


@pytest.mark.parametrize("role", ["door", "worker"])
def test_the_profiles_that_it_writes_are_profiles(role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_URL, "postgresql://atelier:word@database.example:5432/atelier?sslmode=require")
    file = tmp_path / f"{role}.yaml"
    file.write_text(_written(role))
    profile = load_installation(str(file), FAMILIES.table()).profile
    check_reach(profile)
    check_meeting(profile)
    assert (profile.role, profile.worker.keep_alive_seconds, profile.worker.start_seconds) == (role, 60, 180)
    assert profile.blob_url == "az://pictures"
    (issuer,) = profile.sign_in.issuers
    assert issuer.issuers == ("https://login.microsoftonline.com/the-tenant/v2.0",)
    assert issuer.admins == ("somebody",)
    assert role == "worker" or profile.http.host == "0.0.0.0"


def _written(role: str) -> str:
    """The output of profiles.bicep, as Azure Resource Manager makes it of its strings."""
    parsed = tree(FOLDER / "profiles.bicep")
    parameters = tree(FOLDER / "main.bicep")["parameters"]
    values = {
        f"{role}Profile": (ROOT / f"configs/profiles/{role}.yaml").read_text(),
        "tenantId": "the-tenant",
        "audience": "the-api",
        "string(admins)": '["somebody"]',
        "environment().authentication.loginEndpoint": "https://login.microsoftonline.com/",
        **{name: str(parameters[name]["default"]) for name in ("keepAliveSeconds", "startSeconds")},
    }
    for name, one in parsed["variables"].items():
        values[name] = _filled(one["value"], values)
    return _filled(parsed["outputs"][role]["value"], values)


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text(template))


def test_the_profiles_that_ship_place_the_same_so_that_what_a_door_plans_a_worker_draws() -> None:
    door, worker = (yaml.safe_load((ROOT / f"configs/profiles/{role}.yaml").read_text()) for role in ("door", "worker"))
    for profile in (door, worker):
        for own in ("id", "description", "role"):
            del profile[own]
    assert door == worker


def test_pools_of_the_cluster_are_the_kinds_of_the_fleet() -> None:
    source = (FOLDER / "aks.bicep").read_text()
    (path,) = re.findall(r"loadYamlContent\('([^']+)'\)", source)
    assert (FOLDER / path).resolve() == ROOT / "configs/fleets/aks.yaml"
    assert "for kind in items(fleet.kinds)" in source
    names = [name.replace("-", "")[:12] for name in load_fleets()["aks"].kinds]
    assert all(re.fullmatch("[a-z][a-z0-9]{0,11}", name) for name in names)
    assert len(set(names)) == len(names), "names of pools"


def test_a_kind_of_gpu_is_one_that_the_fleet_has_a_price_for() -> None:
    machines = {kind.machine for kind in load_fleets()["aca"].kinds.values()}
    (allowed,) = [
        one["argument"]
        for one in tree(FOLDER / "main.bicep")["parameters"]["gpu"]["decorators"]
        if one["type"] == "allowed"
    ]
    assert set(allowed) == machines
