"""The package stands alone: nothing of the studio, nothing heavy, one version."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from inspect import ismodule
from pathlib import Path

import atelier
from atelier import errors

from configs.version import VERSION

ROOT = Path(atelier.__file__).parent
CLIENT, STUDIO = ROOT.parent, ROOT.parents[2]


def test_importing_the_client_brings_in_neither_the_studio_nor_a_framework(tmp_path: Path) -> None:
    rooms = ("serve", "router", "deployments", "configs", "training", "torch", "ray", "diffusers", "fastapi", "numpy")
    code = f"import sys, atelier, atelier.cli; print([m for m in {rooms!r} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_package_declares_its_types() -> None:
    assert (ROOT / "py.typed").exists()


OFFERED = [
    "APIError",
    "AsyncAtelier",
    "Atelier",
    "AtelierError",
    "Image",
    "Job",
    "JobCanceled",
    "JobFailed",
    "Picture",
    "Plan",
    "Retry",
    "Unreachable",
    "__version__",
    "errors",
    "events",
    "models",
]
"""What programs may import from `atelier`: a name that leaves breaks them, one that comes is a promise."""


def test_what_is_offered_is_this_and_nothing_else() -> None:
    assert sorted(atelier.__all__) == OFFERED
    assert [name for name in OFFERED if not hasattr(atelier, name)] == []


def test_every_public_name_is_offered_or_a_module() -> None:
    """Whatever is imported into the package on the way is one that it offers."""
    public = {name for name, value in vars(atelier).items() if not name.startswith("_") and not ismodule(value)}
    assert public <= set(OFFERED)


def test_every_error_that_can_be_caught_is_of_the_tree() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    exceptions = [kind for kind in kinds if issubclass(kind, BaseException)]
    assert [kind for kind in exceptions if not issubclass(kind, errors.AtelierError)] == []


def test_the_changelog_is_about_this_version() -> None:
    studio, client = (tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in (STUDIO, CLIENT))
    latest = re.search(r"^## (\S+)", (STUDIO / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert latest is not None
    assert {studio["version"], client["version"], atelier.__version__, VERSION} == {latest[1]}
