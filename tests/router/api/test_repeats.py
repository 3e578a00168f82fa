"""An order that comes again under its key is the first job, whatever a new order would be refused for by then."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from configs.errors import AtelierError, StoreUnavailable
from configs.load import ROOT
from configs.service import Limits
from router.api.app import create_app
from router.api.repeats import fingerprint
from router.jobs.model import Backlog, IdempotencyKey
from router.jobs.sql import SqlJobStore
from router.replicas import DirectReplicas
from tests.catalogue import add_lora, add_model, copy_configs, edit
from tests.contract.job_samples import a_job
from tests.studio import PaintedGenerator, painted_studio, serving

pytestmark = pytest.mark.slow

INK_YAML, ICON_YAML = "configs/loras/ink.yaml", "configs/asset_types/icon.yaml"
LOCAL_YAML, EXTRA = "configs/profiles/local.yaml", "  - model: extra\n"
ORDER = {"prompt": "a red bicycle", "num_variations": 2}


def send(api: httpx.Client, key: str, body: object = ORDER) -> httpx.Response:
    return api.post("/generate", json=body, headers={"Idempotency-Key": key})


def assert_first(answer: httpx.Response, job_id: str) -> None:
    assert answer.status_code == 202, answer.text
    assert answer.json()["job_id"] == job_id
    assert answer.headers["idempotent-replayed"] == "true"
    assert answer.headers["location"] == f"/jobs/{job_id}"


@contextmanager
def opened(app: FastAPI) -> Iterator[httpx.Client]:
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def studio_app(folder: Path, root: Path = ROOT, **profile: Any) -> FastAPI:
    """Its jobs are never done, so that each of them counts in the queue."""
    slow = PaintedGenerator(step_seconds=30)
    return create_app(painted_studio(folder, slow, root, **profile))


def family(kind: type[AtelierError]) -> list[type[AtelierError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


PLACES: list[tuple[object, str]] = [
    (SqlJobStore, "backlog"),
    (SqlJobStore, "picture"),
    (SqlJobStore, "job"),
    (DirectReplicas, "cold_start"),
    *(
        ("router.submission", name)
        for name in ("find_pictures", "look_at_mask", "make_plan", "judge_licences", "new_job_id")
    ),
]
"""Where a first order can be refused, or stopped."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return studio_app(tmp_path_factory.mktemp("repeats"))


@pytest.fixture(scope="module")
def slow_api(app: FastAPI) -> Iterator[httpx.Client]:
    with opened(app) as client:
        yield client


@pytest.fixture(scope="module")
def first(slow_api: httpx.Client) -> str:
    answer = send(slow_api, "first")
    assert "idempotent-replayed" not in answer.headers
    job_id: str = answer.json()["job_id"]
    while slow_api.get(f"/jobs/{job_id}").json()["status"] == "queued":
        pass  # what is ahead of it is no longer asked for
    return job_id


