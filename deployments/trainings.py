"""What crosses between the router and a trainer: small frozen messages, no torch, no Ray, as `messages.py` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from configs.frozen import Frozen
from configs.training import TrainingSettings

HaltWish: TypeAlias = Literal["give_way", "cancel"]
HaltCode: TypeAlias = Literal["give_way", "cancel", "not_a_number", "diverged"]


def trainer_of(model: str) -> str:
    """The deployment that learns on a model."""
    return f"trainer-{model}"


class LearnedPicture(Frozen):
    """A picture of a dataset by its file in the store; a `held_out` one is never learned from, a prior one only keeps
    the class. Where it is `worded`, it is learned with these words in place of its caption."""

    sha256: str
    caption: str
    worded: str = ""
    held_out: bool = False
    is_prior: bool = False


class CheckpointFiles(Frozen):
    """A whole checkpoint after `step`, by hashes: the `adapter`, and a ZIP of the `rest`, which goes on with it."""

    step: int
    adapter: str
    rest: str


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """A training to begin, or to go on with from its `checkpoint`. A later `attempt` of the same job takes it over from
    an earlier one. `known` are the adapters that were saved so far, by step; `about` is written into their files. Where
    it `is_judged`, they are compared at the end; `dataset` is the hash of what they learned from."""

    method: ClassVar[str] = "train"
    streams: ClassVar[bool] = True
    takes_picture: ClassVar[bool] = False

    job_id: str
    attempt: int
    settings: TrainingSettings
    pictures: tuple[LearnedPicture, ...]
    trigger: str = ""
    checkpoint: CheckpointFiles | None = None
    known: Mapping[int, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    is_judged: bool = False
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class HaltRequest:
    """A training is to save a checkpoint and stop, before its next step. It ends its stream with `Halted`."""

    method: ClassVar[str] = "halt"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = False

    job_id: str
    wish: HaltWish


@dataclass(frozen=True, slots=True)
class Queued:
    """Another training is under way here."""


@dataclass(frozen=True, slots=True)
class Caching:
    """The model is loaded, and pictures and captions are encoded."""


@dataclass(frozen=True, slots=True)
class Learning:
    """All is loaded and cached; `step` of `steps` were done before."""

    step: int
    steps: int
    cached_seconds: float
    parameters: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Learned:
    """Step `step` of `steps` is done, with its loss; `seconds` it took, `eta_seconds` are left."""

    step: int
    steps: int
    loss: float
    seconds: float
    eta_seconds: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The loss of pictures that were held back, by share of noise."""

    step: int
    loss_by_noise: Mapping[float, float]


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint is in the file store."""

    checkpoint: CheckpointFiles


@dataclass(frozen=True, slots=True)
class SamplesDrawn:
    """Pictures of the sample prompts, by hash, WebP."""

    step: int
    sha256: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judging:
    """The checkpoints are being compared; `share` of that is done."""

    share: float


@dataclass(frozen=True, slots=True)
class Recommended:
    """Which checkpoint to take and at which strength, why, and the whole judgement as a document; `sheet` is a picture
    of it, WebP, by its hash."""

    step: int
    strength: float
    reasons: tuple[str, ...]
    judgement: dict[str, Any]
    sheet: str


@dataclass(frozen=True, slots=True)
class Halted:
    """It stopped after `step`, and its checkpoint was told of before. `reason` is a sentence."""

    step: int
    code: HaltCode
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """All is done, in so many `seconds` of the device since it was taken up."""

    step: int
    seconds: float


TrainerTold: TypeAlias = (
    Queued | Caching | Learning | Learned | HeldOut | Kept | SamplesDrawn | Judging | Recommended | Halted | Finished
)
"""What a trainer tells, in about this order; `Halted` or `Finished` is the last."""
