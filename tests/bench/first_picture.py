"""From clone to first picture, as a newcomer does it, in seconds: `python -m tests.bench.first_picture`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from configs.load import ROOT
from tests.ports import free_port


def main() -> int:
    """Clone, install, start, draw one icon with the command line, stop. Exit code 1 when a part fails."""
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "atelier")
        seconds["clone"] = _timed(["git", "clone", "-q", str(ROOT), str(clone)], ROOT)
        seconds["install"] = _timed(["make", "-s", ".venv/.runtime"], clone)
        port = free_port()
        arguments = f"ARGS=--http-port {port} --dashboard-port {free_port()}"
        began = time.monotonic()
        log = Path(folder, "log")
        with log.open("w") as stream:
            studio = subprocess.Popen(
                ["make", "-s", "run", arguments], cwd=clone, stdout=stream, stderr=stream, start_new_session=True
            )
        try:
            while "ready after" not in log.read_text():
                if studio.poll() is not None:
                    sys.stderr.write(log.read_text())
                    return 1
                time.sleep(0.1)
            seconds["start"] = time.monotonic() - began
            command = [".venv/bin/atelier", "generate", "a red bicycle icon", "--url", f"http://127.0.0.1:{port}"]
            seconds["first picture"] = _timed([*command, "-o", "out", "--quiet"], clone)
            seconds["second picture"] = _timed([*command, "-o", "out", "--quiet"], clone)
        finally:
            os.killpg(studio.pid, signal.SIGINT)  # as a terminal sends Ctrl-C: to make and to what it runs
            studio.wait(60)
    table = Table(title="from clone to first picture")
    table.add_column("part")
    table.add_column("seconds", justify="right")
    for part, took in seconds.items():
        table.add_row(part, f"{took:.1f}")
    table.add_row("clone to first picture", f"{sum(seconds.values()) - seconds['second picture']:.1f}")
    Console().print(table)
    return 0


def _timed(command: list[str], folder: Path) -> float:
    began = time.monotonic()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
