"""Stable Diffusion 3.5 is diffusers' own: same seed, same picture, alone and in a batch of all that one may mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.schema import AppliedLora, Size
from deployments.families.denoising import Diffusing
from deployments.families.diffusion import Diffusion
from deployments.families.schedule import FlowSchedule
from deployments.families.sd3 import Sd3Conditioning, load
from deployments.loras.changes import LowRank
from deployments.loras.slots import Adapter, Selection, Slot
from deployments.messages import Control, GenerateRequest, ImagePrompt, Picture
from tests.deployments.diffusers_alone import difference, left_half, painting
from tests.deployments.tiny import parts, request
from tests.deployments.tiny_sd3 import SIZES, Shape, build, call, config, read, stock

Sd3 = Diffusion[Sd3Conditioning]
State = Diffusing[Sd3Conditioning]
SHAPES = {"large": Shape(), "no-t5": Shape(t5=False, dynamic=True), "wide": Shape(narrow=False)}
TARGETS = ("attn.to_q", "attn.add_k_proj", "attn2.to_v", "ff.net.0.proj", "ff_context.net.2", "norm1.linear")
OUTSIDE = ("context_embedder", "time_text_embed.timestep_embedder.linear_1", "norm_out.linear", "proj_out")


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
    return load(config(large, lora_slots={8: 2}))


def begin(family: Sd3, asked: GenerateRequest, adapters: Selection = ()) -> State:
    return family.start(asked, family.encode(asked.prompt, asked.negative_prompt), adapters)


def finish(family: Sd3, states: Sequence[State]) -> None:
    while going := [state for state in states if state.step < state.steps]:
        family.step(going)


def draw(family: Sd3, asked: GenerateRequest) -> State:
    state = begin(family, asked)
    finish(family, [state])
    return state


def over(strength: float = 0.6, masked: bool = False, **changes: Any) -> GenerateRequest:
    asked = request(**{"num_inference_steps": 5, "strength": strength, **changes})
    asked = replace(asked, image=painting(asked.width, asked.height))
    return replace(asked, mask=left_half(asked.width, asked.height)) if masked else asked


def along(kind: str, **changes: Any) -> Control:
    return Control(**{"kind": kind, "image": painting(128, 128, seed=len(kind)), "scale": 0.7, **changes})


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("guidance", [0.0, 4.5], ids=["turbo", "guided"])
def test_equals_the_pipeline(any_sd3: Sd3, weights: Path, size: Size, guidance: float) -> None:
    asked = request(width=size.width, height=size.height, guidance_scale=guidance)
    state = draw(any_sd3, asked)
    assert state.rows == (2 if guidance else 1)
    pipeline = read(weights)
    assert difference(state.latents, call(pipeline, weights, asked)) <= 1e-5
    expected = np.asarray(call(pipeline, weights, asked, "pil")[0]).astype(np.int16)
    assert np.abs(pixels(any_sd3.decode(state)) - expected).max() <= 1


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
        (along("canny"),),
        (along("depth", scale=-0.4),),
        (along("canny", start=0.3, end=0.8),),
        (along("canny"), along("canny", scale=0.2, end=0.5)),
    ],
    ids=["canny", "depth", "partly", "twice"],
)
@pytest.mark.parametrize("guidance", [1.0, 4.5])
def test_following_controls_equals_the_pipeline(
    sd3: Sd3, large: Path, controls: tuple[Control, ...], guidance: float
) -> None:
    asked = request(controls=controls, num_inference_steps=6, guidance_scale=guidance)
    state = draw(sd3, asked)
    assert difference(state.latents, stock(large, asked)) <= 1e-5
    assert difference(state.latents, draw(sd3, replace(asked, controls=())).latents) > 1e-2


@pytest.mark.parametrize("kind", ["canny", "depth"])
@pytest.mark.parametrize("masked", [False, True], ids=["img2img", "inpaint"])
def test_a_control_may_be_followed_over_a_picture(sd3: Sd3, large: Path, kind: str, masked: bool) -> None:
    asked = over(0.8, masked, controls=(along(kind, end=0.75),))
    state = draw(sd3, asked)
    assert difference(state.latents, stock(large, asked)) <= 1e-5
    assert difference(state.latents, draw(sd3, replace(asked, controls=())).latents) > 1e-2


def test_a_control_is_read_alike_whatever_torch_drew_before(sd3: Sd3) -> None:
    asked = request(controls=(along("canny"),))
    torch.manual_seed(1)
    one = draw(sd3, asked).latents
    torch.manual_seed(2)
    assert torch.equal(one, draw(sd3, asked).latents)


@pytest.fixture(scope="module")
def change(sd3: Sd3, large: Path) -> dict[str, LowRank]:
    """A LoRA of random numbers, in blocks and outside."""
    transformer = read(large).transformer
    names = [name for name in sd3.slots.targets if name.endswith(TARGETS) or name in OUTSIDE]
    return {name: _random(transformer.get_submodule(name)) for name in names}


@pytest.fixture(scope="module")
def slot(sd3: Sd3, change: dict[str, LowRank]) -> Slot:
    return sd3.slots.put(Adapter("lora", "sd3", 4, change, 0))


def _random(linear: Any) -> LowRank:
    generator = torch.Generator().manual_seed(linear.in_features)
    strength = 0.1 * float(linear.weight.detach().norm())
    a = torch.randn(4, linear.in_features, generator=generator) / linear.in_features**0.5
    b = torch.randn(linear.out_features, 4, generator=generator) / linear.out_features**0.5
    return LowRank(a, b * strength)


@contextmanager
def with_lora(pipeline: Any, asked: GenerateRequest, change: dict[str, LowRank]) -> Iterator[None]:
    for use in asked.loras:
        pipeline.load_lora_weights(
            {f"transformer.{name}.lora_A.weight": low.a for name, low in change.items()}
            | {f"transformer.{name}.lora_B.weight": low.b for name, low in change.items()},
            adapter_name=use.lora,
        )
        pipeline.set_adapters([use.lora], [use.strength])
    yield
    if asked.loras:
        pipeline.unload_lora_weights()


def mix() -> list[GenerateRequest]:
    lora = (AppliedLora(lora="lora", strength=-0.6),)
    return [
        request(seed=1, num_inference_steps=3),
        request(seed=2, num_inference_steps=6, guidance_scale=1.0, prompt="blue", loras=lora),
        request(seed=3, num_inference_steps=5, controls=(along("canny", end=0.6),)),
        request(seed=4, num_inference_steps=4, controls=(along("depth"),), loras=lora, guidance_scale=7.0),
        over(0.9, seed=5, prompt="green", loras=lora),
        over(0.7, masked=True, seed=6, guidance_scale=1.0),
        over(1.0, seed=7, controls=(along("canny", start=0.4),)),
    ]


def test_a_mixed_batch_is_each_request_alone(sd3: Sd3, large: Path, change: dict[str, LowRank], slot: Slot) -> None:
    asked = mix()
    states = [begin(sd3, each, tuple((slot, use.strength) for use in each.loras)) for each in asked]
    assert len({state.bucket for state in states}) == 1
    sd3.step(states[1:4])
    sd3.step(states[3:])
    finish(sd3, states)
    pipeline = read(large)
    for state, each in zip(states, asked, strict=True):
        with with_lora(pipeline, each, change):
            assert difference(state.latents, call(pipeline, large, each)) <= 1e-5
        if each.loras:
            assert difference(state.latents, draw(sd3, each).latents) > 1e-2, "the LoRA must matter"


def test_a_failing_step_leaves_every_state_as_it_was(sd3: Sd3, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, states = ([begin(sd3, each) for each in mix()] for _ in range(2))
    finish(sd3, expected)
    sd3.step(states)
    before = [(state.step, state.latents.clone(), state.generator.get_state()) for state in states]
    advance, calls = FlowSchedule.advance, iter(range(100))

    def fail(self: FlowSchedule, *arguments: Any) -> Any:
        if next(calls) == 1:  # the first state's update has been found by then
            raise RuntimeError("broken")
        return advance(self, *arguments)

    with monkeypatch.context() as broken:
        broken.setattr(FlowSchedule, "advance", fail)
        with pytest.raises(RuntimeError, match="broken"):
            sd3.step(states)
    for state, (step, latents, generator) in zip(states, before, strict=True):
        assert state.step == step
        assert torch.equal(state.latents, latents)
        assert torch.equal(state.generator.get_state(), generator)
    finish(sd3, states)
    assert all(torch.equal(one.latents, other.latents) for one, other in zip(states, expected, strict=True))


def test_the_preview_after_the_last_step_is_the_picture(sd3: Sd3) -> None:
    state = draw(sd3, request())
    assert sd3.preview(state) == sd3.decode(state)


def test_the_work_is_known_before_anything_is_encoded(sd3: Sd3) -> None:
    for asked in mix():
        work, state = sd3.work(asked), begin(sd3, asked)
        assert (work.bucket, work.rows, work.steps) == (state.bucket, state.rows, state.steps)


def test_sizes_are_not_mixed_and_a_larger_one_is_more_work(sd3: Sd3) -> None:
    small, large = (sd3.work(request(width=side, height=128)).bucket for side in (64, 128))
    assert sd3.canvas([small, large]) is None
    assert sd3.size(large) > sd3.size(small) > 0


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"width": 100}, "size", "multiples of 16 pixels, and 100x128 is not one"),
        ({"width": 400}, "size", "up to 384 pixels a side, and 400x128 is more"),
        ({"references": (painting(128, 128),)}, "references", "as 'image'"),
        ({"image_prompts": (ImagePrompt(painting(128, 128)),)}, "image_prompts", "say in words"),
        ({"controls": (along("pose"),)}, "controls", "it follows canny, depth"),
        ({"controls": (along("canny", image=painting(96, 128)),)}, "controls", "has 96x128 pixels"),
        ({"mask": left_half(128, 128)}, "mask", "needs an image"),
        ({"image": painting(128, 128), "strength": 0.0}, "strength", "above 0"),
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
