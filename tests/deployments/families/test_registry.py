"""Families are found by name: duplicates are refused, and a miss lists what is known."""

from __future__ import annotations

import subprocess
import sys

import pytest

from configs.errors import ConfigError
from deployments.families.registry import FAMILIES, Registry


def test_a_duplicate_is_refused() -> None:
    registry = Registry()
    registry.add("flux", "one.flux", {})
    with pytest.raises(ConfigError, match="registered twice: one.flux and other.flux"):
        registry.add("flux", "other.flux", {})


def test_a_miss_lists_what_is_known() -> None:
    with pytest.raises(ConfigError, match="unknown family 'flucks'; known: .*flux"):
        FAMILIES.find("flucks")


@pytest.mark.parametrize("family", FAMILIES.names())
def test_every_family_loads(family: str) -> None:
    assert callable(FAMILIES.find(family))


def test_what_the_cluster_binds_is_importable_without_torch() -> None:
    code = (
        "import sys; import deployments.generator, deployments.stages.finish, deployments.stages.upscale;"
        "heavy = {'torch', 'diffusers', 'transformers'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
