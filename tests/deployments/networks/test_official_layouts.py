"""Each network against its architecture written down once more, as plain functions of the published state dict."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from configs.schema import NetworkName
from deployments.networks.rrdbnet import RRDBNet
from deployments.networks.srvgg import SRVGGNetCompact
from deployments.networks.table import NETWORKS
from deployments.stages.enlarge import MOST_OVERLAP

Weights = dict[str, Tensor]


def conv(weights: Weights, name: str, x: Tensor) -> Tensor:
    return F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)


def bend(x: Tensor) -> Tensor:
    return torch.where(x >= 0, x, 0.2 * x)


def dense(weights: Weights, block: str, x: Tensor) -> Tensor:
    seen = [x]
    for k in range(1, 5):
        seen.append(bend(conv(weights, f"{block}.conv{k}", torch.cat(seen, 1))))
    return x + 0.2 * conv(weights, f"{block}.conv5", torch.cat(seen, 1))


def doubled(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def folded(x: Tensor, by: int) -> Tensor:
    """by × by neighbours into channels: those of one colour stay together, row by row."""
    n, c, h, w = x.shape
    grid = x.reshape(n, c, h // by, by, w // by, by)
    return grid.permute(0, 1, 3, 5, 2, 4).reshape(n, c * by * by, h // by, w // by)


def rrdbnet_by_the_paper(weights: Weights, x: Tensor, scale: int, blocks: int) -> Tensor:
    first = conv(weights, "conv_first", folded(x, 4 // scale))
    y = first
    for n in range(blocks):
        inside = y
        for k in (1, 2, 3):
            inside = dense(weights, f"body.{n}.rdb{k}", inside)
        y = y + 0.2 * inside
    y = first + conv(weights, "conv_body", y)
    y = bend(conv(weights, "conv_up1", doubled(y)))
    y = bend(conv(weights, "conv_up2", doubled(y)))
    return conv(weights, "conv_last", bend(conv(weights, "conv_hr", y)))


def compact_by_the_paper(weights: Weights, x: Tensor, scale: int, convs: int) -> Tensor:
    y = x
    for n in range(convs + 1):
        y = conv(weights, f"body.{2 * n}", y)
        slope = weights[f"body.{2 * n + 1}.weight"][None, :, None, None]
        y = torch.where(y >= 0, y, slope * y)
    y = conv(weights, f"body.{2 * convs + 2}", y)
    n, _, h, w = y.shape
    fine = y.reshape(n, 3, scale, scale, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, 3, h * scale, w * scale)
    return fine + x.repeat_interleave(scale, 2).repeat_interleave(scale, 3)


def noise(height: int, width: int) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("scale", [4, 2, 1])
def test_rrdbnet_is_that_of_the_paper(scale: int) -> None:
    torch.manual_seed(0)
    network = RRDBNet(scale=scale, num_feat=8, num_block=3, num_grow_ch=4)
    x = noise(12, 8)
    with torch.inference_mode():
        ours, theirs = network(x), rrdbnet_by_the_paper(network.state_dict(), x, scale, 3)
    assert ours.shape == (1, 3, 12 * scale, 8 * scale)
    assert (ours - theirs).abs().max() <= 1e-5


def test_the_compact_network_is_that_of_the_paper() -> None:
    torch.manual_seed(0)
    network = SRVGGNetCompact(num_feat=8, num_conv=3, upscale=4)
    for slopes in (one for one in network.modules() if isinstance(one, torch.nn.PReLU)):
        torch.nn.init.uniform_(slopes.weight)  # which differ, as trained ones do
    with torch.inference_mode():
        ours, theirs = network(noise(9, 6)), compact_by_the_paper(network.state_dict(), noise(9, 6), 4, 3)
    assert (ours - theirs).abs().max() <= 1e-5


def test_the_official_names_are_those_of_the_release() -> None:
    """RealESRGAN_x4plus has 702 tensors: 23 blocks of 15 convolutions, and six around them."""
    with torch.device("meta"):
        names, halved = RRDBNet().state_dict(), RRDBNet(scale=2).state_dict()
    assert len(names) == (23 * 15 + 6) * 2 == 702
    outside = {name for name in names if not name.startswith("body.")}
    convs = ("conv_first", "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last")
    assert outside == {f"{conv}.{part}" for conv in convs for part in ("weight", "bias")}
    assert names["body.0.rdb1.conv5.weight"].shape == (64, 64 + 4 * 32, 3, 3)
    assert halved["conv_first.weight"].shape == (64, 12, 3, 3)


@pytest.mark.parametrize(("scale", "blocks"), [(4, 23), (2, 23), (4, 6)])
def test_the_shape_is_read_from_a_state_dict(scale: int, blocks: int) -> None:
    with torch.device("meta"):
        official = RRDBNet(scale=scale, num_block=blocks)
        built = NETWORKS["rrdbnet"].build(official.state_dict(), {})
    assert isinstance(built, RRDBNet)
    assert built.scale == scale
    assert {name: one.shape for name, one in built.state_dict().items()} == {
        name: one.shape for name, one in official.state_dict().items()
    }


@pytest.mark.parametrize(("network", "lacks"), [("rrdbnet", "conv_first.weight"), ("srvgg", "body.0.weight")])
def test_a_state_dict_of_another_network_is_refused(network: str, lacks: str) -> None:
    with pytest.raises(ValueError, match=f"no tensor '{lacks}'"):
        NETWORKS[network].build({"conv1.weight": torch.zeros(3, 3, 3, 3)}, {})  # type: ignore[index]


@pytest.mark.parametrize("size", [(5, 7), (1, 1), (8, 6)])
def test_a_picture_of_any_size_is_enlarged_exactly(size: tuple[int, int]) -> None:
    network = RRDBNet(scale=2, num_feat=4, num_block=1, num_grow_ch=2)
    with torch.inference_mode():
        whole = network(noise(*size))
    assert whole.shape[2:] == (2 * size[0], 2 * size[1])


def test_no_pixel_beyond_the_reach_counts() -> None:
    """What a tile may leave out."""
    torch.manual_seed(0)
    for network in (RRDBNet(num_feat=4, num_block=1, num_grow_ch=2), SRVGGNetCompact(num_feat=4, num_conv=2)):
        x = noise(4, 64)
        x.requires_grad_(True)
        network(x)[..., : network.scale].sum().backward()
        assert x.grad is not None
        seen = x.grad.abs().amax((0, 1, 2)).nonzero().max().item()
        assert seen <= network.reach


def test_what_is_further_than_the_overlap_is_below_a_level_of_eight_bits() -> None:
    """The deepest network is not given all that it reaches: of random weights, nothing of that shows."""
    torch.manual_seed(0)
    network = RRDBNet(num_feat=4, num_block=23, num_grow_ch=2)
    assert network.reach > MOST_OVERLAP
    x = noise(4, 2 * MOST_OVERLAP)
    other = x.clone()
    other[..., MOST_OVERLAP:] = 1 - other[..., MOST_OVERLAP:]
    with torch.inference_mode():
        change = (network(x) - network(other)).abs().amax((0, 1, 2))[:: network.scale]
    assert change[0] * 255 < 0.5
    assert change[MOST_OVERLAP] > 100 * change[0]


def test_every_network_that_a_yaml_may_name_has_a_row() -> None:
    assert set(NETWORKS) == set(get_args(NetworkName))
