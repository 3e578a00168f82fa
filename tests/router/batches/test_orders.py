"""Orders for batches over HTTP: what they become, and what is said of those that cannot be, before anything begins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from configs.service import Limits
from router.batches.model import Line, NewBatch
from router.batches.order import BatchBody
from router.batches.planning import Drafting
from router.batches.store import BatchStore
from router.batches.submission import read_body
from router.ids import new_job_ids
from router.jobs.model import Backlog, IdempotencyKey
from router.jobs.rows import new_job_row
from router.jobs.sql import SqlJobStore
from router.people.viewer import Viewer
from tests.contract.job_samples import a_job
from tests.router.pictures.test_event_loop import MOST_SHARE
from tests.studio import PaintedGenerator, painted_studio, running_studio

NOW = datetime.now(UTC)
CSV = {"Content-Type": "text/csv"}
TYPES = ["icon", "logo_illustration", "premium_illustration", "product_illustration"]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    limits = Limits(max_queued_batch_jobs_per_owner=40, max_queued_jobs_per_owner=2)
    painter = PaintedGenerator(step_seconds=0.001)
    with (
        running_studio(tmp_path_factory.mktemp("orders"), painter, limits=limits) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def refused(answer: httpx.Response, status: int = 422) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def ended(api: httpx.Client, path: str) -> dict[str, Any]:
    for _ in range(400):
        batch: dict[str, Any] = api.get(path).json()
        if batch["status"] in ("complete", "canceled"):
            return batch
        time.sleep(0.05)
    raise AssertionError(batch)


def test_one_prompt_in_all_asset_types_is_one_call(api: httpx.Client) -> None:
    order = {"prompts": ["cloud computing"], "asset_types": ["all"], "qualities": ["draft"], "name": "clouds"}
    accepted = api.post("/batches", json=order)
    assert accepted.status_code == 202, accepted.text
    assert (accepted.json()["lines"], accepted.json()["jobs"]) == (1, 4)
    batch = ended(api, accepted.headers["location"])
    assert batch["counts"] == {"queued": 0, "processing": 0, "complete": 4, "failed": 0, "canceled": 0}
    assert (batch["progress"], batch["name"], batch["estimated_time_seconds"]) == (1.0, "clouds", 0.0)
    jobs = api.get("/jobs", params={"batch": batch["batch_id"]}).json()["jobs"]
    assert [job["asset_type"] for job in reversed(jobs)] == TYPES
    assert {(job["line"], job["batch_id"], job["prompt"]) for job in jobs} == {
        (1, batch["batch_id"], "cloud computing")
    }
    assert len({job["seeds"][0] for job in jobs}) == 1  # so that they can be compared
    assert batch["batch_id"] in [one["batch_id"] for one in api.get("/batches").json()["batches"]]


def test_a_file_comes_in_a_form_or_as_the_body(api: httpx.Client) -> None:
    file = "prompt;seed;lora\na cup;1;\na spoon;;\n".encode("utf-8-sig")
    params = {"dry_run": "true", "asset_types": "icon,logo_illustration"}
    for answer in (
        api.post("/batches", content=file, headers=CSV, params=params),
        api.post("/batches", files={"file": ("prompts.csv", file)}, data=params),
        api.post("/batches", files={"file": ("prompts.csv", file)}, params=params),
    ):
        assert answer.status_code == 200, answer.text
        planned = answer.json()
        assert (planned["lines"], planned["jobs"], planned["pictures"]) == (2, 4, 4)
    assert "a spoon" not in api.get("/jobs").text


def test_every_wrong_row_is_named_and_nothing_is_started(api: httpx.Client) -> None:
    file = b"prompt,asset_type,seed,lora\na cup,icon,1,\n,icon,2,\na fork,poster,3,\na dish,icon,x,\na pan,icon,5,x@y\n"
    before = api.get("/batches").json()["batches"]
    error = refused(api.post("/batches", content=file, headers=CSV))
    assert error["code"] == "invalid_rows"
    assert error["message"] == "4 of 5 rows are wrong, so nothing was started: line 3, prompt: 'prompt' is missing"
    assert [(row["line"], row["field"], row["message"]) for row in error["rows"]] == [
        (3, "prompt", "'prompt' is missing"),
        (4, "asset_type", f"'poster' is not an asset type; choose one of {', '.join(TYPES)}"),
        (5, "seed", "must be a whole number"),
        (6, "lora", "'x@y' is not ID, ID@STRENGTH or ID@VERSION, such as icons@0.8"),
    ]
    assert api.get("/batches").json()["batches"] == before
    accepted = api.post("/batches", content=file, headers=CSV, params={"skip_invalid": "true"}).json()
    assert (accepted["jobs"], accepted["lines_skipped"]) == (1, 4)
    assert accepted["skipped"] == error["rows"]
    assert ended(api, f"/batches/{accepted['batch_id']}")["skipped"] == error["rows"]


def test_a_row_that_says_itself_what_all_are_swept_over_is_wrong(api: httpx.Client) -> None:
    file = b"prompt,seed\na cup,\na fork,5\n"
    error = refused(api.post("/batches", content=file, headers=CSV, params={"seeds": "1,2"}))
    assert error["message"] == (
        "1 of 2 rows is wrong, so nothing was started: line 3, seed: it has its own, and all rows are drawn with each "
        "of the seeds: say it in one place"
    )
    skipped = api.post("/batches", content=file, headers=CSV, params={"seeds": "1,2", "skip_invalid": 1, "dry_run": 1})
    assert (skipped.json()["jobs"], skipped.json()["lines_skipped"]) == (2, 1)


def test_wrong_rows_are_named_up_to_a_hundred(api: httpx.Client) -> None:
    error = refused(api.post("/batches", json={"prompts": ["a cup"] + ["a cup"] * 149, "asset_types": ["no"]}))
    assert error["message"].startswith(
        "150 of 150 rows are wrong, so nothing was started (the first 100 are named): line 1, asset_type: 'no' is not"
    )
    assert len(error["rows"]) == 100


def test_more_rows_than_a_batch_may_have_are_refused_with_their_number(api: httpx.Client) -> None:
    file = "prompt\n" + "a red bicycle\n" * 10_001
    error = refused(api.post("/batches", content=file, headers=CSV))
    assert (error["message"], error["field"]) == (
        "10,001 rows are more than a batch may have, which is 10,000: split them",
        "rows",
    )
    swept = {"prompts": ["a cup"] * 3000, "asset_types": ["all"]}
    assert refused(api.post("/batches", json=swept))["message"] == (
        "3,000 rows x 4 asset types are 12,000 jobs, and a batch may be 10,000: split it"
    )


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({}, "give prompts, or rows: a batch is a list of one of them"),
        (
            {"prompts": ["a"], "rows": [{"prompt": "a"}]},
            "give one of prompts and rows, not both: a batch is a list of one of them",
        ),
        ({"prompts": "a cup"}, "prompts: must be a list"),
        ({"prompts": ["a cup"], "seeds": ["x"]}, "seeds.0: must be a whole number"),
        (
            {"rows": [{"prompt": "a", "colour": "red"}]},
            "the row is wrong, so nothing was started: line 1, colour: 'colour' is not a field; the fields are prompt,",
        ),
    ],
)
def test_what_is_no_order_is_refused(api: httpx.Client, order: dict[str, Any], message: str) -> None:
    assert refused(api.post("/batches", json=order))["message"].startswith(message)


def test_other_bodies_are_refused_in_a_sentence(api: httpx.Client) -> None:
    assert refused(api.post("/batches", content=b"{", headers={"Content-Type": "application/json"}))["code"] == (
        "invalid_json"
    )
    assert refused(api.post("/batches", content=b"a cup"))["message"] == (
        "send JSON (application/json), or a CSV file (text/csv, or a form with it); this came without a Content-Type"
    )
    assert refused(api.post("/batches", files={"table": ("a.csv", b"prompt\n")}))["message"] == (
        "the form has no file 'file': send the CSV as `curl -F file=@prompts.csv` does"
    )
    large = api.post("/batches", content=b"prompt\n" + b"a" * 2**24, headers=CSV)
    assert refused(large, 413)["message"] == "the batch is larger than 16,777,216 bytes: split it"


def test_the_same_order_under_its_key_is_the_same_batch(api: httpx.Client) -> None:
    key = {"Idempotency-Key": "batch"}
    order = {"prompts": ["a cup", "a fork"], "qualities": ["draft"]}
    first = api.post("/batches", json=order, headers=key)
    again = api.post("/batches", json=order, headers=key)
    assert (first.json()["batch_id"], "true") == (again.json()["batch_id"], again.headers["idempotent-replayed"])
    other = refused(api.post("/batches", json=order | {"name": "other"}, headers=key), 409)
    assert other["message"] == "This Idempotency-Key was used before with another batch: use a new key"
    ended(api, first.headers["location"])


def test_a_refusal_is_no_answer_to_an_order_that_was_accepted_meanwhile(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = {"prompts": ["a cup"]}
    first = NewBatch("batch_race", "dev", {}, 1, (new_job_row(replace(a_job(77, "dev"), batch="batch_race"), NOW),))

    async def overtaken(store: SqlJobStore, *_: object, **__: object) -> Backlog:
        key = IdempotencyKey("race", read_body(BatchBody.model_validate(order)).fingerprint)
        await BatchStore(store.database).accept(first, key)
        return Backlog(0, 0, 0.0, own_batch_jobs=10_000)

    with monkeypatch.context() as patched:
        patched.setattr(SqlJobStore, "backlog", overtaken)
        answer = api.post("/batches", json=order, headers={"Idempotency-Key": "race"})
    assert (answer.status_code, answer.json()["batch_id"]) == (202, "batch_race")
    assert answer.headers["idempotent-replayed"] == "true"
    api.delete("/batches/batch_race")
    ended(api, "/batches/batch_race")


def test_batches_have_a_limit_of_their_own_and_can_be_canceled(api: httpx.Client) -> None:
    rows = [{"prompt": "a cup", "num_inference_steps": 28}] * 39
    accepted = api.post("/batches", json={"rows": rows})
    assert accepted.status_code == 202, accepted.text
    try:
        error = refused(api.post("/batches", json={"rows": rows}), 429)
        assert error["message"].endswith(
            "jobs of your batches are waiting, 39 would be added, and 40 may wait: try again when some are done, or "
            "cancel a batch"
        )
        assert api.post("/generate", json={"prompt": "a fork", "quality": "draft"}).status_code == 202
    finally:
        canceled = api.delete(accepted.headers["location"])
    assert canceled.status_code == 200
    batch = ended(api, accepted.headers["location"])
    assert batch["status"] == "canceled"
    assert batch["counts"]["canceled"] > 0
    assert sum(batch["counts"].values()) == 39


def test_a_job_that_fails_is_told_with_its_row(api: httpx.Client) -> None:
    file = b"prompt,quality\na cup,draft\npoison,draft\n"
    batch = ended(api, api.post("/batches", content=file, headers=CSV).headers["location"])
    assert (batch["status"], batch["counts"]["complete"], batch["counts"]["failed"]) == ("complete", 1, 1)
    ((line, message),) = [(row["line"], row["message"]) for row in batch["failures"]]
    assert (line, message) == (3, "this prompt cannot be drawn")


def test_the_event_loop_turns_while_rows_are_planned(tmp_path: Path) -> None:
    """By the longest stop of it, as a share of the time that planning takes."""
    lines = [Line(number, {"prompt": f"a red bicycle {number}"}) for number in range(1, 201)]

    async def longest_stop(folder: Path) -> float:
        stops: list[float] = []
        studio = painted_studio(folder)
        await studio.store.open()
        ticking = asyncio.create_task(tick(stops))
        began = time.perf_counter()
        drafting = Drafting(studio, Viewer("ana"), "batch_1", new_job_ids(len(lines)))
        await drafting.plan(lines)
        took = time.perf_counter() - began
        ticking.cancel()
        await studio.store.close()
        assert len(drafting.drafted.jobs) == 200
        return max(stops) / took

    async def tick(stops: list[float]) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            stops.append(time.perf_counter() - last)
            last = time.perf_counter()

    assert min(asyncio.run(longest_stop(tmp_path / name)) for name in ("one", "other")) < MOST_SHARE
