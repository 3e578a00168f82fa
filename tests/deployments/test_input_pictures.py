"""Pictures on their whole way in: uploaded over HTTP, named in a request, fitted, and seen by a model that draws."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from diffusers.pipelines.flux import pipeline_flux_kontext
from PIL import Image

from configs.placements import GeneratorPlacement
from configs.schema import LicencePart, ModelConfig, Size
from deployments.families.registry import FAMILIES
from deployments.generator import Generator
from deployments.messages import Picture
from deployments.stages.recipe import read_recipe
from router.api.app import create_app
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.deployments import tiny_sdxl
from tests.deployments.diffusers_alone import painting
from tests.deployments.tiny import Shape, save_tiny, tiny_config
from tests.deployments.tiny_flux import control_config, redux_config, save_control, save_kontext, save_redux
from tests.studio import finisher_of, local_installation, serving

STRICT = (LicencePart(part="weights", licence="flux-1-dev-non-commercial"),)
SQUARE = {"native_sizes": (Size(width=128, height=128),)}


def flux(folder: Path) -> ModelConfig:
    """FLUX.1 with a ControlNet that may not be sold with, a free one, and Redux."""
    controls = {kind: control_config(save_control(folder / kind, (2, 2), seed)) for kind, seed in CONTROLS.items()}
    controls["depth"] = controls["depth"].model_copy(update={"licence_parts": STRICT})
    redux = redux_config(save_redux(folder / "redux")).model_copy(update={"licence_parts": STRICT})
    weights = save_tiny(folder / "flux", Shape(layers=3))
    return tiny_config(weights, id="flux", controls=controls, image_prompt=redux, **SQUARE)


def kontext(folder: Path) -> ModelConfig:
    return tiny_config(save_kontext(folder / "kontext", Shape()), id="kontext", variant="kontext", **SQUARE)


def sdxl(folder: Path) -> ModelConfig:
    tiny_sdxl.build(folder / "sdxl")
    made = tiny_sdxl.config(folder / "sdxl", id="sdxl", native_sizes=(Size(width=64, height=64),))
    assert made.image_prompt is not None
    return made.model_copy(update={"image_prompt": made.image_prompt.model_copy(update={"licence_parts": STRICT})})


CONTROLS = {"depth": 1, "canny": 2}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A studio that draws with three models of random weights, each in its generator."""
    folder = tmp_path_factory.mktemp("inputs")
    with pytest.MonkeyPatch.context() as patch:
        # Real sizes of references would be slow.
        patch.setattr(pipeline_flux_kontext, "PREFERRED_KONTEXT_RESOLUTIONS", [(128, 128)])
        models = {config.id: config for config in (flux(folder), kontext(folder), sdxl(folder))}
        generators = {f"generator-{id}": Generator(config) for id, config in models.items()}
        placements = tuple(GeneratorPlacement(model=id) for id in models)
        # Pictures are looked at, and no more: some of what these models draw may be used for nothing else.
        local = local_installation(
            folder, generators=placements, default_model="flux", upscalers=(), default_use="reference"
        )
        table = FAMILIES.table()
        installation = local.model_copy(
            update={
                "catalog": local.catalog.model_copy(update={"models": models}),
                "capabilities": {id: table.find(one.family, one.variant) for id, one in models.items()},
            }
        )
        stages = DirectReplicas({**generators, "finisher": finisher_of(installation)})
        app = create_app(Studio.assemble(installation, stages))
        with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
            yield client
        for generator in generators.values():
            generator.close()


def upload(api: httpx.Client, picture: Picture) -> str:
    file = BytesIO()
    Image.frombytes("RGB", (picture.width, picture.height), picture.rgb).save(file, "PNG")
    answer = api.post("/pictures", files={"file": ("a.png", file.getvalue())}, data={"right": "own"})
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["picture_id"]
    return name


def draw(api: httpx.Client, model: str, **inputs: object) -> dict[str, Any]:
    body = {"prompt": "a red bicycle", "model": model, "quality": "draft", "seed": 7, "formats": ["png"], **inputs}
    answer = api.post("/generate", json=body)
    assert answer.status_code == 202, answer.text
    for _ in range(600):
        job: dict[str, Any] = api.get(f"/jobs/{answer.json()['job_id']}").json()
        if job["status"] in ("complete", "failed", "canceled"):
            assert job["status"] == "complete", job["error"]
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def png(job: dict[str, Any]) -> bytes:
    return httpx.get(job["images"][0]["url"]).raise_for_status().content


