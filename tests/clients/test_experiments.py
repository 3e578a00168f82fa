"""Experiments and champions from Python and from the command line, over a studio that paints."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from atelier import AsyncAtelier, Atelier, Retry, errors
from atelier.champions import Champion
from atelier.cli import champions, experiments

from configs.load import ROOT
from tests.clients.cli.terminal import ran
from tests.studio import running_studio

Run = Callable[..., subprocess.CompletedProcess[str]]
SPLIT: dict[str, Any] = {
    "name": "Fewer steps",
    "mode": "split",
    "unit": "job",
    "scope": {"asset_types": ["icon"], "qualities": ["draft"]},
    "arms": [{"id": "champion"}, {"id": "half", "weight": 3, "overlay": {"steps": {"draft": 2}}}],
    "guardrails": [{"metric": "failure", "max": 0.02}],
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_studio(tmp_path_factory.mktemp("studio")) as url:
        with Atelier(url) as studio:
            for id in ("split", "told"):
                layer = {"name": "icons", "slots": [0, 5000] if id == "split" else [5000, 10000]}
                studio.library.add("experiments", id, "1.0.0", SPLIT | {"layer": layer}, mark="live")
            studio.library.add("experiments", "drawn", "1.0.0", SPLIT | {"mode": "shadow"}, mark="live")
        yield url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = ran(url, tmp_path, *arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_an_experiment_is_started_exposed_paused_and_decided(url: str) -> None:
    with Atelier(url) as studio:
        ready = studio.experiments.get("split")
        assert (ready.state, ready.phase, ready.definition.unit) == ("ready", 0, "job")
        assert [(arm.id, arm.overlay.changes) for arm in ready.arms][1] == ("half", {"steps": {"draft": 2}})
        started = studio.experiments.start(ready, exposure=0.5, reason="half is enough?")
        assert (started.state, started.phase, started.exposure) == ("running", 1, 0.5)
        with pytest.raises(errors.StateConflict):
            studio.experiments.start("split")
        seen = {studio.experiments.assignment("split", f"job-{number}").assigned for number in range(60)}
        assert seen == {None, "champion", "half"}
        assert studio.experiments.expose(started, 0).exposure == 0
        assert studio.experiments.assignment("split", "job-1").reason in ("not_exposed", "other_layer")
        assert studio.experiments.begin_phase("split", reason="again").phase == 2
        assert studio.experiments.pause("split", "hm").state == "paused"
        assert studio.experiments.resume("split").state == "running"
        with pytest.raises(errors.InvalidRequest, match="'third' is no arm of split"):
            studio.experiments.stop("split", decision="prefer:third")
        stopped = studio.experiments.stop("split", decision="prefer:half", reason="as good")
        assert (stopped.state, stopped.decision) == ("stopped", "prefer:half")
        log = studio.experiments.events("split")
        assert [one.type for one in log][:3] == ["started", "exposure_changed", "phase_started"]
        assert studio.experiments.events("split", after=log[0].seq) == log[1:]
        assert (log[-1].type, log[-1].reason) == ("decided", "as good")
        assert {"split", "told", "fewer-steps"} <= {one.id for one in studio.experiments.list()}
        with pytest.raises(errors.NotFound, match="nobody"):
            studio.experiments.get("nobody")


def test_a_champion_is_let_in_step_by_step_and_taken_back_by_both_clients(url: str) -> None:
    async def let_in() -> list[Champion]:
        async with AsyncAtelier(url) as studio:
            assert {one.id for one in await studio.experiments.list()} >= {"fewer-steps"}
            paused = await studio.champions.pause("icon", "draft", "hm")
            with pytest.raises(errors.StateConflict, match="revision"):
                await studio.champions.resume("icon", "draft", expected=paused.revision - 1)
            await studio.champions.resume("icon", "draft", expected=paused.revision)
            with pytest.raises(errors.StateConflict, match="revision"):
                await studio.champions.ramp("icon", "draft", expected=paused.revision)
            return [await studio.champions.ramp("icon", "draft", "goes well") for _ in range(4)]

    with Atelier(url) as studio:
        assert studio.champions.get("icon", "draft").revision == 0
        canary = studio.champions.promote("icon", "draft", reason="faster", overlay={"steps": {"draft": 3}})
        assert canary.canary is not None
        assert (canary.kind, canary.canary.share, len(canary.warnings)) == ("canary", 0.1, 1)
        *_, half, everybody, champion = asyncio.run(let_in())
        assert [one.canary.share if one.canary else None for one in (half, everybody, champion)] == [0.5, 1.0, None]
        assert champion.overlay.steps == {"draft": 3}
        assert [one.overlay for one in studio.champions.list()] == [champion.overlay]
        again = studio.champions.promote(
            "icon", "draft", reason="x", overlay=champion.overlay, at_once=True, expected=champion.revision
        )
        assert (again.kind, again.overlay) == ("promote", champion.overlay)
        back = studio.champions.rollback("icon", "draft", "worse on logos")
        assert (back.kind, back.overlay.changes) == ("rollback", {})
        assert studio.champions.history("icon", "draft")[0].reason == "worse on logos"
        with pytest.raises(errors.UnknownName):
            studio.champions.promote("poster", "draft", reason="x", overlay={"model": "mini"})
        with pytest.raises(errors.BadInput, match="overly is no field of a promotion"):
            studio.champions.promote("icon", "draft", reason="x", overly={})  # type: ignore[call-arg]


def test_a_change_whose_answer_is_lost_is_not_made_twice() -> None:
    """The studio is at revision 5 and ramps; its answer is cut off. Asked again, it refuses what is of revision 5."""
    posts: list[str | None] = []
    champion = {"asset_type": "icon", "quality": "draft", "kind": "canary", "overlay": {}, "by": "dev", "reason": ""}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=champion | {"revision": 5})
        posts.append(request.headers.get("If-Match"))
        if len(posts) == 1:
            raise httpx.ReadError("cut", request=request)
        return httpx.Response(409, json={"error": {"code": "state_conflict", "message": "it is at revision 6"}})

    retry = Retry(draw=lambda *_: 0.0)
    with Atelier("http://studio.test", retry=retry, transport=httpx.MockTransport(answer)) as studio:
        with pytest.raises(errors.StateConflict, match="revision 6"):
            studio.champions.ramp("icon", "draft")
        assert posts == ['"5"', '"5"']
        with pytest.raises(errors.StateConflict):
            studio.champions.rollback("icon", "draft")


def test_a_phase_is_begun_once_whatever_becomes_of_the_answer() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        raise httpx.ReadError("cut", request=request)

    studio = Atelier("http://studio.test", transport=httpx.MockTransport(answer))
    with studio, pytest.raises(errors.Unreachable):
        studio.experiments.begin_phase("split")
    assert sent == ["/experiments/split/phases"]


def test_a_run_is_ordered_and_canceled_by_both_clients(url: str, run: Run) -> None:
    async def cancel(run_id: str) -> str:
        async with AsyncAtelier(url) as studio:
            return (await studio.experiments.cancel_run("drawn", run_id)).status

    with Atelier(url) as studio:
        studio.experiments.start("drawn")
        first, second = (studio.experiments.replay("drawn", prompt_set="house", seeds=16) for _ in range(2))
        canceled = studio.experiments.cancel_run("drawn", first)
        assert (canceled.run_id, canceled.status, canceled.reason) == (first.run_id, "canceled", "canceled by dev")
        assert asyncio.run(cancel(first.run_id)) == "canceled", "again is no harm"
        with pytest.raises(errors.NotFound):
            studio.experiments.cancel_run("drawn", "run_none")
        with pytest.raises(errors.BadInput, match="^run: "):
            studio.experiments.cancel_run("drawn", "")
    said = run("experiments", "cancel", "drawn", second.run_id).stdout
    assert re.fullmatch(rf"{second.run_id} is canceled: \d+ jobs were drawn, \d+ canceled\n", said)
    assert json.loads(run("experiments", "cancel", "drawn", second.run_id, "--json").stdout)["status"] == "canceled"


@pytest.mark.parametrize("id", ["", "..", 7])
def test_what_names_no_experiment_is_not_sent(id: Any) -> None:
    with Atelier("http://127.0.0.1:9") as studio, pytest.raises(errors.BadInput, match="^experiment: "):
        studio.experiments.get(id)


def test_the_command_runs_an_experiment(run: Run) -> None:
    listed = run("experiments", "list").stdout
    assert [word in listed for word in ("fewer-steps", "Icons in half the steps", "paired", "told")] == [True] * 4
    assert run("experiments", "start", "told", "--exposure", "0.2", "--reason", "try").stdout == (
        "told is running, phase 1, exposure 20 %\n"
    )
    assert run("experiments", "expose", "told", "0.255").stdout == "told is running, phase 1, exposure 25.5 %\n"
    told = run("experiments", "show", "told").stdout
    for words in ("weight 3; steps draft 2", "changes nothing", "failure at most 2 %", "30 to 400, of 5 raters"):
        assert words in told
    assert run("experiments", "phase", "told").stdout == "told is running, phase 2, exposure 100 %\n"
    assert "paused" in run("experiments", "pause", "told", "--reason", "lunch").stdout
    assert "running" in run("experiments", "resume", "told").stdout
    done = run("experiments", "stop", "told", "--decision", "prefer:half", "--json").stdout
    assert (json.loads(done)["state"], json.loads(done)["decision"]) == ("stopped", "prefer:half")
    events = run("experiments", "events", "told").stdout
    for words in ("exposure_changed", "exposure 0.2 -> 0.255", "lunch", "decision prefer:half"):
        assert words in events
    last = json.loads(run("experiments", "events", "told", "--json").stdout)["events"][-1]["seq"]
    assert (
        len(json.loads(run("experiments", "events", "told", "--after", str(last - 1), "--json").stdout)["events"]) == 1
    )


def test_the_command_promotes_ramps_and_rolls_back(run: Run) -> None:
    key = ("logo_illustration", "standard")
    overlay = ("--overlay", '{"steps": {"standard": 9}}')
    assert "as the configs say" in run("champions", "show", *key).stdout
    promoted = run("champions", "promote", *key, *overlay, "--reason", "faster")
    assert promoted.stdout == (
        "logo_illustration, standard: a canary (steps standard 9) draws for 10 % of the people (revision 1)\n"
    )
    assert promoted.stderr == "Note: no experiment says that this is better than what is live\n"
    assert "25 %" in run("champions", "ramp", *key, "--expected", "1").stdout
    assert "revision" in run("champions", "ramp", *key, "--expected", "1", code=2).stderr
    assert "revision" in run("champions", "pause", *key, "--expected", "1", code=2).stderr
    assert "is paused" in run("champions", "pause", *key, "--expected", "2").stdout
    assert "resume it" in run("champions", "ramp", *key, code=2).stderr
    run("champions", "resume", *key)
    assert "changes nothing" in run("champions", "rollback", *key, "--reason", "no").stdout
    at_once = json.loads(run("champions", "promote", *key, *overlay, "--reason", "yes", "--at-once", "--json").stdout)
    assert (at_once["kind"], at_once["overlay"]["steps"], len(at_once["warnings"])) == ("promote", {"standard": 9}, 1)
    assert "steps standard 9" in run("champions", "list").stdout
    history = run("champions", "history", *key).stdout
    assert [word in history for word in ("rollback", "ramp", "canary", "faster")] == [True] * 4


def test_the_commands_of_the_readme_run_as_they_are_printed(run: Run, tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text().partition("## Which is better")[2].partition("\n## ")[0]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    told = {line: run(*shlex.split(line)[1:]) for line in found[1].splitlines()}
    assert len(told) == 8
    said = " ".join(done.stdout for done in told.values())
    for words in (
        "fewer-steps is running, phase 1",
        "replay",
        "no votes yet",
        "decided: prefer:half",
        "draws for 25 %",
    ):
        assert words in said
    assert "half has won once" in " ".join(done.stderr for done in told.values())
    assert (tmp_path / "steps.svg").exists()


ROOMS = {"experiments": experiments.COMMANDS, "champions": champions.COMMANDS}


@pytest.mark.parametrize(("room", "command"), [(room, command) for room, found in ROOMS.items() for command in found])
def test_help_says_what_a_command_does_and_with_which_code_it_ends(run: Run, room: str, command: str) -> None:
    told = run(room, command, "--help").stdout
    assert "Exit codes" in told
    assert "--json" in told
    assert f"Usage: atelier {room} {command}" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["experiments", "show", "nobody"], "nobody"),
        (["experiments", "pause", "fewer-steps"], "fewer-steps"),
        (["experiments", "expose", "split", "half"], "'half' is not a number"),
        (["experiments", "start", "fewer-steps", "--exposure", "2"], "exposure"),
        (["experiments", "start", "fewer-steps", "--version", "9.0.0"], "9.0.0"),
        (["champions", "promote", "icon", "high", "--reason", "x"], "say what is promoted"),
        (["champions", "promote", "icon", "high", "--reason", "x", "--overlay", "[1]"], "is no JSON object"),
        (["champions", "promote", "icon", "high", "--reason", "x", "--arm", "half"], "of which experiment"),
        (["champions", "promote", "icon", "high", "--experiment", "nobody", "--arm", "a", "--reason", "x"], "nobody"),
        (["champions", "promote", "icon", "high", "--arm", "half"], "--reason"),
        (["champions", "rollback", "icon", "ultra"], "nothing was ever promoted"),
        (["champions", "ramp", "icon", "ultra"], "no canary is on its way"),
    ],
)
def test_what_cannot_be_is_a_sentence(run: Run, arguments: list[str], said: str) -> None:
    assert said in " ".join(run(*arguments, code=2).stderr.split())
