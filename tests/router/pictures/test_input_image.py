"""One class for an input picture: what was stored before it is read, files say of it what they said, and a further
attribute is a line in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from configs.load import ROOT
from deployments.stages.base import StoredImage
from deployments.stages.recipe import read_recipe, to_json
from router.jobs.documents import PLAN
from router.recipes import write_recipe
from tests.contract.job_samples import Clock, a_job
from tests.router.pictures import one_attribute
from tests.router.pictures.one_attribute import job_of

BEFORE: dict[str, Any] = json.loads(Path(__file__).with_name("inputs_before.json").read_text())
"""A plan of an older version (3) with a picture in each role, and the recipe that was written from it."""
ATTRIBUTE = "    end: float = 1.0\n"


def test_plans_of_the_version_before_are_read() -> None:
    plan = PLAN.read(json.dumps(BEFORE["plan"]))
    had = BEFORE["plan"]["stages"][0]["pictures"]
    assert [one.role for one in plan.base.inputs] == [one["role"] for one in had]
    assert [one.image for one in plan.base.inputs] == [
        StoredImage(**{name: one[name] for name in StoredImage.model_fields}) for one in had
    ]
    assert [one.told() for one in plan.base.inputs] == [
        {name: one[name] for name in ("kind", "scale", "start", "end")} for one in had
    ]
    assert PLAN.read(PLAN.write(plan)) == plan


def test_a_plan_of_the_first_version_is_read_too() -> None:
    stages = BEFORE["plan"]["stages"]
    flat = {key: value for key, value in BEFORE["plan"].items() if key not in ("stages", "document_version")}
    first = {**flat, "notes": [], "base": stages[0], "upscale": None, "finish": stages[1]}
    assert PLAN.read(json.dumps(first)) == PLAN.read(json.dumps(BEFORE["plan"]))


def test_a_recipe_is_the_same_bytes_as_before() -> None:
    job = job_of(a_job(1), PLAN.read(json.dumps(BEFORE["plan"])), Clock().now)
    written = to_json(write_recipe(job, 0, "0" * 64))
    assert written == json.dumps(BEFORE["recipe"])


def test_a_recipe_is_read_as_it_was_written() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><metadata>{}</metadata></svg>'
    rdf = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description xmlns:a="urn:atelier:recipe:1#">{}'
    )
    text = json.dumps(BEFORE["recipe"])
    told = rdf.format(f"<a:recipe>{text}</a:recipe></r:Description></r:RDF>")
    recipe = read_recipe(svg.format(told).encode())
    assert to_json(recipe) == text
    assert recipe.changed


@pytest.mark.slow
def test_a_further_attribute_is_one_line_in_one_class(tmp_path: Path) -> None:
    """Written into the source as somebody would, it goes from a request through plan, database, message and recipe into
    the answer."""
    for room in ("configs", "deployments", "router", "tests"):
        skip = shutil.ignore_patterns("__pycache__", "*.safetensors", "node_modules", "schemas")
        shutil.copytree(Path(ROOT, room), tmp_path / room, ignore=skip)
    source = tmp_path / "configs" / "inputs.py"
    text = source.read_text()
    assert text.count(ATTRIBUTE) == 1
    source.write_text(text.replace(ATTRIBUTE, f'{ATTRIBUTE}    tint: str = ""\n'))
    command = [sys.executable, "-m", one_attribute.__name__, "tint", "sepia"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == dict.fromkeys(one_attribute.PLACES, "sepia")


@pytest.mark.slow
def test_an_attribute_that_nobody_wrote_is_refused_by_the_door() -> None:
    command = [sys.executable, "-m", one_attribute.__name__, "tint", "sepia"]
    found = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert "tint" in found.stderr
    assert "Extra inputs are not permitted" in found.stderr
