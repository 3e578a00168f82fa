"""Every route that changes something says whether it is audited; those that are leave exactly one line for a change,
and none where they are refused."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.webhooks import WebhookConfig
from router.api.app import create_app
from router.people.audit.actions import ACTIONS
from router.people.audit.routes import AUDITED, NOT_AUDITED
from router.people.signing_in.devices import challenge_of
from tests.catalogue import copy_configs
from tests.router.experiments.test_running import FASTER, SPLIT
from tests.router.library.test_lora_uploads import LICENCES, safetensors
from tests.studio import painted_studio, serving

pytestmark = pytest.mark.slow

_numbers = itertools.count()
CSV = {"Content-Type": "text/csv"}
VOTES = "left,right,choice,rater,prompt\nchampion,half,left,ana,one\n"
SET = {"name": "Two", "prompts": [{"prompt": "a"}, {"prompt": "b"}]}


@dataclass(frozen=True)
class Ask:
    """A request as httpx sends it."""

    path: str
    said: Mapping[str, Any] = field(default_factory=dict)


def ask(path: str, **said: Any) -> Ask:
    return Ask(path, said)


class Bench:
    """A studio, and what is there before a route is tried."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api

    def send(self, method: str, wish: Ask) -> httpx.Response:
        return self.api.request(method, wish.path, **wish.said)

    def name(self, prefix: str = "a") -> str:
        return f"{prefix}-{next(_numbers)}"

    def done(self, method: str, path: str, **said: Any) -> Any:
        answer = self.api.request(method, path, **said)
        assert answer.is_success, answer.text
        return answer.json()

    def prompt_set(self) -> str:
        id = self.name("set")
        self.done("POST", "/library/prompt-sets", json={"id": id, "version": "1.0.0", "body": SET})
        return id

    def experiment(self, *steps: str, **body: Any) -> str:
        """One whose units nobody else has, on which `steps` were taken."""
        id = self.name("experiment")
        shadowed = {**SPLIT, "mode": "replay", "prompt_set": "house", **body}
        self.done("POST", "/library/experiments", json={"id": id, "version": "1.0.0", "body": shadowed, "mark": "live"})
        for step in steps:
            self.done("POST", f"/experiments/{id}/{step}", json={"reason": "a test"})
        return id

    def run(self) -> str:
        id = self.experiment("start")
        run = self.done("POST", f"/experiments/{id}/runs", json={"prompt_set": "house", "quality": "draft"})
        return f"/experiments/{id}/runs/{run['run_id']}"

    def champion(self, *steps: str) -> str:
        """The icon's, with nothing on its way but what `steps` say."""
        path = "/champions/icon/draft"
        if self.done("GET", path)["canary"] is not None:
            self.done("POST", f"{path}/rollback", json={"reason": "a test"})
        if steps:
            self.done("POST", path, json={"overlay": FASTER, "reason": "a test"})
        for step in steps[1:]:
            self.done("POST", f"{path}/{step}", json={"reason": "a test"})
        return path

    def picture(self) -> str:
        file = io.BytesIO()
        Image.new("RGB", (64, 64), "red").save(file, "PNG")
        picture: str = self.done("POST", "/pictures", files={"file": ("a.png", file.getvalue())})["picture_id"]
        return picture

    def dataset(self) -> str:
        id = self.name("dataset")
        self.done("POST", "/datasets", json={"id": id, "pictures": [{"picture": self.picture()}]})
        return f"/datasets/{id}"

    def space(self, *members: str) -> str:
        id = self.name("space")
        self.done("POST", "/spaces", json={"id": id})
        for member in members:
            self.done("PUT", f"/spaces/{id}/members/{member}")
        return id

    def device(self) -> Any:
        """A device that asks to be let in."""
        return self.done("POST", "/auth/device", json={"client": "a test", "code_challenge": challenge_of(VERIFIER)})

    def let_in(self) -> str:
        """The id of one that was let in."""
        asking = self.device()
        self.done("POST", "/auth/device/approve", json={"user_code": asking["user_code"]})
        proof = {"device_code": asking["device_code"], "code_verifier": VERIFIER}
        self.done("POST", "/auth/device/token", json=proof)
        id: str = self.done("GET", "/me/devices")["devices"][-1]["id"]
        return id

    def collection(self) -> str:
        id: str = self.done("POST", "/collections", json={"name": "Spring"})["id"]
        return id

    def deleted(self) -> str:
        picture = self.picture()
        assert self.api.delete(f"/images/{picture}").status_code == 204
        return picture

    def quota(self, subject: str) -> str:
        id = self.name()
        self.done("PUT", f"/quotas/{subject}/{id}", json={"jobs_in_flight": 3})
        return id

    def webhook(self) -> str:
        return f"/webhooks/{self.done('POST', '/webhooks', json=WEBHOOK)['id']}"

    def bought(self) -> str:
        """A picture whose use for products is under a condition."""
        picture = self.picture()
        self.done("PATCH", f"/pictures/{picture}", json={"right": "bought"})
        return picture

    def job(self) -> str:
        """That begins with such a picture."""
        said = {"prompt": "a fox", "quality": "draft", "image": self.bought()}
        return str(self.done("POST", "/generate", json=said)["job_id"])

    def batch(self) -> str:
        rows = [{"prompt": "a fox", "quality": "draft", "image": self.bought()}]
        return str(self.done("POST", "/batches", json={"rows": rows})["batch_id"])

    def grant(self) -> str:
        said = {"licence": "mit", "reference": "PO 1"}
        return str(self.done("POST", "/licences/grants", json=said)["grant_id"])

    def rater(self) -> str:
        rater = self.name("rater")
        rows = VOTES.replace("ana", rater)
        self.done("POST", f"/experiments/{self.experiment('start')}/votes", content=rows, headers=CSV)
        return rater


