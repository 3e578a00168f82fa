"""FLUX.2's references and previews, and words that it reads without what pictures would need."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch

from configs.errors import StageError
from deployments.families.denoising import Diffusing
from deployments.families.diffusion import Diffusion
from deployments.families.flux2 import Flux2Conditioning, load
from deployments.messages import GenerateRequest, Picture
from tests.deployments import asking, tiny_flux2
from tests.deployments.diffusers_alone import painting
from tests.deployments.tiny import request

ONE, TWO = painting(64, 96, seed=1), painting(128, 64, seed=2)
ASK = request(seed=1, num_inference_steps=3, guidance_scale=4.0)


@pytest.fixture(scope="module", params=tuple(tiny_flux2.PIPELINES))
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


def test_the_picture_is_the_pipelines(family: Diffusion[Flux2Conditioning], folder: Path, variant: str) -> None:
    state = begin(family, ASK)
    while state.step < state.steps:
        family.step([state])
    picture = family.decode(state)
    assert isinstance(picture, Picture)
    ours = torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8).view(128, 128, 3)
    theirs = torch.from_numpy(tiny_flux2.draw(tiny_flux2.read(folder, variant), ASK, output_type="np")[0])
    assert (ours.float() - theirs * 255).abs().max() <= 0.51


def test_references_are_read_as_diffusers_reads_them(
    family: Diffusion[Flux2Conditioning], folder: Path, variant: str
) -> None:
    ask = asking.replace(ASK, references=(ONE, TWO))
    other = asking.replace(ask, seed=9, references=(painting(64, 96, seed=5), painting(128, 64, seed=6)))
    together = play(family, [ask, other])
    for drawn, each in zip(together, (ask, other), strict=True):
        assert apart(drawn, tiny_flux2.stock(folder, each, variant)) <= 1e-5
    assert apart(together[0], play(family, [asking.replace(ask, references=())])[0]) > 1e-3


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
        ({"references": (painting(32, 32),)}, "too small"),
        ({"references": (ONE,) * 11}, "at most 10"),
    ],
)
def test_what_it_cannot_draw_is_refused(
    family: Diffusion[Flux2Conditioning], changes: dict[str, object], says: str
) -> None:
    with pytest.raises(StageError, match=says):
        family.work(request(**changes))


def test_dev_draws_over_no_picture(family: Diffusion[Flux2Conditioning], variant: str) -> None:
    asked = request(image=painting(128, 128))
    if variant != "base":
        assert family.work(asked).steps > 0
        return
    with pytest.raises(StageError, match="give them as 'references'"):
        family.work(asked)


def test_a_processor_of_pictures_is_not_needed_to_read_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_flux2.build(tmp_path)
    plain = load(tiny_flux2.config(tmp_path)).encode("a red bicycle", "")
    index = tmp_path / "model_index.json"
    named = json.loads(index.read_text()) | {"tokenizer": ["transformers", "PixtralProcessor"]}
    index.write_text(json.dumps(named))  # as the published checkpoint of dev has it
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert torch.equal(load(tiny_flux2.config(tmp_path)).encode("a red bicycle", "").tokens, plain.tokens)
