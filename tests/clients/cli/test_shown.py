"""What the command shows, on terminals of every width and in pipes, of whatever a studio answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wcwidth import wcwidth

from tests.clients.cli.terminal import Shown, shown, with_width
from tests.clients.forged import ForgedStudio, forged_studio, moment

pytestmark = pytest.mark.slow

# Every command that prints what a studio answers.
COMMANDS = {
    "jobs": ["jobs"],
    "job": ["job", "J"],
    "cancel": ["cancel", "J"],
    "pictures": ["pictures"],
    "models": ["models"],
    "memory": ["models", "--vram"],
    "loras": ["loras"],
    "asset types": ["asset-types"],
    "brand kits": ["brand"],
    "library": ["library", "list", "loras"],
    "entry": ["library", "show", "loras", "x"],
    "versions": ["library", "versions", "loras", "x"],
    "diff": ["library", "diff", "loras", "x", "1.0.0", "live"],
    "history": ["library", "history", "loras", "x"],
    "mark": ["library", "mark", "loras", "x", "live", "1.0.0"],
    "experiments": ["experiments", "list"],
    "experiment": ["experiments", "show", "x"],
    "started": ["experiments", "start", "x"],
    "log": ["experiments", "events", "x"],
    "results": ["experiments", "results", "x"],
    "runs": ["experiments", "runs", "x"],
    "champions": ["champions", "list"],
    "champion": ["champions", "show", "icon", "draft"],
    "ramped": ["champions", "ramp", "icon", "draft"],
    "changes": ["champions", "history", "icon", "draft"],
    "plan": ["generate", "a lamp", "--dry-run"],
    "open": ["open", "J"],
}
# What people copy out of each and type back, by the fields that it comes from.
TYPED_BACK = {
    "jobs": {"job_id", "status", "asset_type", "images_completed", "images_total"},
    "job": {"job_id", "state_detail", "asset_type", "model", "images_completed", "images_total", "picture", "seed"},
    "cancel": {"job_id"},
    "pictures": {"picture_id", "width", "height"},
    "models": {"id", "native_sizes", "licence"},
    "memory": {"id", "vram_gb"},
    "loras": {"id", "models", "product"},
    "asset types": {"id", "sizes", "formats"},
    "brand kits": {"id", "colour"},
    "library": {"id", "newest"},
    "entry": {"id", "version", "sha256"},
    "versions": {"version", "author"},
    "diff": {"field"},
    "history": {"mark", "from_version", "to_version", "by"},
    "mark": {"mark", "version"},
    "experiments": {"id", "state", "mode"},
    "experiment": {"id", "version", "state", "prompt_set", "model"},
    "started": {"id", "state"},
    "log": {"type", "actor"},
    "results": {"id", "arm", "decision", "rater"},
    "runs": {"run_id", "kind", "status"},
    "champions": {"asset_type", "quality", "revision", "by"},
    "champion": {"asset_type", "quality", "revision", "model", "experiment"},
    "ramped": {"asset_type", "quality", "revision", "model"},
    "changes": {"kind", "revision", "by"},
    "plan": {"model", "text", "seeds", "lora", "picture"},
    "open": {"job_id"},
}
PROSE = {"prompt", "full_prompt", "description", "message", "notes", "note", "name", "before", "after"}
WIDE = ["\u4e00\u53ea\u7ea2\u8272\u7684", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f", "e\u0301\u0301"]
WIDE += [
    "\u05e9\u05dc\u05d5\u05dd",
    "\u0e19\u0e49\u0e33",
    "\u0915\u094d\u0937\u093f",
    "\u1112\u1161\u11ab",
    "\U0001f1e9\U0001f1ea",
]
STEERING = [
    "[bold]",
    "[/]",
    "[/red]",
    ":smile:",
    "\x1b[2J",
    "\x1b]8;;http://evil.example\x07",
    "\x1b[1A\x1b[2K",
    "\r",
    "\b" * 9,
]
STEERING += [
    "\x9b2J",
    "\x00",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ue000",
    "\U000e0041",
    "a" + "\u0301" * 40,
    "{task}",
    "%s",
    "\\",
]
prompts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([*WIDE, " ", "\n", "word"]), max_size=60).map("".join),
    st.sampled_from([*WIDE, "x", "word ", "line\n"]).map(lambda part: (part * 2000)[:2000]),
)
hostile = st.lists(st.one_of(st.sampled_from(STEERING), st.text(max_size=9)), max_size=12).map("".join)
numbers = st.sampled_from([0, -1, 3, 10**30, 10**400, 0.1, -2.5, 1e300, float("nan"), float("inf"), -float("inf")])
ROOMY = 2000  # columns: more than the longest word that is tried, so that the terminal has nothing to wrap
several = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def studio() -> Iterator[ForgedStudio]:
    with forged_studio(ordinary) as studio:
        yield studio


def ordinary(name: str, kind: type, prose: str = "a lamp") -> Any:
    """Prose where there is prose; elsewhere what can be told apart again."""
    if kind is str and name == "url":
        return "/file/1"
    if kind is str:
        return prose if name in PROSE else f"{name}.01a2282ff5e7"
    if kind is datetime:
        return moment(2020)
    return True if kind is bool else 10_000 + sum(name.encode())


def typed_back(name: str) -> set[str]:
    kinds = {
        "images_completed",
        "images_total",
        "width",
        "height",
        "seed",
        "seeds",
        "num_inference_steps",
        "vram_gb",
        "revision",
    }
    return {str(ordinary(field, int if field in kinds else str)) for field in TYPED_BACK[name]}


def measured(line: str) -> int:
    """Columns of a line by another hand than the command's own."""
    return sum(map(wcwidth, line))