BECAUSE = {"reason": "a test"}
WEBHOOK = {"url": "http://127.0.0.1:9/", "events": ["job.complete"]}
KEY = {"name": "a test", "scopes": ["images:read"]}
VERIFIER = "v" * 43


def version(bench: Bench, **more: Any) -> Ask:
    return ask("/library/prompt-sets", json={"id": bench.name(), "version": "1.0.0", "body": SET, **more})


def a_lora(bench: Bench, **more: Any) -> Ask:
    data = safetensors(64 + next(_numbers))
    said = {"id": bench.name("lora"), "licence": LICENCES, **more}
    return ask("/loras", data=said, files={"file": ("style.safetensors", data)})


def steps_of(bench: Bench, step: str, *before: str) -> Ask:
    return ask(f"/experiments/{bench.experiment(*before)}/{step}", json=BECAUSE)


def moved(bench: Bench, step: str, *before: str) -> Ask:
    return ask(f"{bench.champion(*before)}{step}", json=BECAUSE)


def acknowledged(path: str, purpose: str = "product") -> Ask:
    return ask(f"{path}/acknowledge", json={"purpose": purpose})


def a_zip(bench: Bench, name: str = "a.png") -> Ask:
    file, pixels = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(pixels, "PNG")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, pixels.getvalue())
    return ask(f"/datasets/{bench.name('dataset')}/zip", files={"file": ("a.zip", file.getvalue())})


