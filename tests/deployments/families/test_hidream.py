"""HiDream-I1 is diffusers' own: same seed, same picture, alone and in a batch of all sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.schema import Size
from deployments.families.hidream import load
from deployments.messages import Picture
from tests.deployments import asking
from tests.deployments.diffusers_alone import difference, painting
from tests.deployments.stepping import begin, draw, finish
from tests.deployments.tiny import parts, request
from tests.deployments.tiny_hidream import SIZES, TEXT, HiDream, build, call, config, pair

Make = Callable[[str], tuple[HiDream, Any]]
OTHER_SIZES = (Size(width=64, height=64), Size(width=64, height=96), Size(width=128, height=16))


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    made: dict[str, tuple[HiDream, Any]] = {}

    def find(kind: str) -> tuple[HiDream, Any]:
        if kind not in made:
            made[kind] = pair(tmp_path_factory.mktemp(kind), kind)
        return made[kind]

    return find


@pytest.fixture(scope="module")
def full(make: Make) -> HiDream:
    return make("base")[0]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("kind", "guidance"), [("base", 5.0), ("base", 1.0), ("euler", 3.0), ("dev", 0.0), ("fast", 0.0)]
)
def test_equals_the_pipeline(make: Make, kind: str, guidance: float, size: Size) -> None:
    family, pipeline = make(kind)
    asked = request(width=size.width, height=size.height, guidance_scale=guidance)
    state = draw(family, asked)
    assert state.rows == (2 if guidance > 1 else 1)
    assert difference(state.latents, call(pipeline, asked)) <= 1e-5
    picture = family.decode(state)
    assert isinstance(picture, Picture)
    drawn = np.frombuffer(picture.rgb, np.uint8).reshape(size.height, size.width, 3).astype(np.int16)
    assert np.abs(drawn - np.asarray(call(pipeline, asked, "pil")[0]).astype(np.int16)).max() <= 1


@pytest.mark.parametrize("size", OTHER_SIZES, ids=str)
def test_sizes_beside_the_published_equal_the_pipeline_too(make: Make, size: Size) -> None:
    family, pipeline = make("base")
    asked = request(width=size.width, height=size.height)
    assert difference(draw(family, asked).latents, call(pipeline, asked)) <= 1e-5


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize("kind", ["base", "dev"])
def test_any_number_of_steps_equals_the_pipeline(make: Make, kind: str, steps: int) -> None:
    family, pipeline = make(kind)
    asked = request(num_inference_steps=steps, guidance_scale=0.0)
    state = draw(family, asked)
    assert difference(state.latents, call(pipeline, asked)) <= 1e-5
    assert family.work(asked).steps == state.steps == steps
    assert family.preview(state) == family.decode(state)


def test_sizes_of_as_many_tokens_share_a_call_and_others_do_not(full: HiDream) -> None:
    square, high, small = (
        full.work(request(width=width, height=height)).bucket for width, height in ((128, 128), (64, 96), (64, 64))
    )
    assert full.canvas([square, high]) == square == high
    assert full.canvas([square, small]) is None
    assert full.size(square) > full.size(small) > 0


def test_the_noise_of_each_step_is_the_seeds(make: Make) -> None:
    dev, _ = make("dev")
    torch.manual_seed(1)
    one = draw(dev, request()).latents
    torch.manual_seed(2)
    assert torch.equal(one, draw(dev, request()).latents)
    assert difference(one, draw(dev, request(seed=8)).latents) > 1e-2


def test_only_full_is_guided_and_keeps_a_negative_prompt(make: Make) -> None:
    for kind, guided in (("base", True), ("dev", False)):
        family, _ = make(kind)
        assert family.work(request(guidance_scale=5.0)).rows == (2 if guided else 1)
        conditioning = family.encode("red", "blue")
        assert (conditioning.negative is not None) == guided
        assert conditioning.nbytes == conditioning.prompt.nbytes * (2 if guided else 1)
        assert conditioning.prompt.t5.shape[1] == conditioning.prompt.llama.shape[2] == TEXT


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"width": 100}, "size", "multiples of 16 pixels, and 100x128 is not one"),
        ({"width": 144}, "size", "up to 16384 pixels in all, and 144x128 has more"),
        ({"image": painting(128, 128)}, "image", "draws over no pictures"),
        ({"mask": painting(128, 128)}, "mask", "draws over no pictures"),
        ({"references": (painting(128, 128),)}, "references", "changes no pictures"),
        ({"image_prompts": (asking.image_prompt(painting(128, 128)),)}, "image_prompts", "say in words"),
        ({"controls": (asking.control("canny", painting(128, 128)),)}, "controls", "follows no control"),
    ],
)
def test_what_it_cannot_draw_is_refused_in_a_sentence(
    full: HiDream, changes: dict[str, Any], field: str, message: str
) -> None:
    asked = request(**changes)
    for refuse in (full.work, lambda each: begin(full, each)):
        with pytest.raises(StageError, match=message) as refused:
            refuse(asked)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("scheduler", "message"),
    [
        (parts.FlowMatchHeunDiscreteScheduler(), "its scheduler is FlowMatchHeunDiscreteScheduler; this family steps"),
        (parts.FlowMatchLCMScheduler(scale_factors=[0.5, 0.8]), "remove scale_factors"),
        (parts.UniPCMultistepScheduler(predict_x0=False), "Name a 'sampler' in its YAML"),
    ],
    ids=["heun", "scales", "noise"],
)
def test_a_scheduler_that_was_not_compared_is_refused(scheduler: Any, message: str, tmp_path: Path) -> None:
    build(tmp_path, scheduler=scheduler)
    with pytest.raises(ConfigError, match=message):
        load(config(tmp_path))


def test_without_its_llama_it_is_refused(tmp_path: Path) -> None:
    build(tmp_path)
    with pytest.raises(ConfigError, match="without text_encoder_4, tokenizer_4: say under 'borrowed'"):
        load(config(tmp_path, borrowed={}))


def test_bfloat16_loads_and_draws_all_sizes_at_once(tmp_path: Path) -> None:
    build(tmp_path)
    plain = config(tmp_path)
    family = load(plain.model_copy(update={"runtime": plain.runtime.model_copy(update={"dtype": "bfloat16"})}))
    assert family.dtype == "bfloat16"
    states = [begin(family, request(width=size.width, height=size.height)) for size in SIZES]
    finish(family, states)
    assert [family.decode(state).width for state in states] == [size.width for size in SIZES]
