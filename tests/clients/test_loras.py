"""LoRAs and deadlines from Python and from the command line."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from atelier import AsyncAtelier, Atelier, errors

from tests.catalogue import add_lora, add_model, copy_configs
from tests.clients.cli.terminal import ran
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def lora_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio with three LoRAs, one of them for models that it does not run."""
    root = copy_configs(tmp_path_factory.mktemp("root"))
    add_model(root, "other", "paint")
    add_lora(root, "icons", "trigger_words: [fluenticon]", "default_strength: 0.8", "description: Flat icons")
    add_lora(root, "people")
    add_lora(root, "photo", family="paint")
    with running_studio(tmp_path_factory.mktemp("studio"), PaintedGenerator(), root) as url:
        yield url


@pytest.fixture
def run(lora_url: str, tmp_path: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return ran(lora_url, tmp_path, *arguments)

    return run


def test_loras_are_listed_by_both_clients(lora_url: str) -> None:
    async def ids() -> list[str]:
        async with AsyncAtelier(lora_url) as studio:
            return [lora.id for lora in await studio.loras("mini")]

    with Atelier(lora_url) as studio:
        assert [lora.id for lora in studio.loras()] == ["icons", "people", "photo"]
        icons = studio.loras("mini")[0]
    assert (icons.models, icons.trigger_words, icons.default_strength) == (("mini",), ("fluenticon",), 0.8)
    assert asyncio.run(ids()) == ["icons", "people"]


def test_a_job_says_which_loras_took_part_and_the_plan_before_it(lora_url: str) -> None:
    with Atelier(lora_url) as studio:
        plan = studio.plan("a chair", loras=[{"id": "icons"}]).plan
        assert [(one.lora, one.strength) for one in plan.base.loras] == [("icons", 0.8)]
        job = studio.generate("a chair", loras=[{"id": "icons"}, {"id": "people", "strength": -1}], quality="draft")
        assert [(one.id, one.strength) for one in studio.wait(job).loras] == [("icons", 0.8), ("people", -1)]


def test_a_lora_for_other_models_has_an_error_of_its_own(lora_url: str) -> None:
    with Atelier(lora_url) as studio, pytest.raises(errors.IncompatibleLora, match="family paint"):
        studio.plan("a chair", loras=[{"id": "photo"}])


def test_a_deadline_that_passes_fails_the_job(lora_url: str) -> None:
    with Atelier(lora_url) as studio, pytest.raises(errors.JobFailed) as caught:
        studio.wait(studio.generate("a chair", deadline_seconds=0.01))
    assert caught.value.job.error is not None
    assert caught.value.job.error.code == "deadline"


def test_the_command_draws_with_loras(run: Run) -> None:
    done = run("generate", "a chair", "--lora", "icons@0.5", "--lora", "people", "-q", "draft", "--json")
    answer = json.loads(done.stdout)
    assert answer["loras"] == [
        {"id": "icons", "strength": 0.5, "version": "1.0.0"},
        {"id": "people", "strength": 1.0, "version": "1.0.0"},
    ]
    assert "loras       icons@1.0.0@0.5, people@1.0.0@1" in run("job", answer["job_id"]).stdout


def test_a_dry_run_shows_loras_and_their_words(run: Run) -> None:
    text = run("generate", "a chair", "--lora", "icons", "--dry-run").stdout
    assert re.search(r"^loras +icons@1\.0\.0@0\.8$", text, re.MULTILINE)
    assert re.search(r"^prompt +fluenticon, a chair, ", text, re.MULTILINE)


def test_the_command_lists_loras(run: Run) -> None:
    text = run("loras").stdout
    assert "icons\n  Flat icons\n  fits mini; usual strength 0.8; adds: fluenticon; product use: allowed\n" in text
    assert "fits no model of this studio (made for paint)" in text
    assert "photo" not in run("loras", "-m", "mini").stdout
    assert json.loads(run("loras", "--json").stdout)["loras"][0]["id"] == "icons"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lora", "icon"], ["loras", "icons, people"]),
        (["--lora", "icons@much"], ["--lora", "icons@0.8"]),
        (["--lora", "icons@nan"], ["--lora", "icons@0.8"]),
        (["--lora", "icons@3"], ["loras.0.strength", "2"]),
        (["--lora", "photo"], ["family paint"]),
        (["--deadline", "0"], ["deadline_seconds"]),
        (["--deadline", "nan"], ["--deadline"]),
        (["--guidance-scale", "inf"], ["--guidance-scale"]),
    ],
)
def test_what_is_wrong_exits_2_and_is_named(run: Run, arguments: list[str], words: list[str]) -> None:
    done = run("generate", "a chair", *arguments)
    assert done.returncode == 2
    assert [word for word in words if word not in done.stderr] == []
    assert "Traceback" not in done.stderr


def test_a_command_whose_deadline_passes_exits_1_with_the_code(run: Run) -> None:
    done = run("generate", "a chair", "--deadline", "0.01", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "deadline"
