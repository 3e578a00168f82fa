"""FLUX.2 [klein] over a picture is diffusers' own inpainting, which begins with the picture and looks at it besides."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from configs.errors import StageError
from deployments.families.diffusion import Diffusion
from deployments.families.flux2 import Flux2Conditioning, load
from deployments.families.flux2.looking import REFERENCE_PIXELS
from deployments.messages import GenerateRequest
from tests.deployments import asking, tiny_flux2
from tests.deployments.diffusers_alone import difference, left_half, painting
from tests.deployments.stepping import begin, draw, finish
from tests.deployments.tiny import request

Flux2 = Diffusion[Flux2Conditioning]
VARIANTS = ("klein", "klein-base")


def over(strength: float, masked: bool, **changes: object) -> GenerateRequest:
    asked = request(**{"width": 96, "height": 128, "num_inference_steps": 5, "strength": strength, **changes})
    asked = asking.replace(asked, image=painting(asked.width, asked.height))
    return asking.replace(asked, mask=left_half(asked.width, asked.height)) if masked else asked


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(variant: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(f"flux2-{variant}")
    tiny_flux2.build(made, variant)
    return made


@pytest.fixture(scope="module")
def family(folder: Path, variant: str) -> Flux2:
    return load(tiny_flux2.config(folder, variant))


@pytest.mark.parametrize("masked", [False, True], ids=["img2img", "inpaint"])
@pytest.mark.parametrize(("strength", "steps"), [(0.1, 1), (0.77, 4), (1.0, 5)])
def test_drawing_over_a_picture_equals_the_pipeline(
    family: Flux2, folder: Path, variant: str, strength: float, steps: int, masked: bool
) -> None:
    asked = over(strength, masked)
    state = draw(family, asked)
    assert difference(state.latents, tiny_flux2.stock(folder, asked, variant)) <= 1e-5
    assert family.work(asked).steps == state.steps == steps


def test_a_reference_may_be_looked_at_besides(family: Flux2, folder: Path, variant: str) -> None:
    asked = over(0.8, masked=True, references=(painting(64, 96, seed=3),))
    state = draw(family, asked)
    assert difference(state.latents, tiny_flux2.stock(folder, asked, variant)) <= 1e-5
    assert difference(state.latents, draw(family, asking.replace(asked, references=())).latents) > 1e-3


def test_what_is_drawn_over_and_what_is_filled_share_calls_with_an_edit_of_their_size(
    family: Flux2, folder: Path, variant: str
) -> None:
    edit = request(width=96, height=128, seed=3, references=(painting(96, 128, seed=4),))
    asked = [over(0.7, masked=False, seed=1), over(0.9, masked=True, seed=2, guidance_scale=4.0), edit]
    states = [begin(family, each) for each in asked]
    assert len({state.bucket for state in states}) == 1
    family.step(states[:1])
    finish(family, states)
    for state, each in zip(states, asked, strict=True):
        assert difference(state.latents, tiny_flux2.stock(folder, each, variant)) <= 1e-5


def test_what_the_mask_keeps_comes_back(family: Flux2) -> None:
    state = draw(family, over(1.0, masked=True))
    assert state.kept is not None
    kept = state.kept.mask == 0
    assert 0 < kept.float().mean() < 1
    assert torch.equal(state.latents[kept], state.kept.clean[kept])


def test_a_large_picture_is_drawn_over_in_its_own_size_and_looked_at_in_a_smaller(family: Flux2) -> None:
    asked = over(0.5, masked=True, width=1280, height=1024)
    bucket = family.work(asked).bucket
    assert (bucket.picture.height, bucket.picture.width) == (64, 80)  # type: ignore[attr-defined]
    (seen,) = bucket.references  # type: ignore[attr-defined]
    assert 0.9 * REFERENCE_PIXELS < seen.area * 16**2 <= REFERENCE_PIXELS
    state = begin(family, asked)
    assert state.latents.shape[1] == 64 * 80
    assert state.extra.shape[1] == seen.area


def test_the_picture_counts_among_what_is_looked_at(family: Flux2) -> None:
    with pytest.raises(StageError, match="at most 10 references, a picture to draw over included, and these are 11"):
        family.work(over(0.5, masked=False, references=(painting(64, 96),) * 10))
