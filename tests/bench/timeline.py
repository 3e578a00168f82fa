"""Where the time of one draft goes: from POST to the last event, seam by seam, and the CPU of every process.

`python -m tests.bench.timeline` starts the local cluster with a stopwatch at each seam (`traced.py`), draws drafts one
after the other, and prints when each seam was passed. On a busy machine the fastest passage says more than the median;
what compares from one day to the next are the counts and the CPU.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import httpx
import psutil
from rich.console import Console
from rich.table import Table

import serve.app
from configs.service import Address
from deployments.stages import finish
from tests.bench import traced
from tests.bench.launched import launched
from tests.bench.path import DRAFT, a_prompt
from tests.ports import free_port
from tests.studio import local_installation

_IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """One draft: its POST by the machine's clock, and how many seconds later it passed each seam."""

    job_id: str
    posted: float
    seams: dict[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The drafts; CPU seconds of each process for all of them, above what it uses while idle; and what was counted."""

    drawings: Sequence[Drawing]
    cpu: dict[str, float]
    counts: Counter[str]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--drafts", type=int, default=20)
    chosen = options.parse_args()
    console = Console()
    with (
        tempfile.TemporaryDirectory() as folder,
        _traced_cluster(Path(folder)) as url,
        httpx.Client(base_url=url, timeout=60) as api,
    ):
        measured = measure(api, Path(os.environ[traced.TRACE]), chosen.drafts)
    console.print(_seams_table(measured.drawings))
    console.print(_work_table(measured))


def measure(api: httpx.Client, trace: Path, drafts: int) -> Measured:
    """`drafts` one after the other, once the cluster is warm and has come to rest."""
    for number in range(3):
        draw(api, number)
    idle = _cpu_rates(_IDLE_SECONDS)
    trace.write_text("")
    before, began = _cpu_seconds(), time.monotonic()
    sent = [draw(api, 100 + number) for number in range(drafts)]
    took, after = time.monotonic() - began, _cpu_seconds()
    moments = traced.read_moments(trace)
    return Measured(
        drawings=[_with_moments(one, moments) for one in sent],
        cpu={name: after[name] - before.get(name, 0.0) - idle.get(name, 0.0) * took for name in after},
        counts=Counter(moment.seam for moment in moments if moment.job_id == traced.COUNTED),
    )


def draw(api: httpx.Client, number: int) -> Drawing:
    """One draft over HTTP, as the client sees it; `number` decides prompt and seed."""
    posted = time.monotonic()
    answer = api.post("/generate", json=DRAFT | {"prompt": a_prompt(number), "seed": number})
    job_id = answer.raise_for_status().json()["job_id"]
    seams = {"answered": time.monotonic() - posted}
    with api.stream("GET", f"/jobs/{job_id}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                event = line.removeprefix("event:").strip()
                seams.setdefault(f"client has {event}", time.monotonic() - posted)
    seams["stream ended"] = time.monotonic() - posted
    return Drawing(job_id, posted, seams)


def _with_moments(sent: Drawing, moments: Sequence[traced.Moment]) -> Drawing:
    """What the client saw, and what the cluster wrote down about the same job."""
    inside = {moment.seam: moment.at - sent.posted for moment in moments if moment.job_id == sent.job_id}
    return Drawing(sent.job_id, sent.posted, sent.seams | inside)


@contextmanager
def _traced_cluster(folder: Path) -> Iterator[str]:
    """The local cluster with the classes of `serve.app` replaced by their traced ones; gives its URL."""
    os.environ[traced.TRACE] = str(folder / "trace")
    serve.app.FrontDoor = traced.TracedDoor  # type: ignore[misc]
    serve.app.Generator = traced.TracedGenerator  # type: ignore[attr-defined]
    finish.Finisher = traced.TracedFinisher  # type: ignore[attr-defined]
    installation = local_installation(folder, http=Address(port=free_port()), dashboard=None)
    with launched(installation) as url:
        yield url


def _cpu_seconds() -> dict[str, float]:
    """CPU seconds so far of each process of this tree, by what it is."""
    seconds: defaultdict[str, float] = defaultdict(float)
    own = psutil.Process()
    for process in [own, *own.children(recursive=True)]:
        try:
            times = process.cpu_times()
            seconds[_what(process)] += times.user + times.system
        except psutil.Error:
            continue
    return dict(seconds)


def _cpu_rates(pause: float) -> dict[str, float]:
    """CPU seconds per second of each process while nothing is asked of it."""
    before = _cpu_seconds()
    time.sleep(pause)
    return {name: (seconds - before.get(name, 0.0)) / pause for name, seconds in _cpu_seconds().items()}


def _what(process: psutil.Process) -> str:
    if process.pid == os.getpid():
        return "this client"
    words = process.cmdline()
    title = words[0] if words else process.name()
    if title.startswith("ray::"):
        return title.removeprefix("ray::").removeprefix("ServeReplica:atelier:").partition(".")[0]
    script = next((word for word in words[1:] if word.endswith(".py")), title)
    return Path(script).stem


def _seams_table(drawings: Sequence[Drawing]) -> Table:
    """The seams in order of time. A passage is the time from the seam before it, none where it was overtaken."""
    table = Table(title=f"one draft, of {len(drawings)}: milliseconds")
    table.add_column("seam", no_wrap=True)
    for column in ("since POST", "passage", "fastest passage"):
        table.add_column(column, justify="right")
    names = {name for one in drawings for name in one.seams}
    at = {name: median(one.seams[name] for one in drawings if name in one.seams) for name in names}
    for before, name in pairwise(["POST", *sorted(at, key=at.__getitem__)]):
        passages = [one.seams[name] - one.seams.get(before, 0.0) for one in drawings if name in one.seams]
        times = (at[name], max(median(passages), 0.0), max(min(passages), 0.0))
        table.add_row(name, *(f"{seconds * 1000:.1f}" for seconds in times))
    return table


def _work_table(measured: Measured) -> Table:
    drafts = len(measured.drawings)
    table = Table(title="per draft")
    table.add_column("what")
    table.add_column("value", justify="right")
    for name, seconds in sorted(measured.cpu.items(), key=lambda pair: -pair[1]):
        if seconds / drafts >= 0.0005:
            table.add_row(f"CPU of {name}", f"{seconds / drafts * 1000:.1f} ms")
    around = [seconds for name, seconds in measured.cpu.items() if not name.startswith(("generator", "this client"))]
    table.add_row("CPU around the generator", f"{sum(around) / drafts * 1000:.1f} ms")
    for name, count in measured.counts.items():
        table.add_row(name, f"{count / drafts:.1f}")
    return table


if __name__ == "__main__":
    main()
