"""The command as scripts and people meet it: exit codes, streams, file names; a process for a browser and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from atelier import Atelier

from tests.clients.cli.terminal import ran
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "atelier"]


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "ATELIER_URL": url, "NO_COLOR": "1", "COLUMNS": "100"}


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str, url: str = url) -> subprocess.CompletedProcess[str]:
        return ran(url, tmp_path, *arguments)

    return run


def test_files_are_named_for_content_and_seed_and_their_paths_printed(run: Run, tmp_path: Path) -> None:
    done = run("generate", "a red bicycle icon", "--asset-type", "icon", "-n", "2", "--seed", "7", "-o", "out/")
    expected = [f"out/red-bicycle-icon-{seed}.{format}" for seed in (7, 8) for format in ("png", "webp")]
    assert (done.returncode, done.stdout.splitlines()) == (0, expected)
    assert all((tmp_path / path).stat().st_size > 0 for path in expected)


def test_another_picture_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lamp-3.png").write_bytes(b"mine")
    done = run("generate", "a lamp", "--seed", "3", "--format", "png", "-q", "draft")
    assert done.stdout == "lamp-3-2.png\n"
    assert (tmp_path / "lamp-3.png").read_bytes() == b"mine"


def test_json_is_exactly_one_object_and_nothing_else(run: Run, tmp_path: Path) -> None:
    done = run("generate", "a lamp", "-n", "2", "--seed", "5", "-f", "png", "-q", "draft", "--json")
    answer = json.loads(done.stdout)
    assert answer["status"] == "complete"
    assert answer["seeds"] == [5, 6]
    assert answer["files"] == ["lamp-5.png", "lamp-6.png"]
    assert answer["job_id"]
    assert done.stderr == ""


def test_the_best_of_several_are_written_and_the_others_told_of(run: Run, tmp_path: Path) -> None:
    wish = ("--best-of", "4", "--keep", "2", "--retry-below", "fidelity=0", "--max-tries", "2", "--seed", "20")
    done = run("generate", "a lamp", *wish, "-f", "png", "-q", "draft", "--json")
    answer = json.loads(done.stdout)
    assert len(answer["files"]) == 2
    assert [one["candidate"] for one in answer["candidates"]] == [0, 1, 2, 3]
    shown = run("job", answer["job_id"]).stdout
    best = max(one["scores"]["fidelity"] for one in answer["candidates"])
    assert shown.count("not kept") == 2
    assert shown.count(f"fidelity {best:g}") >= 2, "of the drawing, and of the picture that it became"
    sheet = run("grid", answer["job_id"], "-o", "out/sheet.webp", "--sort", "fidelity")
    assert sheet.stdout == "out/sheet.webp\n"
    assert (tmp_path / "out/sheet.webp").read_bytes()[8:12] == b"WEBP"


def test_quiet_says_only_the_paths(run: Run) -> None:
    done = run("generate", "a lamp", "--seed", "5", "-f", "webp", "-q", "draft", "--quiet")
    assert (done.stdout, done.stderr) == ("lamp-5.webp\n", "")


def test_a_failed_job_exits_1_and_says_why(run: Run) -> None:
    done = run("generate", "poison", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "stage_failed"
    assert "cannot be drawn" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generate", "a lamp", "--asset-type", "icn"], ["asset_type", "icon", "product_illustration"]),
        (["generate", "a lamp", "--model", "maxi"], ["model", "mini"]),
        (["generate", "a lamp", "--size", "7x7"], ["size", "512x512"]),
        (["generate", "a lamp", "-n", "1000"], ["num_variations", "8"]),
        (["generate", "a lamp", "--negative-prompt", "dust"], ["mini takes no negative prompt", "leave it out"]),
        (["generate", ""], ["prompt"]),
        (["generate", "a lamp", "--best-of", "2", "--keep", "3"], ["best_of (2)", "keep (3)"]),
        (["generate", "a lamp", "--retry-below", "much"], ["--retry-below", "fidelity=0.5"]),
        (["grid", "x", "-o", "sheet.gif"], [".png or .webp"]),
        (["generate", "x" * 5000], ["prompt", "2000"]),
        (["generate", "a lamp", "--seed", "tomorrow"], ["--seed"]),
        (["generate"], ["prompt"]),
        (["job", "nothing"], ["nothing"]),
        (["models", "--url", "localhost:8000"], ["http://"]),
        (["paint"], ["paint"]),
    ],
)
def test_what_is_wrong_exits_2_and_is_named(run: Run, arguments: list[str], words: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert [word for word in words if word not in done.stderr] == []
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_invalid_request_is_json_too(run: Run) -> None:
    done = run("generate", "a lamp", "--asset-type", "icn", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["field"]) == (2, "asset_type")
    assert "icon" in error["allowed"]


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = run("generate", "a lamp", "-q", "draft", "-o", "taken/out")
    assert done.returncode == 2
    assert "taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_studio_that_is_not_there_exits_3_and_says_what_to_run(run: Run) -> None:
    done = run("models", url="http://127.0.0.1:9")
    assert done.returncode == 3
    assert "make run" in done.stderr
    assert "http://127.0.0.1:9" in done.stderr
    assert json.loads(run("jobs", "--json", url="http://127.0.0.1:9").stdout)["error"]["code"] == "unreachable"


def test_a_dry_run_shows_the_plan_and_draws_nothing(run: Run, url: str) -> None:
    with Atelier(url) as studio:
        before = [job.job_id for job in studio.jobs()]
        done = run("generate", "a blue chair", "--seed", "11", "--dry-run")
        assert [job.job_id for job in studio.jobs()] == before
    assert "128x128 with mini" in done.stdout
    assert "seed 11" in done.stdout
    assert json.loads(run("generate", "a blue chair", "--dry-run", "--json").stdout)["plan"]["seeds"]


def test_jobs_can_be_listed_shown_and_fetched_again(run: Run, tmp_path: Path) -> None:
    job_id = json.loads(
        run("generate", "a green lamp" + " with many words" * 20, "-q", "draft", "--seed", "9", "--json").stdout
    )["job_id"]
    listing = run("jobs").stdout
    assert job_id in listing
    assert "a green lamp" + " with many words" * 20 in listing
    assert json.loads(run("jobs", "--limit", "1", "--json").stdout)["jobs"][0]["job_id"] == job_id
    shown = run("job", job_id, "-o", "again").stdout
    assert "seed 9" in shown
    assert (tmp_path / "again" / "green-lamp-many-words-many-words-many-words-many-9.png").exists()
    assert "had ended already" in run("cancel", job_id).stdout


def test_models_and_asset_types_are_listed(run: Run) -> None:
    models = run("models").stdout
    assert "mini (default)" in models
    assert "steps: draft 12, standard 20, high 28, ultra 30 (1 to 100)" in models
    assert "text to picture, " in models
    assert "takes LoRAs, guidance; no negative prompt, " in models
    assert "product use: allowed (apache-2.0: transformer, " in models
    (mini,) = json.loads(run("models", "--json").stdout)["models"]
    assert (mini["capabilities"]["guidance"], mini["capabilities"]["lora"]) == ("embedded", True)
    assert run("models", "--vram").stdout.split() == ["mini", f"{mini['vram_gb']:.1f}", "GB"]
    assert "512x512 (default)" in run("asset-types").stdout
    assert json.loads(run("asset-types", "--json").stdout)["qualities"]
    assert "#d9482b primary: Vermilion" in run("brand").stdout
    kits = {kit["id"]: kit for kit in json.loads(run("brand", "--json").stdout)["brand_kits"]}
    assert kits["harbour"]["banned_words"] == ["pirate", "shipwreck"]


def test_a_prompt_cannot_steer_the_terminal(run: Run) -> None:
    run("generate", "a \x1b[31mred\x07 [bold]lamp[/bold]", "-q", "draft")
    listing = run("jobs").stdout
    assert "[bold]lamp[/bold]" in listing
    assert "\x1b" not in listing
    assert "\x07" not in listing


def test_open_shows_the_job_in_the_browser(url: str, run: Run, tmp_path: Path) -> None:
    job_id = json.loads(run("generate", "a lamp", "-q", "draft", "--json").stdout)["job_id"]
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/shown\n')
    browser.chmod(0o755)
    subprocess.run(
        [*COMMAND, "open", job_id], env=environment(url) | {"BROWSER": str(browser)}, check=True, capture_output=True
    )
    assert (tmp_path / "shown").read_text().strip() == f"{url}/?job={job_id}"
    assert run("open", "nothing").returncode == 2


def test_help_tells_the_exit_codes(run: Run) -> None:
    for arguments in (["--help"], ["generate", "--help"]):
        text = " ".join(run(*arguments).stdout.split())
        assert "3 the studio cannot be reached" in text
        assert "130 interrupted" in text


@pytest.fixture
def slow_url(tmp_path: Path) -> Iterator[str]:
    with running_studio(tmp_path / "slow", PaintedGenerator(step_seconds=1.0)) as url:
        yield url


def heed_ctrl_c() -> None:
    """As a terminal starts it: what runs in a shell's background would hand down that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_cancels_the_job_on_the_studio(slow_url: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "generate", "a lamp"],
        cwd=tmp_path,
        env=environment(slow_url),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    with Atelier(slow_url) as studio:
        while not any(job.status == "processing" for job in studio.jobs()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=120)
        assert process.returncode == 130
        (job,) = studio.jobs()
        assert job.job_id in message
        assert "Traceback" not in message
        while not job.ended:
            job = studio.job(job.job_id)
        assert job.status == "canceled"
