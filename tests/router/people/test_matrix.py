"""Every route × everybody who may ask × things of two owners: what the app answers is what its table says.

A new route that names something of somebody's needs a thing of two owners in `_stock`, and says so here.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from datetime import time as clock
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from configs.webhooks import WebhookConfig
from configs.windows import Window
from deployments.trainings import LearnedPicture
from router.api.app import create_app
from router.jobs.event_log import write_events
from router.jobs.model import EventType, JobEvent, NewJob
from router.jobs.sql import SqlJobStore
from router.people.policy import POLICY, Whose
from router.people.tables import principals
from router.studio import Studio
from tests.router.experiments.ballots.samples import Gallery, a_phase
from tests.router.people.matrix import COLUMNS, HEADER, MINE, OTHERS, Stock, Thing, door, expect, outcome
from tests.router.training.conftest import LICENCE, a_plan
from tests.studio import painted_studio

pytestmark = pytest.mark.slow

PARTS = re.compile(r"\{(\w+)\}")
SAID = re.compile(r"\{\w+=([^{}]+)\}")
PLAIN = {
    "deployment": "mini",
    "model": "mini",
    "index": "0",
    "format": "png",
    "prompt": "0",
    "letter": "A",
    "place": "left",
    "principal_id": "cat",
}
"""Parts of paths that name nothing of anybody's."""
ENDING = {"GET /events": "/events?seconds=0"}
"""What would go on until its client leaves."""
BODIES: dict[str, dict[str, Any]] = {
    "POST /compare/{comparison_id}/pick": {"json": {"prompt": 0, "choice": "none"}},
    "PUT /ballots/{ballot_id}/vote": {"json": {"choice": "nothing"}},
    "POST /ballots/{ballot_id}/reveal": {"json": {}},
    "PATCH /spaces/{id}": {"json": {}},
    "PUT /images/{asset_id}/tags": {"json": {"tags": ["fox"]}},
    "POST /images/{asset_id}/links": {"json": {}},
    "PATCH /collections/{collection_id}": {"json": {}},
    "PATCH /collections/{collection_id}/items/{asset_id}": {"json": {"note": ""}},
    "POST /collections/{collection_id}/links": {"json": {}},
    "PUT /spaces/{id}/members/{principal_id}": {"json": {}},
    "PATCH /pictures/{picture_id}": {"json": {"right": "own"}},
    "POST /batches/{batch_id}/acknowledge": {"json": {"purpose": "product"}},
    "POST /images/{asset_id}/acknowledge": {"json": {"purpose": "product"}},
    "POST /images/{asset_id}/replay": {"json": {}},
    "POST /jobs/{job_id}/acknowledge": {"json": {"purpose": "product"}},
    "POST /trainings/{training_id}/adopt": {"json": {"step": 5}},
    "PATCH /webhooks/{webhook_id}": {"json": {}},
    "POST /webhooks/{webhook_id}/replay": {"json": {"since": "2026-03-01T12:00:00Z"}},
}
"""What routes that name something of somebody's take, so that they come to looking for it."""
ANEW: dict[str, tuple[str, Callable[[Stock], str]]] = {
    "DELETE /pictures/{picture_id}": ("picture_id", Stock.upload),
    "DELETE /images/{asset_id}": ("asset_id", Stock.upload),
    "POST /images/{asset_id}/restore": ("asset_id", Stock.deleted),
    "DELETE /collections/{collection_id}": ("collection_id", Stock.collection),
    "DELETE /collections/{collection_id}/items/{asset_id}": ("collection_id", Stock.kept),
    "DELETE /links/{link_id}": ("link_id", Stock.link),
    "DELETE /me/keys/{key_id}": ("key_id", Stock.key),
    "DELETE /me/devices/{device_id}": ("device_id", Stock.device),
    "DELETE /webhooks/{webhook_id}": ("webhook_id", Stock.webhook),
}
"""What is another each time, as it is gone after it."""
TRAININGS = {"training-1": MINE, "training-2": OTHERS}
SHEET, AFTER_ALL = b"a sheet", 1000
"""What the judge of each has drawn, and where its log says so: behind whatever else will come."""
NEVER = Window(opens=clock(0), closes=clock(0))
"""Of the day, so that nothing is learned meanwhile."""
NAMED_IN_BODIES = {
    "POST /regenerate": ("job_id", "job_id", {}),
    "POST /like": ("asset_id", "asset_id", {}),
    "POST /tweak": ("asset_id", "asset_id", {"prompt": "a cat"}),
    "POST /finish": ("asset_id", "asset_id", {}),
    "POST /generate": ("image", "picture_id", {"prompt": "a cat", "model": "mini"}),
}
"""Pictures and jobs that may be gone on from are those that may be seen: the field, the part, and what else is said."""


