"""`python -m serve capacity` plans and replays, and refuses in one sentence what it cannot."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from configs.errors import AtelierError
from configs.load import ROOT
from router.api.app import create_app
from serve.__main__ import main
from serve.capacity.command import run
from tests.router.calls import submit, wait
from tests.studio import painted_studio, serving

PLAN = ("plan", "--users", "20", "--jobs-per-user-day", "0.5", "--seeds", "1", "--fleet", "aca", "--mix")
TRACE = "at,model,seconds\n" + "".join(f"{i * 400},sdxl-base,{3 + i % 5}\n" for i in range(40))


def answer(*words: str) -> str:
    text = io.StringIO()
    run(words, Console(file=text, width=160))
    return text.getvalue()


def refusal(*words: str) -> str:
    with pytest.raises(AtelierError) as refused:
        answer(*words)
    return refused.value.message


@pytest.fixture
def trace(tmp_path: Path) -> str:
    path = tmp_path / "trace.csv"
    path.write_text(TRACE)
    return str(path)


@pytest.mark.slow
def test_a_plan_says_how_many_machines_what_they_cost_and_what_breaks_first(tmp_path: Path) -> None:
    picture = tmp_path / "plan.png"
    told = answer(*PLAN, "sdxl-base=1", "--slo", "400", "--days", "3", "--image", str(picture))
    assert "t4" in told
    assert "USD" in told
    assert "35 to 85 USD a month, before the first picture" in told
    assert "What breaks first" in told
    assert "1000" in told
    assert "read on 2026-11-29" in told
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_replay_shows_the_policy_beside_machines_that_always_run(trace: str, tmp_path: Path) -> None:
    picture = tmp_path / "past.svg"
    told = answer("replay", trace, "--fleet", "aca", "--image", str(picture))
    assert "40 jobs" in told
    assert "this policy, 0-4" in told
    assert "one, always" in told
    assert "</svg>" in picture.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*PLAN, "unheard-of=1"), "there is no model 'unheard-of'; known: flux-1-dev"),
        ((*PLAN, "sdxl-base"), "'sdxl-base' has no share: write sdxl-base=0.5"),
        ((*PLAN, "sdxl-base=-1"), "'sdxl-base=-1' has no share"),
        ((*PLAN, "sdxl-base=1", "--quality", "best"), "sdxl-base draws no best: it has draft, standard"),
        ((*PLAN, "sdxl-base=1", "--slo", "soon"), "'soon' is not a number above 0"),
        ((*PLAN, "sdxl-base=1", "--target", "95"), "'95' is more than 1"),
        ((*PLAN, "sdxl-base=1", "--warm", "mornings"), "'mornings' are no hours"),
        ((*PLAN, "sdxl-base=1", "--image", "plan.gif"), "neither .png nor .svg"),
        ((*PLAN[:-3], "--mix", "sdxl-base=1"), "say which machines are meant: --fleet, one of aca"),
        ((*PLAN[:-2], "azure", "--mix", "sdxl-base=1"), "there is no fleet 'azure'"),
        ((*PLAN[:-2], "local", "--mix", "sdxl-base=1"), "the fleet local has no GPUs"),
        (("replay", "--fleet", "aca"), "say what to replay"),
        (("replay", "nowhere.csv", "--fleet", "aca"), "nowhere.csv cannot be read"),
        (("plans",), "invalid choice: 'plans'"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(words: tuple[str, ...], told: str) -> None:
    assert told in refusal(*words)


def test_a_trace_of_other_kinds_or_models_is_refused(trace: str, tmp_path: Path) -> None:
    assert "has no kind 'b200'" in refusal("replay", trace, "--fleet", "aca", "--kind", "b200")
    early = tmp_path / "early.csv"
    early.write_text("at,model,seconds\n-3,sdxl-base,1\n")
    assert refusal("replay", str(early), "--fleet", "aca").startswith("line 2: at is '-3'")


def test_the_command_ends_with_a_sentence_and_2(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["capacity", "replay", "--fleet", "aca"]) == 2
    assert "no answer: say what to replay" in capfd.readouterr().out


def test_a_studios_own_past_is_replayed_from_its_job_table(tmp_path: Path) -> None:
    studio = painted_studio(tmp_path)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as api:
        for _ in range(2):
            wait(api, submit(api, num_variations=2))
    profile = tmp_path / "past.yaml"
    state = Path(studio.installation.root, studio.installation.profile.state)
    profile.write_text((ROOT / "configs/profiles/local.yaml").read_text() + f"state: {state}\n")
    told = answer("replay", "--from-db", "--profile", str(profile), "--fleet", "aca", "--slo", "60")
    assert "2 jobs in" in told
    assert "one, always" in told


def test_a_studio_that_never_started_has_no_past_to_replay(tmp_path: Path) -> None:
    profile = tmp_path / "new.yaml"
    profile.write_text((ROOT / "configs/profiles/local.yaml").read_text() + f"state: {tmp_path / 'state'}\n")
    assert "there is no job database yet" in refusal("replay", "--from-db", "--profile", str(profile), "--fleet", "aca")
