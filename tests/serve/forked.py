"""`python -m serve` in a process that is forked from one which has done the imports: each time they take a second."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from configs.load import ROOT

_PATIENCE_SECONDS = 300
_NEEDED = ["tests.serve.forked", "serve.__main__", "serve.launch", "deployments.families.registry", "configs.load"]


def run_forked(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` tells of it. Raises TimeoutError."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_NEEDED)
    with tempfile.TemporaryDirectory() as folder:
        told = [Path(folder, name) for name in ("out", "err")]
        process = context.Process(target=_run, args=([*arguments], {**environment}, *map(str, told)))
        process.start()
        process.join(_PATIENCE_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"python -m serve {' '.join(arguments)}")
        return subprocess.CompletedProcess(arguments, process.exitcode, *(file.read_text() for file in told))


def _run(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for number, (name, file) in enumerate({"stdout": out, "stderr": err}.items(), 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        setattr(sys, name, os.fdopen(number, "w", closefd=False))
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # asked for again, of this environment
    os.chdir(ROOT)
    from serve.__main__ import main

    code = main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
