"""A studio whose experiments have drawn already, behind its REST API."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from configs.experiments import StopConfig
from router.api.app import create_app
from router.experiments.ballots.store import BallotStore
from router.studio import Studio
from tests.contract.job_samples import Clock
from tests.router.experiments.ballots.samples import ARMS, Drawn, Gallery, a_colourful_png, a_phase, a_png
from tests.studio import painted_studio, serving

PROMPTS = [f"prompt {number}" for number in range(24)]


@dataclass
class Booth:
    """Where people vote: the API, and a clock that moves when told to."""

    api: httpx.Client
    clock: Clock

    def ballots(self, experiment: str, rater: str, count: int = 5, **more: Any) -> list[dict[str, Any]]:
        answer = self.api.post(f"/experiments/{experiment}/ballots", json={"count": count, "rater": rater, **more})
        assert answer.status_code == 200, answer.text
        ballots: list[dict[str, Any]] = answer.json()["ballots"]
        return ballots

    def vote(self, ballot: str, rater: str, choice: str, **more: Any) -> httpx.Response:
        self.clock.advance(1)
        return self.api.put(f"/ballots/{ballot}/vote", json={"choice": choice, "rater": rater, **more})

    def noise(self, ballot: dict[str, Any], place: str) -> float:
        """How noisy a picture is; arms come in that order."""
        urls = dict(zip(("left", "right") if ballot["left"] else "0123", ballot["pictures"], strict=True))
        picture = Image.open(io.BytesIO(self.api.get(urls[place]).content))
        return float(np.asarray(picture.convert("L"), float).std())

    def noisiest(self, ballot: dict[str, Any]) -> str:
        """The place of the noisiest picture."""
        places = ("left", "right") if ballot["left"] else tuple("0123")
        return max(places, key=lambda place: self.noise(ballot, place))

    def sit(self, experiment: str, rater: str, choose: Any = lambda ballot: "left", most: int = 40) -> list[Any]:
        """Answer ballots one after another; all that were shown."""
        shown: list[Any] = []
        while len(shown) < most and (ballots := self.ballots(experiment, rater, 1)):
            answer = self.vote(ballots[0]["id"], rater, choose(ballots[0]))
            assert answer.status_code == 200, answer.text
            shown += ballots
        return shown


async def prepare(studio: Studio) -> None:
    """Experiments by what tests need of them."""
    gallery = Gallery(studio)
    await studio.store.open()
    phases = {
        "pairs": a_phase("pairs"),
        "short": a_phase("short", sitting=3, checks=0),
        "plain": a_phase("plain", checks=0),
        "screens": a_phase("screens", ARMS, screen=4),
        "over": a_phase("over"),
        "unlike": a_phase("unlike"),
        "empty": a_phase("empty"),
        "lefties": a_phase("lefties"),
        "judged": a_phase("judged"),
        "checks": a_phase("checks", checks=0.5),
        "taken": a_phase("taken"),
        "refusing": a_phase("refusing"),
        "colourful": a_phase("colourful"),
        "few": a_phase("few", stop=StopConfig(min_votes=2, max_votes=5), checks=0.5),
    }
    for phase in phases.values():
        await gallery.begin(phase)
    for id in ("pairs", "short", "plain", "lefties", "judged", "checks", "screens", "few"):
        await gallery.draw(phases[id], PROMPTS[:12] if id == "screens" else PROMPTS)
    await gallery.draw(phases["over"], PROMPTS[:2])
    await gallery.draw(phases["colourful"], PROMPTS, paint=a_colourful_png)
    unlike = phases["unlike"]
    for arm, size in (("champion", (96, 64)), ("klein", (64, 64))):
        await gallery.finish(Drawn(gallery.routed(unlike, arm, "other size"), "a cat", a_png(arm, 1, size), size=size))
    for arm, served in (("champion", "champion"), ("klein", "champion")):
        await gallery.finish(Drawn(gallery.routed(unlike, arm, "down", served), "a dog", a_png(served, 2)))
    await studio.store.close()


@pytest.fixture(scope="package")
def booth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booth]:
    folder: Path = tmp_path_factory.mktemp("booth")
    asyncio.run(prepare(painted_studio(folder)))
    studio, clock = painted_studio(folder), Clock()
    chance = np.random.default_rng(1)  # which ballots are checks decides how many votes there are to count
    studio = replace(studio, ballots=BallotStore(studio.experiments.store, chance))
    studio.ballots.clock = clock
    with (
        serving(create_app(studio)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield Booth(client, clock)
