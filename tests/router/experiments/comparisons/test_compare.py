"""/compare as a designer uses it: models or ways side by side, named or blind, of one prompt or of a set."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.router.calls import until
from tests.studio import PaintedGenerator

WAYS = [{"id": "few", "overlay": {"steps": {"standard": 3}}}, {"id": "many", "overlay": {"steps": {"standard": 9}}}]


def compared(api: httpx.Client, **body: Any) -> dict[str, Any]:
    """A comparison that has ended."""
    answer = api.post("/compare", json={"prompt": "a red bicycle", "arms": WAYS} | body)
    assert answer.status_code == 202, answer.text
    location = answer.headers["Location"]
    until(lambda: api.get(location).json()["status"] == "complete")
    found: dict[str, Any] = api.get(location).json()
    assert found["comparison_id"] == answer.json()["comparison_id"]
    return found


def test_ways_are_drawn_with_the_same_seeds_and_named(api: httpx.Client, generator: PaintedGenerator) -> None:
    found = compared(api, seeds=2, seed=7)
    assert (found["labels"], found["blind"], found["revealed"]) == (["few", "many"], False, True)
    (row,) = found["prompts"]
    assert [side["way"] for side in row["sides"]] == ["few", "many"]
    assert [[one["seed"] for one in side["pictures"]] for side in row["sides"]] == [[7, 8], [7, 8]]
    for side, steps in zip(row["sides"], (3, 9), strict=True):
        for picture in side["pictures"]:
            assert api.get(picture["url"]).status_code == 200
            assert api.get(f"/jobs/{picture['job_id']}").json()["batch_id"] == found["comparison_id"]
            drawn = next(one for one in generator.drawn if one.request_id.startswith(picture["job_id"]))
            assert (drawn.num_inference_steps, drawn.seed) == (steps, picture["seed"])
    picked = api.post(f"/compare/{found['comparison_id']}/pick", json={"prompt": 0, "choice": "many"}).json()
    assert picked["picks"] == {"few": 0, "many": 1}
    assert picked["prompts"][0]["picked"] == "many"


def test_a_sheet_has_a_column_for_each_side(api: httpx.Client) -> None:
    found = compared(api, seeds=1)
    sheet = api.get(f"/compare/{found['comparison_id']}/sheet")
    assert sheet.headers["content-type"] == "image/png"
    width, height = Image.open(io.BytesIO(sheet.content)).size
    assert width > 1.5 * 320 > height / 2
    assert api.get(f"/batches/{found['comparison_id']}/zip").status_code == 200


def test_blind_sides_are_letters_until_every_prompt_is_judged(api: httpx.Client) -> None:
    prompts = "prompt,seed\na red bicycle,1\na blue cup,2\n"
    assert api.post("/prompt-sets/two", content=prompts, headers={"content-type": "text/csv"}).status_code == 201
    found = compared(api, prompt=None, prompt_set="two", blind=True)
    id = found["comparison_id"]
    assert (found["labels"], found["revealed"], found["picks"]) == (["A", "B"], False, {})
    told = api.get(f"/compare/{id}")
    assert not any(word in told.text for word in ("few", "many", "mini", 'job_id":"', 'asset_id":"'))
    for row in found["prompts"]:
        files = [api.get(side["pictures"][0]["url"]) for side in row["sides"]]
        assert len({len(file.content) for file in files}) == 1
        for file in files:
            assert file.headers["cache-control"] == "private, no-store"
            assert "etag" not in file.headers
            image = Image.open(io.BytesIO(file.content))
            assert (image.format, dict(image.getexif()), image.info.get("xmp")) == ("WEBP", {}, None)
            assert b"few" not in file.content
    first = api.post(f"/compare/{id}/pick", json={"prompt": 0, "choice": "A"}).json()
    judged = first["prompts"][0]
    assert (first["revealed"], judged["picked"], judged["sides"][0]["way"]) == (False, "A", None)
    assert api.post(f"/compare/{id}/pick", json={"prompt": 0, "choice": "few"}).status_code == 422
    assert api.get(f"/compare/{id}/sheet").status_code == 200
    last = api.post(f"/compare/{id}/pick", json={"prompt": 1, "choice": "none"}).json()
    assert last["revealed"]
    best = next(side["way"] for side in last["prompts"][0]["sides"] if side["label"] == "A")
    assert last["picks"] == {"few": 0, "many": 0} | {best: 1, "none": 1}
    late = api.post(f"/compare/{id}/pick", json={"prompt": 0, "choice": "B"})
    assert late.status_code == 409
    assert late.json()["error"]["code"] == "state_conflict"


LISTS = ("/jobs?limit=200", "/images?limit=100", "/history?limit=100", "/images?q=bicycle&limit=100")


def test_what_a_comparison_draws_is_in_no_history(api: httpx.Client) -> None:
    before = [job["job_id"] for job in api.get("/jobs").json()["jobs"]]
    found = compared(api, seeds=1)
    assert [job["job_id"] for job in api.get("/jobs").json()["jobs"]] == before
    own = api.get("/jobs", params={"batch": found["comparison_id"]}).json()["jobs"]
    sides = {picture["job_id"] for side in found["prompts"][0]["sides"] for picture in side["pictures"]}
    assert {job["job_id"] for job in own} == sides
    job = api.post("/generate", json={"prompt": "a cup"}).json()["job_id"]
    assert api.get("/jobs", params={"limit": 1}).json()["jobs"][0]["job_id"] == job


def test_nothing_of_a_blind_comparison_names_its_jobs_before_it_is_judged(api: httpx.Client) -> None:
    id = compared(api, seeds=1, blind=True)["comparison_id"]
    veiled = (f"/jobs?batch={id}", f"/batches/{id}/zip", f"/batches/{id}/sheet")
    for path in veiled:
        answer = api.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "withheld"), path
        assert f"POST /compare/{id}/pick" in answer.json()["error"]["message"]
    told = "".join(api.get(path).text for path in (f"/compare/{id}", f"/batches/{id}", "/batches", *LISTS))
    assert api.post(f"/compare/{id}/pick", json={"prompt": 0, "choice": "A"}).json()["revealed"]
    named = api.get(f"/compare/{id}").json()["prompts"][0]["sides"]
    pictures = [picture for side in named for picture in side["pictures"]]
    assert len(pictures) == 2
    assert not any(picture[name] in told for picture in pictures for name in ("job_id", "asset_id"))
    assert [api.get(path).status_code for path in veiled] == [200, 200, 200]
    for path in LISTS[1:]:
        assert all(picture["asset_id"] in api.get(path).text for picture in pictures), path
    kept = api.put(f"/images/{pictures[0]['asset_id']}/favourite")
    assert kept.status_code == 204, kept.text


def test_a_blind_comparison_of_which_one_side_alone_was_drawn_hides_nothing(api: httpx.Client) -> None:
    """There is nothing to choose between, so that nobody has to."""
    prompt = "a lamp that only one of them draws"
    ways = [WAYS[0], {"id": "poisoned", "overlay": {"asset_type": "icon@1.9.0"}}]
    icon = api.get("/library/asset-types/icon").json()["body"]
    body = {**icon, "prompt_template": "poison {subject}", "slots": {}, "styles": {}, "default_style": None}
    api.post("/library/asset-types", json={"id": "icon", "version": "1.9.0", "body": body})
    found = compared(api, prompt=prompt, arms=ways, seeds=1, blind=True)
    (picture,) = [one for side in found["prompts"][0]["sides"] for one in side["pictures"]]
    assert (found["revealed"], found["counts"]["failed"]) == (True, 1)
    assert picture["asset_id"] in api.get("/images?q=lamp").text


def test_failures_of_a_blind_comparison_are_named_once_it_is_judged(api: httpx.Client) -> None:
    file = "prompt\npoison cake\na cup\n"
    assert api.post("/prompt-sets/harm", content=file, headers={"content-type": "text/csv"}).status_code == 201
    id = compared(api, prompt=None, prompt_set="harm", blind=True)["comparison_id"]
    told = api.get(f"/batches/{id}").json()
    assert (told["counts"]["failed"], told["failures"]) == (2, [])
    api.post(f"/compare/{id}/pick", json={"prompt": 1, "choice": "A"})
    assert [failure["line"] for failure in api.get(f"/batches/{id}").json()["failures"]] == [1, 1]


def test_letters_are_shuffled_for_each_prompt(api: httpx.Client) -> None:
    file = "prompt\n" + "".join(f"thing number {number}\n" for number in range(12))
    api.post("/prompt-sets/many", content=file, headers={"content-type": "text/csv"})
    found = compared(api, prompt=None, prompt_set="many", blind=True)
    for row in found["prompts"]:
        api.post(f"/compare/{found['comparison_id']}/pick", json={"prompt": row["prompt"], "choice": "none"})
    revealed = api.get(f"/compare/{found['comparison_id']}").json()
    first = [row["sides"][0]["way"] for row in revealed["prompts"]]
    assert set(first) == {"few", "many"}, "one in two thousand comparisons would have one order alone"
    assert first == [row["sides"][0]["way"] for row in api.get(f"/compare/{found['comparison_id']}").json()["prompts"]]


def test_a_plan_draws_nothing_and_a_key_is_one_comparison(api: httpx.Client) -> None:
    body = {"prompt_set": "house", "arms": WAYS}
    plan = api.post("/compare", json=body | {"dry_run": True})
    assert plan.status_code == 200
    assert (plan.json()["prompts"], plan.json()["pictures"], plan.json()["ways"]) == (16, 32, ["few", "many"])
    one = {"prompt": "a cup", "arms": WAYS, "seeds": 1}
    first = api.post("/compare", json=one, headers={"Idempotency-Key": "c1"})
    again = api.post("/compare", json=one, headers={"Idempotency-Key": "c1"})
    assert again.json()["comparison_id"] == first.json()["comparison_id"]
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({"models": ["mini", "gone"]}, "models.1", "'gone' does not run here"),
        ({"models": ["mini"]}, "models", "a comparison needs two at least"),
        ({"models": ["mini", "mini"]}, "models", "'mini' is there twice"),
        ({"models": ["mini"], "arms": WAYS}, "arms", "give models or arms, not both"),
        ({"arms": WAYS, "prompt_set": "house"}, "prompt", "give one of prompt and prompt_set"),
        ({"arms": WAYS, "prompt": None}, "prompt", "give one of prompt and prompt_set"),
        ({"arms": WAYS, "prompt": None, "prompt_set": "gone"}, "prompt_set", "there is no prompt set 'gone'"),
        ({"arms": WAYS, "prompt": None, "prompt_set": "house", "seed": 4}, "seed", "leave it out"),
        (
            {"arms": [WAYS[0], {"id": "x", "overlay": {"loras": [{"id": "gone", "strength": 1}]}}]},
            "arms.1.overlay.loras.0.id",
            "x: 'gone' is not known",
        ),
        (
            {"arms": [WAYS[0], {"id": "x", "overlay": {"stages": {"gone": True}}}]},
            "arms.1.overlay.stages.gone",
            "'gone' is no stage",
        ),
        ({"arms": [WAYS[0], {"id": "x", "overlay": {"sampler": "gone"}}]}, "rows", "x: "),
        ({"arms": WAYS, "quality": "gone"}, "rows", "gone"),
    ],
)
def test_what_cannot_be_compared_is_named(api: httpx.Client, body: dict[str, Any], field: str, says: str) -> None:
    answer = api.post("/compare", json={"prompt": "a cup"} | body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == field
    assert says in answer.json()["error"]["message"]


def test_a_batch_is_no_comparison(api: httpx.Client) -> None:
    batch = api.post("/batches", json={"prompts": ["a cup"]}).json()["batch_id"]
    for path in (batch, "batch_none"):
        assert api.get(f"/compare/{path}").status_code == 404
    found = compared(api, seeds=1)
    listed = {one["batch_id"]: one["compares"] for one in api.get("/batches").json()["batches"]}
    assert (listed[batch], listed[found["comparison_id"]]) == (False, True)
    pick = f"/compare/{found['comparison_id']}/pick"
    assert api.post(pick, json={"prompt": 9, "choice": "few"}).status_code == 404
    assert api.post(pick, json={"prompt": 0, "choice": "C"}).json()["error"]["field"] == "choice"
