"""A profile that comes written out, and what a container's environment says of one."""

from __future__ import annotations

from typing import Any

import pytest

from configs.errors import ConfigError
from configs.load import load_installation, load_profile
from configs.surroundings import DATABASE_URL
from tests.catalogue import TABLE

WRITTEN: dict[str, Any] = {
    "id": "site",
    "description": "written out",
    "default_model": "mini",
    "generators": [{"model": "mini"}],
    "upscalers": [{"upscaler": "mini-x4"}],
}
URL = "postgresql://studio:geheim@db/studio"


def test_a_profile_may_come_written_out_as_a_serve_config_has_it() -> None:
    profile = load_installation(WRITTEN, TABLE).profile
    assert (profile.id, profile.default_model) == ("site", "mini")


def test_what_is_wrong_in_it_is_told_with_its_place() -> None:
    wrong = {**WRITTEN, "generators": [{"model": "mini", "replica": 1}]}
    with pytest.raises(ConfigError, match=r"profile:\d+: generators\.0\.replica: "):
        load_installation(wrong, TABLE)


def test_the_environment_names_the_database_before_the_profile_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_profile("local").database_url is None
    monkeypatch.setenv(DATABASE_URL, f" {URL}\n")  # Secrets often end with a line break
    assert load_profile("local").database_url == URL
    assert load_installation(WRITTEN, TABLE).profile.database_url == URL


def test_an_empty_one_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_URL, "")
    assert load_profile("local").database_url is None


def test_kinds_without_a_fleet_are_refused() -> None:
    with pytest.raises(ConfigError, match="kinds: says how many nodes of a fleet there are: name one in 'fleet'"):
        load_installation({**WRITTEN, "kinds": {"t4": {"max": 1}}}, TABLE)


def test_an_installation_has_the_kinds_that_its_profile_leaves() -> None:
    kinds = {"a100": {"max": 0}, "h100": {"min": 1, "max": 1}}
    fleet = load_installation({**WRITTEN, "fleet": "aks", "kinds": kinds}, TABLE).fleet
    assert fleet is not None
    assert {name: kind.min for name, kind in fleet.kinds.items()} == {"t4": 0, "h100": 1}
