"""What is reported of experiments: by the names and tags of the table, at the moment when it happens."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import httpx
import pytest

from configs.metrics import Kind
from router.api.app import create_app
from router.metrics import METRICS
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.router.calls import submit, wait
from tests.router.experiments.test_running import add, call
from tests.studio import PaintedGenerator, finisher_of, local_installation, serving


class Tally:
    """Counts, and refuses what the table does not name, as an exporter would."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()

    def count(self, name: str, n: float = 1, **tags: str) -> None:
        metric = METRICS[name]
        assert metric.kind is Kind.COUNTER
        assert set(metric.tags) == set(tags)
        self.counts[name, tuple(sorted(tags.items()))] += int(n)

    def observe(self, name: str, value: float, **tags: str) -> None:
        assert METRICS[name].kind is Kind.HISTOGRAM

    def gauge(self, name: str, value: float, **tags: str) -> None:
        assert METRICS[name].kind is Kind.GAUGE

    def of(self, name: str) -> int:
        return sum(n for (of, _), n in self.counts.items() if of == name)


@pytest.mark.parametrize("looked", [1, 3])
def test_jobs_and_looks_are_counted_once_each(tmp_path: Path, looked: int) -> None:
    tally, installation = Tally(), local_installation(tmp_path)
    real = {one.name: PaintedGenerator() for one in installation.profile.generators}
    studio = Studio.assemble(installation, DirectReplicas({**real, "finisher": finisher_of(installation)}), tally)
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        add(api, "fewer")
        call(api, "POST", "/experiments/fewer/start")
        plain = {"quality": "draft", "formats": ["png"], "stages": {"clean": False, "score": False, "check": False}}
        job = wait(api, submit(api, **plain))
        assert job["status"] == "complete", job["error"]
        for _ in range(looked):
            assert api.get(f"/jobs/{job['job_id']}/images/0.png").status_code == 200
    assert (tally.of("atelier_assignments_total"), tally.of("atelier_exposures_total")) == (1, 1)