@pytest.fixture(scope="module")
def stocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stock, Stock]]:
    folder = tmp_path_factory.mktemp("matrix")
    anyio.run(_draw_pairs, painted_studio(folder))
    nobody = WebhookConfig(allow=("127.0.0.1:9",), most_per_owner=1000)
    with TestClient(create_app(painted_studio(folder, webhooks=nobody), door=door)) as api:
        for space, member, role in (("brand", "ana", "lead"), ("brand", "ben", "member"), ("others", "eve", "lead")):
            api.post("/spaces", json={"id": space})
            assert api.put(f"/spaces/{space}/members/{member}", json={"role": role}).is_success
        yield _stock(api, MINE, "owner"), _stock(api, OTHERS, "stranger")


async def _draw_pairs(studio: Studio) -> None:
    """An experiment that has drawn, so that there are ballots; and people who are known."""
    await studio.store.open()
    assert isinstance(studio.store, SqlJobStore)
    await studio.store.database.write(_add_people)
    gallery, phase = Gallery(studio), a_phase("pairs")
    await gallery.begin(phase)
    await gallery.draw(phase, ["a fox", "a cat", "a dog"])
    picture = LearnedPicture(sha256="0" * 64, caption="a fox")
    for id, thing in TRAININGS.items():
        job = NewJob(id, thing.owner, {}, a_plan((picture,), window=NEVER), LICENCE, thing.space)
        await studio.store.submit(job)
        told = JobEvent(id, AFTER_ALL, EventType.JUDGED, {"sheet": await studio.blobs.put(SHEET)}, datetime.now(UTC))
        await studio.store.database.write(write_events, thing.owner, told)
    await studio.store.close()


def _add_people(connection: Connection) -> None:
    now = datetime.now(UTC)
    people = [{"id": id, "name": id.title(), "created_at": now} for id in ("ana", "ben", "eve", "cat")]
    connection.execute(insert(principals), people)


def _stock(api: TestClient, thing: Thing, who: str) -> Stock:
    """Of each kind of things one."""
    stock = Stock(api, thing, who)
    order = {"prompt": "a fox", "quality": "draft"}
    job = stock.post("/generate", json=order)["job_id"]
    batch = stock.post("/batches", json={"prompts": ["a fox"], "qualities": ["draft"]})["batch_id"]
    ways = [{"id": "a"}, {"id": "b", "overlay": {"guidance_scale": 2}}]
    comparison = stock.post("/compare", json={**order, "arms": ways, "seeds": 1})["comparison_id"]
    ballot = stock.post("/experiments/pairs/ballots", json={"count": 1})["ballots"][0]["id"]
    for _ in range(400):
        images = api.get(f"/jobs/{job}/images").json()["images"]
        states = {api.get(f"/batches/{one}").json()["status"] for one in (batch, comparison)}
        if images and states == {"complete"}:
            break
        time.sleep(0.02)
    webhook = stock.webhook()
    stock.devices = [stock.let_in() for _ in COLUMNS]
    stock.parts = {
        "webhook_id": webhook,
        "delivery_id": stock.post(f"/webhooks/{webhook}/test")["id"],
        "job_id": job,
        "training_id": next(id for id, one in TRAININGS.items() if one is thing),
        "sha256": hashlib.sha256(SHEET).hexdigest(),
        "asset_id": images[0]["asset_id"],
        "picture_id": stock.upload(),
        "batch_id": batch,
        "comparison_id": comparison,
        "ballot_id": ballot,
        "collection_id": stock.collection(images[0]["asset_id"]),
    }
    return stock


