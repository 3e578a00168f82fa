"""What crosses between the router and the replicas: small frozen messages, no torch, no Ray.

A `PictureRef` is whatever the transport hands over instead of pixels: a Ray object reference in the cluster, the
`Picture` itself in one process. Whoever receives one only passes it on; the replica that needs pixels gets a `Picture`,
or fetches it (`deployments/exchange.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from configs.entries import EntryPin
from configs.environment import Environment
from configs.formats import Format
from configs.frozen import Frozen
from configs.inputs import InputImage, image_of, images_of
from configs.noise import Neighbourhood, SeedVariation
from configs.schema import AppliedLora, Verdict

PictureRef: TypeAlias = Any

_WORDS = frozenset({"prompt", "negative_prompt"})
"""What of a stage's settings is words of a person."""

Call: TypeAlias = Literal["regenerate", "like", "tweak", "finish", "replay"]
"""What a person does with a finished picture, or with its job."""


class Message(Protocol):
    """What a replica is asked: its method of the name `method` takes it, and the picture of the stage before if that
    `takes_picture`. It `streams`, or answers once."""

    method: ClassVar[str]
    streams: ClassVar[bool]
    takes_picture: ClassVar[bool]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Picture:
    """8-bit sRGB pixels, row-major, three bytes a pixel; `alpha` is one byte a pixel, empty where all are opaque."""

    width: int
    height: int
    rgb: bytes
    alpha: bytes = b""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Latents:
    """A picture of `width` x `height` pixels before all its noise is gone, as the model has it: float32 numbers of
    `shape`, row-major, in the byte order of the machines. `space` is whose numbers they are: what an autoencoder makes
    of pixels."""

    width: int
    height: int
    shape: tuple[int, ...]
    values: bytes
    space: str


Passed: TypeAlias = Picture | Latents
"""What one stage leaves for the next."""


@dataclass(frozen=True, slots=True)
class StepCache:
    """Steps that reuse what the last full step computed: faster, and slightly another picture.

    With `threshold`, a step whose first block changes relatively less than that since the last full step is skipped
    (first-block cache); steps in `skip` (0-based) are skipped whatever they hold, for a constant cost. The first and
    the last step are always full.
    """

    threshold: float | None = None
    skip: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """One picture to draw. The same request on the same weights gives the same picture.

    `width` and `height` are native sizes of the model; `previews` is how many small previews to send on the way.
    Of the `inputs` the `image` (of that size) is redrawn from `strength` (0 to 1) of the noise; with a `mask`, of the
    same size, only where the mask is white. `references` are pictures, of any size, that an editing model changes as
    the prompt says; `controls`, of that size, are followed; `image_prompts`, of any size, are read beside the words.
    `sampler` and `schedule` are named in `configs/sampling.py`; `default` and None are the checkpoint's own.
    With a `denoising_end` below 1 the drawing stops at that share of the noise schedule and is handed over as
    `Latents`; `latents` are such ones, to go on with from `denoising_start`.
    `deadline_seconds` counts from arrival at the replica: what cannot be met is refused.
    Each of the `variations` turns the noise of `seed`, which is all that such a picture begins with.
    In line it counts as arrived `patience_seconds` later than it has: it lets others go first, though not for ever.
    """

    method: ClassVar[str] = "generate"
    streams: ClassVar[bool] = True
    takes_picture: ClassVar[bool] = False

    request_id: str
    prompt: str
    negative_prompt: str
    width: int
    height: int
    seed: int
    num_inference_steps: int
    guidance_scale: float
    sampler: str = "default"
    schedule: str | None = None
    previews: int = 0
    loras: tuple[AppliedLora, ...] = ()
    inputs: tuple[InputImage[PictureRef], ...] = ()
    strength: float = 1.0
    step_cache: StepCache | None = None
    latents: PictureRef | None = None
    denoising_start: float = 0.0
    denoising_end: float = 1.0
    deadline_seconds: float | None = None
    variations: tuple[SeedVariation, ...] = ()
    patience_seconds: float = 0.0

    @property
    def image(self) -> PictureRef | None:
        """What is drawn over."""
        return image_of(self.inputs, "image")

    @property
    def mask(self) -> PictureRef | None:
        """Where the image is drawn over."""
        return image_of(self.inputs, "mask")

    @property
    def references(self) -> tuple[PictureRef, ...]:
        """What is changed as the prompt says."""
        return images_of(self.inputs, "reference")

    @property
    def controls(self) -> tuple[InputImage[PictureRef], ...]:
        """What is followed, and how."""
        return tuple(one for one in self.inputs if one.role == "control")

    @property
    def image_prompts(self) -> tuple[InputImage[PictureRef], ...]:
        """What is read beside the words, and how."""
        return tuple(one for one in self.inputs if one.role == "image_prompt")


