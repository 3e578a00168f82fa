"""A brand's kit from its library to the files: what can be chosen, what is refused, what is measured, and what happens
to it when the kit goes."""

from __future__ import annotations

import io
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from deployments.stages.recipe import read_recipe
from tests.router.calls import submit, wait

STUDIO = {"name": "Studio", "palette": [{"name": "Red", "colour": "#d13438"}]}


def planned(api: httpx.Client, **asked: object) -> dict[str, Any]:
    answer = api.post("/generate", json={"prompt": "a red bicycle", "dry_run": True, **asked})
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()["plan"]
    return plan


def stage(plan: dict[str, Any], kind: str) -> dict[str, Any] | None:
    return next((one for one in plan["stages"] if one["kind"] == kind), None)


def test_kits_are_listed_with_the_version_that_is_live(api: httpx.Client) -> None:
    kits = {kit["id"]: kit for kit in api.get("/brand").json()["brand_kits"]}
    assert {"atelier", "harbour"} <= kits.keys()
    one = api.get("/brand/atelier").json()
    assert one == kits["atelier"]
    assert one["version"] == "1.0.0"
    assert {entry["role"] for entry in one["palette"]} >= {"primary", "accent", "neutral", "ground"}
    missing = api.get("/brand/acme")
    assert missing.status_code == 404
    assert "'acme'" in missing.json()["error"]["message"]
    assert "atelier, harbour" in missing.json()["error"]["message"]


def test_a_kit_brings_its_colours_unless_they_are_left_out_or_others_are_given(api: httpx.Client) -> None:
    plan = planned(api, brand_kit="atelier")
    palette, finish = stage(plan, "palette"), stage(plan, "finish")
    assert palette is not None
    assert finish is not None
    assert (palette["kit"], palette["mode"], palette["strength"]) == ("atelier", "auto", 1.0)
    assert palette["entries"][0]["name"] == "Vermilion"
    assert (finish["clear_space"], finish["ground"]) == (0.1, "#faf7f0")
    assert ("brand-kits", "atelier") in [(pin["kind"], pin["id"]) for pin in plan["entries"]]
    assert stage(planned(api, brand_kit="atelier", stages={"palette": False}), "palette") is None
    assert stage(planned(api), "palette") is None
    soft = stage(planned(api, brand_kit="atelier", stages={"palette": {"mode": "soft"}}), "palette")
    assert soft is not None
    assert (soft["kit"], soft["mode"]) == ("atelier", "soft")
    own = stage(planned(api, brand_kit="atelier", stages={"palette": {"colours": ["#0078D4"]}}), "palette")
    assert own is not None
    assert (own["kit"], own["colours"], own["entries"]) == ("", ["#0078d4"], [])


def test_colours_without_a_kit_have_to_be_named(api: httpx.Client) -> None:
    answer = api.post("/generate", json={"prompt": "x", "dry_run": True, "stages": {"palette": {}}})
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, "stages.palette.colours")
    assert "there is no brand kit" in error["message"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"prompt": "a CLIP   art bicycle"}, "prompt"),
        ({"prompt": "a bicycle, \uff33tock photo"}, "prompt"),
        ({"slots": {"setting": "in a stock photo."}}, "slots.setting"),
        ({"prompt": "a bicycle in clip arts"}, None),
        ({"prompt": "clip art", "brand_kit": "none"}, None),
        ({"prompt": "clip art", "brand_kit": "harbour"}, None),
    ],
)
def test_a_banned_word_is_refused_by_name(api: httpx.Client, asked: dict[str, Any], field: str | None) -> None:
    answer = api.post("/generate", json={"prompt": "a bicycle", "brand_kit": "atelier", "dry_run": True} | asked)
    if field is None:
        assert answer.status_code == 200, answer.text
    else:
        error = answer.json()["error"]
        assert (answer.status_code, error["field"]) == (422, field)
        assert "is a banned word of the brand kit 'atelier'" in error["message"]


def test_a_picture_is_in_the_colours_of_its_brand_and_says_how_much(api: httpx.Client) -> None:
    job = submit(api, seed=1, brand_kit="harbour", formats=["png"], stages={"palette": {"mode": "snap"}})
    (image,) = wait(api, job)["images"]
    scores = image["scores"]
    assert scores["palette_adherence"] > 0.9 > scores["palette_adherence_before"]
    assert scores["palette_de_p95"] < 0.1
    file = httpx.get(image["url"]).content
    recipe = read_recipe(file)
    assert recipe.scores == scores
    assert [told["kit"] for told in recipe.stages if told["kind"] == "palette"] == ["harbour"]
    levels, counts = np.unique(np.asarray(Image.open(io.BytesIO(file))).reshape(-1, 3), axis=0, return_counts=True)
    colours = {entry["colour"] for entry in api.get("/brand/harbour").json()["palette"]}
    assert "#" + bytes(levels[counts.argmax()]).hex() in colours


def test_a_kit_that_goes_takes_nothing_with_it(api: httpx.Client) -> None:
    """Jobs that were accepted have its colours; asset types that name it are drawn without, and say so."""
    assert api.post("/library/brand-kits", json={"id": "studio", "body": STUDIO, "mark": "live"}).status_code == 201
    badge = {
        "name": "Badge",
        "description": "Badges",
        "prompt_template": "{subject}, badge",
        "default_size": "512x512",
        "sizes": ["512x512"],
        "formats": ["png"],
        "brand_kit": "studio",
    }
    assert api.post("/library/asset-types", json={"id": "badge", "body": badge, "mark": "live"}).status_code == 201
    accepted = submit(api, asset_type="badge")
    gone = api.post("/library/brand-kits/studio/mark", json={"mark": "live", "version": None})
    assert gone.status_code == 200, gone.text
    job = wait(api, accepted)
    assert job["status"] == "complete"
    assert "palette_adherence" in job["images"][0]["scores"]
    plan = planned(api, asset_type="badge")
    assert stage(plan, "palette") is None
    assert [note["code"] for note in plan["notes"]].count("brand_kit_missing") == 1
    asked = api.post("/generate", json={"prompt": "x", "brand_kit": "studio", "dry_run": True})
    assert (asked.status_code, asked.json()["error"]["field"]) == (422, "brand_kit")
    assert api.get("/brand/studio").status_code == 404
    assert api.get("/library/brand-kits/studio").json()["body"]["palette"][0]["colour"] == "#d13438"