def assert_nothing_is_steered(done: Shown, width: int | None) -> None:
    for stream in (done.out, done.err):
        odd = {c for c in stream if not c.isprintable() and c not in "\n\u200c\u200d"}
        assert odd == set()
    if width is not None:
        assert done.screen(width) == seen(done.out)


def seen(text: str) -> str:
    return "\n".join(line.rstrip() for line in with_width(text).split("\n")).rstrip("\n")


@pytest.mark.parametrize("name", COMMANDS)
@several
@given(prose=prompts, width=st.one_of(st.sampled_from([40, 80, 200]), st.integers(32, 250)))
@example(prose="a twenty letter lamp", width=80)
@example(prose="x" * 2000, width=40)
@example(prose="", width=32)
def test_what_is_typed_back_is_whole_and_no_line_is_wider_than_the_terminal(
    studio: ForgedStudio, name: str, prose: str, width: int
) -> None:
    studio.value = lambda field, kind: ordinary(field, kind, prose)
    done = shown(studio.url, *COMMANDS[name], width=width)
    assert done.code == 0
    text = done.out + done.err
    assert [whole for whole in typed_back(name) if whole not in text] == []
    lines = [line for line in done.out.splitlines() if measured(line) > width]
    assert [line for line in lines if " " in line.strip()] == []  # one word that is typed back is never cut
    assert_nothing_is_steered(done, width if not lines else None)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_pipe_gets_everything_whole_on_lines_of_their_own(studio: ForgedStudio, name: str) -> None:
    prose = "many words and " * 130
    studio.value = lambda field, kind: ordinary(field, kind, prose)
    done = shown(studio.url, *COMMANDS[name], width=None)
    text = done.out + done.err
    assert [whole for whole in typed_back(name) if whole not in text] == []
    if name in ("jobs", "job", "models", "loras", "asset types", "plan"):
        assert any(prose.strip() in line for line in done.out.splitlines())


@pytest.mark.parametrize("width", [ROOMY, None])
@pytest.mark.parametrize("name", COMMANDS)
@several
@given(text=hostile, number=numbers, year=st.sampled_from([1, 1970, 9999]))
def test_nothing_that_a_studio_answers_is_interpreted_or_crashes(
    studio: ForgedStudio, name: str, width: int | None, text: str, number: float, year: int
) -> None:
    studio.value = lambda field, kind: forged(kind, text, number, year)
    done = shown(studio.url, *COMMANDS[name], width=width)
    assert_sane(done)
    assert_nothing_is_steered(done, width)


def forged(kind: type, text: str, number: float, year: int) -> Any:
    """Every field of every answer at once."""
    if kind is str:
        return text
    if kind is datetime:
        return moment(year) if year > 1 else "0001-01-01T00:00:00+14:00"
    if kind is bool:
        return True
    return number if kind is float or isinstance(number, int) else 7


def assert_sane(done: Shown) -> None:
    """An exit code that is documented, and no word of Python's."""
    assert done.code in (0, 1, 2, 3)
    words = ["Traceback", "fault of the command", "Errno", "NoneType", "Error:", "object has no"]
    assert [word for word in words if word in done.err] == []


@several
@given(text=hostile, number=numbers)
def test_drawing_for_a_studio_that_answers_anything_stays_in_the_folder(
    studio: ForgedStudio, tmp_path: Path, text: str, number: float
) -> None:
    studio.value = lambda field, kind: "/file/1" if field == "url" else forged(kind, text or "x", number, 2020)
    folder = tmp_path / "out"
    for more in ([], ["--json"], ["--quiet"]):
        done = shown(studio.url, "generate", "a lamp", "--out", str(folder), *more, width=ROOMY)
        assert_sane(done)
        assert_nothing_is_steered(done, ROOMY)
    assert {path.name for path in tmp_path.iterdir()} <= {"out"}
    assert all(path.is_file() for path in folder.glob("*"))


@several
@given(text=hostile, status=st.sampled_from([400, 401, 404, 409, 413, 422, 500]))
def test_a_refusal_is_plain_text(studio: ForgedStudio, text: str, status: int) -> None:
    studio.value = lambda field, kind: forged(kind, text, 1, 2020)
    studio.status = status
    try:
        for arguments in (["jobs"], ["generate", "a lamp"], ["pictures", "--delete", "p"], ["jobs", "--json"]):
            done = shown(studio.url, *arguments, width=ROOMY)
            assert done.code in (1, 2)
            assert_nothing_is_steered(done, ROOMY)
    finally:
        studio.status = 200


@several
@given(text=hostile, encoding=st.sampled_from(["utf-8", "latin-1", "ascii"]))
def test_json_says_exactly_what_the_studio_answered(studio: ForgedStudio, text: str, encoding: str) -> None:
    studio.value = lambda field, kind: forged(kind, text, 1, 2020)
    done = shown(studio.url, "loras", "--json", width=80, encoding=encoding)
    assert json.loads(done.out)["loras"][0]["description"] == text
    assert all(c.isprintable() or c == "\n" for c in done.out)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "euc-jp"])
@several
@given(prose=prompts)
def test_a_terminal_that_lacks_the_letters_shows_as_much_as_it_can(
    studio: ForgedStudio, encoding: str, prose: str
) -> None:
    studio.value = lambda field, kind: ordinary(field, kind, prose)
    for name in ("jobs", "job", "loras"):
        done = shown(studio.url, *COMMANDS[name], width=80, encoding=encoding)
        assert done.code == 0
        assert [whole for whole in typed_back(name) if whole not in done.out + done.err] == []
        assert [line for line in done.out.splitlines() if measured(line) > 80] == []
