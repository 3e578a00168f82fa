"""What the studio answers, typed. Unknown fields are ignored, so an older client works with a newer studio."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

ENDED = frozenset({"complete", "failed", "canceled"})


class Body(BaseModel):
    """An answer: immutable, and open to fields that came later."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RowError(Body):
    """A row of a batch that cannot be: `line` counts from 1 in the file or the list; `field` is the column at fault."""

    line: int
    field: str | None = None
    code: str = "invalid_request"
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.field is None else f"line {self.line}, {self.field}"
        return f"{where}: {self.message}"


class Note(Body):
    """What to know of a plan: `message` is a sentence for people, `code` says what it is about."""

    code: str
    message: str


class Licence(Body):
    """What a picture may be used for, per purpose: `allowed`, `conditional` or `refused`."""

    reference: str
    internal: str
    product: str
    licences: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class File(Body):
    """One file of a picture; `size` (`256x256`) is that of a further size, and None for the picture's own."""

    format: str
    media_type: str
    url: str
    size_bytes: int
    size: str | None = None

    @property
    def rendition(self) -> str:
        """Its name among the files of its picture: `png`, or `png@256x256` for a further size."""
        return self.format if self.size is None else f"{self.format}@{self.size}"


class Picture(Body):
    """A picture that was uploaded; `generate` takes it wherever it takes one. `url` is its PNG, for its owner only."""

    picture_id: str
    width: int
    height: int
    size_bytes: int
    url: str
    notes: tuple[Note, ...] = ()


class PicturesPage(Body):
    """Pictures, newest first; `next` is where the next page starts, absent on the last."""

    pictures: tuple[Picture, ...]
    next: str | None = None


class Image(Body):
    """A finished picture of the job `job_id`. `seed` draws it again; `generate` takes it wherever it takes one."""

    job_id: str = ""

    index: int
    url: str
    seed: int
    width: int
    height: int
    files: tuple[File, ...]
    licence: Licence
    notes: tuple[str, ...] = ()
    scores: dict[str, float] = {}

    @property
    def name(self) -> str:
        """What the API calls this picture where it takes one."""
        return f"{self.job_id}/{self.index}"

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of its files."""
        return tuple(dict.fromkeys(file.format for file in self.files))

    @property
    def renditions(self) -> tuple[str, ...]:
        """All its files: `png`, and `png@256x256` for a further size."""
        return tuple(file.rendition for file in self.files)

    def file(self, format: str) -> File:
        """The file in this format, or of this rendition (`png@256x256`); ValueError names those that there are."""
        for file in self.files:
            if file.rendition == format:
                return file
        raise ValueError(f"picture {self.index} has no {format} file, only {', '.join(self.renditions)}")


def signed(image: Any, job_id: Any) -> Any:
    """A picture as the API sends it, with the job that it is of."""
    return {"job_id": job_id, **image} if isinstance(image, dict) else image


class Failure(Body):
    """Why a job failed: a stable code and a sentence for people."""

    code: str
    message: str


class LoraUse(Body):
    """A LoRA that took part in a job; `generate` takes it in this form again."""

    id: str
    strength: float


class Input(Body):
    """A picture that a job began with. `role` is image, mask, reference, control or image_prompt.

    `picture` is its name, which `generate` takes again; `url` its PNG. `kind`, `start` and `end` are those of a
    control, `scale` also that of an image prompt.
    """

    role: str
    picture: str
    url: str
    kind: str | None = None
    scale: float | None = None
    start: float | None = None
    end: float | None = None


class Accepted(Body):
    """A job was accepted. `estimated_time_seconds` is until its last picture, waiting included."""

    job_id: str
    status: str
    estimated_time_seconds: float
    notes: tuple[Note, ...] = ()


class Candidate(Body):
    """A drawing that was scored so that pictures could be chosen; `index` is that of the picture it became, if any."""

    candidate: int
    seed: int
    scores: dict[str, float]
    index: int | None = None


class Job(Body):
    """A job as it stands. `status` is queued, processing, complete, failed or canceled; `state_detail` says what one
    that is processed waits for, such as `loading model mini`; `strength` is how much of its image is redrawn."""

    job_id: str
    status: str
    state_detail: str | None = None
    progress: float
    images_completed: int
    images_total: int
    estimated_time_seconds: float
    images: tuple[Image, ...]
    candidates: tuple[Candidate, ...] = ()
    prompt: str
    asset_type: str
    model: str
    quality: str
    loras: tuple[LoraUse, ...] = ()
    inputs: tuple[Input, ...] = ()
    strength: float | None = None
    deadline_seconds: float | None = None
    notes: tuple[Note, ...] = ()
    owner: str
    licence: Licence
    error: Failure | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _sign_images(cls, data: Any) -> Any:
        images = data.get("images") if isinstance(data, dict) else None
        return (
            {**data, "images": [signed(one, data.get("job_id")) for one in images]}
            if isinstance(images, list)
            else data
        )

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the pictures that are finished, in order."""
        return tuple(image.seed for image in self.images)


