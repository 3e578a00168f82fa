"""Canonical JSON: one text for the same values, whoever wrote them, and another for others."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.catalog import Catalog
from configs.contracts import AssetTypeConfig
from configs.entries import body_of, canonical, content_hash, hash_of
from configs.load import load_catalog

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
bodies = st.dictionaries(st.text(), values, max_size=6)


def shuffled(value: Any) -> Any:
    """The same values in another order, whole numbers as floats."""
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    if isinstance(value, list):
        return [shuffled(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@pytest.mark.slow
@given(bodies)
def test_the_same_values_are_the_same_text_and_come_back(body: dict[str, Any]) -> None:
    text = canonical(body)
    assert canonical(shuffled(body)) == text
    assert canonical(json.loads(text)) == text
    assert json.loads(text) == body
    text.encode()


@given(st.sampled_from([math.nan, math.inf, -math.inf]))
def test_what_json_does_not_have_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"x": [number]})


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_a_hash_covers_what_a_config_says_and_not_its_version(catalog: Catalog) -> None:
    icon = catalog.asset_types["icon"]
    assert hash_of(icon.model_copy(update={"version": "7.0.0"})) == hash_of(icon)
    assert hash_of(icon.model_copy(update={"name": "Sign"})) != hash_of(icon)
    assert content_hash(canonical(body_of(icon))) == hash_of(icon)


def test_a_field_that_a_later_release_adds_changes_no_hash(catalog: Catalog) -> None:
    class Later(AssetTypeConfig):
        sharpening: float = 0.0
        checks: tuple[str, ...] = ()

    for config in catalog.asset_types.values():
        later = Later.model_validate(config.model_dump(mode="json"))
        assert hash_of(later) == hash_of(config)


def test_what_is_stored_reads_back_as_it_was(catalog: Catalog) -> None:
    for config in catalog.asset_types.values():
        read = AssetTypeConfig.model_validate_json(canonical(body_of(config)))
        assert read.model_copy(update={"version": config.version}) == config
