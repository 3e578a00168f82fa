"""Rows that follow a ControlNet are diffusers' FluxControlNetPipeline, alone and beside rows that follow none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.inputs import InputImage
from configs.schema import AppliedLora, ControlConfig
from deployments.families.flux import Flux, load
from deployments.messages import GenerateRequest, Picture, StepCache
from tests.deployments import asking
from tests.deployments.diffusers_alone import begin, difference, finish, left_half, painting
from tests.deployments.flux_alone import follow_alone
from tests.deployments.flux_loras import put_loras, random_loras, selection, with_loras
from tests.deployments.tiny import Shape, request, save_tiny, tiny_config
from tests.deployments.tiny_flux import control_config, save_control

SHAPES = [Shape(True, "kl", layers=3), Shape(False, "tiny", layers=3)]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.vae}-embeds={shape.guidance_embeds}")
def shape(request: pytest.FixtureRequest) -> Shape:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def weights(shape: Shape, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), shape)


@pytest.fixture(scope="module")
def kinds(shape: Shape, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ControlConfig]:
    """A net with two layers for three blocks, a union net, and one that reads pixels and has double layers only.

    Those that are used together have as many layers, as diffusers needs it."""
    folder, embeds = tmp_path_factory.mktemp("controls"), shape.guidance_embeds
    union = save_control(folder / "union", (2, 2), seed=2, num_mode=3, guidance_embeds=embeds)
    hint = save_control(
        folder / "hint", (2, 0), seed=3, patch_size=2, conditioning_embedding_channels=4, guidance_embeds=embeds
    )
    return {
        "depth": control_config(save_control(folder / "depth", (2, 2), seed=1, guidance_embeds=embeds)),
        "pose": control_config(union, mode=0),
        "tile": control_config(union, mode=2),
        "canny": control_config(hint),
    }


@pytest.fixture(scope="module")
def flux(weights: Path, kinds: dict[str, ControlConfig]) -> Flux:
    return load(tiny_config(weights, controls=kinds, lora_slots={8: 2, 32: 2}))


def control(
    kind: str = "depth", seed: int = 9, size: tuple[int, int] = (128, 128), **changes: Any
) -> InputImage[Picture]:
    return asking.control(kind, painting(*size, seed=seed), **changes)


def asked(*controls: InputImage[Picture], **changes: Any) -> GenerateRequest:
    return request(controls=controls, **changes)


def drawn(flux: Flux, job_request: GenerateRequest) -> torch.Tensor:
    state = begin(flux, job_request)
    finish(flux, [state])
    return state.latents


def calls(flux: Flux, kind: str, action: Any) -> list[int]:
    """How many pictures a net is asked about, call by call, while `action` runs."""
    net = next(net for net in flux._parts.controls.nets if net.kind == kind)
    pictures: list[int] = []
    hook = net.module.x_embedder.register_forward_hook(lambda _module, given, _result: pictures.append(len(given[0])))
    action()
    hook.remove()
    return pictures


@pytest.mark.parametrize("kind", ["depth", "tile", "canny"])
def test_equals_the_pipeline(flux: Flux, pipeline: Any, kinds: dict[str, ControlConfig], kind: str) -> None:
    job_request = asked(control(kind, size=(96, 160), scale=0.7), width=96, height=160)
    latents = drawn(flux, job_request)
    assert difference(latents, follow_alone(pipeline, kinds, job_request)) <= 1e-5
    assert difference(latents, drawn(flux, asking.replace(job_request, controls=()))) > 1e-2, "the control must matter"


def test_it_counts_from_start_to_end_only(flux: Flux, pipeline: Any, kinds: dict[str, ControlConfig]) -> None:
    job_request = asked(control(start=0.2, end=0.7), num_inference_steps=6)
    asks = calls(flux, "depth", lambda: drawn(flux, job_request))
    assert asks == [1, 1], "the steps from 2/6 to 4/6"
    assert difference(drawn(flux, job_request), follow_alone(pipeline, kinds, job_request)) <= 1e-5


def test_several_controls_add_up(flux: Flux, pipeline: Any, kinds: dict[str, ControlConfig]) -> None:
    for chosen in (("depth", "tile"), ("pose", "tile")):
        job_request = asked(*(control(kind, seed, scale=0.6) for seed, kind in enumerate(chosen)), guidance_scale=1.0)
        assert difference(drawn(flux, job_request), follow_alone(pipeline, kinds, job_request)) <= 1e-5


def test_drawing_over_a_picture_may_follow_one_too(flux: Flux, pipeline: Any, kinds: dict[str, ControlConfig]) -> None:
    # Without classifier-free guidance, which diffusers' two pipelines for this have not.
    over = asked(control(end=0.8), guidance_scale=1.0, num_inference_steps=6, image=painting(128, 128), strength=0.8)
    for job_request in (over, asking.replace(over, mask=left_half(128, 128))):
        assert difference(drawn(flux, job_request), follow_alone(pipeline, kinds, job_request)) <= 1e-5


def test_a_mixed_batch_is_each_request_alone(flux: Flux, pipeline: Any, kinds: dict[str, ControlConfig]) -> None:
    job_requests = [
        request(seed=1, num_inference_steps=3),
        asked(control("depth"), seed=2, num_inference_steps=5, guidance_scale=1.0),
        asked(control("depth", 4, (96, 160), scale=0.4), seed=3, width=96, height=160, prompt="blue"),
        asked(control("canny", end=0.5), seed=4),
        asked(control("tile", 5), control("pose", 6), seed=5, guidance_scale=6.0),
        request(seed=6, image=painting(128, 128), mask=left_half(128, 128), strength=0.7),
    ]
    states = [begin(flux, job_request) for job_request in job_requests]
    flux.step(states[1:3])
    finish(flux, states)
    for state, job_request in zip(states, job_requests, strict=True):
        assert difference(state.latents, follow_alone(pipeline, kinds, job_request)) <= 1e-5


def test_loras_are_worn_beside_controls(flux: Flux, pipeline: Any, kinds: dict[str, ControlConfig]) -> None:
    changes = random_loras(flux)
    slots = put_loras(flux, changes)
    small, large = AppliedLora(lora="small", strength=0.8), AppliedLora(lora="large", strength=-0.6)
    job_requests = [
        asked(control("depth"), seed=1, loras=(small,)),
        asked(control("tile"), seed=2, loras=(large, small), num_inference_steps=3),
        request(seed=3, loras=(large,)),
        asked(control("depth", 4), seed=4),
    ]
    states = [begin(flux, job_request, selection(job_request, slots)) for job_request in job_requests]
    finish(flux, states)
    for state, job_request in zip(states, job_requests, strict=True):
        with with_loras(pipeline, job_request, changes):
            assert difference(state.latents, follow_alone(pipeline, kinds, job_request)) <= 1e-5
    for slot in slots.values():
        flux.slots.drop(slot)


def test_a_net_that_fails_changes_no_state(flux: Flux, monkeypatch: pytest.MonkeyPatch) -> None:
    job_requests = [request(seed=1), asked(control(), seed=2), asked(control(), step_cache=StepCache(skip=(3,)))]
    states = [begin(flux, job_request) for job_request in job_requests]
    flux.step(states)
    before = [(state.step, state.latents, state.memories) for state in states]
    net = next(net for net in flux._parts.controls.nets if net.kind == "depth")
    with monkeypatch.context() as broken:
        broken.setattr(net.module, "forward", lambda **_: 1 / 0)
        for batch in (states, states[:2]):
            with pytest.raises(ZeroDivisionError):
                flux.step(batch)
    assert all(
        (state.step, state.memories) == (step, memories) and state.latents is latents
        for state, (step, latents, memories) in zip(states, before, strict=True)
    )
    finish(flux, states)
    for state, job_request in zip(states, job_requests, strict=True):
        assert difference(state.latents, drawn(flux, job_request)) <= 1e-5


def test_a_net_is_asked_once_for_each_picture_that_follows_it(flux: Flux) -> None:
    states = [
        begin(flux, job_request)
        for job_request in (request(seed=1), asked(control(), seed=2), asked(control(), seed=3))
    ]
    assert calls(flux, "depth", lambda: flux.step(states)) == [2], "with classifier-free guidance too"
    assert calls(flux, "depth", lambda: flux.step(states[:1])) == []


def test_a_step_taken_from_the_cache_asks_no_net(flux: Flux) -> None:
    cache = StepCache(skip=(1, 2))
    job_requests = [asked(control(), step_cache=cache), request(seed=3, step_cache=StepCache(threshold=0.4))]
    states = [begin(flux, job_request) for job_request in job_requests]
    assert calls(flux, "depth", lambda: finish(flux, states)) == [1, 1]
    for state, job_request in zip(states, job_requests, strict=True):
        assert difference(state.latents, drawn(flux, job_request)) <= 1e-5


def test_each_row_decides_by_itself_beside_controls(flux: Flux) -> None:
    job_requests = [
        asked(control("tile"), seed=1, num_inference_steps=8, step_cache=StepCache(threshold=0.1)),
        asked(control("depth"), seed=2, num_inference_steps=8, step_cache=StepCache(threshold=0.4)),
        asked(control("depth", 4, (96, 160)), seed=3, width=96, height=160),
    ]
    states = [begin(flux, job_request) for job_request in job_requests]
    finish(flux, states)
    assert states[1].full_steps < states[1].steps, "or this test shows nothing"
    for state, job_request in zip(states, job_requests, strict=True):
        lonely = begin(flux, job_request)
        finish(flux, [lonely])
        assert state.full_steps == lonely.full_steps
        assert difference(state.latents, lonely.latents) <= 1e-5


def test_a_cache_that_skips_nothing_changes_nothing(flux: Flux) -> None:
    job_request = asked(control("tile"))
    assert (
        difference(
            drawn(flux, asking.replace(job_request, step_cache=StepCache(threshold=0.0))), drawn(flux, job_request)
        )
        <= 1e-6
    )


def test_the_work_counts_them(flux: Flux) -> None:
    plain, followed = flux.work(request()), flux.work(asked(control()))
    assert flux.size(followed.bucket) > flux.size(plain.bucket)
    assert flux.canvas([plain.bucket, followed.bucket]) == followed.bucket


def test_the_weights_are_named_with_their_nets(flux: Flux, weights: Path) -> None:
    assert flux.weights != load(tiny_config(weights)).weights


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (control("scribble"), "no control 'scribble': it follows canny, depth, pose, tile"),
        (control(size=(96, 160)), "has 96x160 pixels and must have 128x128"),
        (asking.control("depth", Picture(128, 128, b"abc")), "not 128x128 pixels"),
        (control(start=0.6, end=0.4), "'start' must be below 'end'"),
        (control(scale=float("nan")), "must be a number"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_a_sentence(flux: Flux, wrong: InputImage[Picture], message: str) -> None:
    for action in (flux.work, lambda job_request: begin(flux, job_request)):
        with pytest.raises(StageError, match=message) as refused:
            action(asked(wrong))
        assert refused.value.field == "controls"


def test_a_model_without_nets_follows_none(weights: Path) -> None:
    with pytest.raises(StageError, match="it follows no control pictures"):
        load(tiny_config(weights)).work(asked(control()))


@pytest.mark.parametrize(
    ("changes", "mode", "message"),
    [
        ({"num_mode": 3}, None, "needs the 'mode' of its union ControlNet, 0 to 2"),
        ({"num_mode": 3}, 3, "needs the 'mode' of its union ControlNet, 0 to 2"),
        ({}, 1, "has one mode only"),
        ({"in_channels": 32}, None, "was made for another model"),
    ],
)
def test_a_net_that_does_not_fit_is_refused_when_loading(
    weights: Path, tmp_path: Path, changes: dict[str, Any], mode: int | None, message: str
) -> None:
    folder = save_control(tmp_path / "net", **changes)
    with pytest.raises(ConfigError, match=message):
        load(tiny_config(weights, controls={"depth": control_config(folder, mode)}))


def test_weights_that_are_no_controlnet_are_refused_when_loading(weights: Path) -> None:
    with pytest.raises(ConfigError, match="control 'depth' of model 'tiny'.*FluxControlNetModel"):
        load(tiny_config(weights, controls={"depth": control_config(weights / "transformer")}))