@pytest.mark.parametrize("kind", family(AtelierError), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("owner", "name"), PLACES, ids=lambda place: place if isinstance(place, str) else "")
def test_a_repeat_is_never_refused(
    slow_api: httpx.Client,
    first: str,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    kind: type[AtelierError],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise kind("refused")

    if isinstance(owner, str):
        monkeypatch.setattr(f"{owner}.{name}", refuse)
    else:
        monkeypatch.setattr(owner, name, refuse)
    assert_first(send(slow_api, "first"), first)
    other = send(slow_api, "first", {**ORDER, "seed": 1})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")


@dataclass(frozen=True)
class Release:
    """What an order says beside its prompt; then limits of the next release, and what it does to the configs.
    `withdrawn` is an entry of the library that is taken out of use, which no release does by itself."""

    order: dict[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    change: Callable[[Path], None] = lambda root: None
    takes_new: bool = False
    withdrawn: str = ""


def release_2(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Changes an entry's YAML and says so: what goes forward is taken into the library."""

    def change(root: Path) -> None:
        edit(root / file, old, new)
        (root / file).write_text(f"version: 2.0.0\n{(root / file).read_text()}")

    return change


INK = {"loras": [{"id": "ink"}]}
RELEASES = {
    "a full queue": Release(limits=Limits(max_queued_jobs_per_owner=1)),
    "shorter prompts": Release(limits=Limits(max_prompt_chars=3)),
    "fewer pictures": Release(limits=Limits(max_variations=1)),
    "no LoRAs": Release(INK, Limits(max_loras=0)),
    "no inputs": Release({"image": "an upload"}, Limits(max_pictures=0)),
    "a LoRA that is gone": Release(INK, change=lambda root: (root / INK_YAML).unlink(), withdrawn="loras/ink"),
    "a LoRA for others": Release(INK, change=release_2(INK_YAML, "family: flux", "family: sdxl")),
    "another licence": Release(
        INK, change=release_2(INK_YAML, "apache-2.0}]", "flux-1-dev-non-commercial}]"), takes_new=True
    ),
    "an asset type that is gone": Release(
        change=lambda root: (root / ICON_YAML).unlink(), withdrawn="asset-types/icon"
    ),
    "a model that is gone": Release({"model": "extra"}, change=lambda root: edit(root / LOCAL_YAML, EXTRA, "")),
    "other sizes": Release({"size": "512x512"}, change=release_2(ICON_YAML, "512x512", "256x256")),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_repeat_outlives_a_release(tmp_path: Path, name: str) -> None:
    release, root = RELEASES[name], copy_configs(tmp_path / "root")
    add_lora(root, "ink")
    add_model(root, "extra", "flux")
    edit(root / LOCAL_YAML, "generators:\n", f"generators:\n{EXTRA}")
    with opened(studio_app(tmp_path, root)) as api:
        order = {**ORDER, **release.order}
        if "image" in order:
            order["image"] = upload(api)
        job_id = accepted(send(api, "k", order))
    release.change(root)
    with opened(studio_app(tmp_path, root, limits=release.limits)) as api:
        if release.withdrawn:
            moved = api.post(f"/library/{release.withdrawn}/mark", json={"mark": "live", "version": None})
            assert moved.status_code == 200, moved.text
        new = send(api, "another", order)
        assert (new.status_code == 202) is release.takes_new, new.text
        assert_first(send(api, "k", order), job_id)


def upload(api: httpx.Client) -> str:
    file = BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    picture: str = api.post("/pictures", files={"file": file.getvalue()}).json()["picture_id"]
    return picture


def accepted(answer: httpx.Response) -> str:
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def test_a_repeat_outlives_its_picture(slow_api: httpx.Client) -> None:
    order = {**ORDER, "image": upload(slow_api)}
    job_id = accepted(send(slow_api, "with a picture", order))
    assert slow_api.delete(f"/pictures/{order['image']}").status_code == 204
    assert send(slow_api, "another", order).json()["error"]["code"] == "missing_asset"
    assert_first(send(slow_api, "with a picture", order), job_id)


def test_a_repeat_says_what_its_own_job_still_takes(slow_api: httpx.Client) -> None:
    job_id = accepted(send(slow_api, "alone"))
    for _ in range(3):
        accepted(slow_api.post("/generate", json=ORDER))
    again = send(slow_api, "alone").json()["estimated_time_seconds"]
    assert again == pytest.approx(slow_api.get(f"/jobs/{job_id}").json()["estimated_time_seconds"], abs=1)
    slow_api.delete(f"/jobs/{job_id}")
    while slow_api.get(f"/jobs/{job_id}").json()["status"] != "canceled":
        pass
    repeat = send(slow_api, "alone").json()
    assert (repeat["status"], repeat["estimated_time_seconds"]) == ("canceled", 0)


def test_a_repeat_of_what_is_no_order_any_more(app: FastAPI, slow_api: httpx.Client, first: str) -> None:
    """A field that a release took away, or bounds that it drew closer, make a new order invalid, and a repeat not."""
    order = {**ORDER, "gone": 1, "num_inference_steps": 5000}
    key = IdempotencyKey("older", fingerprint(json.dumps(order).encode()) or "")

    job, _ = asyncio.run(app.state.studio.store.submit(a_job(77, "dev"), key))
    assert send(slow_api, "new", order).status_code == 422
    assert_first(send(slow_api, "older", order), job.id)


def test_equal_orders_at_once_are_one_job_though_there_is_room_for_one(tmp_path: Path) -> None:
    with opened(studio_app(tmp_path, limits=Limits(max_queued_jobs_per_owner=1))) as api:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: send(api, "same"), range(40)))
        assert {accepted(answer) for answer in answers} == {answers[0].json()["job_id"]}
        assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
        assert send(api, "other").status_code == 429


def test_a_refusal_is_asked_again_when_the_first_was_accepted_meanwhile(
    app: FastAPI, slow_api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overtaken(store: SqlJobStore, *_: object, **__: object) -> Backlog:
        key = IdempotencyKey("race", fingerprint(json.dumps(ORDER).encode()) or "")
        await store.submit(a_job(78, "dev"), key)
        return Backlog(jobs=10_000, own_jobs=10_000, seconds=1.0)

    with monkeypatch.context() as patched:
        patched.setattr(SqlJobStore, "backlog", overtaken)
        assert_first(send(slow_api, "race"), a_job(78).id)


def test_a_key_used_while_the_database_was_away_is_used_by_the_next_attempt(
    slow_api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the job database does not answer; try again in a moment")

    for number, method in enumerate(("submitted", "backlog", "submit_within")):
        with monkeypatch.context() as patched:
            patched.setattr(SqlJobStore, method, away)
            answer = send(slow_api, f"away {number}")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        job_id = accepted(answer := send(slow_api, f"away {number}"))
        assert "idempotent-replayed" not in answer.headers
        assert_first(send(slow_api, f"away {number}"), job_id)


def test_a_job_that_was_committed_before_the_database_went_is_found(
    slow_api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = SqlJobStore.submit_within

    async def cut_off(store: SqlJobStore, *asked: Any) -> None:
        await submit(store, *asked)
        raise StoreUnavailable("the job database does not answer; try again in a moment")

    with monkeypatch.context() as patched:
        patched.setattr(SqlJobStore, "submit_within", cut_off)
        job_id = accepted(send(slow_api, "cut off"))
    assert_first(send(slow_api, "cut off"), job_id)


def test_a_plan_is_no_order(slow_api: httpx.Client, first: str) -> None:
    assert send(slow_api, "first", {**ORDER, "dry_run": True}).status_code == 200
    assert_first(send(slow_api, "first", {**ORDER, "dry_run": False}), first)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ORDERS = st.dictionaries(st.text().filter(lambda name: name != "dry_run"), VALUES, max_size=5)


@given(ORDERS, st.sampled_from([None, 1, 4]))
def test_how_an_order_is_written_makes_no_difference(order: dict[str, Any], indent: int | None) -> None:
    backwards = dict(reversed([*order.items(), ("dry_run", False)]))
    assert fingerprint(json.dumps(backwards, indent=indent).encode()) == fingerprint(json.dumps(order).encode())


@given(ORDERS, ORDERS)
def test_other_orders_have_other_fingerprints(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = canonical(one) == canonical(other)
    assert (fingerprint(json.dumps(one).encode()) == fingerprint(json.dumps(other).encode())) is same


def canonical(value: Any) -> str:
    """By another way than the code's."""
    if isinstance(value, dict):
        return "of names: " + repr(sorted((name, canonical(one)) for name, one in value.items() if one is not None))
    if isinstance(value, list):
        return repr([canonical(one) for one in value])
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 60_000, b'{"seed": ' + b"1" * 5000 + b"}"])
def test_what_is_no_order_has_no_fingerprint(body: bytes) -> None:
    assert fingerprint(body) is None


@pytest.mark.parametrize("around", ["{} ", "{}\t", "  {}  ", "\t{} \t "])
def test_white_space_around_a_key_is_no_part_of_it(api: httpx.Client, around: str) -> None:
    first = send(api, "spaced").json()["job_id"]
    headers = {"Idempotency-Key": around.format("spaced"), "Content-Type": "application/json"}
    raw = HTTPConnection(api.base_url.host, api.base_url.port)  # which sends it, where httpx refuses to
    raw.request("POST", "/generate", json.dumps(ORDER), headers)
    again = raw.getresponse()
    assert (again.status, json.loads(again.read())["job_id"]) == (202, first)


def test_a_job_whose_plan_cannot_be_read_any_more_is_still_the_answer(tmp_path: Path) -> None:
    with opened(studio_app(tmp_path)) as api:
        first = send(api, "key-1")
        with sqlite3.connect(tmp_path / "state" / "jobs.db", timeout=20) as connection:
            connection.execute("UPDATE jobs SET plan = '{}'")
        connection.close()
        assert_first(send(api, "key-1"), first.json()["job_id"])
        (listed,) = api.get("/jobs").json()["jobs"]
        assert (listed["prompt"], listed.get("size")) == ("a red bicycle", None)