def differ(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Mean difference of two jobs' first pictures, in levels."""
    levels = [np.asarray(Image.open(BytesIO(png(job))).convert("RGB"), float) for job in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


def test_a_control_steers_the_drawing_and_its_licence_counts(api: httpx.Client) -> None:
    lines, others = (upload(api, painting(160, 96, seed=seed)) for seed in (1, 2))
    plain = draw(api, "flux")
    depth, also = (draw(api, "flux", controls=[{"kind": "depth", "image": one}]) for one in (lines, others))
    canny = draw(api, "flux", controls=[{"kind": "canny", "image": lines, "scale": 0.5, "end": 0.5}])
    # Encoding a control takes some of the noise, as in diffusers: only without weight it is the same which picture.
    unheard = [draw(api, "flux", controls=[{"kind": "depth", "image": one, "scale": 0}]) for one in (lines, others)]
    assert min(differ(plain, depth), differ(depth, also), differ(depth, canny), differ(depth, unheard[0])) > 0.01
    assert differ(*unheard) == 0
    assert plain["licence"]["product"] == canny["licence"]["product"] == "allowed"
    assert depth["licence"]["product"] == "refused"
    assert any("control depth" in reason for reason in depth["licence"]["reasons"])
    (given,) = canny["inputs"]
    assert [given[name] for name in ("kind", "scale", "start", "end")] == ["canny", 0.5, 0.0, 0.5]
    (told,) = read_recipe(png(canny)).inputs
    assert (told.role, told.image.picture, told.kind) == ("control", lines, "canny")
    assert (told.scale, told.start, told.end) == (0.5, 0.0, 0.5)


def test_two_controls_are_followed_together(api: httpx.Client) -> None:
    name = upload(api, painting(128, 128, seed=3))
    both = [{"kind": kind, "image": name} for kind in CONTROLS]
    jobs = [draw(api, "flux", controls=wanted) for wanted in (both, both[:1], both[1:])]
    assert min(differ(jobs[0], jobs[1]), differ(jobs[0], jobs[2])) > 0.01
    assert [one.kind for one in read_recipe(png(jobs[0])).inputs] == ["depth", "canny"]


@pytest.mark.parametrize("model", ["flux", "sdxl"])
def test_a_picture_prompt_says_what_to_draw_and_its_licence_counts(api: httpx.Client, model: str) -> None:
    moods = [upload(api, painting(96, 64, seed=seed)) for seed in (4, 5)]
    plain = draw(api, model)
    shown = [draw(api, model, image_prompts=[{"image": one}]) for one in moods]
    assert min(differ(plain, shown[0]), differ(shown[0], shown[1])) > 0.01
    assert (plain["licence"]["product"], shown[0]["licence"]["product"]) == ("allowed", "refused")
    assert any("image prompt" in reason for reason in shown[0]["licence"]["reasons"])
    weak = draw(api, model, image_prompts=[{"image": moods[0], "scale": 0.3}])
    assert differ(weak, shown[0]) > 0.01
    (told,) = read_recipe(png(weak)).inputs
    assert (told.role, told.image.picture, told.scale) == ("image_prompt", moods[0], 0.3)


def test_a_reference_is_what_an_editing_model_changes(api: httpx.Client) -> None:
    given, other = (upload(api, painting(128, 128, seed=seed)) for seed in (6, 7))
    plain = draw(api, "kontext")
    edited, again, another = (draw(api, "kontext", references=[one]) for one in (given, given, other))
    assert min(differ(plain, edited), differ(edited, another)) > 0.01
    assert differ(edited, again) == 0
    (told,) = read_recipe(png(edited)).inputs
    assert (told.role, told.image.picture) == ("reference", given)
    assert len(told.image.sha256) == 64


def test_inputs_of_every_kind_go_together(api: httpx.Client) -> None:
    image, mask, lines, mood = (upload(api, painting(128, 128, seed=seed)) for seed in (8, 9, 10, 11))
    every: dict[str, object] = {
        "image": image,
        "mask": mask,
        "strength": 0.8,
        "controls": [{"kind": "canny", "image": lines}],
        "image_prompts": [{"image": mood}],
    }
    whole = draw(api, "flux", **every)
    for left in ("controls", "image_prompts", "mask"):
        assert differ(whole, draw(api, "flux", **{name: one for name, one in every.items() if name != left})) > 0.01
    assert [one.role for one in read_recipe(png(whole)).inputs] == ["image", "mask", "control", "image_prompt"]


def test_a_picture_inherits_the_verdict_on_what_it_was_made_from(api: httpx.Client) -> None:
    strict = draw(api, "flux", controls=[{"kind": "depth", "image": upload(api, painting(128, 128))}])
    edited = draw(api, "kontext", references=[f"{strict['job_id']}/0"])
    assert edited["licence"]["product"] == "refused"
    assert edited["images"][0]["licence"]["product"] == "refused"
