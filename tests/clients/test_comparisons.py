"""Comparisons and prompt sets from Python and from the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from atelier import AsyncAtelier, Atelier, errors

from tests.clients.cli.terminal import ran
from tests.studio import PaintedGenerator, running_studio

Run = Callable[..., subprocess.CompletedProcess[str]]
WAYS = [{"id": "few", "overlay": {"steps": {"draft": 2}}}, {"id": "many", "overlay": {"steps": {"draft": 4}}}]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), PaintedGenerator()) as url:
        yield url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = ran(url, tmp_path, *arguments)
        assert done.returncode == code, done.stderr
        return done

    return run


def test_sides_are_drawn_judged_and_told(url: str, tmp_path: Path) -> None:
    with Atelier(url) as studio:
        plan = studio.comparisons.plan(prompt="a cup", arms=WAYS, quality="draft")
        assert (plan.ways, plan.pictures) == (("few", "many"), 4)
        accepted = studio.comparisons.submit(prompt="a cup", arms=WAYS, quality="draft", blind=True, seeds=1)
        found = studio.comparisons.wait(accepted)
        assert (found.ended, found.revealed, found.labels) == (True, False, ("A", "B"))
        assert all(side.way is None and len(side.pictures) == 1 for side in found.prompts[0].sides)
        told = studio.comparisons.pick(found, "B")
        best = next(side.way for side in told.prompts[0].sides if side.label == "B")
        assert (told.revealed, told.picks[str(best)]) == (True, 1)
        assert studio.comparisons.sheet(found, tmp_path / "sheet.png").read_bytes()[:4] == b"\x89PNG"
        with pytest.raises(errors.BadInput, match="models: give a list"):
            studio.comparisons.submit(prompt="a cup", models="mini")
        with pytest.raises(errors.UnknownName, match="'gone' does not run here"):
            studio.comparisons.submit(prompt="a cup", models=["mini", "gone"])


def test_it_is_the_same_awaited(url: str) -> None:
    async def compare() -> str | None:
        async with AsyncAtelier(url) as studio:
            accepted = await studio.comparisons.submit(prompt="a cup", arms=WAYS, quality="draft", seeds=1)
            found = await studio.comparisons.pick(await studio.comparisons.wait(accepted), "many")
            return found.prompts[0].picked

    assert asyncio.run(compare()) == "many"


def test_a_prompt_set_comes_from_a_file(run: Run, tmp_path: Path, url: str) -> None:
    (tmp_path / "ours.csv").write_text("prompt,seed\na red bicycle,4\na blue cup,5\n")
    done = run("experiments", "prompts", "ours.csv", "--id", "ours", "--name", "Ours")
    assert done.stdout == "ours 1.0.0 is live, with 2 prompts\n"
    (tmp_path / "ours.csv").write_text("prompt,seed\na red bicycle,four\n")
    refused = run("experiments", "prompts", "ours.csv", "--id", "ours", "--json", code=2)
    (row,) = json.loads(refused.stdout)["error"]["rows"]
    assert (row["line"], row["field"]) == (2, "seed")
    with Atelier(url) as studio:
        assert studio.library.add_prompts(b"prompt\na hat\n", id="ours").version == "1.0.1"


def test_many_pictures_are_several_sheets(url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With sheets of one line each, in place of a hundred pictures."""
    monkeypatch.setattr("router.experiments.comparisons.showing.PICTURES_PER_SHEET", 3)
    ways = [word for way in WAYS for word in ("--arm", f"{way['id']}={json.dumps(way['overlay'])}")]
    done = run("compare", "a hat", *ways, "-q", "draft", "--seeds", "3", "--quiet", "-o", "many.png")
    assert done.stdout.splitlines() == ["many.png", "many-2.png", "many-3.png"]


def test_the_command_prints_a_table_and_writes_the_sheet(run: Run, tmp_path: Path, url: str) -> None:
    ways = [word for way in WAYS for word in ("--arm", f"{way['id']}={json.dumps(way['overlay'])}")]
    done = run("compare", "a lamp", *ways, "-q", "draft", "--seeds", "1", "-o", "out.png")
    head, few, many, path = done.stdout.splitlines()
    assert head.split() == ["NO", "SIDE", "DRAWN", "BY", "PICTURES", "PICKED", "PROMPT"]
    assert (few.split(), many.split()) == (
        ["1", "few", "few", "1", "-", "a", "lamp"],
        ["1", "many", "many", "1", "-", "a", "lamp"],
    )
    assert path == "out.png"
    assert (tmp_path / "out.png").read_bytes()[:4] == b"\x89PNG"
    assert run("compare", "a lamp", *ways, "-q", "draft", "-t", "icon@1.2.0", "--quiet").stdout.endswith(".png\n")
    blind = json.loads(run("compare", "a lamp", *ways, "-q", "draft", "--seeds", "1", "--blind", "--json").stdout)
    assert [(tmp_path / sheet).exists() for sheet in blind["sheets"]] == [True]
    assert {side["way"] for side in blind["prompts"][0]["sides"]} == {None}
    judged = run("pick", blind["comparison_id"], "A")
    assert judged.stdout.count("best") == 1
    assert "few" in judged.stdout
    assert ": 1" in judged.stderr
    assert "the sides have been named" in run("pick", blind["comparison_id"], "A", code=2).stderr
    refused = run("pick", blind["comparison_id"], "x=A", code=2)
    assert "is not LABEL or PROMPT=LABEL" in refused.stderr
    assert "does not run here" in run("compare", "a cup", "--models", "mini,gone", code=2).stderr
    assert "a comparison needs two" in run("compare", "a cup", "--models", "mini", code=2).stderr
    assert "is not ID=JSON" in run("compare", "a cup", "--arm", "few", code=2).stderr
    assert "one of them" in run("compare", "--models", "mini,other", code=2).stderr
