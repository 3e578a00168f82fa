"""What the docs say of asset types is what the YAML says."""

from __future__ import annotations

import pytest
import yaml

from configs.contract_page import BEGIN, END, README, insert, table
from configs.contracts import AssetTypeConfig
from configs.load import load_catalog


def test_the_table_in_the_readme_is_that_of_the_catalogue() -> None:
    assert f"{BEGIN}{table(load_catalog())}{END}" in README.read_text(), "run: python -m configs.contract_page"


def test_the_example_in_the_readme_is_one() -> None:
    example = README.read_text().split("```yaml\n")[1].split("```")[0]
    badge = AssetTypeConfig.model_validate(yaml.safe_load(example))
    assert (badge.version, [*badge.used_slots], [*badge.used_styles]) == (
        "1.1.0",
        ["ground", "mood"],
        ["house", "outline"],
    )


def test_a_page_without_markers_is_left_alone() -> None:
    with pytest.raises(ValueError, match="markers are missing"):
        insert("no markers", "x")
