"""What the running studio has decided is told on a terminal, or why it cannot be."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
from rich.console import Console

from configs.errors import ConfigError
from router.api.app import create_app
from router.capacity.decide import decide
from router.capacity.report import Record
from router.studio import Studio
from serve.capacity.command import run
from tests.router.calls import until
from tests.router.capacity.worlds import MONDAY, POLICY, busy, world
from tests.studio import painted_studio, serving


def told(*words: str) -> str:
    console = Console(width=160)
    with console.capture() as shown:
        run(["why", *words], console)
    return shown.get()


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """One in which two things were decided of a deployment."""
    studio = painted_studio(tmp_path)
    record = Record()
    for moment, state in ((0.0, busy("generator-flux")), (60.0, busy("generator-flux", seconds=9, running=1))):
        seen = world(state, now=MONDAY + moment)
        record.note(seen, POLICY, decide(seen, POLICY))
    anyio.run(studio.replicas.publish_capacity, record.report(seen))
    return studio


def test_a_deployment_is_told_with_its_reason_its_grounds_and_what_went_before(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(studio.planner), "plan", lambda _: anyio.sleep(0))
    with serving(create_app(studio)) as url:
        shown = told("flux", "--url", url)
        assert "generator-flux: 1 wanted on t4, 1 running, 0 starting" in shown
        assert "enough: what there is does the work in time" in shown
        assert "9 s, 1 jobs wait" in shown
        assert "1 (wake)" in shown
        assert shown.index("1 (enough)") < shown.index("1 (wake)")
        with pytest.raises(ConfigError, match="nothing is decided of 'sdxl'; there are generator-flux"):
            told("sdxl", "--url", url)
        body = httpx.get(f"{url}/operations/capacity", timeout=30).json()
    assert body["decisions"][0]["ground"]["slo_seconds"] == 30


def test_a_studio_decides_by_itself_and_says_so_of_each_deployment(tmp_path: Path) -> None:
    with serving(create_app(painted_studio(tmp_path))) as url, httpx.Client(base_url=url, timeout=30) as api:
        until(lambda: bool(api.get("/operations/capacity").json()["decisions"]))
        seen = api.get("/operations/capacity").json()
        assert seen["ages"].keys() == {"jobs", "replicas"}
        mini = next(one for one in api.get("/operations").json()["deployments"] if one["name"] == "generator-mini")
    assert (mini["capacity"]["wanted"], mini["capacity"]["kind"]) == (1, None)


def test_where_no_studio_answers_it_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="start one, or say where with --url"):
        told("mini", "--url", "http://127.0.0.1:9")
