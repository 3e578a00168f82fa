"""Machines and their prices as data: what ships is right, and what is wrong is refused in one sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from configs.capacity import CapacityPolicy, Hours
from configs.errors import ConfigError
from configs.ledger import Need, Refused, settle
from configs.load import ROOT, load_fleets
from configs.profile import ProfileConfig
from configs.service import NodeBounds
from tests.catalogue import copy_configs, load_installation

FLEETS = load_fleets()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_configs(tmp_path)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_every_fleet_that_ships_loads_and_says_where_its_prices_are_from() -> None:
    assert FLEETS.keys() == {file.stem for file in (ROOT / "configs" / "fleets").glob("*.yaml")}
    assert {"local", "one-gpu", "aca", "aks"} <= FLEETS.keys()
    assert not FLEETS["local"].kinds
    for fleet in FLEETS.values():
        for kind in fleet.kinds.values():
            assert kind.price.source
            assert kind.price_per_gpu_hour == kind.price.per_hour / kind.gpus_per_node


def test_a_kind_without_a_price_is_refused_and_told_what_to_write(checkout: Path) -> None:
    edit(checkout / "configs/fleets/one-gpu.yaml", "    price: {per_hour: 0", "    # price: {per_hour: 0")
    with pytest.raises(ConfigError, match=r"one-gpu\.yaml:5: kinds\.gpu: has no price: write per_hour, source"):
        load_fleets(checkout)


def test_more_always_than_at_most_is_refused(checkout: Path) -> None:
    edit(checkout / "configs/fleets/one-gpu.yaml", "min: 1", "min: 2")
    with pytest.raises(ConfigError, match=r"kinds\.gpu: min is larger than max"):
        load_fleets(checkout)


@pytest.mark.parametrize("labels", ["{ray.io/accelerator-type: A100}", "{}"])
def test_kinds_that_replicas_could_not_tell_apart_are_refused(checkout: Path, labels: str) -> None:
    edit(checkout / "configs/fleets/aca.yaml", "{ray.io/accelerator-type: T4}", labels)
    with pytest.raises(ConfigError, match="labels"):
        load_fleets(checkout)


def test_prices_in_two_currencies_are_refused(checkout: Path) -> None:
    edit(checkout / "configs/fleets/aca.yaml", "per_month: 15", "per_month: 15, currency: EUR")
    with pytest.raises(ConfigError, match="prices are in EUR and USD: convert them"):
        load_fleets(checkout)


def test_a_profile_names_a_fleet_that_is_there(checkout: Path) -> None:
    edit(checkout / "configs/profiles/local.yaml", "default_model: mini", "default_model: mini\nfleet: aca")
    fleet = load_installation("local", checkout).fleet
    assert fleet is not None
    assert fleet.kinds["t4"].memory_gb == 16
    edit(checkout / "configs/profiles/local.yaml", "fleet: aca", "fleet: acai")
    with pytest.raises(ConfigError, match=r"local\.yaml:5: fleet: 'acai' is not known; known: aca, aks"):
        load_installation("local", checkout)


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("Mon-Fri 9-18", "2026-11-30 09:00", "2026-11-30 18:00"),
        ("Sat-Mon 0-24", "2026-11-29 23:59", "2026-12-01 00:00"),
        ("Wed 7-8", "2026-12-02 07:30", "2026-12-03 07:30"),
        ("Mon-Sun 0-24", "2026-12-02 00:00", None),
    ],
)
def test_hours_are_written_as_people_write_them(written: str, inside: str, outside: str | None) -> None:
    hours = Hours.model_validate(written)
    assert hours.model_dump_json() == f'"{written}"'
    assert hours.contain(datetime.fromisoformat(inside))
    assert outside is None or not hours.contain(datetime.fromisoformat(outside))


@pytest.mark.parametrize("written", ["Mon-Fri", "Mo-Fr 9-18", "Mon-Fri 18-9", "Mon-Fri 9-25", "9-18"])
def test_hours_that_are_none_are_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValidationError, match="write them like 'Mon-Fri 9-18'"):
        Hours.model_validate(written)


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Mars/Olympus"}, {"keep_alive_seconds": -1.0}, {"keep_alive_seconds": "long"}]
)
def test_a_policy_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CapacityPolicy.model_validate(wrong)


GB = 10**9
NEEDS = {"large": Need(30 * GB, True, {"small": 11.5}), "small": Need(10 * GB, True, {}), "laptop": Need(GB, False, {})}


def profile(fleet: str = "aca", **models: dict[str, object]) -> ProfileConfig:
    generators = [{"model": model, "replicas": {"min_replicas": 0, **replicas}} for model, replicas in models.items()]
    fields = {"id": "test", "description": "", "default_model": next(iter(models)), "fleet": fleet}
    return ProfileConfig.model_validate({**fields, "generators": generators})


def test_each_deployment_is_pinned_to_the_cheapest_kind_that_holds_it_and_has_its_share_of_that() -> None:
    settled, ledger = settle(profile(large={}, small={"kind": "t4"}, laptop={}), NEEDS, FLEETS["aca"])
    large, small, laptop = (one.replicas for one in settled.generators)
    assert (large.kind, large.num_gpus, large.labels) == ("a100", 0.38, {"ray.io/accelerator-type": "A100"})
    assert (small.kind, small.num_gpus, small.labels) == ("t4", 0.63, {"ray.io/accelerator-type": "T4"})
    assert (laptop.kind, laptop.num_gpus, laptop.labels) == (None, 0.0, {})
    assert [(one.kind, one.limit_gb) for one in ledger] == [("a100", 30.4), ("t4", 10.1), (None, None)]


@pytest.mark.parametrize(
    ("fleet", "replicas", "words"),
    [
        ("aca", {"kind": "t4"}, "large: no kind of the fleet aca has 30.0 GB: t4 16 GB; it would take less"),
        ("aca", {"kind": "h100"}, "'h100' is not a kind of the fleet aca; known: a100, t4"),
        ("local", {}, "the fleet local has no GPUs"),
        ("aca", {"num_gpus": 0.1, "kind": "a100"}, "0.1 of a GPU of 80 GB is 8.0 GB"),
        ("aca", {"num_gpus": 2}, "no kind of the fleet aca has 2 GPUs in one node"),
        ("one-gpu", {"min_replicas": 2, "max_replicas": 2}, "there is 1 of 48 GB of kind gpu in one-gpu"),
    ],
)
def test_a_fleet_that_cannot_hold_its_models_is_refused_with_numbers(
    fleet: str, replicas: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        settle(profile(fleet, large=replicas), NEEDS, FLEETS[fleet])


def test_a_fleet_goes_before_what_the_profile_says_of_gpus() -> None:
    both = profile(large={}).model_copy(update={"gpus": 1, "gpu_memory_gb": 24.0})
    assert settle(both, NEEDS, FLEETS["aca"])[1] == settle(profile(large={}), NEEDS, FLEETS["aca"])[1]


def test_a_profile_may_say_how_many_nodes_of_a_kind_there_are() -> None:
    fleet = load_fleets()["aks"].bounded({"t4": NodeBounds(min=1, max=2), "h100": NodeBounds(max=0)})
    assert {name: (kind.min, kind.max) for name, kind in fleet.kinds.items()} == {"t4": (1, 2), "a100": (0, 4)}


def test_a_kind_that_the_fleet_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="'b200' is no kind of the fleet aks; known: a100, h100, t4"):
        load_fleets()["aks"].bounded({"b200": NodeBounds(max=1)})
