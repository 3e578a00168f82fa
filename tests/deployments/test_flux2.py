"""FLUX.2 draws what diffusers draws for the same seed, alone and in company."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from configs.errors import StageError
from deployments.families.denoising import Diffusing
from deployments.families.diffusion import Diffusion
from deployments.families.flux2 import Flux2Conditioning, load
from deployments.messages import Control, GenerateRequest, ImagePrompt
from tests.deployments import tiny_flux2
from tests.deployments.diffusers_alone import painting
from tests.deployments.tiny import request

ONE, TWO = painting(64, 96, seed=1), painting(128, 64, seed=2)
ASKS = {
    "base": [
        request(seed=1, num_inference_steps=3, guidance_scale=4.0),
        request(seed=2, num_inference_steps=5, guidance_scale=2.0, prompt="a blue mug"),
        request(seed=3, num_inference_steps=4, guidance_scale=1.0, prompt=""),
    ],
    "klein": [request(seed=1, num_inference_steps=4, guidance_scale=1.0), request(seed=2, num_inference_steps=2)],
    "klein-base": [
        request(seed=1, num_inference_steps=3, guidance_scale=4.0),
        request(seed=2, num_inference_steps=4, guidance_scale=1.0, prompt="a blue mug"),
    ],
}


@pytest.fixture(scope="module", params=tuple(ASKS))
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(variant: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(f"flux2-{variant}")
    tiny_flux2.build(made, variant)
    return made


@pytest.fixture(scope="module")
def family(folder: Path, variant: str) -> Diffusion[Flux2Conditioning]:
    return load(tiny_flux2.config(folder, variant))


def begin(family: Diffusion[Flux2Conditioning], ask: GenerateRequest) -> Diffusing[Flux2Conditioning]:
    return family.start(ask, family.encode(ask.prompt, ask.negative_prompt))


def play(family: Diffusion[Flux2Conditioning], asks: list[GenerateRequest]) -> list[torch.Tensor]:
    """All in one batch as long as they have steps left."""
    states = [begin(family, ask) for ask in asks]
    while running := [state for state in states if state.step < state.steps]:
        family.step(running)
    return [state.latents for state in states]


def apart(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return float((ours - theirs).abs().max() / theirs.abs().max())


def latents_alone(folder: Path, ask: GenerateRequest, variant: str) -> torch.Tensor:
    """diffusers' latents as ours lie: klein hands them out unpacked, and no longer normalised."""
    pipeline = tiny_flux2.read(folder, variant)
    kept: list[torch.Tensor] = []

    def keep(_pipeline: object, _step: int, _timestep: object, tensors: dict[str, torch.Tensor]) -> dict[str, object]:
        kept.append(tensors["latents"])
        return {}

    call = {"callback_on_step_end": keep, "output_type": "np"}
    tiny_flux2.draw(pipeline, ask, **call)
    return kept[-1]


def test_alone_it_equals_diffusers(family: Diffusion[Flux2Conditioning], folder: Path, variant: str) -> None:
    for ask in ASKS[variant]:
        (ours,) = play(family, [ask])
        assert apart(ours, latents_alone(folder, ask, variant)) <= 1e-5


def test_the_picture_is_the_pipelines(family: Diffusion[Flux2Conditioning], folder: Path, variant: str) -> None:
    ask = ASKS[variant][0]
    state = begin(family, ask)
    while state.step < state.steps:
        family.step([state])
    ours = torch.frombuffer(bytearray(family.decode(state).rgb), dtype=torch.uint8).view(128, 128, 3)
    theirs = torch.from_numpy(tiny_flux2.draw(tiny_flux2.read(folder, variant), ask, output_type="np")[0])
    assert (ours.float() - theirs * 255).abs().max() <= 0.51


def test_in_a_mixed_batch_each_is_as_alone(family: Diffusion[Flux2Conditioning], variant: str) -> None:
    asks = ASKS[variant]
    for together, ask in zip(play(family, asks), asks, strict=True):
        assert apart(together, play(family, [ask])[0]) <= 1e-5


def test_references_are_read_as_diffusers_reads_them(
    family: Diffusion[Flux2Conditioning], folder: Path, variant: str
) -> None:
    ask = replace(ASKS[variant][0], references=(ONE, TWO))
    other = replace(ask, seed=9, references=(painting(64, 96, seed=5), painting(128, 64, seed=6)))
    together = play(family, [ask, other])
    assert apart(together[0], latents_alone(folder, ask, variant)) <= 1e-5
    assert apart(together[1], latents_alone(folder, other, variant)) <= 1e-5
    assert apart(together[0], play(family, [replace(ask, references=())])[0]) > 1e-3


def test_pictures_with_other_references_do_not_share_a_call(family: Diffusion[Flux2Conditioning]) -> None:
    plain, edit = request(), request(references=(ONE,))
    assert family.canvas([family.work(plain).bucket, family.work(edit).bucket]) is None
    assert family.size(family.work(edit).bucket) > family.size(family.work(plain).bucket)


def test_previews_come_small(family: Diffusion[Flux2Conditioning]) -> None:
    state = begin(family, request(width=256, height=128))
    with pytest.raises(StageError, match="no preview"):
        family.preview(state)
    family.step([state])
    picture = family.preview(state)
    assert (picture.width, picture.height) == (128, 64)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"width": 100}, "multiples of 16"),
        ({"image": painting(128, 128)}, "'references'"),
        ({"references": (painting(32, 32),)}, "too small"),
        ({"references": (ONE,) * 11}, "at most 10"),
        ({"controls": (Control("canny", painting(128, 128)),)}, "no control"),
        ({"image_prompts": (ImagePrompt(ONE),)}, "prompts"),
    ],
)
def test_what_it_cannot_draw_is_refused(
    family: Diffusion[Flux2Conditioning], changes: dict[str, object], says: str
) -> None:
    with pytest.raises(StageError, match=says):
        family.work(request(**changes))
