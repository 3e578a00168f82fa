"""The recipe of a picture is what its file carries, and its request draws the same picture again."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from deployments.messages import Recipe
from deployments.stages.recipe import read_recipe
from router.api.pictures.recipe_schemas import RecipeBody
from tests.router.calls import submit, wait

BESIDE = {"asset_id", "parents", "request"}
WISHES = {"quality": "draft", "formats": ["png"]}
ORDERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "one of several": {"num_variations": 3, "seed": 11},
    "said": {"guidance_scale": 2.0, "num_inference_steps": 3, "size": "256x256"},
    "chosen": {"best_of": 3, "keep": 2, "seed": 5},
    "kit": {"brand_kit": "none", "style": None},
    "further sizes": {"sizes": ["64x64"], "formats": ["png", "webp"]},
}


def upload(api: httpx.Client) -> str:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "PNG")
    return str(api.post("/pictures", files={"file": ("a.png", file.getvalue())}).json()["picture_id"])


def drawn(api: httpx.Client, **wishes: Any) -> dict[str, Any]:
    job = wait(api, submit(api, **{**WISHES, **wishes}))
    assert job["status"] == "complete", job
    return job


def planned(api: httpx.Client, **wishes: Any) -> dict[str, Any]:
    answer = api.post("/generate", json={"prompt": "a red bicycle", **WISHES, **wishes, "dry_run": True})
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()["plan"]
    return plan


def recipe_of(api: httpx.Client, image: dict[str, Any]) -> dict[str, Any]:
    answer = api.get(f"/images/{image['asset_id']}/recipe")
    assert answer.status_code == 200, answer.text
    recipe: dict[str, Any] = answer.json()
    return recipe


def drawing(plan: dict[str, Any]) -> dict[str, Any]:
    """What decides the picture."""
    stages = [{key: value for key, value in one.items() if key != "estimated_seconds"} for one in plan["stages"]]
    return {"stages": [one for one in stages if one["kind"] != "score"], "entries": plan["entries"]}


def test_a_recipe_tells_all_that_files_carry() -> None:
    assert set(RecipeBody.model_fields) - BESIDE == {field.name for field in dataclasses.fields(Recipe)}


@pytest.mark.parametrize("order", ORDERS)
def test_its_request_draws_the_same_picture_again(api: httpx.Client, order: str) -> None:
    image = drawn(api, **ORDERS[order])["images"][-1]
    recipe = recipe_of(api, image)
    again = wait(api, submit(api, **recipe["request"]))
    (copy,) = again["images"]
    assert copy["seed"] == image["seed"] == recipe["seed"]
    assert drawing(planned(api, **recipe["request"])) == drawing(planned(api, **ORDERS[order]))
    pixels = [Image.open(io.BytesIO(api.get(one["url"]).content)).convert("RGB").tobytes() for one in (image, copy)]
    assert pixels[0] == pixels[1]


def test_a_recipe_is_what_the_file_says(api: httpx.Client) -> None:
    image = drawn(api, prompt="a <b>fox</b> \u2028 \u05d0", seed=9)["images"][0]
    recipe, carried = recipe_of(api, image), read_recipe(api.get(image["url"]).content)
    for name in ("prompt", "full_prompt", "negative_prompt", "weights", "seed", "job_id", "licence", "base_size"):
        assert recipe[name] == getattr(carried, name), name
    assert recipe["weights"]


def test_what_it_was_made_from_is_named(api: httpx.Client) -> None:
    picture = upload(api)
    first = drawn(api, image=picture, strength=0.6)["images"][0]
    recipe = recipe_of(api, first)
    assert recipe["parents"] == [{"asset_id": picture, "role": "image"}]
    assert (recipe["inputs"][0]["role"], recipe["inputs"][0]["picture"]) == ("image", picture)
    assert (recipe["request"]["image"], recipe["request"]["strength"]) == (picture, 0.6)
    tweaked = api.post("/tweak", json={"asset_id": first["asset_id"], "prompt": "a blue bicycle"}).json()["job_id"]
    told = recipe_of(api, wait(api, tweaked)["images"][0])
    assert {"asset_id": first["asset_id"], "role": "tweak"} in told["parents"]
    assert told["origin"]["call"] == "tweak"
    assert told["request"]["prompt"] == "a blue bicycle"


def test_one_that_is_deleted_has_its_recipe_for_who_may_restore_it(api: httpx.Client) -> None:
    image = drawn(api)["images"][0]
    assert api.delete(f"/images/{image['asset_id']}").status_code == 204
    assert recipe_of(api, image)["seed"] == image["seed"]


def test_an_upload_has_none_and_is_told_so(api: httpx.Client) -> None:
    answer = api.get(f"/images/{upload(api)}/recipe")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "uploaded and not drawn here" in answer.json()["error"]["message"]
    for id in ("pic_nothing", "pic_%00", "%E2%98%83"):
        assert api.get(f"/images/{id}/recipe").status_code == 404
