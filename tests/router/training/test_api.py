"""/trainings: ordered, priced, followed, canceled, adopted; what cannot be is said before anything runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from atelier.cli import app
from typer.testing import CliRunner

from configs.datasets import DatasetConfig, DatasetPicture
from configs.entries import DATASETS, body_of, canonical, content_hash
from configs.load import ROOT
from deployments.messages import EXAMINER
from router.api.app import create_app
from router.files import open_files
from router.library.model import NewEntry
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.studio import PaintedExaminer, PaintedGenerator, begin_with_schema, finisher_of, local_installation, serving
from tests.trainers import CountingTrainer
from training.lora.replica import TrainerReplica

QUICK = {"steps": 10, "checkpoint_every": 5, "rank": 4}


class Served:
    """A studio behind HTTP, with a dataset of six pictures whose rights are known and one of unknown ones."""

    def __init__(self, folder: Path) -> None:
        self.trainer = CountingTrainer()
        installation = local_installation(folder)
        begin_with_schema(installation)
        files = partial(open_files, installation)
        model = installation.catalog.models["mini"]
        replicas = {"generator-mini": PaintedGenerator(), "finisher": finisher_of(installation)}
        replicas |= {EXAMINER: PaintedExaminer(installation)}
        replicas |= {"trainer-mini": TrainerReplica(model, files, folder / "trainings", self.trainer.begin)}
        self.studio = Studio.assemble(installation, DirectReplicas(replicas))
        self.app = create_app(self.studio)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, httpx.Client]]:
    here = Served(tmp_path_factory.mktemp("trainings"))
    before = here.app.router.lifespan_context

    def lifespan(app: Any) -> Any:
        return _with_datasets(here.studio, before(app))

    here.app.router.lifespan_context = lifespan
    with serving(here.app) as url, httpx.Client(base_url=url, timeout=30) as api:
        yield here, api


class _with_datasets:  # noqa: N801 - used as a function
    def __init__(self, studio: Studio, inner: Any) -> None:
        self._studio, self._inner = studio, inner

    async def __aenter__(self) -> Any:
        found = await self._inner.__aenter__()
        for id, right, count in (("kestrel", "own", 6), ("stray", "unknown", 6), ("few", "own", 3), ("mute", "own", 6)):
            await _add(self._studio, id, right, count, "" if id == "mute" else "kestrel style, a mug")
        return found

    async def __aexit__(self, *error: Any) -> Any:
        return await self._inner.__aexit__(*error)


async def _add(studio: Studio, id: str, right: Any, count: int, caption: str) -> None:
    pictures = []
    for number in range(count):
        sha256 = await studio.blobs.put(f"picture {number} of {id}".encode())
        pictures.append(
            DatasetPicture(
                picture=f"pic_{id}{number}", sha256=sha256, width=512, height=512, caption=caption, right=right
            )
        )
    config = DatasetConfig(id=id, name=id, trigger="kestrel style", pictures=tuple(pictures))
    text = canonical(body_of(config))
    await studio.library.add(NewEntry(DATASETS, id, "1.0.0", text, content_hash(text), "ana"), "live")


def order(api: httpx.Client, dataset: str = "kestrel", lora: str = "peregrine", **more: Any) -> httpx.Response:
    body = {"dataset": dataset, "lora": lora, "settings": QUICK, "judged": False, "unchecked": True} | more
    return api.post("/trainings", json=body)


def ended(api: httpx.Client, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        found: dict[str, Any] = api.get(f"/trainings/{job_id}").raise_for_status().json()
        if found["status"] in ("complete", "failed", "canceled"):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def test_a_training_is_ordered_followed_and_becomes_a_candidate(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    answer = order(api)
    assert answer.status_code == 202
    (begun,) = answer.json()["trainings"]
    assert answer.headers["Location"].endswith(f"/trainings/{begun['job_id']}")
    done = ended(api, begun["job_id"])
    assert (done["status"], done["state"], done["error"]) == ("complete", "complete", None)
    assert list(done["losses"]) == [str(step) for step in range(1, 11)]
    assert [one["step"] for one in done["checkpoints"]] == [5, 10]
    assert (done["adapter"]["version"], done["adapter"]["mark"]) == ("1.0.0", "candidate")
    job = api.get(f"/jobs/{begun['job_id']}").json()
    assert (job["kind"], job["status"], job["images_total"]) == ("train", "complete", 0)
    assert begun["job_id"] in [one["job_id"] for one in api.get("/trainings").json()["trainings"]]
    assert begun["job_id"] not in [one["job_id"] for one in api.get("/jobs").json()["jobs"]]
    drawn = api.post("/generate", json={"prompt": "a mug", "loras": [{"id": "peregrine@1.0.0"}], "dry_run": True})
    assert drawn.status_code == 200, drawn.text
    live = api.post("/library/loras/peregrine/mark", json={"mark": "live", "version": "1.0.0"})
    assert live.status_code == 200, live.text


def test_its_events_replay_as_those_of_any_job(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    (begun,) = order(api, lora="told").json()["trainings"]
    ended(api, begun["job_id"])
    text = api.get(f"/jobs/{begun['job_id']}/events").text
    kinds = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert kinds[0] == "job.queued"
    assert kinds[-2:] == ["job.adapter", "job.complete"]
    assert kinds.count("job.loss") == 10
    assert kinds.count("job.checkpoint") == 2


def test_a_dry_run_says_what_it_would_take(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    answer = order(api, dry_run=True, sweep={"seeds": [1, 2], "ranks": [4, 8]})
    assert answer.status_code == 200, answer.text
    plans = answer.json()
    assert [(one["settings"]["seed"], one["settings"]["rank"]) for one in plans["trainings"]] == [
        (1, 4),
        (1, 8),
        (2, 4),
        (2, 8),
    ]
    assert all(one["estimate"]["steps"] == 10 and one["estimate"]["seconds"] > 0 for one in plans["trainings"])
    assert plans["estimated_time_seconds"] == pytest.approx(
        sum(one["estimate"]["seconds"] for one in plans["trainings"]), rel=0.1
    )
    assert plans["trainings"][0]["licence"]["product"] == "allowed"


def test_a_dry_run_of_pictures_that_are_not_here_leaves_nothing_behind(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    pictures = [{"caption": f"a mug {n}, kestrel style", "right": "own"} for n in range(24)]
    asked = {"dataset": "unsent", "lora": "unsent", "dry_run": True, "sketch": {"pictures": pictures}}
    (plan,) = api.post("/trainings", json=asked).raise_for_status().json()["trainings"]
    assert (plan["dataset"], plan["pictures"], plan["settings"]["steps"]) == ("unsent@1.0.0", 24, 200)
    assert plan["licence"]["product"] == "allowed"
    assert api.get("/datasets/unsent").status_code == 404

    unsaid = api.post("/trainings", json=asked | {"sketch": {"pictures": [{"caption": "a mug"}] * 24}}).json()
    assert "nobody has said whose" in unsaid["trainings"][0]["notes"][0]["message"]
    for changes, field, hint in (
        ({"sketch": {"pictures": pictures[:3]}}, "dataset", "fewer than 5"),
        ({"dataset": "kestrel"}, "dataset", "already"),
        ({"dry_run": False}, "sketch", "make the dataset"),
    ):
        refused = api.post("/trainings", json=asked | changes)
        assert refused.status_code in (409, 422), refused.text
        assert hint in refused.text
        assert field in refused.text


def test_a_sweep_is_trainings_of_their_own_and_a_key_gives_the_same_again(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    body = {"dataset": "kestrel", "lora": "swept", "settings": QUICK, "judged": False, "unchecked": True}
    body |= {"sweep": {"seeds": [1, 2]}}
    first = api.post("/trainings", json=body, headers={"Idempotency-Key": "sweep-1"})
    again = api.post("/trainings", json=body, headers={"Idempotency-Key": "sweep-1"})
    ids = [one["job_id"] for one in first.json()["trainings"]]
    assert [one["job_id"] for one in again.json()["trainings"]] == ids
    assert again.headers["Idempotent-Replayed"] == "true"
    assert {ended(api, id)["adapter"]["version"] for id in ids} == {"1.0.0", "1.0.1"}


def test_what_is_of_unknown_right_is_learned_and_does_not_become_live(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    (begun,) = order(api, "stray", "stray").json()["trainings"]
    assert begun["notes"][0]["code"] == "rights_unknown"
    assert ended(api, begun["job_id"])["status"] == "complete"
    answer = api.post("/library/loras/stray/mark", json={"mark": "live", "version": "1.0.0"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "licence_restricted"
    assert "pic_stray0" in answer.json()["error"]["message"]
    overlay = {"loras": [{"id": "stray@1.0.0"}]}
    answer = api.post("/champions/icon/draft", json={"overlay": overlay, "reason": "not by this door, either"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "licence_restricted")
    assert "pic_stray0" in answer.json()["error"]["message"]


def test_another_checkpoint_can_be_taken(served: tuple[Served, httpx.Client]) -> None:
    _, api = served
    (begun,) = order(api, lora="other").json()["trainings"]
    ended(api, begun["job_id"])
    made = api.post(f"/trainings/{begun['job_id']}/adopt", json={"step": 5, "strength": 0.8})
    assert made.status_code == 201, made.text
    assert (made.json()["version"], made.json()["step"]) == ("1.0.1", 5)
    wrong = api.post(f"/trainings/{begun['job_id']}/adopt", json={"step": 7})
    assert wrong.json()["error"]["message"] == "nothing was kept after step 7; there is 5, 10"


def test_a_training_is_canceled(served: tuple[Served, httpx.Client]) -> None:
    here, api = served
    here.trainer.stuck_at = 3
    (begun,) = order(api, lora="stopped").json()["trainings"]
    deadline = time.monotonic() + 30
    while api.get(f"/trainings/{begun['job_id']}").json()["step"] < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    api.delete(f"/trainings/{begun['job_id']}").raise_for_status()
    done = ended(api, begun["job_id"])
    here.trainer.stuck_at = None
    assert (done["state"], [one["step"] for one in done["checkpoints"]]) == ("canceled", [3])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"dataset": "nothing"}, "dataset", "there is no dataset 'nothing'"),
        ({"dataset": "kestrel@9.0.0"}, "dataset", "kestrel has no version '9.0.0'"),
        ({"dataset": "few"}, "dataset", "nothing is learned from fewer than 5"),
        ({"dataset": "mute"}, "dataset", "no picture of mute has a caption"),
        ({"model": "flux-1-schnell"}, "model", "train on flux-1-dev"),
        ({"model": "flux-1-dev"}, "model", "nothing here trains on flux-1-dev: mini can be"),
        ({"model": "none"}, "model", "there is no model 'none'"),
        ({"settings": {"stepz": 3}}, "settings.stepz", "'stepz' is no setting of a training"),
        ({"settings": {"rank": 0}}, "settings.rank", "settings.rank"),
        ({"lora": "Not an id"}, "lora", ""),
        ({"unchecked": False}, "dataset", "kestrel 1.0.0 cannot be learned from: "),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    served: tuple[Served, httpx.Client], changes: dict[str, Any], field: str, said: str
) -> None:
    _, api = served
    answer = order(api, **changes)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["field"] == field
    assert said in error["message"]


def test_a_name_that_something_else_has_is_refused(served: tuple[Served, httpx.Client]) -> None:
    here, api = served
    (begun,) = order(api, lora="taken").json()["trainings"]
    ended(api, begun["job_id"])
    body = api.get("/library/loras/taken").json()["body"]
    del body["trained"]
    added = api.post("/library/loras", json={"id": "taken", "version": "9.0.0", "body": body, "mark": None})
    assert added.status_code == 201, added.text
    answer = order(api, lora="taken")
    assert (answer.status_code, answer.json()["error"]["field"]) == (409, "lora")
    assert "give another id" in answer.json()["error"]["message"]


def test_a_folder_becomes_a_dataset_on_the_way(served: tuple[Served, httpx.Client], tmp_path: Path) -> None:
    folder = ROOT / "training/lora/examples/kestrel"
    words = [
        "train",
        str(folder),
        "--asset-type",
        "icon",
        "--lora",
        "goldcrest",
        "--trigger",
        "kestrel style",
        "--right",
        "own",
        "--steps",
        "20",
    ]
    told = CliRunner().invoke(app, [*words, "--dry-run", "--url", str(served[1].base_url)])
    assert told.exit_code == 0, told.output
    assert "goldcrest@1.0.0, 24 pictures" in told.stdout
    assert served[1].get("/datasets/goldcrest").status_code == 404
    begun = CliRunner().invoke(app, [*words, "--no-judge", "--detach", "--url", str(served[1].base_url)])
    assert begun.exit_code == 0, begun.output
    assert "goldcrest@1.0.0: a dataset of 24 pictures" in begun.stderr
