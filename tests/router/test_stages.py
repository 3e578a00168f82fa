"""Stages as a list: those on demand, what is said of them, and that nothing but its file and its row knows one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from configs.load import ROOT
from deployments.stages.kind import Stage
from router.plan import Plan
from router.stage_table import STAGES, kind_of
from tests.router.calls import submit, wait
from tests.studio import PaintedGenerator

WHOLE_ICONS = True

PALETTE = {"palette": {"colours": ["#D13438", "#0078d4"], "strength": 0.5}}


def test_a_stage_on_demand_is_planned_drawn_and_named(api: httpx.Client) -> None:
    answer = api.post("/generate", json={"prompt": "a red bicycle", "dry_run": True, "stages": PALETTE}).json()
    assert [stage["kind"] for stage in answer["plan"]["stages"]] == [
        "base",
        "upscale",
        "clean",
        "palette",
        "check",
        "finish",
    ]
    (line,) = [line for line in answer["pipeline"] if line["kind"] == "palette"]
    assert (line["label"], line["text"]) == ("matching colours", "#d13438, #0078d4 at 50%")
    job = wait(api, submit(api, stages=PALETTE, formats=["png"]))
    assert job["status"] == "complete", job
    recipe = httpx.get(job["images"][0]["url"]).content
    assert b'"kind": "palette"' in recipe
    assert b'"colours": ["#d13438", "#0078d4"]' in recipe


def test_a_second_pass_is_asked_of_the_generator_with_the_picture_so_far(
    api: httpx.Client, generator: PaintedGenerator
) -> None:
    asked = {"refine": {"strength": 0.25}}
    wait(api, submit(api, stages=asked, quality="draft", seed=5, formats=["png"]))
    first, second = generator.drawn[-2:]
    assert (first.image, second.strength) == (None, 0.25)
    assert second.image is not None
    assert (second.prompt, second.seed, second.width) == (first.prompt, first.seed, first.width)


def test_every_stage_on_demand_counts_in_time_and_in_the_verdict(api: httpx.Client) -> None:
    def plan(**body: object) -> dict[str, Any]:
        answer: dict[str, Any] = api.post("/generate", json={"prompt": "x", "dry_run": True, **body}).json()
        return answer

    plain, asked = plan(), plan(stages={"refine": {}, **PALETTE})
    assert [stage["kind"] for stage in asked["plan"]["stages"]] == [
        "base",
        "refine",
        "upscale",
        "clean",
        "palette",
        "check",
        "finish",
    ]
    assert asked["plan"]["estimated_seconds"] > plain["plan"]["estimated_seconds"]
    assert asked["licence"] == plain["licence"]


def test_a_picture_without_stages_on_demand_has_none_in_its_recipe(api: httpx.Client) -> None:
    job = wait(api, submit(api, formats=["png"], stages={"clean": False}))
    assert b'"stages"' not in httpx.get(job["images"][0]["url"]).content


@pytest.mark.parametrize(
    ("stages", "field"),
    [
        ({"palette": {"colours": []}}, "stages.palette.colours"),
        ({"palette": {"colours": ["red"]}}, "stages.palette.colours.0"),
        ({"palette": {"colours": ["#d13438"], "strength": 2}}, "stages.palette.strength"),
        ({"palette": {"colors": ["#d13438"]}}, "stages.palette"),
        ({"sharpen": {}}, "stages.sharpen"),
        ({"refine": {"model": "unheard-of"}}, "stages.refine.model"),
        ({"refine": {"strength": 0.9}}, "stages.refine.strength"),
        (["palette"], "stages"),
    ],
)
def test_settings_that_a_stage_does_not_take_are_named(api: httpx.Client, stages: object, field: str) -> None:
    answer = api.post("/generate", json={"prompt": "x", "dry_run": True, "stages": stages})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"].startswith(field)


def test_every_row_is_of_one_kind_and_every_stage_finds_its_own() -> None:
    names = [kind.name for kind in STAGES]
    assert len(set(names)) == len(names)
    assert [kind.stage.model_fields["kind"].default for kind in STAGES] == names
    assert all(issubclass(kind.stage, Stage) for kind in STAGES)


def test_a_plan_of_stages_that_are_not_known_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="sharpen"):
        Plan.model_validate(
            {"prompt": "x", "asset_type": "icon", "quality": "draft", "seeds": [1], "stages": [{"kind": "sharpen"}] * 2}
        )


def test_nothing_but_its_file_and_its_row_knows_a_stage() -> None:
    """What was shown by adding it: the diff of a stage is a file and a row."""
    stages = Path(ROOT, "deployments/stages")
    own = {stages / "brand_colours.py", stages / "refine.py", stages / "clean.py", Path(ROOT, "router/stage_table.py")}
    written = {Path(ROOT, "clients/python/atelier/models/answers.py")}  # by `make openapi`, from the rows
    word = re.compile(
        r"\bbrand_colours\b|\b(Palette|Refine)(Stage|Request|Settings)?\b|\bClean(Stage|Request|Settings)\b"
        r"|[\"'](palette|refine|clean)[\"']"
    )
    rooms = ("router", "serve", "deployments", "configs", "clients/python/atelier")
    files = [file for room in rooms for file in Path(ROOT, room).rglob("*.py")]
    knowing = {file for file in files if word.search(_code(file))}
    assert knowing - own - written == set()
    assert kind_of.__module__ == "router.stage_table"


def _code(file: Path) -> str:
    """Without comments, docstrings and help, which may name a stage as an example."""
    text = re.sub(r'""".*?"""', "", file.read_text(), flags=re.S)
    return "\n".join(line for line in text.splitlines() if "help=" not in line and "hint = " not in line)
