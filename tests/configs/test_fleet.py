"""Machines and their prices as data: what ships is right, and what is wrong is refused in one sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from configs.capacity import CapacityPolicy, Hours
from configs.errors import ConfigError
from configs.load import ROOT, load_fleets
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