PROMOTION = {"overlay": FASTER, **BECAUSE}
EXAMPLES: dict[str, tuple[Callable[[Bench], Ask], Callable[[Bench], Ask]]] = {
    "POST /library/{kind}": (version, lambda b: version(b, mark="liked")),
    "POST /library/{kind}/{id}/mark": (
        lambda b: ask(f"/library/prompt-sets/{b.prompt_set()}/mark", json={"mark": "live", "version": "1.0.0"}),
        lambda b: ask(f"/library/prompt-sets/{b.prompt_set()}/mark", json={"mark": "live", "version": "2.0.0"}),
    ),
    "POST /loras": (a_lora, lambda b: a_lora(b, licence=[])),
    "POST /datasets": (
        lambda b: ask("/datasets", json={"id": b.name("set"), "pictures": [{"picture": b.picture()}]}),
        lambda b: ask("/datasets", json={"id": b.name("set"), "pictures": [{"picture": "pic_none"}]}),
    ),
    "POST /datasets/{id}/zip": (a_zip, lambda b: a_zip(b, "a.txt")),
    "PATCH /datasets/{id}": (
        lambda b: ask(b.dataset(), json={"trigger": "kestrel"}),
        lambda b: ask(b.dataset(), json={"remove": ["pic_none"]}),
    ),
    "POST /prompt-sets/{id}": (
        lambda b: ask(f"/prompt-sets/{b.name()}", content="prompt\na fox\n", headers=CSV),
        lambda b: ask(f"/prompt-sets/{b.name()}", content="prompt,taste\na fox,good\n", headers=CSV),
    ),
    "POST /experiments/{id}/start": (
        lambda b: steps_of(b, "start"),
        lambda b: steps_of(b, "start", "start"),
    ),
    "POST /experiments/{id}/phases": (
        lambda b: steps_of(b, "phases", "start"),
        lambda b: steps_of(b, "phases"),
    ),
    "POST /experiments/{id}/pause": (
        lambda b: steps_of(b, "pause", "start"),
        lambda b: steps_of(b, "pause", "start", "stop"),
    ),
    "POST /experiments/{id}/resume": (
        lambda b: steps_of(b, "resume", "start", "pause"),
        lambda b: steps_of(b, "resume", "start", "stop"),
    ),
    "POST /experiments/{id}/stop": (
        lambda b: steps_of(b, "stop", "start"),
        lambda b: steps_of(b, "stop"),
    ),
    "PATCH /experiments/{id}": (
        lambda b: ask(f"/experiments/{b.experiment('start')}", json={"exposure": 0.5}),
        lambda b: ask(f"/experiments/{b.experiment('start')}", json={"exposure": 2}),
    ),
    "POST /experiments/{id}/runs": (
        lambda b: ask(f"/experiments/{b.experiment('start')}/runs", json={"prompt_set": "house", "quality": "draft"}),
        lambda b: ask(f"/experiments/{b.experiment('start')}/runs", json={"prompt_set": "nowhere"}),
    ),
    "DELETE /experiments/{id}/runs/{run_id}": (
        lambda b: ask(b.run()),
        lambda b: ask(f"/experiments/{b.experiment('start')}/runs/run_none"),
    ),
    "POST /experiments/{experiment_id}/votes": (
        lambda b: ask(f"/experiments/{b.experiment('start')}/votes", content=VOTES, headers=CSV),
        lambda b: ask(f"/experiments/{b.experiment('start')}/votes", content=VOTES + "a,b\n", headers=CSV),
    ),
    "DELETE /raters/{rater}": (
        lambda b: ask(f"/raters/{b.rater()}"),
        lambda b: ask("/raters/nobody"),
    ),
    "POST /champions/{asset_type}/{quality}": (
        lambda b: ask(b.champion(), json=PROMOTION),
        lambda b: ask(b.champion("canary"), json=PROMOTION),
    ),
    "POST /champions/{asset_type}/{quality}/rollback": (
        lambda b: moved(b, "/rollback", "canary"),
        lambda b: ask("/champions/logo_illustration/draft/rollback", json=BECAUSE),
    ),
    "POST /champions/{asset_type}/{quality}/ramp": (
        lambda b: moved(b, "/ramp", "canary"),
        lambda b: moved(b, "/ramp", "canary", "pause"),
    ),
    "POST /champions/{asset_type}/{quality}/pause": (
        lambda b: moved(b, "/pause", "canary"),
        lambda b: moved(b, "/pause"),
    ),
    "POST /champions/{asset_type}/{quality}/resume": (
        lambda b: moved(b, "/resume", "canary", "pause"),
        lambda b: moved(b, "/resume", "canary"),
    ),
    "POST /spaces": (
        lambda b: ask("/spaces", json={"id": b.name("space")}),
        lambda b: ask("/spaces", json={"id": "home"}),
    ),
    "PATCH /spaces/{id}": (
        lambda b: ask(f"/spaces/{b.space()}", json={"name": "Another"}),
        lambda b: ask(f"/spaces/{b.space()}", json={"defaults": {"model": "nothing"}}),
    ),
    "DELETE /spaces/{id}": (
        lambda b: ask(f"/spaces/{b.space()}"),
        lambda b: ask("/spaces/home"),
    ),
    "PUT /spaces/{id}/members/{principal_id}": (
        lambda b: ask(f"/spaces/{b.space()}/members/dev", json={"role": "lead"}),
        lambda b: ask(f"/spaces/{b.space()}/members/nobody"),
    ),
    "DELETE /spaces/{id}/members/{principal_id}": (
        lambda b: ask(f"/spaces/{b.space('dev')}/members/dev"),
        lambda b: ask(f"/spaces/{b.space()}/members/dev"),
    ),
    "DELETE /pictures/{picture_id}": (
        lambda b: ask(f"/pictures/{b.picture()}"),
        lambda b: ask("/pictures/pic_none"),
    ),
    "DELETE /collections/{collection_id}": (
        lambda b: ask(f"/collections/{b.collection()}"),
        lambda b: ask("/collections/col_none"),
    ),
    "POST /collections/{collection_id}/links": (
        lambda b: ask(f"/collections/{b.collection()}/links", json={}),
        lambda b: ask(f"/collections/{b.collection()}/links", json={"days": 0}),
    ),
    "POST /images/{asset_id}/links": (
        lambda b: ask(f"/images/{b.picture()}/links", json={}),
        lambda b: ask("/images/pic_none/links", json={}),
    ),
    "DELETE /links/{link_id}": (
        lambda b: ask(f"/links/{b.done('POST', f'/images/{b.picture()}/links', json={})['id']}"),
        lambda b: ask("/links/shr_none"),
    ),
    "DELETE /images/{asset_id}": (lambda b: ask(f"/images/{b.picture()}"), lambda b: ask("/images/pic_none")),
    "POST /images/{asset_id}/restore": (
        lambda b: ask(f"/images/{b.deleted()}/restore"),
        lambda b: ask("/images/pic_none/restore"),
    ),
    "POST /me/keys": (lambda b: ask("/me/keys", json=KEY), lambda b: ask("/me/keys", json=KEY | {"days": 400})),
    "DELETE /me/keys/{key_id}": (
        lambda b: ask(f"/me/keys/{b.done('POST', '/me/keys', json=KEY)['id']}"),
        lambda b: ask("/me/keys/none"),
    ),
    "POST /auth/device/approve": (
        lambda b: ask("/auth/device/approve", json={"user_code": b.device()["user_code"]}),
        lambda b: ask("/auth/device/approve", json={"user_code": ""}),
    ),
    "DELETE /me/devices/{device_id}": (
        lambda b: ask(f"/me/devices/{b.let_in()}"),
        lambda b: ask("/me/devices/none"),
    ),
    "PUT /people/{person_id}/roles": (
        lambda b: ask("/people/dev/roles", json={"roles": ["designer"]}),
        lambda b: ask("/people/nobody/roles", json={"roles": ["designer"]}),
    ),
    "PATCH /people/{person_id}": (
        lambda b: ask("/people/dev", json={"active": False}),
        lambda b: ask("/people/nobody", json={"active": False}),
    ),
    "PUT /quotas/{subject}/{id}": (
        lambda b: ask(f"/quotas/user/{b.name()}", json={"pictures_per_day": 0}),
        lambda b: ask(f"/quotas/user/{b.name()}", json={"pictures_per_day": -1}),
    ),
    "DELETE /quotas/{subject}/{id}": (
        lambda b: ask(f"/quotas/space/{b.quota('space')}"),
        lambda b: ask(f"/quotas/space/{b.name()}"),
    ),
    "POST /webhooks": (
        lambda b: ask("/webhooks", json=WEBHOOK),
        lambda b: ask("/webhooks", json=WEBHOOK | {"url": "http://127.0.0.2/"}),
    ),
    "PATCH /webhooks/{webhook_id}": (
        lambda b: ask(b.webhook(), json={"enabled": False}),
        lambda b: ask(b.webhook(), json={"url": "https://127.0.0.2/"}),
    ),
    "POST /webhooks/{webhook_id}/secret": (
        lambda b: ask(f"{b.webhook()}/secret"),
        lambda b: ask("/webhooks/wh_none/secret"),
    ),
    "DELETE /webhooks/{webhook_id}": (lambda b: ask(b.webhook()), lambda b: ask("/webhooks/wh_none")),
    "PATCH /pictures/{picture_id}": (
        lambda b: ask(f"/pictures/{b.picture()}", json={"right": "own", "source": "our camera"}),
        lambda b: ask(f"/pictures/{b.picture()}", json={"right": "stolen"}),
    ),
    "POST /pictures/{picture_id}/clear": (
        lambda b: ask(f"/pictures/{b.picture()}/clear", json={"reason": "another fox"}),
        lambda b: ask("/pictures/none/clear", json={"reason": "another fox"}),
    ),
    "POST /licences/grants": (
        lambda b: ask("/licences/grants", json={"licence": "mit", "reference": "PO 1"}),
        lambda b: ask("/licences/grants", json={"licence": "gpl-9", "reference": "PO 1"}),
    ),
    "DELETE /licences/grants/{grant_id}": (
        lambda b: ask(f"/licences/grants/{b.grant()}"),
        lambda b: ask("/licences/grants/none"),
    ),
    "POST /images/{asset_id}/acknowledge": (
        lambda b: acknowledged(f"/images/{b.bought()}"),
        lambda b: acknowledged(f"/images/{b.bought()}", "reference"),
    ),
    "POST /jobs/{job_id}/acknowledge": (
        lambda b: acknowledged(f"/jobs/{b.job()}"),
        lambda b: acknowledged(f"/jobs/{b.job()}", "internal"),
    ),
    "POST /batches/{batch_id}/acknowledge": (
        lambda b: acknowledged(f"/batches/{b.batch()}"),
        lambda b: acknowledged("/batches/none"),
    ),
}
"""Of each audited route: what it takes, and what it refuses."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("audit")
    studio = painted_studio(folder, root=copy_configs(folder), webhooks=WebhookConfig(allow=("127.0.0.1:9",)))
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield Bench(client)


def lines(bench: Bench, **chosen: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.done("GET", "/audit", params={"limit": 500, **chosen})["lines"]
    return found


def test_every_route_that_changes_something_is_in_a_table(bench: Bench) -> None:
    paths = bench.done("GET", "/openapi.json")["paths"]
    changing = {
        f"{method.upper()} {path}" for path, found in paths.items() for method in found if method not in ("get", "head")
    }
    assert not set(AUDITED) & set(NOT_AUDITED)
    assert changing == {*AUDITED, *NOT_AUDITED}, "say in router/people/audit/routes.py whether it is audited"
    assert set(EXAMPLES) == set(AUDITED), "show in EXAMPLES what an audited route takes, and what it refuses"
    assert set(AUDITED.values()) <= set(ACTIONS)
    assert all(reason.strip() for reason in NOT_AUDITED.values())


@pytest.mark.parametrize("route", AUDITED)
def test_a_change_leaves_one_line(bench: Bench, route: str) -> None:
    method = route.partition(" ")[0]
    wish = EXAMPLES[route][0](bench)
    before = lines(bench, limit=1)
    answer = bench.send(method, wish)
    assert answer.is_success, answer.text
    after = lines(bench, limit=2)
    assert after[1:] == before, "more than one line, or none"
    line = after[0]
    assert line["seq"] == before[0]["seq"] + 1
    assert (line["who"], line["how"], line["action"]) == ("dev", "dev", AUDITED[route])
    assert line["sentence"] == ACTIONS[line["action"]]
    assert line["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("route", AUDITED)
def test_what_is_refused_leaves_none(bench: Bench, route: str) -> None:
    method = route.partition(" ")[0]
    wish = EXAMPLES[route][1](bench)
    before = lines(bench, limit=1)
    answer = bench.send(method, wish)
    assert 400 <= answer.status_code < 500, answer.text
    assert lines(bench, limit=1) == before


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"from": "0.5"}, "from: must be a time, such as 2026-03-01T12:00:00Z"),
        ({"to": "yesterday"}, "to: must be a time, such as 2026-03-01T12:00:00Z"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from: no such time can be told in UTC"),
        ({"action": "library.steal"}, "'library.steal' is nothing that is audited; groups are key, device"),
        ({"on": "loras/\x00"}, "on: is not of the right form"),
        ({"before": "0"}, "before: must be 1 or more"),
    ],
)
def test_a_bad_choice_is_named(bench: Bench, chosen: dict[str, str], message: str) -> None:
    answer = bench.api.get("/audit", params=chosen)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(message)


def test_what_changes_nothing_leaves_none(bench: Bench) -> None:
    first = version(bench)
    assert bench.send("POST", first).status_code == 201
    paused = bench.experiment("start", "pause")
    before = lines(bench, limit=1)
    assert bench.send("POST", first).status_code == 200
    assert bench.send("POST", ask(f"/experiments/{paused}/pause", json=BECAUSE)).status_code == 200
    assert lines(bench, limit=1) == before
