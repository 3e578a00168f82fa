"""Blind votes and what they tell, from Python and the command line: arms whose pictures differ, raters with a taste."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from atelier import AsyncAtelier, Atelier, errors
from PIL import Image

from router.api.app import create_app
from router.studio import Studio
from tests.clients.cli.terminal import ran
from tests.router.experiments.ballots.samples import ARMS, Gallery, a_phase
from tests.studio import painted_studio, serving

Run = Callable[..., subprocess.CompletedProcess[str]]
RATERS = ("ana", "ben", "cleo", "dan", "eve")
PROMPTS = [f"prompt {number}" for number in range(24)]


async def prepare(studio: Studio) -> None:
    """Experiments whose arms have drawn: klein's pictures are noisier than the champion's."""
    gallery = Gallery(studio)
    await studio.store.open()
    for phase, prompts in (
        (a_phase("judged", checks=0), PROMPTS),
        (a_phase("tried", checks=0, sitting=2), PROMPTS),
        (a_phase("screens", ARMS, screen=4), PROMPTS[:6]),
        (a_phase("empty"), ()),
        *((a_phase(id), ()) for id in ("taken", "taken-by-command")),
        (a_phase("best-of-4", ARMS, screen=4, checks=0), PROMPTS[:8]),
    ):
        await gallery.begin(phase)
        await gallery.draw(phase, prompts)
    await studio.store.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("studio")
    asyncio.run(prepare(painted_studio(folder)))
    with serving(create_app(painted_studio(folder))) as url:
        yield url


@pytest.fixture(scope="module")
def voted(url: str) -> str:
    """Everybody prefers what is noisier, and says so of twenty pairs."""
    with Atelier(url) as studio:
        for rater in RATERS:
            for ballot in studio.experiments.ballots("judged", 20, rater=rater).ballots:
                left, right = map(noise, studio.experiments.pictures(ballot))
                choice = "left" if left > right else "right"
                studio.experiments.vote(ballot, choice, criteria={"style": "tie"}, dwell_ms=2000, rater=rater)
    return url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = ran(url, tmp_path, *arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def noise(picture: bytes) -> float:
    return float(np.asarray(Image.open(io.BytesIO(picture)).convert("L"), float).std())


def test_results_tell_what_people_prefer(voted: str, tmp_path: Path) -> None:
    with Atelier(voted) as studio:
        found = studio.experiments.results("judged", by="asset_type")
        champion, klein = found.arms
        assert found.verdict.startswith("klein preferred ")
        assert (found.decision, found.votes, found.raters) == ("prefer:klein", 100, 5)
        assert (klein.wins, klein.wins, champion.share) == (100, champion.losses, None)
        assert klein.share is not None
        assert klein.share.low > 0.5
        assert [part.value for part in found.by] == ["icon", "logo"]
        assert found.forest.rows[0].label == "klein"
        assert (found.style, klein.diff_styled) == (None, None)
        styled = studio.experiments.results("judged", style=True)
        assert styled.style is not None
        assert (styled.style.votes, styled.style.pictures) == (100, 48)
        assert [effect.name for effect in styled.style.effects][0] == "brightness"
        assert styled.arms[1].diff_styled is not None
        assert studio.experiments.plot("judged", tmp_path / "deep/plot.svg").read_text().startswith("<svg")
        assert studio.experiments.plot("judged", tmp_path / "plot.PNG").read_bytes().startswith(b"\x89PNG")
        rows = list(csv.DictReader(studio.experiments.votes_csv("judged", tmp_path / "votes.csv").open()))
        assert len(rows) == 100
        assert {row["rater"] for row in rows}.isdisjoint(RATERS)
        with pytest.raises(errors.BadInput, match="is no .svg or .png file"):
            studio.experiments.plot("judged", tmp_path / "plot.gif")
        with pytest.raises(errors.NotFound, match="no phase 7"):
            studio.experiments.results("judged", phase=7)
        empty = studio.experiments.results("empty")
        assert (empty.verdict, empty.votes, empty.more_raters) == ("no votes yet", 0, 5)
        nothing = studio.experiments.ballots("empty")
        assert nothing.ballots == ()
        assert nothing.note is not None
        assert nothing.note.startswith("nothing can be compared yet")


def test_a_sitting_is_answered_changed_and_revealed_by_both_clients(url: str) -> None:
    with Atelier(url) as studio:
        first, second = studio.experiments.ballots("tried", 2).ballots
        (third,) = studio.experiments.ballots("tried", 1, holding=[first, second.id]).ballots
        assert third.id not in (first.id, second.id)
        with pytest.raises(errors.Withheld, match="answer first"):
            studio.experiments.results("tried")
        taken = studio.experiments.vote(first, "left")
        assert studio.experiments.vote(first, "left") == taken
        with pytest.raises(errors.StateConflict, match="supersedes: 1"):
            studio.experiments.vote(first, "tie")
        assert studio.experiments.vote(first.id, "tie", supersedes=taken.vote).choice == "tie"
        with pytest.raises(errors.InvalidRequest, match="one of left, right, tie"):
            studio.experiments.vote(second, "centre")
        with pytest.raises(errors.NotFound):
            studio.experiments.vote(second, "left", rater="somebody")
    assert asyncio.run(reveal(url, second.id)) == [("tie", None), ("right", 2)]


async def reveal(url: str, ballot: str) -> list[tuple[str, int | None]]:
    async with AsyncAtelier(url) as studio:
        lent = await studio.experiments.ballots("screens", 1)
        pictures = await studio.experiments.pictures(lent.ballots[0])
        assert [len(picture) for picture in pictures] == [len(pictures[0])] * 4
        assert await studio.experiments.vote(ballot, "right", dwell_ms=900)
        sitting = await studio.experiments.reveal(ballot)
        return [(one.choice, len(one.arms) if one.chosen else None) for one in sitting.ballots]


def test_votes_go_out_and_come_in_by_both_clients(voted: str, run: Run, tmp_path: Path) -> None:
    async def take_in(file: bytes) -> int:
        async with AsyncAtelier(voted) as studio:
            with pytest.raises(errors.InvalidRows, match="nothing was taken: line 2: .*is here already") as refused:
                await studio.experiments.import_votes("taken", file)
            assert [row.line for row in refused.value.rows][:2] == [2, 3]
            return await studio.experiments.import_votes("taken", ROW.encode())

    with Atelier(voted) as studio:
        file = studio.experiments.votes_csv("judged", tmp_path / "votes.csv")
        assert studio.experiments.import_votes("taken", file) == 100
        ours, theirs = studio.experiments.results("judged"), studio.experiments.results("taken")
        assert (ours.verdict, ours.arms, ours.people) == (theirs.verdict, theirs.arms, theirs.people)
        with pytest.raises(errors.BadInput, match="give the path of a CSV file"):
            studio.experiments.import_votes("taken", 7)  # type: ignore[arg-type]
    assert asyncio.run(take_in(file.read_bytes())) == 1
    (tmp_path / "few.csv").write_text(ROW)
    taken = run("experiments", "votes", "taken-by-command", "--import", "few.csv")
    assert taken.stdout == "1 vote was taken in\n"
    (tmp_path / "wrong.csv").write_text(ROW + "champion,nobody,left,ana,a cup\n")
    wrong = run("experiments", "votes", "taken-by-command", "--import", "wrong.csv", code=2)
    assert "line 3, arms: there is no arm 'nobody'" in " ".join(wrong.stderr.split())
    told = run("experiments", "votes", "taken-by-command", "--import", "wrong.csv", "--json", code=2).stdout
    assert [row["line"] for row in json.loads(told)["error"]["rows"]] == [3]
    assert "no.csv" in run("experiments", "votes", "taken-by-command", "--import", "no.csv", code=2).stderr


ROW = "left,right,choice,rater,prompt\nklein,champion,left,zoe,a cup\n"


def test_votes_are_parquet_too(voted: str, run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with Atelier(voted) as studio:
        file = studio.experiments.votes_parquet("judged", tmp_path / "deep/votes.parquet")
    assert run("experiments", "votes", "judged", "-o", "votes.parquet").stdout == "votes.parquet\n"
    rows = parquet.read_table(file).to_pylist()
    assert parquet.read_table(tmp_path / "votes.parquet").to_pylist() == rows
    assert len(rows) == 100
    assert {row["choice"] for row in rows} == {"left", "right"}
    assert {row["rater"] for row in rows}.isdisjoint(RATERS)


def test_the_best_of_four_on_a_screen_makes_a_board(url: str, run: Run) -> None:
    """More noise with each arm, and people who like that: of four pictures the noisiest is picked."""
    with Atelier(url) as studio:
        for rater in RATERS[:3]:
            while lent := studio.experiments.ballots("best-of-4", 4, rater=rater).ballots:
                for ballot in lent:
                    assert ballot.choices == ("0", "1", "2", "3", "tie", "both_bad", "skip")
                    pictures = studio.experiments.pictures(ballot)
                    noises = list(map(noise, pictures))
                    place = str(noises.index(max(noises)))
                    studio.experiments.vote(ballot, place, criteria={"style": "tie"}, rater=rater)
        found = studio.experiments.results("best-of-4")
        board = {arm.id: arm for arm in found.board}
        assert {id: (arm.picked, arm.screens) for id, arm in board.items()} == dict.fromkeys(ARMS, (0, 24)) | {
            "turbo": (24, 24)
        }
        assert (board["champion"].diff, board["champion"].share) == (None, None)
        assert board["turbo"].share == max(arm.share or 0 for arm in board.values()) > 0.8
        assert found.votes == 0, "a pick is no vote on a pair"
    lines = run("experiments", "results", "best-of-4").stdout.splitlines()
    assert ["ARM", "SCREENS", "PICKED", "DIFFERENCE", "RANK"] in [line.split() for line in lines]
    assert any(line.split()[:3] == ["turbo", "24", "24"] for line in lines)


def test_the_command_prints_the_verdict_first_and_draws_the_plot(voted: str, run: Run, tmp_path: Path) -> None:
    told = run("experiments", "results", "judged", "--by", "asset_type", "--plot", "plot.svg").stdout
    lines = told.splitlines()
    assert lines[0].startswith("klein preferred ")
    assert lines[0].endswith("decided for klein")
    assert lines[1].split() == ["ARM", "VOTES", "WINS", "TIES", "PREFERRED", "DIFFERENCE", "RANK"]
    assert lines[3].split()[:4] == ["klein", "100", "100", "0"]
    order = [
        told.index(word) for word in ("icon: ", "e-value", "guardrail", "left preferred", "agreement", "decision  ")
    ]
    assert order == sorted(order)
    assert lines[-1] == "plot.svg"
    assert "klein" in (tmp_path / "plot.svg").read_text()
    found = json.loads(run("experiments", "results", "judged", "--plot", "plot.png", "--json").stdout)
    assert (found["decision"], found["plot"]) == ("prefer:klein", "plot.png")
    styled = run("experiments", "results", "judged", "--style").stdout
    assert styled.splitlines()[1].split()[-2:] == ["WITHOUT", "STYLE"]
    told_style = r"style brightness [+-].*saturation .*sharpness .*, of 100 votes on 48 pictures"
    assert re.search(told_style, " ".join(styled.split()))
    assert run("experiments", "votes", "judged", "-o", "out/votes.csv").stdout == "out/votes.csv\n"
    assert (tmp_path / "out/votes.csv").read_text().count("\n") == 101
    assert run("experiments", "results", "empty").stdout.startswith("no votes yet\n")


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["results", "judged", "--plot", "plot.gif"], "'plot.gif' is no .svg or .png file", 2),
        (["results", "judged", "--by", "mood"], "by: ", 2),
        (["results", "judged", "--judge", "nobody"], "judge: must be ppi", 2),
        (["results", "judged", "--plot", "/dev/null/plot.svg"], "Cannot use /dev/null", 2),
        (["results", "fewer-steps"], "fewer-steps", 2),
        (["votes", "judged", "--out", "votes.xlsx"], "'votes.xlsx' is no .csv or .parquet file", 2),
    ],
)
def test_what_cannot_be_is_a_sentence(run: Run, arguments: list[str], said: str, code: int) -> None:
    assert said in " ".join(run("experiments", *arguments, code=code).stderr.split())


def test_who_holds_ballots_is_told_nothing_by_the_command_either(url: str, run: Run) -> None:
    with Atelier(url) as studio:
        (ballot,) = studio.experiments.ballots("screens", 1).ballots
        error: dict[str, Any] = json.loads(run("experiments", "results", "screens", "--json", code=1).stdout)["error"]
        assert error["code"] == "withheld"
        studio.experiments.vote(ballot, ballot.choices[0])
    assert "picked" in run("experiments", "results", "screens").stdout.lower()
