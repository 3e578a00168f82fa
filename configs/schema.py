"""The frozen types that every YAML file is parsed into: unknown keys are refused, so a typo never runs."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_serializer, model_validator

from configs.capacity import CapacityPolicy
from configs.credentials import CredentialsConfig
from configs.direct_links import DirectLinks
from configs.formats import Format as Format
from configs.frozen import Frozen as Frozen
from configs.openai_door import OpenAIDoor
from configs.replicas import ConductorReplicas, FinisherReplicas, GeneratorReplicas, Replicas, RouterReplicas
from configs.retention import Days, RetentionBounds
from configs.roles import Role, WorkerTerms
from configs.runtime import NetworkRuntime
from configs.runtime import Runtime as Runtime
from configs.sampling import NoiseSchedule, Sampler
from configs.semver import FIRST, Semver
from configs.service import ROOT_PATH, NodeBounds
from configs.service import Address as Address
from configs.service import Limits as Limits
from configs.service import Monitoring as Monitoring
from configs.sharing import SharedReplicas, deployment_of, find_unshared
from configs.sign_in import SignInConfig
from configs.text import PLAIN, Line, Paragraphs
from configs.webhooks import WebhookConfig
from configs.weights import Weights as Weights
from configs.windows import Window

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


class GeneratorPlacement(Frozen):
    """A model, or a model with a LoRA combination fused in: in replicas of its own, or in some that it shares."""

    model: Identifier
    loras: tuple[AppliedLora, ...] = ()
    share: Identifier | None = Field(default=None, description="of `shared`: the replicas, in place of its own")
    replicas: GeneratorReplicas = GeneratorReplicas()

    @property
    def variant_id(self) -> str:
        """What draws, for example `mini` or `mini+icons@0.8`."""
        return "+".join([self.model, *(f"{a.lora}@{a.strength:g}" for a in self.loras)])

    @property
    def name(self) -> str:
        """Its deployment's, such as `generator-mini+icons@0.8`; shared, its own after that: `shared-gpu/mini`."""
        return (
            f"generator-{self.variant_id}" if self.share is None else f"{deployment_of(self.share)}/{self.variant_id}"
        )


class UpscalerPlacement(Frozen):
    """One upscaler deployment."""

    upscaler: Identifier
    replicas: Replicas = Replicas()

    @property
    def name(self) -> str:
        return f"upscaler-{self.upscaler}"


class ScorerPlacement(Frozen):
    """One scorer deployment: it comes when a request needs it, and goes again."""

    scorer: Identifier
    replicas: Replicas = Replicas(min_replicas=0)

    @property
    def name(self) -> str:
        return f"scorer-{self.scorer}"


class CaptionerPlacement(Frozen):
    """One captioner deployment: it comes when somebody asks for captions, and goes again."""

    captioner: Identifier
    replicas: Replicas = Replicas(min_replicas=0)

    @property
    def name(self) -> str:
        return f"captioner-{self.captioner}"


class TrainerPlacement(Frozen):
    """One trainer deployment: LoRAs of a model are trained on it, one at a time. It comes when a training needs it."""

    model: Identifier
    replicas: Replicas = Replicas(min_replicas=0, max_ongoing_requests=100, downscale_delay_s=60, drain_seconds=60)
    nice: int = Field(default=0, ge=0, le=19, description="by how much its process lets others go first")
    threads: int | None = Field(default=None, ge=1, description="of a CPU that it computes on; the model's if absent")
    give_way_seconds: float = Field(
        default=60.0, gt=0, description="of pictures that wait, as predicted, for which a training gives way"
    )

    @property
    def name(self) -> str:
        return f"trainer-{self.model}"

    @model_validator(mode="after")
    def _one(self) -> TrainerPlacement:
        if self.replicas.max_replicas != 1:
            raise ValueError("a trainer has one replica: trainings of a model go one after another")
        return self


