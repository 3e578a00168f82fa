"""The variant kontext is diffusers' FluxKontextPipeline, alone and in mixed batches: same seed, same picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.flux import pipeline_flux_kontext

from configs.errors import StageError
from deployments.families.flux import Flux
from deployments.families.flux.canvas import Bucket, Grid
from deployments.messages import GenerateRequest, Picture, StepCache
from tests.deployments import asking
from tests.deployments.diffusers_alone import begin, difference, finish, painting
from tests.deployments.flux_alone import edit_alone
from tests.deployments.tiny import Shape, request
from tests.deployments.tiny_flux import save_kontext

SHAPES = [Shape(True, "kl", layers=2), Shape(False, "tiny", layers=2)]
SIZES = [(96, 160), (128, 128), (160, 96)]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_kontext(tmp_path_factory.mktemp("kontext"), request.param)


@pytest.fixture(scope="module")
def variant() -> str:
    return "kontext"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """References of a few tokens, for diffusers and for us: those of the real sizes are slow."""
    monkeypatch.setattr(pipeline_flux_kontext, "PREFERRED_KONTEXT_RESOLUTIONS", SIZES)


def edit(reference: Picture | None = None, **changes: Any) -> GenerateRequest:
    return request(**{"references": (reference or painting(128, 128, seed=8),)} | changes)


def drawn(flux: Flux, asked: GenerateRequest) -> torch.Tensor:
    state = begin(flux, asked)
    finish(flux, [state])
    return state.latents


@pytest.mark.usefixtures("small")
def test_equals_the_pipeline(flux: Flux, pipeline: Any) -> None:
    asked = edit(painting(320, 192), width=96, height=160)
    assert flux.work(asked).bucket == Bucket(10, 6, 64, Grid(6, 10))
    assert difference(drawn(flux, asked), edit_alone(pipeline, asked)) <= 1e-5
    assert difference(drawn(flux, asked), drawn(flux, asking.replace(asked, references=()))) > 1e-2, "it must matter"


def test_equals_the_pipeline_at_the_sizes_that_it_learned_from(flux: Flux, pipeline: Any) -> None:
    asked = edit(painting(64, 32), num_inference_steps=1, guidance_scale=1.0)
    assert flux.work(asked).bucket == Bucket(8, 8, 64, Grid(720 // 16, 1456 // 16))
    assert difference(drawn(flux, asked), edit_alone(pipeline, asked)) <= 1e-5


@pytest.mark.usefixtures("small")
def test_a_mixed_batch_is_each_request_alone(flux: Flux, pipeline: Any) -> None:
    asked = [
        edit(seed=1, num_inference_steps=3),
        edit(painting(64, 64, seed=2), seed=2, num_inference_steps=5, width=96, height=160, prompt="blue"),
        edit(seed=3, guidance_scale=1.0),
        edit(seed=4, num_inference_steps=6, step_cache=StepCache(threshold=0.0)),
    ]
    states = [begin(flux, each) for each in asked]
    assert flux.canvas([state.bucket for state in states]) == Bucket(10, 8, 64, Grid(8, 8))
    flux.step(states[:2])
    finish(flux, states)
    for state, each in zip(states, asked, strict=True):
        assert difference(state.latents, edit_alone(pipeline, each)) <= 1e-5


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("threshold", [0.05, 0.4])
def test_the_step_cache_is_that_of_diffusers(flux: Flux, pipeline: Any, threshold: float) -> None:
    # Without classifier-free guidance, whose two rows share one cache by mistake in diffusers' pipeline.
    cached = edit(num_inference_steps=8, guidance_scale=1.0, step_cache=StepCache(threshold=threshold))
    beside = edit(seed=3, width=96, height=160)
    states = [begin(flux, cached), begin(flux, beside)]
    finish(flux, states)
    assert difference(states[0].latents, edit_alone(pipeline, cached)) <= 1e-5
    assert difference(states[1].latents, edit_alone(pipeline, beside)) <= 1e-5


@pytest.mark.usefixtures("small")
def test_references_of_other_sizes_are_not_stepped_together(flux: Flux) -> None:
    asked = [edit(), edit(painting(320, 192)), request()]
    buckets = [flux.work(each).bucket for each in asked]
    assert flux.canvas(buckets[:2]) is flux.canvas(buckets[1:]) is None
    assert flux.size(buckets[0]) > flux.size(buckets[2])
    with pytest.raises(ValueError, match="cannot be stepped together"):
        flux.step([begin(flux, each) for each in asked])


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"references": (painting(64, 64), painting(64, 64))}, "references", "changes one picture, and 2 are given"),
        ({"references": (Picture(64, 64, b"abc"),)}, "references", "is not 64x64 pixels"),
        ({"image": painting(128, 128)}, "image", "give the picture to change as a reference"),
        ({"mask": painting(128, 128)}, "mask", "draws over no mask"),
        ({"width": 100}, "size", "multiples of 16 pixels"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    flux: Flux, changes: dict[str, Any], field: str, message: str
) -> None:
    for action in (flux.work, lambda asked: begin(flux, asked)):
        with pytest.raises(StageError, match=message) as refused:
            action(asking.replace(edit(), **changes))
        assert refused.value.field == field
