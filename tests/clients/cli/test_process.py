"""The command as a process among others: folders, streams and signals that do not do as hoped."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from atelier import Atelier, cli
from atelier.version import VERSION

from tests.clients.cli.terminal import ran, shown
from tests.clients.cli.test_cli import COMMAND, environment
from tests.studio import PaintedGenerator, running_studio

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[bytes]]
LATIN = b"caf\xe9"  # no UTF-8
DRAW = ["generate", "a lamp", "-q", "draft", "-f", "png", "--seed", "3"]


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    def run(*arguments: str | bytes, **more: Any) -> subprocess.CompletedProcess[bytes]:
        variables = environment(url) | more.pop("env", {})
        streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        command: list[str | bytes] = [*COMMAND, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=variables, timeout=120, text=False, **streams)

    return run


@pytest.fixture(scope="module")
def _drawn(url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """There is a job to list."""
    assert ran(url, tmp_path_factory.mktemp("drawn"), *DRAW).returncode == 0


def jobs_of(url: str) -> list[str]:
    with Atelier(url) as studio:
        return [job.job_id for job in studio.jobs()]


def assert_a_sentence(message: bytes) -> None:
    assert message.strip()
    words = (b"Traceback", b"Error:", b"Errno", b"fault of the command", b"Exception")
    assert [word for word in words if word in message] == []


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_the_version_is_printed(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"atelier {VERSION}\n".encode(), b"")


def test_no_command_at_all_gets_the_help(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert done.stdout == run("--help").stdout
    assert b"generate" in done.stdout


def every_command() -> Iterator[tuple[str, ...]]:
    """Also those within others, as `library show`."""
    yield ()
    for name, command in typer.main.get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        yield (name,)
        yield from ((name, inner) for inner in getattr(command, "commands", {}))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_help_fits_the_terminal_and_speaks_no_python(width: int) -> None:
    python = ("<str>", "<int>", "<path>", "list[", "<bool>", "<float>", "[[")
    for command in every_command():
        done = shown("http://127.0.0.1:9", *command, "-h", width=width)
        assert (command, done.code, done.err) == (command, 0, "")
        assert [line for line in done.out.splitlines() if len(line) > width] == []
        text = " ".join(line.strip() for line in done.out.splitlines())
        assert (command, [word for word in python if word in text]) == (command, [])
        assert "Exit codes: " in text


def unwritable(folder: Path) -> dict[str, str]:
    """Places for `--out` that no file can be written to, by why."""
    (folder / "taken").write_text("a file")
    (folder / "loop").symlink_to("loop")
    (folder / "gone").symlink_to("nowhere/at/all")
    places = {
        "a file": "taken",
        "in a file": "taken/out/deep",
        "a loop": "loop",
        "a link to nothing": "gone",
        "beyond such a link": "gone/out",
        "a long name": "n" * 300,
    }
    places |= {"a long path": "n/" * 3000, "no place for files": "/proc/self/out", "a device": "/dev/null"}
    if os.access("/sys", os.R_OK):
        places["read-only"] = "/sys"
    return places


REASONS = [
    "a file",
    "in a file",
    "a loop",
    "a link to nothing",
    "beyond such a link",
    "a long name",
    "a long path",
    "no place for files",
    "a device",
    "read-only",
]


@pytest.mark.parametrize("reason", REASONS)
def test_an_out_that_cannot_be_written_is_refused_before_anything_is_sent(
    url: str, tmp_path: Path, reason: str
) -> None:
    place = unwritable(tmp_path)[reason]
    before = jobs_of(url), sorted(tmp_path.iterdir())
    done = ran(url, tmp_path, *DRAW, "--out", place, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "file_error"
    assert place[:100] in done.stderr
    assert_a_sentence(done.stderr.encode())
    assert (jobs_of(url), sorted(tmp_path.iterdir())) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_others_is_refused_before_anything_is_sent(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o500)
    before = jobs_of(url)
    assert run(*DRAW, "--out", "theirs").returncode == 2
    assert jobs_of(url) == before


def test_a_refused_request_leaves_no_folder_behind(run: Run, tmp_path: Path) -> None:
    assert run(*DRAW, "--model", "maxi", "--out", "new/deep").returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_written_after_drawing_can_be_fetched_later(run: Run, url: str, tmp_path: Path) -> None:
    """The folder goes away while the job is drawn."""
    with running_studio(tmp_path / "slow", PaintedGenerator(step_seconds=0.3)) as slow:
        process = subprocess.Popen(
            [*COMMAND, *DRAW, "--out", "out", "--json"],
            cwd=tmp_path, env=environment(slow), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        while not jobs_of(slow):
            assert process.poll() is None
            time.sleep(0.02)
        (tmp_path / "out").write_text("in the way")
        out, message = process.communicate(timeout=120)
        (job_id,) = jobs_of(slow)
        assert process.returncode == 1
        assert_a_sentence(message)
        assert f"atelier job {job_id} --out FOLDER" in message.decode()
        answer = json.loads(out)
        assert (answer["status"], answer["files"], answer["error"]["code"]) == ("complete", [], "not_written")
        later = run("job", job_id, "--out", "elsewhere", env={"ATELIER_URL": slow})
        assert later.returncode == 0
        assert (tmp_path / "elsewhere" / "lamp-3.png").exists()


@pytest.mark.usefixtures("_drawn")
@pytest.mark.parametrize("arguments", [["jobs"], ["models", "--json"], ["--help"], DRAW])
def test_nobody_who_reads_the_output_ends_it_quietly(run: Run, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*arguments, stdout=writing)
    os.close(writing)
    assert done.returncode == 141
    assert b"Cannot" not in done.stderr
    assert b"rror" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.usefixtures("_drawn")
@pytest.mark.parametrize("arguments", [["jobs"], ["models", "--json"], ["--help"], DRAW])
def test_a_full_device_is_one_sentence(run: Run, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*arguments, stdout=full)
        assert done.returncode == 1
        assert_a_sentence(done.stderr)
        assert b"No space left on device" in done.stderr
        unheard = run("models", "--url", "http://127.0.0.1:9", stderr=full)
        assert (unheard.returncode, unheard.stdout) == (3, b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed_keep_nothing_from_being_drawn(url: str, tmp_path: Path, closed: str) -> None:
    command = " ".join([sys.executable, "-m", "atelier", "generate lamp -q draft -f png --seed 3", closed])
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment(url), capture_output=True, timeout=120)
    assert done.returncode == 0
    assert (tmp_path / "lamp-3.png").exists()
    assert b"rror" not in done.stderr


@pytest.mark.parametrize("variables", [
    {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", "LANG": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"TERM": "dumb", "COLUMNS": "0"},
    {"TERM": "", "COLUMNS": "-5"}, {"COLUMNS": "wide"}, {"COLUMNS": "1", "FORCE_COLOR": "1"},
])  # fmt: skip
def test_any_environment_shows_the_job_and_writes_its_files(
    run: Run, tmp_path: Path, variables: dict[str, str]
) -> None:
    drawn = run("generate", "\u4e00\u53ea caf\u00e9", "-q", "draft", "-f", "png", "--json", env=variables)
    assert drawn.returncode == 0, drawn.stderr
    assert len(list(tmp_path.glob("*.png"))) == 1
    job_id = json.loads(drawn.stdout)["job_id"]
    done = run("job", job_id, env=variables)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert job_id.encode() in done.stdout


def texts_and_files() -> Iterator[tuple[str, str, bool]]:
    """Every option and argument that takes a text, with its command, and whether it may be a file."""
    group = typer.main.get_command(cli.app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        for parameter in command.params:
            if parameter.name not in ("help", "version") and not getattr(parameter, "is_flag", False):
                flag = parameter.opts[0] if parameter.opts[0].startswith("-") else ""
                hint = parameter.metavar or ""
                yield name, flag, any(word in hint for word in ("FILE", "FOLDER"))


@pytest.mark.parametrize(("command", "flag", "file"), list(texts_and_files()))
def test_an_argument_in_another_encoding_is_named_or_is_a_file(
    url: str, tmp_path: Path, command: str, flag: str, file: bool
) -> None:
    wanted = {
        "generate": ["a lamp", "-q", "draft", "-f", "png"],
        "job": ["J"],
        "cancel": ["J"],
        "grid": ["J"],
        "backup": ["P"],
    }.get(command, [])
    if command == "loras" and flag == "--model":
        wanted = []
    latin = os.fsdecode(LATIN)  # as Python gives it to a program
    value = f"canny={latin}" if flag == "--control" else latin
    before = jobs_of(url)
    done = ran(url, tmp_path, command, *([*wanted, flag, value] if flag else [value]))
    assert_a_sentence((done.stderr or done.stdout).encode(errors="surrogateescape"))
    written = {("generate", "--out"): f"{latin}/lamp-", ("audit", "--export"): f"{latin}\n"}
    if begins := written.get((command, flag)):
        assert (done.returncode, done.stdout.startswith(begins)) == (0, True)
        return
    assert done.returncode == 2
    assert jobs_of(url) == before
    if not file:
        assert (flag or "Invalid value") in done.stderr


def test_bytes_that_are_no_text_come_back_as_they_were_given(run: Run, url: str) -> None:
    done = run("generate", "a lamp", "-q", "draft", "-f", "png", "--out", LATIN)
    assert (done.returncode, done.stdout.startswith(LATIN + b"/lamp-")) == (0, True)
    before = jobs_of(url)
    done = run("generate", LATIN)
    assert (done.returncode, b"prompt" in done.stderr.lower()) == (2, True)
    assert jobs_of(url) == before


def test_a_picture_whose_name_is_in_another_encoding_is_taken(run: Run, tmp_path: Path) -> None:
    run(*DRAW)
    shutil.copy(tmp_path / "lamp-3.png", tmp_path / os.fsdecode(LATIN + b".png"))
    done = run("generate", "a red lamp", "-q", "draft", "-f", "png", "--image", LATIN + b".png")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("key", ["secret\n", " secret "])
def test_a_key_may_end_as_files_end(run: Run, key: str) -> None:
    assert run("jobs", env={"ATELIER_API_KEY": key}).returncode == 0
    assert run("jobs", env={"ATELIER_API_KEY": "two\nlines"}).returncode == 2


@pytest.fixture
def slow_url(tmp_path: Path) -> Iterator[str]:
    with running_studio(tmp_path / "slow", PaintedGenerator(step_seconds=1.0)) as url:
        yield url


def heeding() -> None:
    """As a terminal starts it: with no signal turned off."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_that_ends_it_cancels_the_job(slow_url: str, tmp_path: Path, number: int, code: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "generate", "a lamp"],
        cwd=tmp_path, env=environment(slow_url), stderr=subprocess.PIPE, text=True, preexec_fn=heeding,
    )  # fmt: skip
    with Atelier(slow_url) as studio:
        while not any(job.status == "processing" for job in studio.jobs()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        _, message = process.communicate(timeout=120)
        (job,) = studio.jobs()
        assert (process.returncode, f"Canceled job {job.job_id}" in message) == (code, True)
        while not job.ended:
            job = studio.job(job.job_id)
        assert job.status == "canceled"


def test_a_hangup_that_is_turned_off_stays_so(slow_url: str, tmp_path: Path) -> None:
    """As `nohup` starts it."""
    process = subprocess.Popen(
        [*COMMAND, *DRAW], cwd=tmp_path, env=environment(slow_url), stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    while not jobs_of(slow_url):
        time.sleep(0.05)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, b"lamp-3.png\n")


def test_a_terminal_that_goes_away_cancels_the_job(slow_url: str, tmp_path: Path) -> None:
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "generate", "a lamp"], cwd=tmp_path, env=environment(slow_url),
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, preexec_fn=heeding,
    )  # fmt: skip
    os.close(terminal)
    with Atelier(slow_url) as studio:
        while not any(job.status == "processing" for job in studio.jobs()):
            time.sleep(0.05)
        os.close(keyboard)
        process.send_signal(signal.SIGHUP)  # as the kernel does where it is the terminal's session
        assert process.wait(timeout=120) == 129
        (job,) = studio.jobs()
        while not job.ended:
            job = studio.job(job.job_id)
        assert job.status == "canceled"
