"""The package stands alone: nothing of the studio, nothing heavy, one version."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import atelier

ROOT = Path(atelier.__file__).parent


def test_importing_the_client_brings_in_neither_the_studio_nor_a_framework(tmp_path: Path) -> None:
    rooms = ("serve", "router", "deployments", "configs", "training", "torch", "ray", "diffusers", "fastapi", "numpy")
    code = f"import sys, atelier, atelier.cli; print([m for m in {rooms!r} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_versions_agree() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    assert project["version"] == atelier.__version__


def test_the_package_declares_its_types() -> None:
    assert (ROOT / "py.typed").exists()


def test_what_is_offered_is_there() -> None:
    assert [name for name in atelier.__all__ if not hasattr(atelier, name)] == []
