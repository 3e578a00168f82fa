"""A small U-Net that tells a picture's subject from its ground."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MULTIPLE = 8
"""What height and width of its input must be a multiple of."""


class MattingNet(nn.Module):
    """Takes n × 3 × h × w in 0..1 and gives n × 1 × h × w: logits of how much of each pixel is subject.

    Three halvings, `width` channels at first and twice, four and six times as many below; what each level saw is added
    to what comes back up.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        sizes = (width, 2 * width, 4 * width, 6 * width)
        self.enter = _block(5, sizes[0])
        self.down = nn.ModuleList(_block(inner, outer) for inner, outer in zip(sizes, sizes[1:], strict=False))
        self.middle = _block(sizes[3] * 2, sizes[3])
        self.up = nn.ModuleList(_block(low + high, high) for high, low in zip(sizes, sizes[1:], strict=False))
        self.leave = nn.Conv2d(sizes[0], 1, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        levels = [self.enter(_placed(pictures * 2 - 1))]
        for block in self.down:
            levels.append(block(F.max_pool2d(levels[-1], 2)))
        low = levels.pop()
        everything = low.mean((2, 3), keepdim=True).expand_as(low)
        low = self.middle(torch.cat([low, everything], 1))
        for block in reversed(self.up):
            high = levels.pop()
            low = block(torch.cat([F.interpolate(low, size=high.shape[-2:], mode="bilinear"), high], 1))
        logits: Tensor = self.leave(low)
        return logits


def build(tensors: Mapping[str, Tensor]) -> MattingNet:
    """The network that a state dict is of, with its weights. Raises ValueError for one that is of none."""
    if "leave.weight" not in tensors:
        raise ValueError("it has no tensor 'leave.weight', so it is of no MattingNet")
    network = MattingNet(tensors["leave.weight"].shape[1])
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except RuntimeError as error:
        raise ValueError(f"its tensors are of no MattingNet: {error}") from None
    return network.eval()


def _block(inner: int, outer: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inner, outer, 3, padding=1),
        nn.GroupNorm(4, outer),
        nn.ReLU(),
        nn.Conv2d(outer, outer, 3, padding=1),
        nn.GroupNorm(4, outer),
        nn.ReLU(),
    )


def _placed(pictures: Tensor) -> Tensor:
    """With where each pixel is: subjects stand in the middle."""
    n, _, height, width = pictures.shape
    down = torch.linspace(-1, 1, height, device=pictures.device)[None, None, :, None].expand(n, 1, height, width)
    across = torch.linspace(-1, 1, width, device=pictures.device)[None, None, None, :].expand(n, 1, height, width)
    return torch.cat([pictures, down.to(pictures.dtype), across.to(pictures.dtype)], 1)
