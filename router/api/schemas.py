"""Bodies of the REST API. Names follow the brief: job_id, images_completed, estimated_time_seconds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from pydantic import Field, create_model

from configs.brand import PaletteEntry
from configs.capabilities import Guidance, Mode
from configs.contracts import SlotConfig, StyleConfig
from configs.formats import Format
from configs.frozen import Frozen
from configs.inputs import InputAttributes, Role
from configs.rows import RowError
from configs.schema import Size
from router.api.library.licence_schemas import LicenceBody, LicencePartBody
from router.job_request import JobRequest
from router.jobs.model import JobFailure, JobKind, JobStatus
from router.notes import Note
from router.plan import Plan
from router.replays.receipt import Receipt
from router.stage_table import StageLine


class GenerateBody(JobRequest):
    """What to draw. Everything but `prompt` has a default."""

    dry_run: bool = Field(default=False, description="Answer 200 with the plan and do nothing")

    def order(self) -> JobRequest:
        """What is asked for, as it was validated: what it leaves open (of stages, too) stays open."""
        said = {name: getattr(self, name) for name in JobRequest.model_fields}
        return JobRequest.model_construct(self.model_fields_set - {"dry_run"}, **said)


class JobAccepted(Frozen):
    """A job is accepted: it is in the database and will be worked on."""

    job_id: str
    status: JobStatus
    estimated_time_seconds: float = Field(description="until the last picture, waiting included")
    notes: tuple[Note, ...] = Field(default=(), description="what to know of its plan")


class PlanAnswer(Frozen):
    """The answer to `dry_run`: what would be done."""

    plan: Plan
    pipeline: tuple[StageLine, ...] = Field(description="the plan's stages in words, those of new kinds included")
    licence: LicenceBody
    estimated_time_seconds: float


class FileLink(Frozen):
    """One file of a picture."""

    format: Format
    media_type: str
    url: str
    size_bytes: int
    size: Size | None = Field(default=None, description="of a further size; absent for the picture's own")


class ImageBody(Frozen):
    """A finished picture. `url` is its PNG, or the best of its other files, and empty where none is known."""

    asset_id: str = Field(default="", description="names it among all pictures, as JOB_ID/INDEX does")
    index: int
    url: str
    seed: int
    width: int
    height: int
    files: tuple[FileLink, ...]
    licence: LicenceBody
    notes: tuple[str, ...] = ()
    scores: dict[str, float] = Field(default={}, description="what was measured of it, by name")


class LoraUse(Frozen):
    """A LoRA that took part in a job, as POST /generate takes it."""

    id: str
    strength: float
    version: str | None = Field(default=None, description="of the library, that was drawn with")


class PictureBody(Frozen):
    """An uploaded picture, upright and without metadata. `url` answers it as PNG, to its owner."""

    picture_id: str = Field(description="what POST /generate takes it by")
    width: int
    height: int
    size_bytes: int = Field(description="of the PNG")
    url: str
    right: str = Field(default="unknown", description="own, bought or unknown: what its owner says of it")
    source: str = Field(default="", description="where it comes from, as its owner says")
    kept_until: datetime | None = Field(
        default=None,
        description="of one that came with a single call: it is deleted then, unless it, or what was made of it, is "
        "among somebody's favourites, in a collection or shared",
    )
    notes: tuple[Note, ...] = Field(default=(), description="what to know of an upload, when it is answered")


class PicturesPage(Frozen):
    """Uploaded pictures, newest first. `next` is the `before` of the next page, absent on the last."""

    pictures: tuple[PictureBody, ...]
    next: str | None = None


INPUT_ATTRIBUTES: dict[str, Any] = {
    name: (cast("Any", field.annotation) | None, None) for name, field in InputAttributes.model_fields.items()
}
"""How an input counts, as fields of a body that may each be absent: a further attribute is told by itself."""

if TYPE_CHECKING:
    InputBody: TypeAlias = Any
else:
    InputBody = create_model(
        "InputBody",
        __base__=Frozen,
        __doc__="""A picture that a job starts from or looks at, by the name that POST /generate was given.

    `kind`, `start` and `end` are those of a control, `scale` also that of an image prompt.
    """,
        role=(Role, ...),
        picture=(str, ...),
        url=(str, ...),
        **INPUT_ATTRIBUTES,
    )


class CandidateBody(Frozen):
    """A drawing that was scored so that pictures could be chosen. `index` is that of the picture it became."""

    candidate: int = Field(description="from 0, in the order of the seeds")
    seed: int
    scores: dict[str, float]
    index: int | None = Field(default=None, description="absent where it was not chosen, or nothing is chosen yet")


class CostBody(Frozen):
    """What GPUs cost, at the prices of the fleet."""

    amount: float = Field(ge=0)
    currency: str


class JobBody(Frozen):
    """A job as it stands. Of a training, GET /trainings/{training_id} tells the rest."""

    job_id: str
    kind: JobKind = Field(default="generate", description="train: a training, which draws no pictures")
    status: JobStatus
    state_detail: str | None = Field(
        default=None, description="what a job waits for, such as `loading model mini`, or for the file store"
    )
    progress: float = Field(ge=0, le=1)
    images_completed: int
    images_total: int
    seeds: tuple[int, ...] = Field(
        description="of all pictures, finished or not; with best_of, of all drawings there may be"
    )
    size: Size | None = Field(
        default=None, description="of the finished pictures; absent where the job's plan cannot be read"
    )
    estimated_time_seconds: float = Field(description="that remain; 0 when the job has ended")
    images: tuple[ImageBody, ...]
    candidates: tuple[CandidateBody, ...] = Field(
        default=(), description="of GET /jobs/{job_id}: what its pictures are chosen from, as far as it is scored"
    )
    replay: Receipt | None = Field(
        default=None, description="of GET /jobs/{job_id}, of one that draws a picture again: how it came out, once done"
    )
    prompt: str
    private: bool = Field(default=False, description="its prompt is kept out of its files")
    asset_type: str
    model: str
    quality: str
    loras: tuple[LoraUse, ...] = ()
    inputs: tuple[InputBody, ...] = ()
    strength: float | None = Field(default=None, description="how much of its image is redrawn")
    deadline_seconds: float | None = None
    notes: tuple[Note, ...] = Field(default=(), description="what to know of its plan")
    owner: str
    licence: LicenceBody
    error: JobFailure | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    batch_id: str | None = Field(default=None, description="of the batch that it is part of")
    line: int | None = Field(default=None, description="of the batch's list or file, from 1")
    cost: CostBody | None = Field(
        default=None, description="of the GPUs that have drawn its pictures so far; absent where they have no price"
    )


class JobsPage(Frozen):
    """Jobs, newest first. `next` is the `before` of the next page, absent on the last."""

    jobs: tuple[JobBody, ...]
    next: str | None = None


class ImagesBody(Frozen):
    """The pictures of a job that are finished so far."""

    job_id: str
    images: tuple[ImageBody, ...]


class StepRange(Frozen):
    """How many steps a picture may take."""

    fewest: int
    most: int


class SamplerBody(Frozen):
    """A way to take noise away. `name` is what AUTOMATIC1111 calls it."""

    id: str
    name: str
    schedules: tuple[str, ...] = Field(description="where its steps may lie; none where it has one way only")


class CapabilitiesBody(Frozen):
    """What a model can do. What it cannot is refused with the code `unsupported_capability`."""

    modes: tuple[Mode, ...] = Field(description="txt2img draws from words; the others begin with pictures")
    controls: tuple[str, ...] = Field(description="kinds of control pictures that it can follow")
    image_prompt: bool = Field(description="takes pictures as prompts")
    references: int = Field(description="pictures that one edit may start from")
    lora: bool
    negative_prompt: bool
    guidance: Guidance = Field(description="embedded: guidance_scale is read by the model; none: it has no effect")
    steps: StepRange
    size_multiple: int = Field(description="of pixels, in native sizes")
    text_length: int = Field(description="tokens of the prompt that it reads; the rest is cut off")
    samplers: tuple[SamplerBody, ...]


class ModelBody(Frozen):
    """A model that this installation runs."""

    id: str
    name: str
    description: str
    family: str
    variant: str
    default: bool
    native_sizes: tuple[Size, ...]
    steps: dict[str, int]
    guidance_scale: float
    sampler: str = Field(description="with which it draws unless a request says another")
    schedule: str | None = Field(description="of that sampler; null where only its checkpoint says it")
    upscaler: str | None
    scorer: str | None = Field(default=None, description="without one, no best_of and no fidelity")
    vram_gb: float | None = Field(
        default=None, description="GPU memory predicted for it, in 10^9 bytes; absent where nobody has counted it"
    )
    trained_on: str | None = Field(
        default=None, description="The model that LoRAs for it are trained on, itself or another; null where none are"
    )
    capabilities: CapabilitiesBody
    licence: LicenceBody
    licence_parts: tuple[LicencePartBody, ...]


class LoraBody(Frozen):
    """A LoRA of the library. `models` are those of this installation that it fits."""

    id: str
    version: str = Field(default="", description="that is live")
    name: str
    description: str
    family: str
    models: tuple[str, ...]
    trigger_words: tuple[str, ...] = Field(description="written before the prompt unless it has them")
    default_strength: float
    licence: LicenceBody


class LorasBody(Frozen):
    """LoRAs, those of one family together."""

    loras: tuple[LoraBody, ...]


class AssetTypeBody(Frozen):
    """An asset type."""

    id: str
    version: str = Field(default="", description="that is live")
    name: str
    description: str
    prompt_template: str
    slots: dict[str, SlotConfig] = Field(default={}, description="that a request may fill")
    styles: dict[str, StyleConfig] = {}
    default_style: str | None = None
    default_size: Size
    sizes: tuple[Size, ...]
    stages: dict[str, Any] = Field(default={}, description="settings of stages by kind, as a request says them")
    brand_kit: str | None = None
    formats: tuple[Format, ...]
    sha256: str = Field(default="", description="of its content, which plans and recipes name")


class BrandKitBody(Frozen):
    """A brand kit."""

    id: str
    version: str = Field(default="", description="that is live")
    name: str
    description: str
    palette: tuple[PaletteEntry, ...]
    clear_space: float = Field(description="room around what is cut out, as a share of its larger side")
    banned_words: tuple[str, ...] = Field(description="with which a prompt is refused")
    tone: str = Field(description="words for the {tone} of prompt templates")


class BrandKitsBody(Frozen):
    """The brand kits that pictures can be kept to."""

    brand_kits: tuple[BrandKitBody, ...]


class QualityBody(Frozen):
    """A quality."""

    id: str
    name: str
    description: str


class ModelsBody(Frozen):
    models: tuple[ModelBody, ...]


class LimitsBody(Frozen):
    """What one request may ask for."""

    max_variations: int
    max_best_of: int
    max_prompt_chars: int
    max_loras: int
    max_pictures: int
    max_uploaded_pictures: int
    max_picture_bytes: int
    max_picture_pixels: int
    max_lora_bytes: int
    max_batch_rows: int
    max_batch_bytes: int


class AssetTypesBody(Frozen):
    """What can be asked for."""

    asset_types: tuple[AssetTypeBody, ...]
    qualities: tuple[QualityBody, ...]
    limits: LimitsBody


class ErrorDetail(Frozen):
    """What went wrong: `code` for programs, `message` for people, `field` where an input is at fault."""

    code: str
    message: str
    field: str | None = None
    allowed: tuple[str, ...] | None = None
    rows: tuple[RowError, ...] | None = Field(default=None, description="of a batch: its rows that are wrong")
    parts: tuple[str, ...] | None = Field(default=None, description="licences that do not allow it, with their parts")
    pictures: tuple[str, ...] | None = Field(default=None, description="those that may not be used so")
    acknowledge: str | None = Field(default=None, description="what lifts it once it is acknowledged")
    job_id: str | None = Field(default=None, description="of the job that was waited for")


class ErrorBody(Frozen):
    """Every error answer."""

    error: ErrorDetail


class HealthBody(Frozen):
    status: Literal["ok", "starting", "waiting"]
    version: str
    detail: str = ""
