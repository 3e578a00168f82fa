"""What another release has written of experiments, and this one cannot read: who asks for it is told so in a sentence,
and everything else goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, text

from configs.experiments import Overlay
from router.api.app import create_app
from router.experiments.ballots.model import Answer
from router.experiments.model import Canary, Champion
from router.experiments.store import ExperimentStore
from router.studio import Studio
from tests.router.experiments.ballots.samples import NOW, Gallery, a_phase
from tests.router.storage.test_migration import connected
from tests.studio import painted_studio, serving

POISONS = {
    "definition": ("experiment_phases", "definition", '{"unheard": "of"}', "experiment_id = 'definition'"),
    "arms": ("experiment_phases", "arms", "7", "experiment_id = 'arms'"),
    "status": ("experiments", "status", "dreaming", "id = 'status'"),
    "overlay": ("champion_moves", "overlay", "[1, 2]", "asset_type = 'icon' AND quality = 'draft'"),
    "overlay before": ("champion_moves", "overlay", "7", "asset_type = 'product_illustration' AND revision = 2"),
    "canary": ("champion_moves", "canary", "{", "quality = 'high'"),
    "payload": ("experiment_events", "payload", "7", "experiment_id = 'fine' AND seq = 1"),
    "type": ("experiment_events", "type", "sung", "experiment_id = 'fine' AND seq = 2"),
    "shown": ("ballots", "shown", '{"document_version": "new"}', "1 = 1"),
    "criteria": ("votes", "criteria", "7", "1 = 1"),
}
"""Of each document a place in the database, what stands there, and in which row."""
LOST = ("definition", "arms", "status")
CHAMPIONS = ("draft", "high")
OVERLAY = Overlay(guidance_scale=2)


def poison(connection: Connection) -> None:
    for table, column, value, where in POISONS.values():
        changed = connection.execute(text(f"UPDATE {table} SET {column} = :value WHERE {where}"), {"value": value})
        assert changed.rowcount


async def prepare(studio: Studio) -> None:
    """Experiments and champions by what will be wrong with them; `fine` and icons of `standard` stay as they are."""
    gallery, store = Gallery(studio), studio.experiments.store
    await studio.store.open()
    for id in (*LOST, "fine"):
        await gallery.begin(a_phase(id, checks=0))
    await store.expose("fine", 0.5, "ana", "")
    await gallery.draw(a_phase("fine"), ["a cat", "a dog", "a cow"])
    handed = await studio.ballots.lease("fine", "ana", 2)
    await studio.ballots.cast(handed.ballots[0].id, "ana", Answer("left", {"style": "right"}))
    for quality in (*CHAMPIONS, "standard"):
        canary = Canary(overlay=Overlay(guidance_scale=3), share=0.1)
        await promote(store, Champion("icon", quality, 0, "canary", OVERLAY, canary, "ana", "", None, NOW))
    for guidance in (2, 3, 4):
        overlay = Overlay(guidance_scale=guidance)
        await promote(
            store, Champion("product_illustration", "draft", 0, "promote", overlay, None, "ana", "", None, NOW)
        )
    await studio.store.close()


async def promote(store: ExperimentStore, champion: Champion) -> None:
    await store.move_champion(champion.key, None, lambda _: champion)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("studio")
    asyncio.run(prepare(painted_studio(folder)))
    with connected(f"sqlite:///{folder / 'state/jobs.db'}") as connection:
        poison(connection)
    with serving(create_app(painted_studio(folder))) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    error: dict[str, str] = answer.json()["error"]
    assert error["code"] == "state_conflict"
    assert error["message"].endswith("`python -m router.storage check` lists all that it cannot read")
    return error["message"]


@pytest.mark.parametrize("id", LOST)
def test_an_experiment_that_cannot_be_read_is_a_sentence_wherever_it_is_asked_for(api: httpx.Client, id: str) -> None:
    path = f"/experiments/{id}"
    for part in ("", "/events", "/runs", "/results", "/plot", "/votes.csv"):
        assert refused(api.get(f"{path}{part}")).startswith(f"experiment {id} was written by another release")
    for part in ("/pause", "/resume", "/stop", "/ballots", "/runs"):
        refused(api.post(f"{path}{part}", json={}))
    refused(api.patch(path, json={"exposure": 0.5}))
    refused(api.get("/assignments", params={"experiment": id, "unit": "ana"}))
    body = {"experiment": id, "arm": "klein", "reason": "try"}
    refused(api.post("/champions/product_illustration/draft", json=body))


def test_the_others_are_listed_and_go_on(api: httpx.Client) -> None:
    told = api.get("/experiments").json()
    ids = {one["id"] for one in told["experiments"]}
    assert "fine" in ids
    assert ids.isdisjoint(LOST), "none looks as if it had never been started"
    assert [note.split()[1] for note in told["notes"]] == sorted(LOST)
    for action, state in (("pause", "paused"), ("resume", "running")):
        assert api.post(f"/experiments/fine/{action}", json={}).json()["state"] == state
    assert api.post("/experiments/fewer-steps/start", json={}).json()["state"] == "running"
    planned = api.post("/generate", json={"prompt": "a cup", "asset_type": "icon", "dry_run": True})
    assert planned.json()["plan"]["stages"][0]["guidance_scale"] in (2, 3), "the champion that can be read draws"


def test_an_event_that_cannot_be_read_keeps_its_number(api: httpx.Client) -> None:
    events = api.get("/experiments/fine/events").json()["events"]
    assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[0]["after"]) == ("started", {})
    assert (events[1]["type"], events[1]["told"]) == ("other", {"type": "sung"})


def test_a_ballot_that_cannot_be_read_counts_and_is_shown_to_nobody(api: httpx.Client) -> None:
    found = api.get("/experiments/fine/votes.csv", params={"rater": "ben"})
    assert found.text.count("\n") == 3
    assert api.get("/experiments/fine/results", params={"rater": "ben"}).json()["votes"] == 1
    fresh = api.post("/experiments/fine/ballots", json={"rater": "ana", "count": 5}).json()["ballots"]
    assert len(fresh) == 1, "what she has not seen yet"
    assert api.get(fresh[0]["left"]).status_code == 200


@pytest.mark.parametrize("quality", CHAMPIONS)
def test_a_champion_that_cannot_be_read_is_a_sentence_and_the_others_stand(api: httpx.Client, quality: str) -> None:
    path = f"/champions/icon/{quality}"
    assert refused(api.get(path)).startswith(f"the champion of icon, {quality}, at revision 1, was written by another")
    body: dict[str, Any] = {"reason": "why not"}
    for step in ("/pause", "/resume", "/ramp", "/rollback"):
        refused(api.post(f"{path}{step}", json=body))
    refused(api.post(path, json=body | {"overlay": {"steps": {quality: 3}}}))
    listed, history = api.get("/champions").json(), api.get(f"{path}/history").json()
    assert "standard" in [one["quality"] for one in listed["champions"] if one["asset_type"] == "icon"]
    assert (len(listed["notes"]), history["champions"], len(history["notes"])) == (2, [], 1)
    assert api.get("/champions/icon/standard").json()["revision"] == 1


def test_nobody_goes_back_past_a_champion_that_cannot_be_read(api: httpx.Client) -> None:
    answer = api.post("/champions/product_illustration/draft/rollback", json={"reason": "worse"})
    assert answer.status_code == 409
    assert "cannot read what was champion at revision 2: promote" in answer.json()["error"]["message"]
    assert [
        one["revision"] for one in api.get("/champions/product_illustration/draft/history").json()["champions"]
    ] == [3, 1]
    body = {"overlay": {"steps": {"draft": 3}}, "reason": "as it was", "at_once": True}
    moved = api.post("/champions/product_illustration/draft", json=body)
    assert (moved.status_code, moved.json().get("revision")) == (200, 4), moved.text
