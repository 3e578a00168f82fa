"""Going on from finished pictures, from Python and from the command line."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from atelier import AsyncAtelier, Atelier, errors
from atelier.models import Job

from tests.clients.cli.terminal import ran
from tests.studio import PaintedGenerator, running_studio

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio"), PaintedGenerator()) as url:
        yield url


@pytest.fixture(scope="module")
def first(url: str) -> Job:
    with Atelier(url) as studio:
        return studio.wait(studio.submit("a red bicycle", num_variations=2, seed=7, formats=["png"], quality="draft"))


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    return lambda *arguments: ran(url, tmp_path, *arguments)


def test_every_call_is_a_job_that_can_be_waited_for(url: str, first: Job) -> None:
    with Atelier(url) as studio:
        again = studio.wait(studio.iterating.regenerate(first, 1))
        like = studio.wait(studio.iterating.like(again.images[0], 1, closeness=0.9))
        tweaked = studio.wait(studio.iterating.tweak(like.images[0], "a blue bicycle"))
        done = studio.wait(studio.iterating.finish(f"{tweaked.job_id}/0", "high", strength=0.3))
        lineage = studio.iterating.lineage(done)
        with pytest.raises(errors.APIError) as refused:
            studio.iterating.like("nothing/0")
    assert (tweaked.prompt, done.quality, done.strength) == ("a blue bicycle", "high", 0.3)
    assert "likeness" in done.images[0].scores
    assert [(line.call, line.parent_job) for line in lineage.ancestors] == [
        ("finish", tweaked.job_id),
        ("tweak", like.job_id),
        ("like", again.job_id),
        ("regenerate", first.job_id),
    ]
    assert refused.value.field == "asset_id"


def test_the_same_awaited(url: str, first: Job) -> None:
    async def draw() -> Job:
        async with AsyncAtelier(url) as studio:
            accepted = await studio.iterating.tweak(first.images[1], "a green bicycle", idempotency_key="green")
            again = await studio.iterating.tweak(first.images[1], "a green bicycle", idempotency_key="green")
            assert accepted.job_id == again.job_id
            return await studio.wait(accepted)

    assert asyncio.run(draw()).images[0].seed == 8


def test_the_command_writes_the_files_and_shows_the_lineage_as_a_tree(run: Run, first: Job, tmp_path: Path) -> None:
    more = json.loads(run("again", first.job_id, "-n", "1", "--json").stdout)
    assert len(more["files"]) == 1
    assert not set(more["seeds"]) & {7, 8}
    finished = run("finish", f"{more['job_id']}/0", "--quality", "high", "-o", "out")
    assert finished.returncode == 0, finished.stderr
    (path,) = finished.stdout.split()
    assert (tmp_path / path).exists()
    blue = json.loads(run("tweak", f"{more['job_id']}/0", "a blue bicycle", "--json").stdout)
    tree = run("lineage", more["job_id"]).stdout.splitlines()
    assert tree[0].startswith(f"{first.job_id}  a red bicycle  -> regenerate -> {more['job_id']}")
    assert tree[1] == more["job_id"]
    assert tree[2].startswith("|- finish of 0: ")
    assert tree[3] == f"`- tweak of 0: {blue['job_id']}  complete  draft  a blue bicycle"
    assert json.loads(run("lineage", more["job_id"], "--json").stdout)["is_whole"]


def test_the_command_says_what_it_cannot_go_on_from(run: Run) -> None:
    refused = run("like", "nothing/0")
    assert refused.returncode != 0
    assert "there is no picture 'nothing/0' of yours" in refused.stderr
    assert run("again", "nothing").returncode != 0


def test_a_picture_is_drawn_again_and_its_receipt_says_how_it_came_out(url: str, first: Job, run: Run) -> None:
    image = first.images[0]
    with Atelier(url) as studio:
        for picture in (image, image.asset_id, image.name):
            receipt = studio.wait(studio.iterating.replay(picture)).replay
            assert receipt is not None
            assert (receipt.identical, receipt.same_files, receipt.differences) == (True, True, ())
        with pytest.raises(errors.BadInput, match="has no picture 3"):
            studio.iterating.replay(f"{image.job_id}/3")
    told = run("replay", image.name)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("identical: every pixel is the same")
    asked = json.loads(run("replay", image.name, "--json").stdout)
    assert (asked["asset_id"], asked["identical"]) == (image.asset_id, True)
