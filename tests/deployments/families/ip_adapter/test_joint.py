"""Image prompts of SD 3.5: diffusers' own IP-Adapter, but that each row of a batch has its own pictures or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from configs.errors import ConfigError, StageError
from configs.inputs import InputImage
from configs.runtime import Runtime
from configs.schema import ImagePromptConfig
from deployments.families.diffusion import Diffusion
from deployments.families.sd3 import Sd3Conditioning, load
from deployments.messages import GenerateRequest, Picture
from tests.deployments import asking, tiny_sd3, tiny_sdxl
from tests.deployments.diffusers_alone import difference, painting
from tests.deployments.stepping import begin, draw, finish
from tests.deployments.tiny import parts, request
from tests.deployments.tiny_sd3 import along, build, call, config, over, read, stock

Sd3 = Diffusion[Sd3Conditioning]
SHOWN = asking.image_prompt(painting(96, 64, seed=30), 0.7)
OTHER = asking.image_prompt(painting(64, 64, seed=31), 1.3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sd3")
    build(made)
    return made


@pytest.fixture(scope="module")
def sd3(folder: Path) -> Sd3:
    return load(config(folder))


@pytest.fixture(scope="module")
def without(folder: Path) -> Sd3:
    return load(config(folder, image_prompt=None))


@pytest.mark.parametrize("guidance", [1.0, 4.5], ids=["turbo", "guided"])
@pytest.mark.parametrize(
    "asked",
    [request(), over(0.7), over(0.8, masked=True), request(controls=(along("canny"),))],
    ids=["txt2img", "img2img", "inpaint", "control"],
)
def test_equals_the_pipeline(sd3: Sd3, folder: Path, asked: GenerateRequest, guidance: float) -> None:
    asked = asking.replace(asked, guidance_scale=guidance, image_prompts=(SHOWN,))
    drawn = draw(sd3, asked).latents
    assert difference(drawn, stock(folder, asked)) <= 1e-5
    assert difference(drawn, draw(sd3, asking.replace(asked, image_prompts=())).latents) > 1e-3


def test_rows_with_and_without_share_a_batch(sd3: Sd3, folder: Path) -> None:
    asked = [
        request(seed=1, image_prompts=(SHOWN,)),
        request(seed=2),
        request(seed=3, guidance_scale=1.0, image_prompts=(OTHER,), num_inference_steps=5),
        over(0.7, masked=True, seed=4, image_prompts=(OTHER,)),
        request(seed=5, controls=(along("depth"),)),
    ]
    states = [begin(sd3, each) for each in asked]
    assert len({state.bucket for state in states}) == 1
    sd3.step(states[1:3])
    finish(sd3, states)
    pipeline = read(folder)
    for state, each in zip(states, asked, strict=True):
        assert difference(state.latents, call(pipeline, folder, each)) <= 1e-5


@pytest.fixture
def read_rows(sd3: Sd3) -> Any:
    """How many rows each call of the adapter's tokens and keys read."""
    prompts: Any = sd3._architecture._prompts  # type: ignore[attr-defined]
    counted: list[int] = []
    transformer: Any = sd3._architecture.denoiser
    keys = [each.to_k_ip for each in transformer.attn_processors.values()]
    hooks = [
        module.register_forward_pre_hook(lambda _, given: counted.append(len(given[0])))
        for module in (prompts.module, *keys)
    ]
    yield counted
    for hook in hooks:
        hook.remove()


def test_rows_without_a_picture_compute_nothing_of_it(sd3: Sd3, without: Sd3, read_rows: list[int]) -> None:
    plain = [request(seed=1), request(seed=2, guidance_scale=1.0)]
    ours, theirs = ([begin(family, each) for each in plain] for family in (sd3, without))
    finish(sd3, ours)
    finish(without, theirs)
    assert all(torch.equal(one.latents, other.latents) for one, other in zip(ours, theirs, strict=True))
    assert read_rows == []
    sd3.step([begin(sd3, each) for each in (*plain, request(image_prompts=(SHOWN,), guidance_scale=4.5))])
    assert set(read_rows) == {2}  # the row with the prompt and the negative one
    assert len(read_rows) == 1 + len(sd3._architecture.denoiser.attn_processors)  # type: ignore[arg-type]