class JobsPage(Body):
    """Jobs, newest first; `next` is where the next page starts, absent on the last."""

    jobs: tuple[Job, ...]
    next: str | None = None


class EntryPin(Body):
    """One version of an entry of the library that takes part in a plan."""

    kind: str
    id: str
    version: str
    sha256: str


class AppliedLora(Body):
    """A LoRA in a plan, with its strength."""

    lora: str
    strength: float
    version: str = ""
    entry: str = ""


class StepCache(Body):
    """Steps that reuse what an earlier one computed: where little changes (`threshold`), or always (`skip`)."""

    threshold: float | None = None
    skip: tuple[int, ...] = ()


class PlannedPicture(Body):
    """A picture by its name, as it was found."""

    picture: str
    width: int
    height: int


class PlannedInput(Body):
    """A picture that the drawing begins with or looks at, and how it counts. `kind` is that of a control."""

    role: str
    image: PlannedPicture
    kind: str = ""
    scale: float = 1.0
    start: float = 0.0
    end: float = 1.0


class PromptReading(Body):
    """How much of its prompt a model reads: `tokens` of `limit`, counted if `exact`, else estimated. `left_out` are
    phrases that the asset type would have added, `lost` words of the prompt that are not read."""

    tokens: int
    limit: int
    exact: bool
    left_out: tuple[str, ...] = ()
    lost: str = ""


class Stage(Body):
    """A step that each picture takes; `estimated_seconds` per picture. Kinds that this version does not know are just
    that."""

    kind: str
    deployment: str
    estimated_seconds: float


class BaseStage(Stage):
    """Draw at a size that the model knows.

    `fused` are LoRAs in the deployment's weights, `loras` those that are applied to this job only.
    """

    kind: Literal["base"]
    model: str
    full_prompt: str
    negative_prompt: str = ""
    size: str
    num_inference_steps: int
    guidance_scale: float
    sampler: str = "default"
    schedule: str | None = None
    fused: tuple[AppliedLora, ...] = ()
    loras: tuple[AppliedLora, ...] = ()
    step_cache: StepCache | None = None
    inputs: tuple[PlannedInput, ...] = ()
    strength: float | None = None
    denoising_end: float | None = None
    reading: PromptReading | None = None


class UpscaleStage(Stage):
    """Enlarge by `scale`, `passes` times."""

    kind: Literal["upscale"]
    upscaler: str
    scale: int
    passes: int
    size: str


class FinishStage(Stage):
    """Bring to the final size and write the files."""

    kind: Literal["finish"]
    size: str
    formats: tuple[str, ...]


AnyStage: TypeAlias = Annotated[BaseStage | UpscaleStage | FinishStage | Stage, Field(union_mode="left_to_right")]


class StageLine(Body):
    """A stage in words: what happens, and with what."""

    kind: str
    label: str
    text: str


class Stages(Body):
    """The stages of a job with their parameters and seeds, settled before anything runs."""

    prompt: str
    asset_type: str
    quality: str
    seeds: tuple[int, ...]
    stages: tuple[AnyStage, ...]
    estimated_seconds: float
    deadline_seconds: float | None = None
    notes: tuple[Note, ...] = ()
    entries: tuple[EntryPin, ...] = ()

    @property
    def base(self) -> BaseStage:
        """The drawing itself. Raises `ValueError` where the studio draws in a way that is not known here."""
        for stage in self.stages:
            if isinstance(stage, BaseStage):
                return stage
        raise ValueError("this plan has no stage that this version knows as a drawing")


class Plan(Body):
    """What would be done for a request, and how long it would take from now."""

    plan: Stages
    pipeline: tuple[StageLine, ...] = ()
    licence: Licence
    estimated_time_seconds: float


class LicencePart(Body):
    """Which licence a component of a model is under."""

    part: str
    licence: str


