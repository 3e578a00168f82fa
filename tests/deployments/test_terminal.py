"""Commands of the workshop whose output goes nowhere: a sentence and an exit code, whatever they print, and when."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    ["-m", "deployments.checkpoints", "fetch", "mini", "mini-x4"],
    ["-m", "deployments.checkpoints", "fetch", "minni"],
    ["-m", "deployments.loras", "--help"],
    ["-m", "deployments.memory", "mini"],
    ["-m", "deployments.families"],
    *(
        ["-c", f"from deployments.terminal import *; raise SystemExit(run(lambda: {work}))"]
        for work in (
            "plain_console().print('x')",
            "plain_console().print('word ' * 50_000)",
            "plain_console().out('x' * 500_000)",
            "sys.stdout.write('x') and 0",
        )
    ),
]
FULL = Path("/dev/full")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments)[-40:])
def test_a_full_device_is_one_sentence(arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run([sys.executable, *arguments], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert done.returncode == 1
    assert done.stderr.decode() == "cannot print: No space left on device\n"


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
def test_where_not_even_that_can_be_said_the_exit_code_is_the_same() -> None:
    with FULL.open("wb") as full:
        done = subprocess.run([sys.executable, *COMMANDS[-1]], stdout=full, stderr=full, env=ENVIRONMENT)
    assert done.returncode == 1


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments)[-40:])
def test_a_reader_that_left_ends_it_quietly(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, *arguments], stdout=writing, stderr=subprocess.PIPE, env=ENVIRONMENT)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
