"""Stable Diffusion 3.5 is diffusers' own: same seed, same picture, alone and in a batch of all that one may mix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.inputs import InputImage
from deployments.families.diffusion import Diffusion
from deployments.families.pictures import opened
from deployments.families.sd3 import Sd3Conditioning, load
from deployments.messages import Picture
from tests.deployments import asking
from tests.deployments.diffusers_alone import difference, painting
from tests.deployments.stepping import begin, draw, finish
from tests.deployments.tiny import parts, request
from tests.deployments.tiny_sd3 import Shape, along, build, call, config, over, read, stock

Sd3 = Diffusion[Sd3Conditioning]
SHAPES = {"no-t5": Shape(t5=False, dynamic=True), "wide": Shape(narrow=False)}


@pytest.fixture(scope="module", params=SHAPES)
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(f"sd3-{request.param}")
    build(folder, shape=SHAPES[request.param])
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sd3")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def any_sd3(weights: Path) -> Sd3:
    return load(config(weights))


@pytest.fixture(scope="module")
def sd3(large: Path) -> Sd3:
    return load(config(large))


@pytest.mark.parametrize("guidance", [0.0, 4.5], ids=["turbo", "guided"])
def test_equals_the_pipeline(any_sd3: Sd3, weights: Path, guidance: float) -> None:
    asked = request(width=96, height=160, guidance_scale=guidance)
    state = draw(any_sd3, asked)
    assert state.rows == (2 if guidance else 1)
    pipeline = read(weights)
    assert difference(state.latents, call(pipeline, weights, asked)) <= 1e-5
    expected = np.asarray(call(pipeline, weights, asked, "pil")[0]).astype(np.int16)
    picture = any_sd3.decode(state)
    assert isinstance(picture, Picture)
    assert np.abs(pixels(picture) - expected).max() <= 1


def pixels(picture: Picture) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3).astype(np.int16)


@pytest.mark.parametrize("masked", [False, True], ids=["img2img", "inpaint"])
@pytest.mark.parametrize(("strength", "steps"), [(0.1, 1), (0.77, 4), (1.0, 5)])
def test_drawing_over_a_picture_equals_the_pipeline(
    any_sd3: Sd3, weights: Path, strength: float, steps: int, masked: bool
) -> None:
    asked = over(strength, masked, width=96, height=160)
    state = draw(any_sd3, asked)
    assert difference(state.latents, stock(weights, asked)) <= 1e-5
    assert any_sd3.work(asked).steps == state.steps == steps


def test_what_the_mask_keeps_comes_back(sd3: Sd3) -> None:
    state = draw(sd3, over(1.0, masked=True))
    assert state.kept is not None
    kept = state.kept.mask == 0
    assert 0 < kept.float().mean() < 1
    assert torch.equal(state.latents[kept], state.kept.clean[kept])


@pytest.mark.parametrize(
    "controls",
    [
        (along("depth", scale=-0.4),),
        (along("canny", start=0.3, end=0.8),),
        (along("canny"), along("canny", scale=0.2, end=0.5)),
    ],
    ids=["depth", "partly", "twice"],
)
@pytest.mark.parametrize("guidance", [1.0, 4.5])
def test_following_controls_equals_the_pipeline(
    sd3: Sd3, large: Path, controls: tuple[InputImage[Picture], ...], guidance: float
) -> None:
    asked = request(controls=controls, num_inference_steps=6, guidance_scale=guidance)
    state = draw(sd3, asked)
    assert difference(state.latents, stock(large, asked)) <= 1e-5
    assert difference(state.latents, draw(sd3, asking.replace(asked, controls=())).latents) > 1e-2


@pytest.mark.parametrize("masked", [False, True], ids=["img2img", "inpaint"])
def test_a_control_may_be_followed_over_a_picture(sd3: Sd3, large: Path, masked: bool) -> None:
    asked = over(0.8, masked, controls=(along("depth", end=0.75),))
    state = draw(sd3, asked)
    assert difference(state.latents, stock(large, asked)) <= 1e-5
    assert difference(state.latents, draw(sd3, asking.replace(asked, controls=())).latents) > 1e-2


def test_a_net_may_have_levels_of_its_own(large: Path) -> None:
    plain = config(large).controls["depth"]
    family = load(config(large, controls={"depth": plain.model_copy(update={"levels": (0.5, 128.0)})}))
    asked = request(controls=(along("depth"),))
    pixels = torch.from_numpy(np.asarray(opened(asked.controls[0].image)) / np.float32(255)).permute(2, 0, 1)[None]
    # As the card of SD 3.5 large's canny says; diffusers takes a tensor as it is.
    expected = stock(large, asked, control_image=pixels * 255 * 0.5 + 0.5)
    assert difference(draw(family, asked).latents, expected) <= 1e-5
    assert difference(stock(large, asked), expected) > 1e-2


def test_the_preview_after_the_last_step_is_the_picture(sd3: Sd3) -> None:
    state = draw(sd3, request())
    assert sd3.preview(state) == sd3.decode(state)


def test_sizes_are_not_mixed_and_a_larger_one_is_more_work(sd3: Sd3) -> None:
    small, large = (sd3.work(request(width=side, height=128)).bucket for side in (64, 128))
    assert sd3.canvas([small, large]) is None
    assert sd3.size(large) > sd3.size(small) > 0


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"width": 100}, "size", "multiples of 16 pixels, and 100x128 is not one"),
        ({"width": 400}, "size", "up to 384 pixels a side, and 400x128 is more"),
        ({"controls": (along("pose"),)}, "controls", "it follows canny, depth"),
        ({"controls": (along("canny", image=painting(96, 128)),)}, "controls", "has 96x128 pixels"),
    ],
)
def test_what_it_cannot_draw_is_refused_in_a_sentence(
    sd3: Sd3, changes: dict[str, Any], field: str, message: str
) -> None:
    asked = request(**changes)
    for refuse in (sd3.work, lambda each: begin(sd3, each)):
        with pytest.raises(StageError, match=message) as refused:
            refuse(asked)
        assert refused.value.field == field


def test_a_scheduler_that_remembers_is_refused(large: Path, tmp_path: Path) -> None:
    pipeline = read(large)
    pipeline.scheduler = parts.FlowMatchHeunDiscreteScheduler(shift=3.0)
    pipeline.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="FlowMatchHeunDiscreteScheduler, which remembers earlier steps"):
        load(config(tmp_path, controls={}))


def test_a_net_that_wants_a_mask_is_refused(large: Path, tmp_path: Path) -> None:
    net = parts.SD3ControlNetModel.from_pretrained(large / "controls/canny")
    parts.SD3ControlNetModel(**{**net.config, "extra_conditioning_channels": 1}).save_pretrained(tmp_path)
    controls = config(large).controls
    asked = controls["canny"].model_copy(
        update={"weights": controls["canny"].weights.model_copy(update={"path": str(tmp_path)})}
    )
    with pytest.raises(ConfigError, match="control 'canny' of model 'tiny': it wants a mask"):
        load(config(large, controls={"canny": asked}))


def test_the_text_length_is_the_models_setting(large: Path) -> None:
    family = load(config(large, text_length=16, controls={}))
    assert family.encode("a long prompt " * 20, "").tokens.shape[1] == 77 + 16


def test_bfloat16_loads_and_draws(large: Path) -> None:
    plain = config(large)
    family = load(plain.model_copy(update={"runtime": plain.runtime.model_copy(update={"dtype": "bfloat16"})}))
    assert family.dtype == "bfloat16"
    asked = [over(0.9, controls=(along("canny"),)), request(controls=(along("depth"),)), request()]
    states = [begin(family, each) for each in asked]
    finish(family, states)
    assert all(family.decode(state).width == 128 for state in states)