def test_several_pictures_count_each_with_its_scale(sd3: Sd3) -> None:
    once = request(image_prompts=(asking.replace(SHOWN, scale=1.0),))
    twice = request(image_prompts=(asking.replace(SHOWN, scale=0.3), asking.replace(SHOWN, scale=0.7)))
    assert difference(draw(sd3, twice).latents, draw(sd3, once).latents) <= 1e-5
    both = request(image_prompts=(SHOWN, OTHER))
    assert difference(draw(sd3, both).latents, draw(sd3, asking.replace(both, image_prompts=(SHOWN,))).latents) > 1e-3


def test_half_precision_draws(folder: Path) -> None:
    family = load(config(folder, runtime=Runtime(device="cpu", threads=1, dtype="bfloat16")))
    states = [begin(family, each) for each in (request(image_prompts=(SHOWN,)), request())]
    finish(family, states)
    assert all(family.decode(state).width == 128 for state in states)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (asking.image_prompt(Picture(8, 8, b"x")), "three bytes"),
        (asking.replace(SHOWN, scale=float("nan")), "must be a number"),
    ],
)
def test_a_picture_that_cannot_be_read_is_refused(sd3: Sd3, prompt: InputImage[Picture], message: str) -> None:
    with pytest.raises(StageError, match=message) as refused:
        sd3.work(request(image_prompts=(prompt,)))
    assert refused.value.field == "image_prompts"


def test_a_model_without_an_adapter_refuses_pictures(without: Sd3) -> None:
    with pytest.raises(StageError, match="no pictures as prompts"):
        without.work(request(image_prompts=(SHOWN,)))


def test_the_adapter_is_part_of_the_weights_name(sd3: Sd3, without: Sd3) -> None:
    assert sd3.weights != without.weights


def _narrow(folder: Path) -> None:
    transformer = parts.SD3Transformer2DModel(**{**tiny_sd3._sizes(), "num_attention_heads": 1}, num_layers=3)
    tiny_sd3.save_adapter(transformer, folder)


def _sdxl(folder: Path) -> None:
    tiny_sdxl.save_adapter(tiny_sdxl.unet_of("base"), folder)


def _without(name: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        file = folder / "ip-adapter.safetensors"
        save_file({key: value for key, value in load_file(file).items() if not key.startswith(name)}, file)

    return cut


def _blind(folder: Path) -> None:
    shutil.rmtree(folder / "image_encoder")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_narrow, "was made for another model"),
        (_sdxl, "another model|not of one model|does not describe"),
        (_without("ip_adapter.3."), "lacks tensors"),
        (_without("image_proj.proj_out.bias"), "lacks tensors"),
        (_without("image_proj."), "is no IP-Adapter"),
        (_blind, "holds no config.json and model.safetensors"),
    ],
    ids=["narrow", "sdxl", "layer", "tensor", "part", "encoder"],
)
def test_what_does_not_fit_is_refused(
    folder: Path, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    shutil.copytree(folder / tiny_sd3.ADAPTER, tmp_path / "ip-adapter")
    spoil(tmp_path / "ip-adapter")
    with pytest.raises(ConfigError, match=message):
        load(config(folder, image_prompt=tiny_sd3.adapter_config(tmp_path / "ip-adapter")))


def test_settings_that_do_not_fit_are_refused(folder: Path) -> None:
    adapter: ImagePromptConfig = tiny_sd3.adapter_config(folder / tiny_sd3.ADAPTER)
    refused = {
        "not 'redux'": config(folder, image_prompt=adapter.model_copy(update={"kind": "redux"})),
        "set 'model'": config(folder, runtime=Runtime(device="cpu", offload="sequential")),
    }
    for message, wrong in refused.items():
        with pytest.raises(ConfigError, match=message):
            load(wrong)
