"""The best of several drawings: what a plan says of it, what is drawn and finished, what is stored and shown."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from configs.catalog import Installation
from configs.errors import InvalidRequest
from configs.placements import ScorerPlacement
from router.job_request import JobRequest
from router.jobs.rows import accepted_job
from router.planning.making import make_plan
from router.progress import Progress
from router.rates import Rates
from tests.catalogue import load_installation
from tests.contract.job_samples import a_job, a_picture
from tests.router.calls import follow, submit, until, wait
from tests.studio import PaintedGenerator, running_studio


def plan(api: httpx.Client, **body: object) -> dict[str, Any]:
    answer: dict[str, Any] = api.post("/generate", json={"prompt": "a red bicycle", "dry_run": True, **body}).json()
    return answer


def fidelities(job: dict[str, Any]) -> list[float]:
    return [one["scores"]["fidelity"] for one in job["candidates"]]


def test_a_plan_says_what_is_drawn_when_it_is_scored_and_how_many_are_kept(api: httpx.Client) -> None:
    chosen = plan(api, best_of=4, keep=2, seed=10)["plan"]
    kinds = [stage["kind"] for stage in chosen["stages"]]
    assert kinds[:2] == ["base", "score"], "before anything dear is done"
    assert chosen["seeds"] == [10, 11, 12, 13]
    assert (chosen["choice"]["best_of"], chosen["choice"]["keep"], chosen["choice"]["after"]) == (4, 2, "score")
    assert "4 drawings are scored, and the 2 with the highest fidelity go on" in [n["message"] for n in chosen["notes"]]
    two = plan(api, num_variations=2)["plan"]
    assert two["estimated_seconds"] < chosen["estimated_seconds"]
    assert two["choice"] is None


def test_the_best_are_finished_and_only_they(api: httpx.Client, generator: PaintedGenerator) -> None:
    before = len(generator.drawn)
    job = wait(api, submit(api, best_of=6, keep=2, seed=40, formats=["png"]))
    assert (job["status"], job["images_completed"], job["images_total"]) == ("complete", 2, 2)
    assert len(generator.drawn) - before == 6
    assert [one["candidate"] for one in job["candidates"]] == list(range(6))
    ranked = sorted(range(6), key=lambda number: (-fidelities(job)[number], number))
    assert [image["index"] for image in job["images"]] == [0, 1]
    assert [image["seed"] for image in job["images"]] == [40 + number for number in ranked[:2]], "the best first"
    became = {one["index"]: one["candidate"] for one in job["candidates"] if one["index"] is not None}
    assert became == {0: ranked[0], 1: ranked[1]}
    assert job["images"][0]["scores"]["fidelity"] == max(fidelities(job))
    recipe = httpx.get(job["images"][0]["url"]).content
    assert f'"seed": {40 + ranked[0]}'.encode() in recipe, "from which it is drawn again"


def test_scores_and_the_choice_are_in_the_log_and_the_picture_after_them(api: httpx.Client) -> None:
    job_id = submit(api, best_of=3, seed=70, formats=["png"])
    wait(api, job_id)
    log = [(name, data["payload"]) for name, id, data in follow(api, job_id) if id is not None]
    names = [name for name, _ in log]
    assert names.count("job.candidate") == 3
    assert names.index("job.chosen") > max(i for i, name in enumerate(names) if name == "job.candidate")
    assert names.index("job.image") > names.index("job.chosen")
    scored = {payload["candidate"]: payload for name, payload in log if name == "job.candidate"}
    assert {payload["seed"] for payload in scored.values()} == {70, 71, 72}
    assert set(scored[0]["scores"]) == {"fidelity", "sharpness"}


def test_progress_of_a_choice_is_told_of_its_drawings_and_stays_below_the_end(api: httpx.Client) -> None:
    job_id = submit(api, best_of=4, keep=1, seed=90, formats=["png"])
    told = [data for name, _, data in follow(api, job_id) if name == "progress"]
    assert all(0 <= one["progress"] < 1 for one in told)
    assert {one["index"] for one in told} <= set(range(4))


def counted(choice: JobRequest, images: int = 0) -> Progress:
    """Of a job with this request, before it is begun, or with so many pictures committed."""
    plan = make_plan(choice, load_installation("local"), Rates(), 1)
    job = accepted_job(replace(a_job(1), plan=plan), datetime.now(UTC))
    return Progress(replace(job, images=tuple(a_picture(index) for index in range(images))), lambda _: None)


def test_progress_counts_drawings_until_they_are_chosen_and_pictures_from_then_on() -> None:
    progress = counted(JobRequest(prompt="x", best_of=4, keep=2))
    shares = [progress.share]
    for number in range(4):
        progress.advance(number, 0, 1.0)
        shares.append(progress.share)
        progress.expect(4, range(number + 1))
    progress.choose((3, 1))
    assert progress.undone == [3, 1]
    assert (progress.picture_of(3), progress.picture_of(1)) == (0, 1)
    for number in (3, 1):
        progress.advance(number, 2, 0.5)
        shares.append(progress.share)
        progress.commit(number)
        shares.append(progress.share)
    assert shares == sorted(set(shares)), "every bit of work counts"
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(1.0)
    assert progress.undone == []


def test_drawing_again_adds_to_the_estimate() -> None:
    progress = counted(JobRequest(prompt="x", best_of=2, retry_below={"fidelity": 0.5}))
    progress.expect(2, (0, 1))
    before = progress.told(0, "base")["estimated_time_seconds"]
    progress.expect(4, (0, 1))
    after = progress.told(0, "base")["estimated_time_seconds"]
    assert isinstance(before, float)
    assert isinstance(after, float)
    assert after > before


def test_a_job_that_goes_on_counts_what_is_committed_once_it_knows_what_that_was() -> None:
    progress = counted(JobRequest(prompt="x", best_of=4, keep=2), images=1)
    progress.expect(4, range(4))
    progress.choose((2, 0))
    assert progress.undone == [0]
    assert progress.share > 0.5


def test_what_scores_too_little_is_drawn_again_and_said_when_it_never_passes(
    api: httpx.Client, generator: PaintedGenerator
) -> None:
    before = len(generator.drawn)
    job = wait(api, submit(api, retry_below={"fidelity": 1.0}, max_tries=3, seed=200, formats=["png"]))
    assert len(generator.drawn) - before == 3
    assert job["images_completed"] == 1
    assert job["images"][0]["scores"]["fidelity"] == max(fidelities(job))
    (note,) = [note for note in job["images"][0]["notes"] if "fidelity" in note]
    assert "is below 1: the best of 3 drawings has no more" in note
    passed = wait(api, submit(api, retry_below={"fidelity": 0.0}, seed=200, formats=["png"]))
    assert len(passed["candidates"]) == 1
    assert passed["images"][0]["notes"] == []


def test_one_of_several_pictures_is_drawn_again_alone(api: httpx.Client) -> None:
    first = wait(api, submit(api, num_variations=3, retry_below={"fidelity": 0.0}, seed=300, formats=["png"]))
    least = sorted(fidelities(first))[1]
    again = wait(
        api, submit(api, num_variations=3, retry_below={"fidelity": least}, max_tries=2, seed=300, formats=["png"])
    )
    assert len(again["candidates"]) == 4
    assert again["images_completed"] == 3


def test_a_canceled_choice_ends_and_finishes_nothing(tmp_path: Path) -> None:
    generator = PaintedGenerator(step_seconds=0.05)
    with running_studio(tmp_path, generator) as url, httpx.Client(base_url=url, timeout=60) as api:
        job_id = submit(api, best_of=4, keep=2)
        until(lambda: generator.drawing > 0)
        api.delete(f"/jobs/{job_id}")
        job = wait(api, job_id)
    assert (job["status"], job["images"]) == ("canceled", [])


def test_a_lost_replica_costs_one_drawing_and_changes_no_choice(tmp_path: Path) -> None:
    chosen = []
    for lose in (0, 1):
        generator = PaintedGenerator(lose=lose)
        with running_studio(tmp_path / str(lose), generator) as url, httpx.Client(base_url=url, timeout=60) as api:
            job = wait(api, submit(api, best_of=3, seed=5, formats=["png"]))
        assert job["status"] == "complete"
        chosen.append(job["images"][0]["seed"])
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"best_of": 2, "keep": 4}, "best_of", "best_of (2) must be at least keep (4)"),
        ({"best_of": 17}, "best_of", "best_of may be 1 to 16"),
        ({"best_of": 16, "keep": 9}, "keep", "keep may be 1 to 8"),
        ({"keep": 2}, "keep", "give best_of, too"),
        ({"best_of": 4, "num_variations": 3}, "num_variations", "contradicts keep (1)"),
        ({"best_of": 4, "keep": 2, "num_variations": 3}, "num_variations", "contradicts keep (2)"),
        ({"max_tries": 2}, "max_tries", "only with retry_below"),
        ({"retry_below": {"beauty": 0.5}}, "retry_below", "'beauty' is not measured of a drawing"),
        ({"retry_below": {"fidelity": 1.5}}, "retry_below", "must be 1.0 or less"),
        ({"best_of": 0}, "best_of", "must be 1 or more"),
        ({"best_of": 2, "stages": {"score": False}}, "stages.score", "has to be scored"),
        ({"best_of": 2, "stages": {"refine": {"model": "sdxl-refiner", "denoising_start": 0.8}}}, "stages.refine", ""),
        ({"retry_below": {"fidelity": 0.5}, "max_tries": 6}, "max_tries", "must be 5 or less"),
    ],
)
def test_what_contradicts_itself_is_refused_and_named(
    api: httpx.Client, body: dict[str, Any], field: str, said: str
) -> None:
    answer = api.post("/generate", json={"prompt": "x", "dry_run": True, **body})
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["field"].startswith(field)
    assert said in error["message"]


@pytest.fixture(scope="module")
def three(api: httpx.Client) -> dict[str, Any]:
    return wait(api, submit(api, best_of=3, keep=3, seed=400, formats=["png", "webp"]))


@pytest.mark.parametrize("format", ["png", "webp"])
def test_a_jobs_pictures_are_laid_out_on_one_sheet(api: httpx.Client, three: dict[str, Any], format: str) -> None:
    answer = api.get(f"/jobs/{three['job_id']}/grid", params={"format": format, "sort": "fidelity"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"image/{format}"
    sheet = Image.open(io.BytesIO(answer.content))
    assert sheet.format == format.upper()
    assert sheet.width > 2 * 320
    again = api.get(
        f"/jobs/{three['job_id']}/grid",
        params={"format": format, "sort": "fidelity"},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304


def test_pictures_are_listed_by_a_score(api: httpx.Client, three: dict[str, Any]) -> None:
    images = api.get(f"/jobs/{three['job_id']}/images", params={"sort": "fidelity"}).json()["images"]
    values = [image["scores"]["fidelity"] for image in images]
    assert values == sorted(values, reverse=True)
    refused = api.get(f"/jobs/{three['job_id']}/images", params={"sort": "beauty"})
    assert refused.status_code == 422
    assert "it has fidelity, sharpness" in refused.json()["error"]["message"]


def test_there_is_no_sheet_of_nothing(api: httpx.Client) -> None:
    job = wait(api, submit(api, prompt="poison"))
    answer = api.get(f"/jobs/{job['job_id']}/grid")
    assert answer.status_code == 404
    assert "no picture as png or webp yet" in answer.json()["error"]["message"]


def test_a_check_is_made_by_the_finisher_unless_it_asks_for_fidelity(api: httpx.Client) -> None:
    cheap = {"check": {"measures": ["sharpness", "stray_text"]}}
    stages = {stage["kind"]: stage for stage in plan(api, stages=cheap)["plan"]["stages"]}
    assert stages["check"]["deployment"] == "finisher"
    job = wait(api, submit(api, stages=cheap, formats=["png"]))
    assert set(job["images"][0]["scores"]) == {"sharpness", "stray_text"}
    dear = {"check": {"measures": ["fidelity"]}}
    stages = {stage["kind"]: stage for stage in plan(api, stages=dear)["plan"]["stages"]}
    assert stages["check"]["deployment"] == "scorer-mini-scorer"
    assert set(wait(api, submit(api, stages=dear, formats=["png"]))["images"][0]["scores"]) == {"fidelity"}


def test_a_check_may_ask_a_scorer_of_preferences_by_name(tmp_path: Path) -> None:
    """One that an installation has placed beside the model's own."""
    installation = load_installation("local")
    mini = installation.catalog.scorers["mini-scorer"]
    taste = mini.model_copy(update={"id": "taste", "says": "preference"})
    catalog = installation.catalog.model_copy(update={"scorers": {"mini-scorer": mini, "taste": taste}})
    placed = (*installation.profile.scorers, ScorerPlacement(scorer="taste"))
    installation = Installation(
        profile=installation.profile.model_copy(update={"scorers": placed}),
        **{name: value for name, value in vars(installation).items() if name not in ("profile", "catalog")},
        catalog=catalog,
    )

    def check(**settings: object) -> Any:
        request = JobRequest.model_validate({"prompt": "x", "stages": {"check": settings}})
        return next(stage for stage in make_plan(request, installation, Rates(), 1).stages if stage.kind == "check")

    asked = check(measures=["sharpness", "preference"], scorer="taste")
    assert (asked.scorer, asked.deployment) == ("taste", "scorer-taste")
    with pytest.raises(
        InvalidRequest, match="mini-scorer tells the fidelity of a picture, not its preference: choose taste"
    ):
        check(measures=["preference"])
    with pytest.raises(InvalidRequest, match="taste tells the preference of a picture, not its fidelity"):
        check(measures=["fidelity"], scorer="taste")
    with pytest.raises(InvalidRequest, match="taste has nothing to say"):
        check(scorer="taste")
    with pytest.raises(
        InvalidRequest, match="the scorer nobody is not placed here; those that are: mini-scorer, taste"
    ):
        check(measures=["preference"], scorer="nobody")