class StepRange(Body):
    """How many steps a picture may take."""

    fewest: int
    most: int


class Sampler(Body):
    """A way to take noise away, and where its steps may lie: an empty `schedules` leaves no choice."""

    id: str
    name: str
    schedules: tuple[str, ...] = ()


class Capabilities(Body):
    """What a model can do; what it cannot is refused with `errors.Unsupported`.

    `modes`: `txt2img`, `img2img`, `inpaint`, `edit` (of up to `references` pictures). `controls` are the kinds of
    control pictures that it can follow. `guidance`: `embedded`, `classifier-free`, or `none`, which has no
    `guidance_scale`. `text_length` counts the tokens of a prompt that are read.
    """

    modes: tuple[str, ...]
    controls: tuple[str, ...] = ()
    image_prompt: bool = False
    references: int = 0
    lora: bool = False
    negative_prompt: bool = False
    guidance: str
    steps: StepRange
    size_multiple: int
    text_length: int
    samplers: tuple[Sampler, ...] = ()


class Model(Body):
    """A model that the studio runs. `steps` are per quality.

    `capabilities` is absent where the studio is older than this client.
    """

    id: str
    name: str
    description: str
    family: str
    variant: str = "base"
    default: bool
    native_sizes: tuple[str, ...]
    steps: dict[str, int]
    guidance_scale: float
    sampler: str | None = None
    schedule: str | None = None
    upscaler: str | None = None
    scorer: str | None = None
    vram_gb: float | None = None
    capabilities: Capabilities | None = None
    licence: Licence
    licence_parts: tuple[LicencePart, ...] = ()


class Models(Body):
    """The models that the studio runs."""

    models: tuple[Model, ...]


class Lora(Body):
    """A LoRA: `models` are those of the studio that it fits; its `trigger_words` are written into prompts by itself."""

    id: str
    version: str = ""
    name: str
    description: str
    family: str
    models: tuple[str, ...]
    trigger_words: tuple[str, ...]
    default_strength: float
    licence: Licence


class Loras(Body):
    """LoRAs, those of one family together."""

    loras: tuple[Lora, ...]


class Slot(Body):
    """A part of an asset type's template that a request may fill; `choices`, if any, are all that it may say."""

    description: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False


class Style(Body):
    """A variant of an asset type."""

    name: str
    words: str = ""
    negative_prompt: str = ""


class AssetType(Body):
    """A kind of picture: a template around the prompt, sizes (`512x512`) and file formats."""

    id: str
    version: str = ""
    name: str
    description: str
    prompt_template: str
    slots: dict[str, Slot] = {}
    styles: dict[str, Style] = {}
    default_style: str | None = None
    default_size: str
    sizes: tuple[str, ...]
    stages: dict[str, Any] = {}
    brand_kit: str | None = None
    formats: tuple[str, ...]
    sha256: str = ""


class BrandColour(Body):
    """A colour of a brand (`#d13438`); a pixel within `tolerance` of it, in OKLab, counts as that colour."""

    name: str
    colour: str
    role: str = "primary"
    tolerance: float = 0.05


class BrandKit(Body):
    """What pictures are kept to: colours, room around subjects, words that prompts may not have, and a tone."""

    id: str
    version: str = ""
    name: str
    description: str = ""
    palette: tuple[BrandColour, ...]
    clear_space: float = 0.0
    banned_words: tuple[str, ...] = ()
    tone: str = ""


class BrandKits(Body):
    """The brand kits of the studio, by name."""

    brand_kits: tuple[BrandKit, ...]


class Quality(Body):
    """How much time a picture may take."""

    id: str
    name: str
    description: str


class Limits(Body):
    """What one request may ask for, and how large a file may be; None where the studio does not say."""

    max_variations: int | None = None
    max_prompt_chars: int | None = None
    max_loras: int | None = None
    max_pictures: int | None = None
    max_uploaded_pictures: int | None = None
    max_picture_bytes: int | None = None
    max_picture_pixels: int | None = None
    max_lora_bytes: int | None = None


class AssetTypes(Body):
    """The kinds of pictures and the qualities, fastest first, and what may be asked for."""

    asset_types: tuple[AssetType, ...]
    qualities: tuple[Quality, ...]
    limits: Limits = Limits()


class Health(Body):
    """`ok`; or `starting`, or `waiting` for the file store, with what is awaited."""

    status: str
    version: str
    detail: str = ""
