"""Tiles change memory, not the picture; and a network that does not match its files is refused."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from configs.errors import Canceled, ConfigError, StageError
from configs.runtime import Runtime
from configs.schema import LicencePart, UpscalerConfig
from configs.weights import Weights
from deployments.exchange import Exchange
from deployments.messages import Picture
from deployments.networks.srvgg import SRVGGNetCompact
from deployments.stages.enlarge import load_enlarger
from deployments.stages.upscaler import Upscaler, UpscaleRequest, pass_sizes, resized

SHAPE: dict[str, Any] = {
    "num_in_ch": 3,
    "num_out_ch": 3,
    "num_feat": 8,
    "num_conv": 4,
    "upscale": 4,
    "act_type": "prelu",
}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = SRVGGNetCompact(**SHAPE)
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, tmp_path / "model.safetensors"
    )
    return tmp_path


def config(folder: Path, **changes: Any) -> UpscalerConfig:
    fields: dict[str, Any] = {
        "id": "tiny-x4",
        "name": "Tiny",
        "network": "srvgg",
        "weights": Weights(path=str(folder)),
        "scale": 4,
        "seconds_per_megapixel": 1.0,
        "runtime": Runtime(device="cpu", threads=1),
        "licence_parts": (LicencePart(part="network", licence="apache-2.0"),),
    }
    return UpscalerConfig(**{**fields, **changes})


def picture(width: int, height: int) -> Picture:
    levels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Picture(width, height, levels.tobytes())


def levels(picture: Picture) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.frombuffer(picture.rgb, np.uint8).astype(np.int16)


@pytest.mark.parametrize("tile", [7, 16, 40])
def test_tiles_give_the_untiled_picture_everywhere(folder: Path, tile: int) -> None:
    enlarger = load_enlarger(config(folder))
    source = picture(53, 37)
    whole = enlarger.enlarge(source, threading.Event(), tile=1000)
    tiled = enlarger.enlarge(source, threading.Event(), tile=tile)
    assert (tiled.width, tiled.height) == (212, 148)
    assert np.abs(levels(tiled) - levels(whole)).max() <= 1


def test_no_piece_given_to_the_network_exceeds_a_tile_and_its_overlap(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enlarger = load_enlarger(config(folder))
    seen: list[int] = []
    run = enlarger._run

    def watch(piece: torch.Tensor) -> torch.Tensor:
        seen.append(max(piece.shape[:2]))
        return run(piece)

    monkeypatch.setattr(enlarger, "_run", watch)
    enlarger.enlarge(picture(100, 60), threading.Event(), tile=16)
    assert max(seen) <= 16 + 2 * 6


async def test_passes_multiply_the_scale(folder: Path) -> None:
    upscaler = Upscaler(config(folder))
    result = await upscaler.upscale(picture(8, 12), UpscaleRequest(2))
    large = result.picture
    assert (large.width, large.height, len(large.rgb)) == (128, 192, 128 * 192 * 3)
    assert result.seconds > 0
    upscaler.close()


async def test_the_picture_is_handed_over_by_the_injected_function(folder: Path) -> None:
    upscaler = Upscaler(config(folder), Exchange(put=lambda picture: ("reference", picture.width)))
    assert (await upscaler.upscale(picture(8, 8), UpscaleRequest(1))).picture == ("reference", 32)
    upscaler.close()


async def test_a_result_too_large_to_serve_is_refused(folder: Path) -> None:
    upscaler = Upscaler(config(folder))
    with pytest.raises(StageError, match="8x8 cannot be enlarged 65536 times"):
        await upscaler.upscale(picture(8, 8), UpscaleRequest(8))
    upscaler.close()


async def test_a_broken_picture_fails_alone(folder: Path) -> None:
    upscaler = Upscaler(config(folder))
    with pytest.raises(StageError, match="failed on this picture"):
        await upscaler.upscale(Picture(8, 8, b"short"), UpscaleRequest(1))
    assert (await upscaler.upscale(picture(8, 8), UpscaleRequest(1))).picture.width == 32
    upscaler.close()


def test_unwanted_work_stops_between_tiles(folder: Path) -> None:
    unwanted = threading.Event()
    unwanted.set()
    with pytest.raises(Canceled):
        load_enlarger(config(folder)).enlarge(picture(8, 8), unwanted)


async def test_canceling_the_task_frees_the_thread(folder: Path) -> None:
    upscaler = Upscaler(config(folder))
    task = asyncio.create_task(upscaler.upscale(picture(256, 256), UpscaleRequest(2)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(60):
        assert (await upscaler.upscale(picture(8, 8), UpscaleRequest(1))).picture.width == 32
    upscaler.close()


@pytest.mark.parametrize("wrapper", ["params.", "params_ema."])
def test_official_state_dicts_load_whatever_wraps_them(folder: Path, wrapper: str) -> None:
    plain = load_enlarger(config(folder)).enlarge(picture(8, 8), threading.Event())
    file = folder / "model.safetensors"
    save_file({wrapper + name: tensor for name, tensor in load_file(file).items()}, file)
    assert load_enlarger(config(folder)).enlarge(picture(8, 8), threading.Event()) == plain


def test_missing_weights_are_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match=r"upscaler 'tiny-x4': .*model\.safetensors is missing"):
        Upscaler(config(folder))


def test_a_missing_config_is_named_where_the_network_needs_one(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"upscaler 'tiny-x4': .*config\.json is missing"):
        Upscaler(config(folder, network="swin2sr"))


def test_a_scale_other_than_the_networks_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="enlarges 4 times, its YAML says 2"):
        Upscaler(config(folder, scale=2))


def test_one_file_of_a_folder_is_enough(folder: Path) -> None:
    plain = load_enlarger(config(folder)).enlarge(picture(8, 8), threading.Event())
    (folder / "model.safetensors").rename(folder / "RealESRGAN.safetensors")
    named = config(folder, weights=Weights(path=str(folder), file="RealESRGAN.safetensors"))
    assert load_enlarger(named).enlarge(picture(8, 8), threading.Event()) == plain


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not fit 'network': it has no tensor 'conv_first\.weight'"):
        Upscaler(config(folder, network="rrdbnet"))


def test_weights_that_are_not_whole_are_refused(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({name: one for name, one in tensors.items() if name != "body.4.bias"}, folder / "model.safetensors")
    with pytest.raises(ConfigError, match=r"tensor 'body\.4\.bias' is missing where \(8,\) is expected"):
        Upscaler(config(folder))


@pytest.mark.parametrize(
    ("start", "request_", "given"),
    [
        ((8, 12), UpscaleRequest(1, 16, 24), [(8, 12)]),
        ((8, 12), UpscaleRequest(2, 64, 96), [(8, 12), (32, 48)]),
        ((8, 12), UpscaleRequest(2), [(8, 12), (32, 48)]),
        ((512, 512), UpscaleRequest(2, 8192, 8192), [(512, 512), (2048, 2048)]),
        ((1024, 768), UpscaleRequest(2, 8192, 6144), [(1024, 768), (2048, 1536)]),
        ((1024, 768), UpscaleRequest(2, 8190, 6143), [(1024, 768), (2048, 1536)]),
    ],
)
def test_no_pass_makes_more_than_can_be_held(
    start: tuple[int, int], request_: UpscaleRequest, given: list[tuple[int, int]]
) -> None:
    assert pass_sizes(*start, 4, request_) == given


@pytest.mark.parametrize("size", [(16, 24), (64, 96), (50, 75)])
async def test_the_size_asked_for_is_exact(folder: Path, size: tuple[int, int]) -> None:
    upscaler = Upscaler(config(folder))
    large = (await upscaler.upscale(picture(8, 12), UpscaleRequest(2 if size[0] > 32 else 1, *size))).picture
    assert (large.width, large.height, len(large.rgb)) == (*size, size[0] * size[1] * 3)
    upscaler.close()


async def test_half_of_what_the_network_makes_is_made_smaller_in_linear_light(folder: Path) -> None:
    whole = load_enlarger(config(folder)).enlarge(picture(8, 12), threading.Event())
    upscaler = Upscaler(config(folder))
    assert (await upscaler.upscale(picture(8, 12), UpscaleRequest(1, 16, 24))).picture == resized(whole, 16, 24)
    upscaler.close()