@dataclass(frozen=True, slots=True)
class Loading:
    """A request waits for its model, which is not in memory: it will be in about `eta_seconds`."""

    model: str
    eta_seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request waits for a store that is away; `reason` is a sentence for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """Step `step` of `steps` is done (1-based). `preview` is a small WebP file, when one is due."""

    step: int
    steps: int
    preview: bytes | None = None


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """One encoded file, in the file store under its `sha256`. `size`, written WIDTHxHEIGHT, tells a further size from
    the picture's own, which has none."""

    format: Format
    media_type: str
    sha256: str
    size_bytes: int
    size: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The last message of every stage: the picture as it is now, or its files, and the `seconds` that it costs on a
    device of its own, queueing excluded. `notes` say, in a sentence each, what was asked for and not delivered, and
    why.

    `kept` is the hash of the file that a picture was kept in, `scores` are what was measured of it, by name, `colours`
    those that most of it is of, as `#rrggbb`.
    Of a generator, `weights` is the content hash of what drew it, `environment` what it was drawn in, and `full_steps`
    how many steps were full passes of the model (fewer than all with a step cache).
    """

    seconds: float
    picture: PictureRef = None
    files: tuple[FinishedFile, ...] = ()
    notes: tuple[str, ...] = ()
    weights: str = ""
    full_steps: int = 0
    kept: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    colours: tuple[str, ...] = ()
    environment: Environment | None = None


Told: TypeAlias = Loading | StepDone | Waiting | Done
"""What a stage tells of a request, in this order: a model that has to be loaded first, steps, a store that what came
out has to wait for, and what came out."""


class NamedImage(Frozen):
    """A picture by its name in the studio and the hash of its file."""

    picture: str
    sha256: str


class Origin(Frozen):
    """What a job goes on from: the `call` that made it, the job before, and of that the picture that was named, if one
    was, with the hash of its file."""

    call: Call
    job_id: str
    index: int | None = None
    asset_id: str = ""
    sha256: str = ""

    @property
    def name(self) -> str:
        """Of the picture, or of the job."""
        return self.job_id if self.index is None else f"{self.job_id}/{self.index}"


class Terms(Frozen):
    """What a picture may be used for, per purpose, as it was when its job was accepted."""

    reference: Verdict
    internal: Verdict
    product: Verdict


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything needed to make one picture again; written into each of its files. Without `step_cache` every step
    was a full one; `strength` is how much of the input `image` was redrawn. `stages` are those that have no fields
    here, with their kinds and settings. `sampler` is `default` where it is the one that the checkpoint names.
    `scores` were measured before the files were written.
    `entries` are versions of the library that took part; those of which there is none were at 1.0.0, as `configs/` has
    them. `origin` is what its job went on from. `seed` is the picture's own; with `near` the noise that it began with
    was turned towards that seed's. `environment` is what it was drawn in, where that is known. Of a `private` one
    files tell no prompt (`outward`).

    `prompt` is what the designer typed, `full_prompt` what the model read. Sizes are written `WIDTHxHEIGHT`.
    """

    atelier: str
    job_id: str
    index: int
    model: str
    weights: str
    loras: tuple[AppliedLora, ...]
    asset_type: str
    quality: str
    prompt: str
    full_prompt: str
    negative_prompt: str
    seed: int
    num_inference_steps: int
    guidance_scale: float
    base_size: str
    upscaler: str | None
    size: str
    licence: str
    created_at: str
    step_cache: StepCache | None = None
    inputs: tuple[InputImage[NamedImage], ...] = ()
    strength: float | None = None
    stages: tuple[dict[str, Any], ...] = ()
    sampler: str = "default"
    schedule: str | None = None
    entries: tuple[EntryPin, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    near: Neighbourhood | None = None
    origin: Origin | None = None
    environment: Environment | None = None
    private: bool = False

    def outward(self) -> Recipe:
        """As files carry it: of a private one, nothing that was asked for in words."""
        if not self.private:
            return self
        stages = tuple({name: told for name, told in one.items() if name not in _WORDS} for one in self.stages)
        return replace(self, prompt="", full_prompt="", negative_prompt="", stages=stages)

    @property
    def changed(self) -> bool:
        """Whether it is a picture that was changed, and not one drawn from nothing."""
        return any(one.role in ("image", "reference") for one in self.inputs)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The pictures that a job begins with, as a `GenerateRequest` takes them; of an inpainted one, the `image` that it
    keeps where the `mask` is black, both in the final size; and, small, the picture that it is to be `like`."""

    drawing: tuple[InputImage[PictureRef], ...] = ()
    composite: tuple[InputImage[PictureRef], ...] = ()
    like: PictureRef = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good a replica's predictions were, over the pictures it `finished` last.

    `ratio_p50` is the median of actual ÷ predicted seconds from arrival to picture; the errors are quantiles of
    |predicted ÷ actual - 1|.
    """

    finished: int
    ratio_p50: float
    error_p50: float
    error_p90: float


@dataclass(frozen=True, slots=True)
class ModelState:
    """What a generator replica says of itself.

    `weights` is the content hash of its weights, `seconds_per_step` what one step of one picture takes alone, measured;
    `backlog_seconds` is predicted until everything it was given is drawn; `loras` are those in its slots. A model that
    is not `loaded` has no weights' hash unless it was loaded before, and its speed is a guess; `load_seconds` is what
    loading took, or will probably take.
    """

    model: str
    weights: str
    device: str
    dtype: str
    seconds_per_step: float
    backlog_seconds: float = 0.0
    loras: tuple[str, ...] = ()
    calibration: Calibration | None = None
    loaded: bool = True
    load_seconds: float = 0.0


EXAMINER = "lora-examiner"
"""The deployment that looks at LoRAs before they are taken in."""


@dataclass(frozen=True, slots=True)
class LoraFile:
    """A LoRA's file in the file store, to be looked at. `owner` is how messages call it; `family` and `models` are what
    it is said to be for, where somebody says so."""

    sha256: str
    owner: str
    family: str | None = None
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoraTrial:
    """A model that a LoRA was tried with: the largest relative change of a weight, that of the first prediction, why it
    cannot be mixed with others in one batch (None if it can), and which text encoders it changes."""

    model: str
    effect: float
    prediction: float
    exclusive: str | None
    encoders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoraReport:
    """What a LoRA's file was found to be: `matched` of its `total` tensors fit, `skipped` ones change nothing. `scale`
    is what its layers are multiplied with, in words. `made_for`, `trigger_words` and `frequent_tags` are what it says
    of itself."""

    family: str
    format: str
    made_for: str | None
    trigger_words: tuple[str, ...]
    frequent_tags: tuple[str, ...]
    rank: int
    matched: int
    total: int
    skipped: int
    scale: str
    trials: tuple[LoraTrial, ...]
