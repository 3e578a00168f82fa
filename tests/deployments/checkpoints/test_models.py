"""Every model that ships names what its pipeline in diffusers needs, and draws in as many steps as it was made for."""

from __future__ import annotations

import pytest

from configs.catalog import Installation
from configs.load import load_catalog
from configs.pins import COMMAND, find_moving
from configs.placements import GeneratorPlacement
from configs.profile import ProfileConfig
from configs.schema import ControlConfig, ModelConfig
from configs.weights import Weights
from deployments.checkpoints.installed import find_unpinned
from deployments.checkpoints.layout import required_components

MODELS = load_catalog().models
PUBLISHED = [model for model in MODELS.values() if model.weights.repo is not None]
DIFFUSERS = [model for model in PUBLISHED if model.weights.layout == "diffusers"]
PIPELINES = {
    "flux-1-dev": "FluxPipeline",
    "flux-1-schnell": "FluxPipeline",
    "flux-1-fill-dev": "FluxFillPipeline",
    "flux-1-kontext-dev": "FluxKontextPipeline",
    "flux-2-dev": "Flux2Pipeline",
    "flux-2-klein-4b": "Flux2KleinPipeline",
    "flux-2-klein-9b": "Flux2KleinPipeline",
    "flux-2-klein-base-4b": "Flux2KleinPipeline",
    "flux-2-klein-base-9b": "Flux2KleinPipeline",
    "hidream-i1-full": "HiDreamImagePipeline",
    "hidream-i1-dev": "HiDreamImagePipeline",
    "hidream-i1-fast": "HiDreamImagePipeline",
    "playground-2.5": "StableDiffusionXLPipeline",
    "qwen-image": "QwenImagePipeline",
    "qwen-image-edit": "QwenImageEditPlusPipeline",
    "sd-3.5-large": "StableDiffusion3Pipeline",
    "sd-3.5-large-turbo": "StableDiffusion3Pipeline",
    "sd-3.5-medium": "StableDiffusion3Pipeline",
    "sdxl-base": "StableDiffusionXLPipeline",
    "sdxl-turbo": "StableDiffusionXLPipeline",
    "sdxl-refiner": "StableDiffusionXLImg2ImgPipeline",
    "z-image": "ZImagePipeline",
    "z-image-turbo": "ZImagePipeline",
}
"""As each repository's model_index.json names it."""
MOST_STEPS = {
    "flux-1-schnell": 4,
    "flux-2-klein-4b": 4,
    "flux-2-klein-9b": 4,
    "hidream-i1-dev": 28,
    "hidream-i1-fast": 16,
    "sd-3.5-large-turbo": 8,
    "sdxl-turbo": 4,
    "z-image-turbo": 9,
}
"""Of models distilled to few steps: more of them do harm."""


@pytest.mark.parametrize("model", DIFFUSERS, ids=lambda model: model.id)
def test_a_model_expects_what_its_pipeline_needs(model: ModelConfig) -> None:
    expected = {*model.weights.components, *model.borrowed}
    missing = required_components(PIPELINES[model.id]) - expected
    assert not missing


@pytest.mark.parametrize("model", DIFFUSERS, ids=lambda model: model.id)
def test_a_model_expects_nothing_that_its_pipeline_has_no_place_for(model: ModelConfig) -> None:
    import inspect

    import diffusers

    places = set(inspect.signature(getattr(diffusers, PIPELINES[model.id]).__init__).parameters)
    assert {*model.weights.components, *model.borrowed} <= places


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.id)
def test_a_model_is_pinned_or_says_how_to(model: ModelConfig) -> None:
    for _, weights in find_moving(model):
        assert f"`{COMMAND} {model.id}`" in (weights.unpinned or "")


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.id)
def test_a_distilled_model_gets_few_steps_and_no_guidance(model: ModelConfig) -> None:
    distilled = model.id in MOST_STEPS
    assert max(model.steps.values()) <= MOST_STEPS.get(model.id, 100)
    assert (model.guidance_scale == 0) == distilled


def test_the_start_warns_of_what_may_change() -> None:
    catalog = load_catalog()
    moving = Weights(url="az://studio/model", unpinned="it is being trained")
    own = Weights(path="models", file="own.safetensors", config=Weights(url="az://studio/texts", unpinned="ours"))
    controls = {"canny": ControlConfig(weights=moving, licence_parts=catalog.models["mini"].licence_parts)}
    model = catalog.models["mini"].model_copy(update={"weights": own, "controls": controls})
    profile = ProfileConfig(
        id="test", description="", generators=(GeneratorPlacement(model="mini"),), default_model="mini"
    )
    changed = catalog.model_copy(update={"models": {"mini": model}})
    installation = Installation(root="", profile=profile, catalog=changed, capabilities={})
    assert find_unpinned(installation) == [
        "model 'mini': az://studio/texts is not pinned and may change: ours",
        "model 'mini', canny control: az://studio/model is not pinned and may change: it is being trained",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "give either 'path'"),
        ({"path": "a", "url": "s3://b"}, "give either 'path'"),
        ({"repo": "a/b"}, "'repo' needs 'revision'"),
        ({"repo": "a/b", "revision": "main"}, "can move: write the commit"),
        ({"url": "ftp://host/folder", "unpinned": "x"}, "'url' must begin with one of"),
        ({"url": "https://host/folder?sig=secret", "unpinned": "x"}, "'url' must hold no keys"),
        ({"url": "https://host/folder"}, "'url' needs 'files'"),
        ({"url": "http://host/folder", "unpinned": "x"}, "can be changed on its way"),
        ({"path": "a", "file": "model.ckpt"}, "is not of a kind that is fetched"),
        ({"path": "a", "file": "../model.safetensors"}, "is not a file's name inside the folder"),
        ({"path": "a", "folder": "../b"}, "should match pattern"),
        ({"path": "a", "config": {"path": "b"}}, "belongs to a checkpoint in one file"),
    ],
)
def test_weights_that_say_too_little_or_too_much_are_refused(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Weights.model_validate(fields)
