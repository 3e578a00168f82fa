"""The captioner that ships: a classifier of mini's world (`training/captioner`), whose answers become a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from pydantic import Field, ValidationError
from safetensors.torch import load_file

from configs.captioners import CAPTIONER_FILES, CaptionerConfig
from configs.errors import ConfigError
from configs.frozen import Frozen
from deployments.captioners.attributes import AttributeClassifier
from deployments.captioners.captioner import Asked, Caption
from deployments.captioners.sentences import Answer, Grammar, tell
from deployments.checkpoints.headers import read_header
from deployments.checkpoints.source import display
from deployments.messages import Picture
from deployments.scorers.two_towers import to_input, views

_FILES = CAPTIONER_FILES["attributes"]


class Vocabulary(Frozen):
    """`config.json` beside the weights: the network's sizes, the answers to each question in the order of its logits,
    what they are divided by before they are likelihoods, and the words of sentences."""

    width: int = Field(gt=0)
    dimensions: int = Field(gt=0)
    questions: Mapping[str, tuple[str, ...]]
    temperature: float = Field(gt=0)
    grammar: Grammar


class AttributeCaptioner:
    """Looks at a picture ten times, moved and mirrored, and says what it is sure of."""

    def __init__(
        self, network: AttributeClassifier, vocabulary: Vocabulary, device: torch.device, dtype: torch.dtype
    ) -> None:
        self._network, self._vocabulary = network.eval().to(device, dtype), vocabulary
        self._device, self._dtype = device, dtype

    def caption(self, picture: Picture, _: Asked, /) -> Caption:
        """What people ask for changes nothing: it has one word for each thing."""
        return tell(self.see(picture), self._vocabulary.grammar)

    @torch.inference_mode()
    def see(self, picture: Picture) -> dict[str, Answer]:
        """The likeliest answer to each question."""
        seen = self._network.picture(views(to_input(picture)).to(self._device, self._dtype)).mean(0, keepdim=True)
        answers = {}
        for (name, known), logits in zip(self._vocabulary.questions.items(), self._network.answer(seen), strict=True):
            likely, place = (logits[0].float() / self._vocabulary.temperature).softmax(0).max(0)
            answers[name] = Answer(said=known[int(place)], likely=min(1.0, float(likely)))
        return answers


def load_attributes(
    _: CaptionerConfig, folder: Path, device: torch.device, dtype: torch.dtype, owner: str
) -> AttributeCaptioner:
    """Of a folder with `config.json` and `model.safetensors`. Raises `ConfigError`."""
    vocabulary = _read(folder / _FILES[0], owner)
    read_header(folder / _FILES[1], owner)
    network = AttributeClassifier(
        [len(answers) for answers in vocabulary.questions.values()], vocabulary.width, vocabulary.dimensions
    )
    try:
        network.load_state_dict({name: part.float() for name, part in load_file(folder / _FILES[1]).items()})
    except RuntimeError as error:
        why = str(error).splitlines()[0]
        message = f"{owner}: the two files in {display(folder)} are not of one network ({why}): export them together."
        raise ConfigError(message, "weights") from None
    return AttributeCaptioner(network, vocabulary, device, dtype)


def _read(file: Path, owner: str) -> Vocabulary:
    try:
        return Vocabulary.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        why = str(error).splitlines()[0]
        raise ConfigError(f"{owner}: {display(file)} cannot be read ({why}): export it again.", "weights") from None
