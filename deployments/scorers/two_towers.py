"""The scorer that ships: two small towers that learned from mini's world (`training/scorer`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from configs.errors import ConfigError
from configs.scorers import SCORER_FILES
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display
from deployments.messages import Picture
from deployments.scorers.towers import TwoTowers
from deployments.scorers.vocabulary import PAD, Vocabulary

_FILES = SCORER_FILES["two-towers"]
SIDE = 128
_MOVED = 3


class TwoTowersScorer:
    """Probability that the picture shows what the prompt says, where half of all pairs do and the rest nearly do. The
    picture is looked at ten times."""

    def __init__(
        self, network: TwoTowers, vocabulary: Vocabulary, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        self._network, self._vocabulary = network.eval().to(device, dtype), vocabulary
        self._device, self._dtype = device, dtype

    @torch.inference_mode()
    def score(self, picture: Picture, prompt: str) -> float | None:
        ids = [id for id in self._vocabulary.read(prompt) if id != PAD]
        if not ids:
            return None
        words = self._network.text(torch.tensor([ids], device=self._device))
        seen = self._network.picture(views(to_input(picture)).to(self._device, self._dtype)).mean(0, keepdim=True)
        logit = self._network.compare(seen, words)
        return float(logit.float().sigmoid())


def to_input(picture: Picture) -> torch.Tensor:
    """One picture as the towers were shown theirs: 1 x 3 x 128 x 128 in -1..1, whatever its shape."""
    levels = torch.frombuffer(bytearray(picture.rgb), dtype=torch.uint8).view(picture.height, picture.width, 3)
    pixels = levels.permute(2, 0, 1)[None].float()
    if pixels.shape[-2:] != (SIDE, SIDE):
        pixels = F.interpolate(pixels, (SIDE, SIDE), mode="bilinear", antialias=True).round()
    return pixels / 127.5 - 1


def views(picture: torch.Tensor) -> torch.Tensor:
    """The picture as it is, moved by a few pixels each way, and all of that mirrored: what a score gains or loses by
    that is chance, of which the mean has less."""
    wide = F.pad(picture, (_MOVED,) * 4, mode="replicate")
    places = [(_MOVED, _MOVED), *((y, x) for y in (0, 2 * _MOVED) for x in (0, 2 * _MOVED))]
    moved = torch.cat([wide[:, :, y : y + SIDE, x : x + SIDE] for y, x in places])
    return torch.cat([moved, moved.flip(3)])


def load_two_towers(folder: Path, device: torch.device, dtype: torch.dtype, owner: str) -> TwoTowersScorer:
    """Of a folder with `config.json` (`words`, `length` and the towers' sizes) and `model.safetensors`. Raises
    `ConfigError`."""
    told = _read(folder / _FILES[0], owner)
    read_header(folder / _FILES[1], owner)
    try:
        vocabulary = Vocabulary(told.pop("words"), told["length"])
        network = TwoTowers(len(vocabulary), **told)
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(folder / _FILES[1]).items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        why = str(error).splitlines()[0]
        message = f"{owner}: the two files in {display(folder)} are not of one network ({why}): export them together."
        raise ConfigError(message, "weights") from None
    return TwoTowersScorer(network, vocabulary, device, dtype)


def _read(file: Path, owner: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{owner}: {display(file)} cannot be read ({error}): export it again.", "weights") from None
    return told
