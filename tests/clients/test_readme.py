"""The README's examples run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import atelier
import pytest

pytestmark = pytest.mark.slow
WHOLE_ICONS = True

README = (Path(atelier.__file__).parents[1] / "README.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SESSIONS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def environment(url: str) -> dict[str, str]:
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "ATELIER_URL": url, "PATH": commands}


def test_the_readme_has_examples() -> None:
    assert len(PROGRAMS) == 8
    assert len(SESSIONS) == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(program: str, url: str, tmp_path: Path) -> None:
    program = program.replace("http://127.0.0.1:8000", url)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("session", SESSIONS)
def test_a_terminal_session_prints_what_it_says(session: str, url: str, tmp_path: Path) -> None:
    for part in session.removeprefix("$ ").split("\n$ "):
        command, _, expected = part.strip("\n").partition("\n")
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment(url), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        if expected:
            assert done.stdout.strip() == expected
