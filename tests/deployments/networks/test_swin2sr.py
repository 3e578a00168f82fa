"""Swin2SR by tiles is the library's own class over the whole picture, with the edges of its image processor."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import Swin2SRConfig, Swin2SRForImageSuperResolution

from configs.runtime import Runtime
from configs.schema import LicencePart, UpscalerConfig
from configs.weights import Weights
from deployments.messages import Picture
from deployments.networks.swin2sr import build
from deployments.stages.enlarge import load_enlarger

SHAPES: list[dict[str, Any]] = [
    {"upscale": 2, "upsampler": "pixelshuffle", "window_size": 8},
    {"upscale": 4, "upsampler": "nearest+conv", "window_size": 8},
    {"upscale": 2, "upsampler": "pixelshuffledirect", "window_size": 4},
]


def tiny(shape: dict[str, Any]) -> Swin2SRForImageSuperResolution:
    torch.manual_seed(0)
    config = Swin2SRConfig(embed_dim=8, depths=[2], num_heads=[2], image_size=32, initializer_range=0.1, **shape)
    model: Swin2SRForImageSuperResolution = Swin2SRForImageSuperResolution(config)
    model.train(False)
    return model


def as_its_processor(x: torch.Tensor) -> torch.Tensor:
    """Symmetric to the next multiple of 8 beyond its size, right and below (`Swin2SRImageProcessor.pad`)."""
    height, width = x.shape[2:]
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (0, 8 - height % 8), (0, 8 - width % 8)), "symmetric")
    return torch.from_numpy(padded)


def upscaler(folder: Path, theirs: Swin2SRForImageSuperResolution) -> UpscalerConfig:
    save_file({name: one.contiguous() for name, one in theirs.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(theirs.config.to_dict()))
    return UpscalerConfig(
        id="tiny",
        name="Tiny",
        network="swin2sr",
        weights=Weights(path=str(folder)),
        scale=theirs.config.upscale,
        seconds_per_megapixel=1.0,
        runtime=Runtime(device="cpu", threads=1),
        licence_parts=(LicencePart(part="network", licence="apache-2.0"),),
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(17, 24), (3, 5)])
def test_it_is_the_librarys_class_with_its_processors_edges(shape: dict[str, Any], size: tuple[int, int]) -> None:
    theirs = tiny(shape)
    ours = build({}, theirs.config.to_dict()).train(False)
    ours.load_state_dict(theirs.state_dict())
    x = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        whole = theirs(as_its_processor(x)).reconstruction
        enlarged = ours(x)
    assert enlarged.shape[2:] == (size[0] * ours.scale, size[1] * ours.scale)
    assert (enlarged - whole[:, :, : enlarged.shape[2], : enlarged.shape[3]]).abs().max() <= 1e-5


def test_tiles_give_the_whole_picture(tmp_path: Path) -> None:
    enlarger = load_enlarger(upscaler(tmp_path, tiny(SHAPES[0])))
    levels = np.random.default_rng(0).integers(0, 256, (10, 101, 3), np.uint8)
    source = Picture(101, 10, levels.tobytes())
    whole, tiled = (enlarger.enlarge(source, threading.Event(), tile) for tile in (1000, 13))
    apart = np.frombuffer(whole.rgb, np.uint8).astype(int) - np.frombuffer(tiled.rgb, np.uint8)
    assert np.abs(apart).max() <= 1


def test_a_config_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match="of a llama, not of swin2sr"):
        build({}, {"model_type": "llama"})
    with pytest.raises(ValueError, match="embed_dim"):
        build({}, {"model_type": "swin2sr", "embed_dim": "wide"})
