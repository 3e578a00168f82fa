"""ControlNets in a batch: asked for the rows that follow one now, and for no others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from configs.errors import ConfigError, StageError
from configs.schema import ControlConfig
from configs.weights import Weights
from deployments.families.control import ControlNet, ControlNets, Followed, load_controls
from deployments.messages import Picture
from tests.deployments import asking
from tests.deployments.tiny import parts, request
from tests.deployments.tiny_sd3 import LICENCE, build, config

KINDS = ("canny", "depth")


def picture(width: int = 128, height: int = 128) -> Picture:
    return Picture(width, height, bytes(width * height * 3))


def row(*followed: Followed, step: int = 0, steps: int = 4) -> Any:
    return SimpleNamespace(state=SimpleNamespace(controls=followed, step=step, steps=steps))


def follow(kind: str, value: float, **changes: Any) -> Followed:
    return asking.control(kind, torch.full((1, 2), value), **changes)


class Nets:
    """Nets that say what they read, twice as much in their second place; and whom they were asked for."""

    def __init__(self) -> None:
        self.nets = ControlNets({kind: ControlNet(kind, None) for kind in KINDS})
        self.asked: list[tuple[str, list[Any]]] = []

    def __call__(self, rows: Sequence[Any]) -> list[torch.Tensor] | None:
        return self.nets.residuals(rows, self._ask)

    def _ask(self, net: ControlNet, rows: Sequence[Any], pictures: torch.Tensor) -> list[torch.Tensor]:
        self.asked.append((net.kind, list(rows)))
        return [pictures, 2 * pictures[:, None]]


@pytest.fixture
def nets() -> Nets:
    return Nets()


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (0.2, 0.8), (0.0, 0.34), (0.5, 1.0), (0.9, 0.95)])
@pytest.mark.parametrize("steps", [1, 3, 7, 30])
def test_a_control_counts_where_diffusers_keeps_it(start: float, end: float, steps: int) -> None:
    kept = [1.0 - float(i / steps < start or (i + 1) / steps > end) for i in range(steps)]
    followed = follow("canny", 1.0, start=start, end=end)
    assert [followed.counts(step, steps) for step in range(steps)] == [bool(keep) for keep in kept]


def test_nothing_is_asked_when_no_row_follows_one(nets: Nets) -> None:
    assert nets([row(), row(follow("canny", 1.0, end=0.5), step=3)]) is None
    assert nets.asked == []


def test_only_the_rows_that_follow_are_asked_for_and_added_to(nets: Nets) -> None:
    rows = [row(), row(follow("canny", 3.0, scale=0.5)), row(follow("canny", 5.0, start=0.5)), row()]
    sums = nets(rows)
    assert nets.asked == [("canny", [rows[1]])]
    assert sums is not None
    first, second = sums
    assert first.tolist() == [[0, 0], [1.5, 1.5], [0, 0], [0, 0]]
    assert second.tolist() == [[[0, 0]], [[3, 3]], [[0, 0]], [[0, 0]]]


def test_the_controls_of_a_row_add_up_even_two_of_one_kind(nets: Nets) -> None:
    both = row(follow("canny", 1.0), follow("depth", 10.0, scale=2.0), follow("canny", 100.0))
    sums = nets([row(follow("depth", 7.0)), both])
    assert sums is not None
    assert sums[0].tolist() == [[7, 7], [121, 121]]
    assert sorted(kind for kind, _ in nets.asked) == ["canny", "depth"], "each net is called once"


def test_a_scale_is_not_rounded_to_the_nets_precision(nets: Nets) -> None:
    followed = asking.control("canny", torch.linspace(1, 3, 64, dtype=torch.bfloat16)[None], scale=0.7)
    sums = nets([row(followed)])
    assert sums is not None
    assert torch.equal(sums[0], followed.image * 0.7)
    rounded = followed.image * torch.full((1, 1), 0.7, dtype=torch.bfloat16)
    assert not torch.equal(sums[0], rounded), "or this shows nothing"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "pose"}, "no control 'pose': it follows canny, depth"),
        ({"start": 0.5, "end": 0.5}, "from 0.5 to 0.5"),
        ({"start": -0.1}, "from -0.1 to 1"),
        ({"end": 1.2}, "from 0 to 1.2"),
        ({"scale": float("nan")}, "must be a number"),
        ({"image": picture(96, 128)}, "picture of control 'canny' has 96x128 pixels and must have 128x128"),
        ({"image": Picture(128, 128, b"abc")}, "picture of control 'canny' is not 128x128 pixels"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_a_sentence(nets: Nets, changes: dict[str, Any], message: str) -> None:
    asked = request(controls=(asking.control(**{"kind": "canny", "image": picture(), **changes}),))
    with pytest.raises(StageError, match=message) as refused:
        nets.nets.check(asked)
    assert refused.value.field == "controls"
    with pytest.raises(StageError, match=message):
        nets.nets.follow(asked, lambda net, read: torch.zeros(1))


def test_a_model_without_nets_says_so() -> None:
    with pytest.raises(StageError, match="it follows no control pictures"):
        ControlNets({}).check(request(controls=(asking.control("canny", picture()),)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sd3")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> Any:
    return parts.StableDiffusion3Pipeline.from_pretrained(folder)


def controls(**folders: Path) -> dict[str, ControlConfig]:
    return {
        kind: ControlConfig(weights=Weights(path=str(path)), mode=mode, licence_parts=LICENCE)
        for mode, (kind, path) in enumerate(folders.items())
    }


def test_kinds_with_the_same_weights_share_a_net(folder: Path, pipeline: Any) -> None:
    path = folder / "controls/canny"
    nets = load_controls(config(folder, controls=controls(canny=path, tile=path)), ("SD3ControlNetModel",), pipeline)
    one, other = nets.nets
    assert one.module is other.module
    assert (one.mode, other.mode) == (0, 1)
    assert not one.module.training


def test_the_nets_are_part_of_what_the_weights_are_called(folder: Path, pipeline: Any) -> None:
    none, one, two = (
        load_controls(config(folder, controls=found), ("SD3ControlNetModel",), pipeline).name("abc")
        for found in ({}, controls(canny=folder / "controls/canny"), config(folder).controls)
    )
    assert none == "abc"
    assert len({none, one, two}) == 3


def test_a_net_of_another_family_is_refused(folder: Path, pipeline: Any) -> None:
    with pytest.raises(ConfigError, match="control 'canny' of model 'tiny'.*SD3ControlNetModel where FluxControlNet"):
        load_controls(config(folder), ("FluxControlNetModel",), pipeline)


def test_levels_are_refused_by_a_family_without_them(folder: Path, pipeline: Any) -> None:
    found = {kind: each.model_copy(update={"levels": (0.5, 128.0)}) for kind, each in config(folder).controls.items()}
    with pytest.raises(ConfigError, match="remove 'levels'"):
        load_controls(config(folder, controls=found), ("SD3ControlNetModel",), pipeline)


def test_weights_that_are_not_whole_are_refused(folder: Path, pipeline: Any, tmp_path: Path) -> None:
    settings = json.loads((folder / "controls/canny/config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(settings | {"num_layers": 2}))
    source = folder / "controls/canny/diffusion_pytorch_model.safetensors"
    (tmp_path / source.name).write_bytes(source.read_bytes())
    with pytest.raises(ConfigError, match="control 'canny' of model 'tiny'.*is missing"):
        load_controls(config(folder, controls=controls(canny=tmp_path)), ("SD3ControlNetModel",), pipeline)