class ProfileConfig(Frozen):
    """An installation (`configs/profiles/<id>.yaml`): what runs, where it listens, where its state lives."""

    id: Identifier
    description: str
    role: Role = Field(
        default="all", description="door: accepts jobs, draws none; worker: draws them, has no door; all: both"
    )
    worker: WorkerTerms = WorkerTerms()
    generators: tuple[GeneratorPlacement, ...] = Field(min_length=1)
    shared: dict[Identifier, SharedReplicas] = Field(default={}, description="replicas that several models share")
    upscalers: tuple[UpscalerPlacement, ...] = ()
    scorers: tuple[ScorerPlacement, ...] = ()
    captioners: tuple[CaptionerPlacement, ...] = Field(
        default=(), description="what suggests captions of datasets; the first does where nobody says which"
    )
    trainers: tuple[TrainerPlacement, ...] = ()
    night: Window = Field(
        default=Window(opens=time(20), closes=time(6)), description="hours of UTC of trainings that run overnight"
    )
    cutter: Identifier | None = Field(default=None, description="what cuts out where the ground is not of one colour")
    finisher: FinisherReplicas = FinisherReplicas()
    examiner: Replicas = Field(
        default=Replicas(min_replicas=0, max_ongoing_requests=100, downscale_delay_s=60),
        description="of LoRAs that are uploaded: it loads the models that it tries them with, on the CPU",
    )
    router: RouterReplicas = RouterReplicas()
    conductor: ConductorReplicas = ConductorReplicas()
    default_model: Identifier
    http: Address = Address(port=8000)
    root_path: str = Field(
        default="", pattern=ROOT_PATH, description="/path at which a proxy serves it; X-Forwarded-Prefix if empty"
    )
    dashboard: Address | None = Address(port=8265)
    monitoring: Monitoring = Monitoring()
    state: str = Field(default=".atelier", description="folder for the database, pictures and logs")
    database_url: str | None = Field(default=None, description="postgresql://…; SQLite in the state folder if absent")
    blob_url: str | None = Field(default=None, description="az://… or s3://…; files in the state folder if absent")
    direct_links: DirectLinks = DirectLinks()
    retention_days: dict[Identifier, Days] = Field(
        default={},
        description="by space; older drawn pictures go, but what is starred, collected, shared, or a parent of such",
    )
    retention_bounds: RetentionBounds = Field(
        default=RetentionBounds(), description="of days that leads may say of their spaces themselves"
    )
    lora_cache_gb: float = Field(
        default=20, gt=0, description="of a node's disk, for LoRAs that were added while the studio ran"
    )
    minutes_per_kept_picture: float = Field(
        default=20.0, ge=0, description="of work by hand that a picture that is kept stands for, in /analytics"
    )
    owner: str = Field(default="dev", description="the user that every request belongs to where nobody signs in")
    sign_in: SignInConfig = SignInConfig()
    credentials: CredentialsConfig = CredentialsConfig()
    parallel_jobs: int = Field(default=16, gt=0, description="jobs that one conductor works on at a time")
    object_store_mb: int = Field(default=256, ge=80)
    gpu_memory_gb: float | None = Field(default=None, gt=0, description="of each GPU, in 10^9 bytes")
    gpus: int | None = Field(default=None, gt=0, description="that there are; unknown on a cluster that grows")
    fleet: Identifier | None = Field(
        default=None, description="in configs/fleets: the GPUs that there may be; it goes before gpus, gpu_memory_gb"
    )
    kinds: dict[Identifier, NodeBounds] = Field(default={}, description="of the fleet, with other bounds; max 0: none")
    capacity: CapacityPolicy = CapacityPolicy()
    default_use: Purpose = Field(default="internal", description="of pictures, where a download says none")
    limits: Limits = Limits()
    webhooks: WebhookConfig = WebhookConfig()
    openai: OpenAIDoor = OpenAIDoor()

    @property
    def networks(self) -> tuple[UpscalerPlacement | ScorerPlacement | CaptionerPlacement | TrainerPlacement, ...]:
        """What runs one network each, beside the generators."""
        return (*self.upscalers, *self.scorers, *self.captioners, *self.trainers)

    @model_validator(mode="after")
    def _shares(self) -> ProfileConfig:
        both = {one.share for one in self.generators if one.share and "replicas" in one.model_fields_set}
        if problem := find_unshared([one.share for one in self.generators], self.shared, both):
            raise ValueError(problem)
        return self

    def replicas_of(self, placement: GeneratorPlacement) -> GeneratorReplicas:
        """Its own, or those that it shares."""
        return placement.replicas if placement.share is None else self.shared[placement.share]