def _path(route: str, stock: Stock) -> str:
    """With the things of `stock`. What is deleted is there anew each time."""
    path = ENDING.get(route) or SAID.sub(r"\1", route.split(" ", 1)[1])
    parts = dict.fromkeys(PARTS.findall(path), "nothing") | PLAIN | stock.parts
    parts |= {"place": "0"} if "/compare/" in path else {}
    parts |= {"id": stock.space} if "/spaces/" in path else {}
    if route in ANEW:
        part, make = ANEW[route]
        parts[part] = make(stock)
    if route == "DELETE /spaces/{id}/members/{principal_id}":
        assert stock.api.put(path.format(**parts)).is_success
    return path.format(**parts)


def _body(route: str, stock: Stock) -> dict[str, Any]:
    if route == "POST /collections/{collection_id}/items":
        return {"json": {"asset_ids": [stock.parts["asset_id"]]}}
    return BODIES.get(route, {})


def _names(route: str) -> bool:
    """Whether it names something of somebody's. Raises where there is none of that in the stock."""
    named = [name for name in PARTS.findall(route) if name not in PLAIN]
    if POLICY[route].whose in (Whose.PUBLIC, Whose.ANY) or not named:
        return False
    known = {"id", "key_id", "device_id", "collection_id", "link_id", "job_id", "asset_id"}
    known |= {"picture_id", "training_id", "batch_id", "comparison_id", "ballot_id", "webhook_id"}
    assert set(named) & known, f"{route} names something of somebody's: put one of two owners into the stock"
    return True


def _asked(stock: Stock, route: str, path: str, who: str, **said: Any) -> str:
    method, portal = route.split(" ", 1)[0], stock.api.portal
    assert portal is not None
    answer = portal.call(partial(_ask, stock.api.app, method, path, who, said))
    if answer.status_code < 400:
        return "in"
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return outcome(answer.status_code, answer.json()["error"]["code"] if is_json else None)


async def _ask(app: Any, method: str, path: str, who: str, said: dict[str, Any]) -> httpx.Response:
    """In the loop of the studio: a `TestClient` goes from thread to thread eight times for each request."""
    there = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=there, base_url="http://testserver", trust_env=False) as client:
        return await client.request(method, path, headers={HEADER: who}, **said)


@pytest.mark.parametrize("route", POLICY)
def test_a_route_answers_everybody_as_its_row_says(stocks: tuple[Stock, Stock], route: str) -> None:
    rule, names = POLICY[route], _names(route)
    wrong = []
    for stock in stocks if names else stocks[:1]:
        for name, who in COLUMNS.items():
            if rule.whose is Whose.PUBLIC and name not in ("nobody", "stranger"):
                continue  # nobody is asked who they are
            expected = expect(rule, who, stock.thing if names else None)
            said = _body(route, stock) if names else {}
            found = _asked(stock, route, _path(route, stock), name, **said)
            if not names and found == "hidden" and expected == "in":
                found = "in"  # it says that there is nothing of that name
            if found != expected:
                wrong.append(f"{name}, of {stock.thing.owner}: {found} in place of {expected}")
    assert not wrong


@pytest.mark.parametrize("route", NAMED_IN_BODIES)
def test_what_is_not_seen_is_no_beginning_either(stocks: tuple[Stock, Stock], route: str) -> None:
    field, part, more = NAMED_IN_BODIES[route]
    rule = POLICY[route]
    wrong = []
    for stock in stocks:
        for name, who in COLUMNS.items():
            expected = expect(rule, who, stock.thing)
            if expected == "forbidden" and expect(rule, who, None) == "in":
                expected = "in"  # who may see it may begin with it
            body = {field: stock.parts[part], "dry_run": True, **more}
            found = _asked(stock, route, route.split(" ", 1)[1], name, json=body)
            if found != expected:
                wrong.append(f"{name}, of {stock.thing.owner}: {found} in place of {expected}")
    assert not wrong
