"""`python -m tests.bench.storage`: jobs submitted and claimed per second, today beside another commit, in one run.

Each side is a process of its own on its own tree, on a new SQLite file and on a new database of a PostgreSQL that
writes through to the disk. They take turns, and the best of each side's rounds counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from configs.load import ROOT
from tests.postgres import running_postgres

MEASURE = Path(__file__).with_name("storage_side.py")
BEFORE = "5da5482"
"""The last commit whose schema knew no steps."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.storage", description=__doc__)
    parser.add_argument("--against", default=BEFORE, help="the commit to compare with")
    parser.add_argument("--jobs", type=int, default=400, help="per round and side")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (
        checked_out(options.against) as before,
        running_postgres(fsync=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        for engine in ("sqlite", "postgresql"):
            best: dict[str, dict[str, float]] = {"before": {}, "after": {}}
            for round in range(options.rounds):
                for side, tree in (("before", before), ("after", Path(ROOT))):
                    new = f"sqlite:///{folder}/{side}-{round}.db"
                    url = new if engine == "sqlite" else server.create_database()
                    for name, rate in _measure(tree, url, options.jobs).items():
                        best[side][name] = max(best[side].get(name, 0.0), rate)
            for name, rate in best["after"].items():
                other = best["before"][name]
                print(f"{engine:<11} {name:<8} {other:8.0f}/s before {rate:8.0f}/s after  {rate / other:5.2f}")  # noqa: T201


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A checkout of another commit, gone in the end."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def _measure(tree: Path, url: str, jobs: int) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": str(tree)}
    command = [sys.executable, str(MEASURE), url, str(jobs)]
    answer = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True, text=True)
    rates: dict[str, float] = json.loads(answer.stdout)
    return rates


if __name__ == "__main__":
    main()
