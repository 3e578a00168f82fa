"""Weights that were brought to the studio are named by what they hold; LoRAs in plans by version and entry."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from configs.errors import ConfigError
from configs.load import load_catalog
from configs.schema import AppliedLora
from configs.weights import Weights
from tests.catalogue import add_lora, copy_configs, edit

SHA = "ab" * 32


def test_a_file_is_named_by_its_content_alone() -> None:
    weights = Weights(sha256=SHA, size_bytes=7)
    assert Weights.model_validate(weights.model_dump(mode="json")) == weights
    assert str(weights) == f"file {SHA}"
    assert not weights.moving


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sha256": SHA, "path": "loras"},
        {"sha256": SHA, "url": "https://x/y", "unpinned": "no"},
        {"sha256": SHA.upper()},
        {"sha256": SHA[1:]},
        {"sha256": SHA, "file": "x.safetensors"},
        {"sha256": SHA, "folder": "x"},
        {"sha256": SHA, "size_bytes": 0},
        {"path": "loras", "size_bytes": 7},
    ],
)
def test_other_forms_beside_it_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Weights.model_validate(fields)


def test_a_lora_in_a_plan_of_before_reads_and_an_entry_is_a_hash() -> None:
    assert AppliedLora.model_validate({"lora": "icons", "strength": 0.5}) == AppliedLora(lora="icons", strength=0.5)
    with pytest.raises(ValidationError):
        AppliedLora(lora="icons", entry="live")


@pytest.mark.parametrize(("line", "said"), [("version: 1.1", "'1.1' is not a version"), ("version: v2", "'v2'")])
def test_a_version_that_is_none_is_refused_with_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    root = copy_configs(tmp_path)
    edit(root / "configs/asset_types/icon.yaml", "name: Icon\n", f"name: Icon\n{line}\n")
    with pytest.raises(ConfigError) as refusal:
        load_catalog(root)
    assert "icon.yaml:4: version: " in str(refusal.value)
    assert said in str(refusal.value)


def test_a_yaml_without_a_version_is_the_first(tmp_path: Path) -> None:
    root = copy_configs(tmp_path)
    add_lora(root, "icons")
    add_lora(root, "lines", "version: 2.0.0-rc.1")
    catalog = load_catalog(root)
    assert {lora.id: lora.version for lora in catalog.loras.values()} == {"icons": "1.0.0", "lines": "2.0.0-rc.1"}
    assert catalog.asset_types["icon"].version == "1.0.0"
