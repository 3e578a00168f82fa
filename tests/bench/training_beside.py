"""What drawing costs while a LoRA is learned on the same machine: `python -m tests.bench.training_beside`.

A studio as `make run` starts it draws drafts one after the other. Beside every second one a training goes on; for the
others its process is stopped (SIGSTOP), so that what else the machine does falls on both. Between them nobody draws,
and the training's steps are counted as they are while somebody does. Medians and ratios are printed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil
from atelier import Atelier
from rich.console import Console
from rich.table import Table

from configs.service import Address
from tests.bench.customer import Customer, until
from tests.bench.launched import launched
from tests.ports import free_port
from tests.studio import local_installation

EXAMPLE = Path("training/lora/examples/kestrel")
SETTINGS = {"steps": 5000, "checkpoint_every": 5000, "validation_share": 0, "rank": 8}
"""More steps than are taken: it is canceled at the end."""
_WARM_STEPS = 3
_ENDED = ("complete", "failed", "canceled")
_REPLICA = "ray::ServeReplica:atelier:trainer-mini"


@dataclass
class Pace:
    """How many steps of the training were taken in how many seconds."""

    steps: int = 0
    seconds: float = 0.0

    @property
    def seconds_per_step(self) -> float:
        """Of all of them."""
        return self.seconds / max(self.steps, 1)


@dataclass
class Sides:
    """Seconds of each draft, alone and beside the training; and the training's pace, alone and beside drawing."""

    drafts_alone: list[float] = field(default_factory=list)
    drafts_beside: list[float] = field(default_factory=list)
    alone: Pace = field(default_factory=Pace)
    beside: Pace = field(default_factory=Pace)

    @property
    def slowdown(self) -> float:
        """The median of what each draft takes beside the training, against the one drawn alone next to it in time."""
        return statistics.median(one / other for one, other in zip(self.drafts_beside, self.drafts_alone, strict=True))


class Learner:
    """Begins trainings of one dataset, and looks at them."""

    def __init__(self, api: httpx.Client) -> None:
        self._api = api
        with Atelier(str(api.base_url)) as studio:
            studio.datasets.add(EXAMPLE, id="kestrel", trigger="kestrel style", right="own")

    def begin(self) -> str:
        """The id of one that takes steps."""
        order = {"dataset": "kestrel", "lora": "beside", "settings": SETTINGS, "judged": False, "unchecked": True}
        (begun,) = self._api.post("/trainings", json=order).raise_for_status().json()["trainings"]
        id: str = begun["job_id"]
        until(lambda: self.step(id) >= _WARM_STEPS, "the first steps of a training")
        return id

    def step(self, id: str) -> int:
        """How many it has taken. Raises RuntimeError where it has ended."""
        found = self._read(id)
        if found["status"] in _ENDED:
            raise RuntimeError(f"the training has ended: {found['error'] or found['status']}")
        return int(found["step"])

    def end(self, id: str) -> None:
        """Cancel it, and see it canceled."""
        self._api.delete(f"/trainings/{id}").raise_for_status()
        until(lambda: self._read(id)["status"] in _ENDED, "the end of a training")

    def _read(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._api.get(f"/trainings/{id}").raise_for_status().json()
        return found


def measure(api: httpx.Client, turns: int) -> Sides:
    """So many drafts on each side."""
    customer, learner, sides = Customer(api), Learner(api), Sides()
    draw(customer)
    training = learner.begin()
    process = _trainer()
    for turn in range(turns):
        for beside in (turn % 2 == 0, turn % 2 == 1):
            if beside:
                with _counted(learner, training, sides.beside):
                    sides.drafts_beside.append(draw(customer))
            else:
                process.suspend()
                try:
                    sides.drafts_alone.append(draw(customer))
                finally:
                    process.resume()
        with _counted(learner, training, sides.alone):
            time.sleep(sides.drafts_beside[-1])
    learner.end(training)
    return sides


@contextmanager
def _counted(learner: Learner, training: str, pace: Pace) -> Iterator[None]:
    """Count its steps inside."""
    began, first = time.monotonic(), learner.step(training)
    yield
    pace.steps += learner.step(training) - first
    pace.seconds += time.monotonic() - began


def _trainer() -> psutil.Process:
    """The process that learns, among those that this one has started."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += [process for words in process.cmdline()[:1] if _REPLICA in words]
    (trainer,) = found
    return trainer


def draw(customer: Customer) -> float:
    """Seconds of a draft, from its order to its files."""
    began = time.monotonic()
    job = customer.wait(customer.ask()["job_id"])
    if job["status"] != "complete":
        raise RuntimeError(f"a draft is {job['status']}: {job['error']}")
    return time.monotonic() - began


def describe(sides: Sides) -> Table:
    """The table for people."""
    table = Table(title="Drawing beside a training, mini")
    for column in ("median", "alone", "beside", "ratio (of a draft: median of pairs)"):
        table.add_column(column)
    alone, beside = statistics.median(sides.drafts_alone), statistics.median(sides.drafts_beside)
    table.add_row("seconds of a draft", f"{alone:.2f}", f"{beside:.2f}", f"{sides.slowdown:.2f}")
    one, other = sides.alone.seconds_per_step, sides.beside.seconds_per_step
    table.add_row("seconds of a step", f"{one:.2f}", f"{other:.2f}", f"{other / one:.2f}")
    return table


def main() -> None:
    """Measure, and print both sides and their ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.training_beside", description=__doc__)
    parser.add_argument("--turns", type=int, default=12, help="a draft on each side")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = Address(port=free_port())
        installation = local_installation(Path(folder), http=address, dashboard=Address(port=free_port()))
        with launched(installation, quiet=True) as url, httpx.Client(base_url=url, timeout=120) as api:
            sides = measure(api, options.turns)
    console = Console(width=100)
    console.print(describe(sides))
    load = os.getloadavg()[0]
    console.print(f"{os.cpu_count()} cores, load {load:.1f} at the end, {platform.machine()}, {date.today()}")


if __name__ == "__main__":
    main()
