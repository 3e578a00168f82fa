"""Company for the denoiser's loss: a middle block learns to see what a classifier sees, and pooled text what is asked.

Led this way, a transformer finds the shapes of things in a fraction of the steps (REPA, arXiv:2410.06940). The
classifier, the observer, is trained like the judge, on other pictures; the heads are dropped at export.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.mini.dataset import load_pictures
from training.mini.exercises import PARTNERS, Exercise
from training.mini.judges import IGNORED, QUESTIONS, Judge, JudgePlan, load_judge, to_input
from training.mini.latents import Encoder
from training.mini.networks import Shape
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES

OBSERVER = JudgePlan(name="observer", steps=3600, width=24)
FEATURES = "features"
CHANNELS = 6 * OBSERVER.width


@dataclass(frozen=True)
class Weights:
    """How much each companion counts beside the flow loss: features seen, words of the pictures' own captions, and
    words of captions that come without a picture and name everything; `partners` is the part of those that words
    play which belong together."""

    features: float = 0.1
    words: float = 0.01
    lessons: float = 0.05
    partners: float = 4.0


def observed_features(space: Workspace) -> Encoder:
    """The observer as a cache's encoder: its last feature map, one token per 16 × 16 pixels, standardised."""
    judge = load_judge(space, OBSERVER)
    if judge is None:
        raise FileNotFoundError("the observer is not trained yet: run `python -m training.mini observer`")
    sample = _look(judge, load_pictures(space, SIZES[0])[:512])
    mean, deviation = sample.mean((0, 1)), sample.std((0, 1)) + 0.05
    return lambda pictures: (_look(judge, pictures) - mean) / deviation


@torch.no_grad()
def _look(judge: Judge, pictures: np.ndarray[Any, Any]) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        features: Tensor = judge.features(to_input(np.asarray(pictures)))
    return features.float().flatten(2).transpose(1, 2)


class Companions(nn.Module):
    """Heads on a middle block's image tokens and on the pooled text, for training only."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.heads * shape.head_width
        self.features = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, CHANNELS))
        self.words = nn.Linear(shape.clip_width, sum(len(answers) for answers in QUESTIONS.values()))
        self.questions = nn.Linear(shape.t5_width, len(QUESTIONS), bias=False)
        self.readings = nn.Linear(shape.t5_width, self.words.out_features)
        self.partners = nn.Linear(shape.t5_width, len(PARTNERS))
        self._tokens = torch.empty(0)

    def listen(self, transformer: Any) -> None:
        """Keep the image tokens that leave the block at the middle of `transformer`."""
        blocks = transformer.single_transformer_blocks
        blocks[(len(blocks) - 1) // 3].register_forward_hook(self._keep)

    def _keep(self, _block: nn.Module, _inputs: Any, outputs: tuple[Tensor, Tensor]) -> None:
        self._tokens = outputs[1]

    def loss(self, features: Tensor, pooled: Tensor, answers: Tensor, weights: Weights) -> Tensor:
        """`features` (n × tokens × CHANNELS) of the clean pictures; `answers` (n × questions) of their scenes."""
        seen = F.cosine_similarity(self.features(self._tokens).float(), features, dim=-1)
        return weights.features * (1 - seen).mean() + weights.words * _told(self.words(pooled), answers)

    def lesson(self, text: tuple[Tensor, Tensor], exercise: Exercise, weights: Weights) -> Tensor:
        """How well both encoders tell what is asked for: which garment has which colour is the hard part.

        `text` is pooled and states (n × length × width) of the exercise. Each question looks at the states by
        attention of its own, and each word of a garment should know its partner.
        """
        pooled, states = text
        scores = self.questions(states).float().masked_fill(~(exercise.t5_ids != 0)[:, :, None], -1e4)
        found = scores.softmax(1).transpose(1, 2).to(states.dtype) @ states
        own = torch.cat([part[:, i] for i, part in enumerate(_split(self.readings(found)))], 1)
        matched = F.cross_entropy(
            self.partners(states).float().flatten(0, 1), exercise.partners.flatten(), ignore_index=IGNORED
        )
        told = _told(self.words(pooled), exercise.answers) + _told(own, exercise.answers)
        return weights.lessons * (told + weights.partners * matched)


def _split(logits: Tensor) -> tuple[Tensor, ...]:
    """The logits of all questions (… × sum of answers), question by question."""
    return torch.split(logits, [len(names) for names in QUESTIONS.values()], -1)


def _told(logits: Tensor, answers: Tensor) -> Tensor:
    """Cross-entropy over all questions that make sense, per scene."""
    told = [
        F.cross_entropy(part, answers[:, i], ignore_index=IGNORED, reduction="sum") / len(answers)
        for i, part in enumerate(_split(logits.float()))
    ]
    return torch.stack(told).sum()
