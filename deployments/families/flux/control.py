"""ControlNets beside a FLUX transformer: asked once for each picture that follows one, on that picture's own grid.

Both rows of a guided picture are told the same, as by diffusers' pipelines: what the net says of the prompt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch

from configs.errors import ConfigError
from deployments.families.control import ControlNet, Followed
from deployments.families.flux.canvas import Bucket, lay, picture_ids, text_ids
from deployments.families.flux.passes import Residual
from deployments.families.flux.state import FluxDenoising, Row

CLASSES = ("FluxControlNetModel",)


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture that follows a control in the step to take."""

    state: FluxDenoising
    followed: Followed


@dataclass(frozen=True, slots=True)
class Samples:
    """What a net adds to some rows (see `Residual`): `double` and `single` are its layers' answers [n, S, W], of which
    the n-th row, by its number in the batch, gets the `source[n]`-th."""

    rows: torch.Tensor
    source: torch.Tensor
    double: Sequence[torch.Tensor]
    single: Sequence[torch.Tensor]
    repeats: bool
    depth: tuple[int, int]
    own: Bucket
    canvas: Bucket

    def add(self, picture: torch.Tensor, block: int) -> torch.Tensor:
        sample = self._behind(block)
        if sample is None:
            return picture
        laid = lay(sample, self.own, self.canvas).index_select(0, self.source)
        return picture.index_add(0, self.rows, laid.to(picture.dtype))

    def _behind(self, block: int) -> torch.Tensor | None:
        """A net has fewer layers than the transformer: each serves some neighbours, or they take turns."""
        double, single = self.depth
        layers, blocks, place = self.double, double, block
        if block >= double:
            layers, blocks, place = self.single, single, block - double
        if not layers:
            return None
        if self.repeats and block < double:
            return layers[place % len(layers)]
        return layers[place // ceil(blocks / len(layers))]


class Controls:
    """The nets of one model, for its transformer."""

    def __init__(self, nets: Mapping[str, ControlNet], transformer: Any) -> None:
        self._nets = dict(nets)
        self._depth = (len(transformer.transformer_blocks), len(transformer.single_transformer_blocks))

    @property
    def share(self) -> float:
        """The work of one net's pass, of the transformer's: the largest net's number of blocks."""
        modules = [net.module for net in self._nets.values()]
        layers = [len(module.transformer_blocks) + len(module.single_transformer_blocks) for module in modules]
        return max(layers, default=0) / sum(self._depth)

    def residuals(self, rows: Sequence[Row], canvas: Bucket) -> list[Residual]:
        """What the nets add to `rows`, those of one batch in its order. Empty, and nothing computed, if no picture
        follows a control in the step that it is to take."""
        places: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            places[id(row.state)].append(place)
        states = {id(row.state): row.state for row in rows}
        return [self._ask(asked, places, canvas) for asked in _groups(states.values(), self._nets)]

    def _ask(self, asked: Sequence[Asked], places: Mapping[int, Sequence[int]], canvas: Bucket) -> Samples:
        net, own = self._nets[asked[0].followed.kind], asked[0].state.bucket
        double, single = _call(net, self._nets, asked)
        device = asked[0].state.latents.device
        pairs = [(place, source) for source, each in enumerate(asked) for place in places[id(each.state)]]
        return Samples(
            rows=torch.tensor([place for place, _ in pairs], device=device),
            source=torch.tensor([source for _, source in pairs], device=device),
            double=double or (),
            single=single or (),
            repeats=reads_pixels(net),
            depth=self._depth,
            own=own,
            canvas=canvas,
        )


def check_nets(nets: Mapping[str, ControlNet], transformer: Any, owner: str) -> None:
    """Raises ConfigError for a net that was made for another model, or whose `mode` is missing, wrong or in vain."""
    for kind, net in nets.items():
        field, config = f"controls.{kind}", net.module.config
        if (net.module.inner_dim, config.in_channels) != (transformer.inner_dim, transformer.config.in_channels):
            raise ConfigError(f"{owner}: the ControlNet of '{kind}' was made for another model", field)
        if config.num_mode is None and net.mode is not None:
            raise ConfigError(f"{owner}: the ControlNet of '{kind}' has one mode only: leave 'mode' away", field)
        if config.num_mode is not None and (net.mode is None or net.mode >= config.num_mode):
            modes = f"0 to {config.num_mode - 1}"
            raise ConfigError(f"{owner}: '{kind}' needs the 'mode' of its union ControlNet, {modes}", field)


def reads_pixels(net: ControlNet) -> bool:
    """Whether it reads a control picture's pixels, as XLabs' do, instead of its latents."""
    return net.module.input_hint_block is not None


def _groups(states: Any, nets: Mapping[str, ControlNet]) -> Iterator[list[Asked]]:
    """Which pictures ask one net in one call: those of one size, each once."""
    groups: dict[tuple[int, Bucket, int], list[Asked]] = defaultdict(list)
    for state in states:
        turns: dict[int, int] = defaultdict(int)
        for followed in state.controls:
            if followed.counts(state.step, state.steps):
                net = id(nets[followed.kind].module)
                groups[net, state.bucket, turns[net]].append(Asked(state, followed))
                turns[net] += 1
    yield from groups.values()


def _call(net: ControlNet, nets: Mapping[str, ControlNet], asked: Sequence[Asked]) -> Any:
    states = [each.state for each in asked]
    latents = torch.cat([state.latents for state in states])
    prompts = [state.conditioning.prompt for state in states]
    like: Any = {"device": latents.device, "dtype": latents.dtype}
    guidance = modes = None
    if net.module.config.guidance_embeds:
        guidance = torch.tensor([state.guidance_scale for state in states], device=latents.device)
    if net.mode is not None:
        modes = torch.tensor([[nets[each.followed.kind].mode] for each in asked], device=latents.device)
    return net.module(
        hidden_states=latents,
        controlnet_cond=torch.cat([each.followed.image for each in asked]),
        controlnet_mode=modes,
        conditioning_scale=torch.tensor([[[each.followed.scale]] for each in asked], **like),
        timestep=torch.stack([state.timestep for state in states]),
        guidance=guidance,
        pooled_projections=torch.cat([prompt.pooled for prompt in prompts]),
        encoder_hidden_states=torch.cat([prompt.tokens for prompt in prompts]),
        txt_ids=text_ids(prompts[0].text, **like),
        img_ids=picture_ids(states[0].bucket, **like),
        return_dict=False,
    )
