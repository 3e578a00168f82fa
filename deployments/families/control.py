"""ControlNets beside a model: loaded with it, and asked at each step for those rows alone that follow one then."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from configs.errors import ConfigError, StageError
from configs.inputs import InputImage
from configs.schema import ModelConfig
from deployments.checkpoints.fingerprint import combine, fingerprint
from deployments.checkpoints.preflight import inspect_model
from deployments.checkpoints.shapes import check_shapes
from deployments.checkpoints.source import display, locate
from deployments.families.pictures import check_size
from deployments.messages import GenerateRequest, Picture

if TYPE_CHECKING:  # which keeps what a request follows, and so imports this module
    from deployments.families.denoising import Row


@dataclass(frozen=True, slots=True)
class ControlNet:
    """A loaded net. `mode` says which of its controls is meant, for a union ControlNet; `levels` what black and white
    are to it, where that is not as its family's pipeline has them."""

    kind: str
    module: Any
    mode: int | None = None
    levels: tuple[float, float] | None = None


Followed: TypeAlias = "InputImage[torch.Tensor]"
"""A control of one request, whose `image` [1, …] is as its net reads it."""
Read: TypeAlias = Callable[[ControlNet, Picture], torch.Tensor]
"""A family's way to turn a control picture into what the net reads, [1, …]."""
Ask: TypeAlias = "Callable[[ControlNet, Sequence[Row[Any]], torch.Tensor], Sequence[torch.Tensor]]"
"""A family's call of a net, at scale 1, for some rows and their control pictures [rows, …]: what the net adds in each
place of the denoiser, [rows, …]. Nets of one model must answer with the same places."""


class ControlNets:
    """The nets of one model, by kind of control. `weights` is their content hash, or "" if there are none."""

    def __init__(self, nets: Mapping[str, ControlNet], weights: str = "") -> None:
        self._nets = dict(nets)
        self.weights = weights

    @property
    def nets(self) -> Collection[ControlNet]:
        return self._nets.values()

    def find(self, kind: str) -> ControlNet:
        """The net of a kind that `check` has passed."""
        return self._nets[kind]

    def name(self, weights: str) -> str:
        """The content hash of the model with these nets, its own being `weights`."""
        return combine([weights, self.weights]) if self.weights else weights

    def check(self, request: GenerateRequest) -> None:
        """Raises StageError for a control that the model cannot follow."""
        for control in request.controls:
            self._check(control)
            check_size(control.image, request, f"picture of control '{control.kind}'", "controls")

    def follow(self, request: GenerateRequest, read: Read) -> tuple[Followed, ...]:
        """The request's controls, each picture read once. Raises as `check` does."""
        self.check(request)
        return tuple(each.with_image(read(self._nets[each.kind], each.image)) for each in request.controls)

    def residuals(self, rows: Sequence[Row[Any]], ask: Ask) -> list[torch.Tensor] | None:
        """What the nets add for `rows` in each place of the denoiser, [len(rows), …]: the sum over a row's controls,
        zero for a row without one. None if no row follows any at its step, so that nothing is computed."""
        sums: list[torch.Tensor] = []
        for kind, lines in _lines(rows).items():
            pictures = torch.cat([followed.image for _, followed in lines])
            found = ask(self._nets[kind], [rows[index] for index, _ in lines], pictures)
            sums = sums or [place.new_zeros(len(rows), *place.shape[1:]) for place in found]
            _scatter(sums, found, lines)
        return sums or None

    def _check(self, control: InputImage[Picture]) -> None:
        if control.kind not in self._nets:
            known = tuple(sorted(self._nets))
            follows = f"it follows {', '.join(known)}" if known else "it follows no control pictures"
            raise StageError(f"this model has no control '{control.kind}': {follows}", "controls", known)
        if not math.isfinite(control.scale):
            raise StageError(f"the scale of control '{control.kind}' must be a number", "controls")
        if not 0 <= control.start < control.end <= 1:
            raise StageError(
                f"control '{control.kind}' is to count from {control.start:g} to {control.end:g} of the steps: "
                "'start' must be below 'end', and both between 0 and 1",
                "controls",
            )


def load_controls(config: ModelConfig, classes: Collection[str], pipeline: Any, levels: bool = False) -> ControlNets:
    """The ControlNets that `config` names, each of one of diffusers' `classes`, checked before they are built; in the
    denoiser's dtype, in main memory, from where `offloading.place_nets` takes them. Kinds with the same weights share
    one net (a union ControlNet).

    `levels`: the family obeys that setting. Raises ConfigError with one plain sentence.
    """
    modules: dict[Path, Any] = {}
    nets = {}
    for kind, control in config.controls.items():
        owner = f"control '{kind}' of model '{config.id}'"
        if control.levels is not None and not levels:
            raise ConfigError(f"{owner}: this family shows control pictures as they are; remove 'levels'.", "controls")
        folder = locate(control.weights, owner)
        if folder not in modules:
            modules[folder] = _load(folder, classes, pipeline, owner)
        nets[kind] = ControlNet(kind, modules[folder], control.mode, control.levels)
    return ControlNets(nets, fingerprint(modules) if modules else "")


def _load(folder: Path, classes: Collection[str], pipeline: Any, owner: str) -> Any:
    import diffusers

    found = inspect_model(folder, classes, owner)
    check_shapes(found, owner)
    denoiser = getattr(pipeline, "transformer", None) or pipeline.unet
    cls: Any = getattr(diffusers, found.class_name)
    try:
        net = cls.from_pretrained(folder, dtype=denoiser.dtype, use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"{owner}: {display(folder)} passed its checks and still does not load: {first}") from None
    return net.eval().requires_grad_(False)


def _lines(rows: Sequence[Row[Any]]) -> dict[str, list[tuple[int, Followed]]]:
    """Which rows follow which kind at the step that each is to take; a row may follow one kind twice."""
    lines: dict[str, list[tuple[int, Followed]]] = defaultdict(list)
    for index, row in enumerate(rows):
        for followed in row.state.controls:
            if followed.counts(row.state.step, row.state.steps):
                lines[followed.kind].append((index, followed))
    return lines


def _scatter(
    sums: Sequence[torch.Tensor], found: Sequence[torch.Tensor], lines: Sequence[tuple[int, Followed]]
) -> None:
    """Add what was `found` for `lines` to the `sums` of all rows, each with its scale."""
    device = found[0].device
    places = torch.tensor([index for index, _ in lines], device=device)
    scales = torch.tensor([followed.scale for _, followed in lines], device=device)
    for total, added in zip(sums, found, strict=True):
        # In float32, as a Python number would be: a scale of 0.7 is not one in bfloat16.
        scaled = added * scales.view(-1, *[1] * (added.ndim - 1))
        total.index_add_(0, places, scaled.to(total.dtype))
