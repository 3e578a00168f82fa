"""Pictures as prompts are diffusers' FLUX.1 Redux, alone and beside prompts of words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.inputs import InputImage
from configs.weights import Weights
from deployments.families.flux import Flux, load
from deployments.messages import GenerateRequest, Picture, StepCache
from tests.deployments import asking
from tests.deployments.diffusers_alone import begin, difference, finish, painting
from tests.deployments.flux_alone import read_redux, show_alone
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config
from tests.deployments.tiny_flux import control_config, redux_config, save_control, save_redux

SHAPES = [Shape(True, "kl", layers=2), Shape(False, "tiny", layers=2)]
WORDS, SHOWN = 64, 16


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), request.param)


@pytest.fixture(scope="module")
def redux(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_redux(tmp_path_factory.mktemp("redux"))


@pytest.fixture(scope="module")
def flux(weights: Path, redux: Path) -> Flux:
    return load(tiny_config(weights, image_prompt=redux_config(redux)))


@pytest.fixture(scope="module")
def prior(pipeline: Any, redux: Path) -> Any:
    return read_redux(pipeline, redux)


def show(*scales: float, seed: int = 30, **changes: Any) -> GenerateRequest:
    shown = tuple(asking.image_prompt(painting(96, 64, seed=seed + index), scale) for index, scale in enumerate(scales))
    return request(image_prompts=shown, **changes)


def drawn(flux: Flux, asked: GenerateRequest) -> torch.Tensor:
    state = begin(flux, asked)
    finish(flux, [state])
    return state.latents


@pytest.mark.parametrize("scales", [(1.0,), (0.7, 0.3)], ids=["one", "two"])
def test_equals_the_pipelines(flux: Flux, pipeline: Any, prior: Any, scales: tuple[float, ...]) -> None:
    asked = show(*scales, width=96, height=160)
    latents = drawn(flux, asked)
    assert difference(latents, show_alone(pipeline, prior, asked)) <= 1e-5
    assert difference(latents, drawn(flux, asking.replace(asked, image_prompts=()))) > 1e-3, "they must matter"


def test_a_picture_counts_with_its_scale_and_the_words_in_full(flux: Flux) -> None:
    plain, faint, full = begin(flux, request()), begin(flux, show(0.5)), begin(flux, show(1.0))
    words, half, whole = (state.conditioning.prompt.tokens for state in (plain, faint, full))
    assert torch.equal(half[:, :WORDS], words)
    assert torch.equal(whole[:, :WORDS], words)
    assert difference(2 * half[:, WORDS:], whole[:, WORDS:]) <= 1e-6


def test_a_mixed_batch_is_each_request_alone(flux: Flux, pipeline: Any, prior: Any) -> None:
    asked = [
        show(1.0, seed=1, num_inference_steps=3),
        show(1.0, seed=2, num_inference_steps=5, width=96, height=160, prompt="blue"),
        show(0.4, 0.6, seed=3, guidance_scale=1.0),
    ]
    states = [begin(flux, each) for each in asked]
    flux.step(states[:2])
    finish(flux, states)
    for state, each in zip(states, asked, strict=True):
        assert difference(state.latents, show_alone(pipeline, prior, each)) <= 1e-5


def test_controls_and_the_step_cache_work_beside_them(weights: Path, redux: Path, tmp_path: Path) -> None:
    controls = {"depth": control_config(save_control(tmp_path))}
    flux = load(tiny_config(weights, image_prompt=redux_config(redux), controls=controls))
    asked = [
        show(1.0, controls=(asking.control("depth", painting(128, 128)),)),
        show(1.0, seed=3, step_cache=StepCache(threshold=0.3), num_inference_steps=6),
    ]
    states = [begin(flux, each) for each in asked]
    finish(flux, states)
    for state, each in zip(states, asked, strict=True):
        assert difference(state.latents, drawn(flux, each)) <= 1e-5


def test_longer_prompts_are_batched_apart(flux: Flux) -> None:
    plain, shown = flux.work(request()).bucket, flux.work(show(1.0)).bucket
    assert begin(flux, show(1.0)).conditioning.prompt.text == WORDS + SHOWN
    assert flux.canvas([plain, shown]) is None
    assert flux.size(shown) > flux.size(plain)


def test_the_weights_are_named_with_it(flux: Flux, weights: Path) -> None:
    assert flux.weights != load(tiny_config(weights)).weights


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (asking.image_prompt(Picture(64, 64, b"abc")), "is not 64x64 pixels"),
        (asking.image_prompt(painting(64, 64), float("inf")), "must be a number"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(flux: Flux, wrong: InputImage[Picture], message: str) -> None:
    for action in (flux.work, lambda asked: begin(flux, asked)):
        with pytest.raises(StageError, match=message) as refused:
            action(request(image_prompts=(wrong,)))
        assert refused.value.field == "image_prompts"


def test_a_model_without_it_reads_words_alone(weights: Path) -> None:
    with pytest.raises(StageError, match="reads no pictures as prompts"):
        load(tiny_config(weights)).work(show(1.0))


def test_weights_that_are_not_redux_are_refused_when_loading(weights: Path, redux: Path) -> None:
    with pytest.raises(ConfigError, match="the image prompts of model 'tiny'.*FluxPriorReduxPipeline"):
        load(tiny_config(weights, image_prompt=redux_config(weights)))
    other = redux_config(redux).model_copy(update={"weights": Weights(path=str(redux / "nowhere"))})
    with pytest.raises(ConfigError, match="the image prompts of model 'tiny'"):
        load(tiny_config(weights, image_prompt=other))
