"""The frozen types of YAML files, a profile's apart (`profile.py`): unknown keys are refused, so a typo never runs."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_serializer, model_validator

from configs.frozen import Frozen
from configs.runtime import NetworkRuntime, Runtime
from configs.sampling import NoiseSchedule, Sampler
from configs.semver import FIRST, Semver
from configs.text import PLAIN, Line, Paragraphs
from configs.weights import Weights

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Verdict = Literal["allowed", "conditional", "refused"]
Purpose = Literal["reference", "internal", "product"]
ImagePromptKind = Literal["ip-adapter", "redux"]
NetworkName = Literal["srvgg", "rrdbnet", "swin2sr"]

_SIZE = re.compile(r"^(\d{1,7})x(\d{1,7})$")


class Size(Frozen):
    """Width and height in pixels, written `512x384`."""

    width: int = Field(gt=0, le=8192)
    height: int = Field(gt=0, le=8192)

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _SIZE.match(value)
        if match is None:
            raise ValueError(f"'{value}' is not a size: write WIDTHxHEIGHT, for example 512x512")
        return {"width": int(match[1]), "height": int(match[2])}

    @model_serializer
    def _write(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def aspect(self) -> float:
        return self.width / self.height

    @property
    def pixels(self) -> int:
        return self.width * self.height


class StatedPart(Frozen):
    """Where a publisher says which licence a part is under, and when somebody looked; of these components, or of all
    that have such a part."""

    part: Line
    of: tuple[Identifier, ...] = ()
    source: str
    read_on: date


class Licence(Frozen):
    """One licence text as a policy: what its pictures may be used for, as a person read it on `read_on`."""

    id: Identifier
    name: str
    reference: Verdict
    internal: Verdict
    product: Verdict
    training: Verdict = Field(default="allowed", description="of LoRAs on a model that is under it")
    note: str = ""
    source: str
    read_on: date
    parts: tuple[StatedPart, ...] = ()

    def stated(self, component: str, part: str) -> StatedPart | None:
        """Where it is said that a part of `component` is under it; None where nobody has noted that."""
        known = [one for one in self.parts if one.part == part]
        return next((one for one in known if component in one.of), next((one for one in known if not one.of), None))


class LicencePart(Frozen):
    """Which licence a component of a model is under, for example `part: transformer`."""

    part: Line
    licence: Identifier


class ControlConfig(Frozen):
    """A ControlNet of a model, for one kind of control (canny, depth, pose …)."""

    weights: Weights
    mode: int | None = Field(default=None, ge=0, description="which of its controls, for a union ControlNet")
    levels: tuple[float, float] | None = Field(
        default=None,
        description="what black and white are to it, where not -1 and 1; SD 3.5 large's canny: 0.5 and 128",
    )
    architecture: Identifier | None = Field(
        default=None, description="in configs/architectures, for the memory that it takes"
    )
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)


class ImagePromptConfig(Frozen):
    """What lets a model read pictures as prompts: an IP-Adapter with its image encoder, or FLUX.1 Redux."""

    kind: ImagePromptKind
    weights: Weights
    image_encoder: Weights | None = Field(default=None, description="where it is not beside the weights")
    architecture: Identifier | None = Field(
        default=None, description="in configs/architectures, for the memory that it takes"
    )
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)


class ModelConfig(Frozen):
    """A checkpoint of a known family (`configs/models/<id>.yaml`).

    `variant` names what the checkpoint can do where a family's checkpoints differ: `fill`, `kontext`, `refiner` …
    """

    id: Identifier
    name: str
    description: str
    family: Identifier
    variant: Identifier = "base"
    pipeline: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z][A-Za-z0-9]{0,99}$",
        description="for family `diffusers`: the class that draws, for example SanaPipeline",
    )
    weights: Weights
    architecture: Identifier | None = Field(
        default=None, description="in configs/architectures, for the memory that it takes"
    )
    borrowed: dict[Identifier, Weights] = Field(
        default={}, description="components that lie elsewhere, by name: HiDream's text_encoder_4 and tokenizer_4"
    )
    controls: dict[Identifier, ControlConfig] = Field(default={}, description="kind -> ControlNet")
    image_prompt: ImagePromptConfig | None = None
    text_length: int = Field(gt=0, le=1024, description="tokens of the long text encoder")
    native_sizes: tuple[Size, ...] = Field(min_length=1, description="sizes that it draws without upscaling")
    steps: dict[Identifier, Annotated[int, Field(gt=0, le=200)]] = Field(description="per quality id")
    guidance_scale: float = Field(ge=0, le=30)
    sampler: Sampler | None = Field(
        default=None, description="unless a request says another; the checkpoint's if absent"
    )
    schedule: NoiseSchedule | None = Field(default=None, description="where its steps lie; the checkpoint's if absent")
    seconds_per_step: float = Field(gt=0, description="first guess for time estimates; measured from then on")
    upscaler: Identifier | None = None
    scorer: Identifier | None = Field(default=None, description="what tells how well its pictures fit their prompts")
    lora_slots: dict[Annotated[int, Field(gt=0, le=512)], Annotated[int, Field(ge=0, le=64)]] = Field(
        default={16: 8, 64: 2}, description="rank -> how many LoRAs of at most that rank one batch may mix"
    )
    lora_memory_mb: int = Field(default=2048, ge=0, description="for LoRAs that a replica keeps at hand")
    train_on: Identifier | None = Field(
        default=None, description="the model that its LoRAs are trained on, itself as a rule; none are if absent"
    )
    training_guidance: float | None = Field(
        default=None, ge=1, le=30, description="that it is told while LoRAs learn on it, where its guidance is embedded"
    )
    training_adapter: Weights | None = Field(
        default=None, description="a LoRA that takes its distillation away while others learn on it; not drawn with"
    )
    runtime: Runtime = Runtime()
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)


class UpscalerConfig(Frozen):
    """A super-resolution network (`configs/upscalers/<id>.yaml`)."""

    id: Identifier
    name: str
    network: NetworkName
    weights: Weights
    scale: int = Field(gt=1, le=8)
    seconds_per_megapixel: float = Field(gt=0, description="of output; first guess for time estimates")
    runtime: NetworkRuntime = Runtime()
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1)


Strength = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]


class TrainedFrom(Frozen):
    """Where a LoRA that was trained here comes from: the job, the pictures, the base, and after how many steps."""

    job: str
    dataset: Identifier
    dataset_version: str
    dataset_sha256: str
    base: Identifier
    rank: int
    step: int
    seed: int


class LoraConfig(Frozen):
    """An adapter for one family (`configs/loras/<id>.yaml`).

    `trigger_words` are those that it needs: the plan writes each one before the prompt unless the prompt has it
    already. Words that merely help belong in the description.
    """

    id: Identifier
    version: Semver = FIRST
    name: Line
    description: Paragraphs = ""
    family: Identifier
    models: tuple[Identifier, ...] = Field(default=(), description="that it fits; all of the family if absent")
    weights: Weights
    trigger_words: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100), PLAIN], ...] = ()
    default_strength: Strength = 1.0
    licence_parts: tuple[LicencePart, ...] = Field(min_length=1, description="what it learned from included")
    trained: TrainedFrom | None = Field(default=None, description="of one that was trained here")

    def fits(self, model: ModelConfig) -> bool:
        """Whether it was made for `model`."""
        return self.family == model.family and (not self.models or model.id in self.models)


class AppliedLora(Frozen):
    """A LoRA with the strength at which it is applied.

    `version` is that of its entry in the library. `entry` is the SHA-256 of the entry's body, a `LoraConfig` as JSON
    that lies in the file store under it; empty where replicas have had that LoRA since they started.
    """

    lora: Identifier
    strength: Strength = 1.0
    version: str = ""
    entry: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")

    @property
    def key(self) -> str:
        """What tells it from other LoRAs, and those that were added while the studio runs from their other versions."""
        return f"{self.lora}@{self.entry}" if self.entry else self.lora
