"""What the front desk may know of the other rooms: what starting it loads, and what its code may name."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from configs.load import ROOT

LOADED = """
import sys
import router.api.app, router.conductor
print(*sorted({"torch", "diffusers", "transformers", "ray"} & sys.modules.keys()))
"""
ROOMS = ("serve", "router", "deployments", "configs", "training")
OPEN = re.compile(r"deployments\.(messages|blobs\..+|stages\.(base|kind))")
"""The modules of the workshop that any module of the router may name."""


@pytest.mark.slow
def test_the_router_loads_neither_torch_nor_ray() -> None:
    answer = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


@pytest.mark.slow
def test_a_module_of_the_router_may_name_what_is_listed_of_the_workshop_and_nothing_else(tmp_path: Path) -> None:
    """The contract is a list of what is allowed: a room that is added tomorrow is closed. Modules that name everything
    are added to a copy of the sources, and the contract must find each of their imports."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=lambda folder, names: _no_python(Path(folder), names))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "deployments/tomorrow").mkdir()
    (tmp_path / "deployments/tomorrow/__init__.py").touch()
    workshop = {_name(file, tmp_path) for file in tmp_path.glob("deployments/*/**/*.py")} | {"deployments.messages"}
    probes = ("router.probe", "router.jobs.probe", "router.api.probe")
    for probe in probes:
        (tmp_path / f"{probe.replace('.', '/')}.py").write_text("".join(f"import {name}\n" for name in workshop))
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "pyproject.toml"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    found = set(re.findall(r"(router\.[\w.]+) -> (deployments[\w.]*)", done.stdout))
    closed = {name for name in workshop if not OPEN.fullmatch(name)}
    assert found == {(probe, name) for probe in probes for name in closed}


def _no_python(folder: Path, names: list[str]) -> list[str]:
    return [name for name in names if (folder / name).is_file() and not name.endswith(".py")]


def _name(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
