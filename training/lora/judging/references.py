"""What pictures of a checkpoint are held against: the set itself, the base's own drawings, and the set spoilt.

A distance to the set alone says little: raw cosines of style networks fail for a quarter of artists. So a picture is
asked whether it lies nearer to a picture of the set than to a decoy: one that the base drew, or the same picture with
other colours, softened, washed out, or noisy. What has only half learned a look is nearer to the spoilt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from deployments.messages import Picture
from deployments.scorers.scorer import Scorer
from deployments.stages.dominant import find_dominant
from deployments.stages.oklab import squared_distance, to_oklab
from training.lora.judging.eyes import Eyes, Manner, Shape, Vectors, fit
from training.lora.pictures import TrainingPicture

_NEAR = 0.05  # of OKLab: of a pixel to one of the set's colours, whose edges are soft
_MOST = 64  # pictures of a set that are looked at
_NEAREST = 95  # percentile


@dataclass(frozen=True)
class References:
    """The set of a training, and how it is seen. `held_out` pictures were not learned from; `shape` is made for the set
    where none is given."""

    learned: Sequence[TrainingPicture]
    held_out: Sequence[TrainingPicture]
    manners: Sequence[Eyes] = field(default_factory=lambda: (Manner(),))
    given_shape: Eyes | None = None

    @cached_property
    def images(self) -> list[Image.Image]:
        """Of the learned ones first, then of those held out."""
        return [fit(one.opened()) for one in (*self.learned[:_MOST], *self.held_out[:_MOST])]

    @cached_property
    def captions(self) -> list[str]:
        return [one.caption for one in (*self.learned[:_MOST], *self.held_out[:_MOST])]

    @property
    def learned_count(self) -> int:
        return min(len(self.learned), _MOST)

    @cached_property
    def shape(self) -> Eyes:
        return self.given_shape or Shape(self.images)

    @cached_property
    def shapes(self) -> Vectors:
        return self.shape.look(self.images)

    @cached_property
    def styles(self) -> list[Vectors]:
        """By each of `manners`."""
        return [eyes.look(self.images) for eyes in self.manners]

    @cached_property
    def spoilt(self) -> list[list[Vectors]]:
        """By each of `manners`, each way to spoil; rows as in `images`."""
        ways = [[spoil(image) for image in self.images] for spoil in SPOILS]
        return [[eyes.look(way) for way in ways] for eyes in self.manners]

    @cached_property
    def nearest_known(self) -> float:
        """How like its nearest neighbour in the set a picture of the set is, at the 95th percentile: what is new and
        comes nearer than that was copied."""
        like = self.shapes @ self.shapes.T
        np.fill_diagonal(like, -1)
        return float(np.percentile(like.max(axis=1), _NEAREST))

    @cached_property
    def colours(self) -> Vectors:
        """The few that most of the set is of, in OKLab."""
        side = 64
        strip = Image.new("RGB", (side * len(self.images), side))
        for place, image in enumerate(self.images):
            strip.paste(image.resize((side, side), Image.Resampling.BOX), (place * side, 0))
        found = find_dominant(strip) or ("#000000",)
        return to_oklab(np.array([list(bytes.fromhex(one[1:])) for one in found], np.uint8))

    @cached_property
    def own_palette(self) -> float:
        """The share of the set's own pixels that is in its few colours."""
        return float(np.mean([self.palette_share(image) for image in self.images]))

    def own_fidelity(self, scorer: Scorer, subjects: Sequence[str]) -> tuple[float, float]:
        """What `scorer` says of the set's own pictures: of each with its own subject (they are in the order of
        `images`), and with another's. Where these are near each other, it sees nothing in this look."""
        place, count = range(len(subjects)), len(subjects)
        right = [score(scorer, self.images[n], subjects[n]) for n in place]
        wrong = [score(scorer, self.images[n], subjects[(n + count // 2) % count]) for n in place]
        return float(np.mean(right)), float(np.mean(wrong))

    def palette_share(self, picture: Image.Image) -> float:
        """The share of a picture's pixels that is near one of the set's colours."""
        lab = to_oklab(np.asarray(fit(picture)).reshape(-1, 3))
        nearest = np.min([squared_distance(lab, colour) for colour in self.colours], axis=0)
        return float((nearest <= _NEAR**2).mean())


def score(scorer: Scorer, image: Image.Image, subject: str) -> float:
    """0 to 1; 0 where the scorer knows no word of it."""
    shown = image.convert("RGB")
    return scorer.score(Picture(shown.width, shown.height, shown.tobytes()), subject) or 0.0


def style_rank(references: References, which: int, picture: Vectors, base: Vectors) -> float:
    """How often, 0 to 1, a picture (by its vector) is nearer to one of the set than to that one spoilt, and than to one
    that the base drew; half for each. `which` of the manners made the vectors."""
    own = references.styles[which] @ picture
    against_spoilt = np.mean([own > spoilt @ picture for spoilt in references.spoilt[which]])
    against_base = np.mean(own[:, None] > (base @ picture)[None, :])
    return float((against_spoilt + against_base) / 2)


def _turned(image: Image.Image) -> Image.Image:
    """Other colours of the same brightness: hue turned by a tenth."""
    hue, saturation, value = image.convert("HSV").split()
    return Image.merge("HSV", (hue.point(lambda level: (level + 25) % 256), saturation, value)).convert("RGB")


def _softened(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(1.4))


def _washed_out(image: Image.Image) -> Image.Image:
    return ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(0.8)).enhance(0.7)


def _burnt(image: Image.Image) -> Image.Image:
    return ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(1.3)).enhance(1.4)


def _noisy(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 9, (image.height, image.width, 3))
    return Image.fromarray((np.asarray(image, np.float32) + noise).clip(0, 255).astype(np.uint8))


SPOILS = (_turned, _softened, _washed_out, _burnt, _noisy)
