"""What the studio answers. Written by `python -m clients.generator.answers` from its OpenAPI document,
where it is changed; what these types can do beside is in `conveniences.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from atelier.models.body import Body
from atelier.models.conveniences import (
    Message,
    Stage,
    WithChanges,
    WithDrawing,
    WithEnd,
    WithFiles,
    WithIntegrity,
    WithLine,
    WithMarks,
    WithPicture,
    WithPictures,
    WithRendition,
)


class StageEntered(Body):
    """A stage begins, or is waited in."""

    stage: str
    """a kind of stage; `loading`, `waiting`, `paused`; or what a training goes through"""
    cached_seconds: float | None = None
    """that a training has spent on encoding"""
    detail: str | None = None
    """what is waited for, in words"""
    eta_seconds: float | None = None
    """for how long"""
    index: int | None = None
    """of the picture; absent for all of them"""
    memory_bytes: int | None = None
    """of the GPU that it takes"""
    model: str | None = None
    """that is being loaded"""
    parameters: int | None = None
    """that a training learns"""
    step: int | None = None
    """that a training goes on from"""
    steps: int | None = None
    """of a training"""


class CandidateScored(Body):
    """A drawing was scored, so that pictures can be chosen."""

    candidate: int
    """from 0, in the order of the seeds"""
    scores: dict[str, float]
    seed: int


class CandidatesChosen(Body):
    """These drawings become pictures, in this order."""

    candidates: tuple[int, ...]


class LossNoted(Body):
    """A training has taken a step: one of about two hundred that are written down."""

    eta_seconds: float
    loss: float
    step: int
    steps: int


class LivePreview(Body):
    """What a picture looks like at this step, told live and never again."""

    image: str
    """a small WebP file, as a data URL"""
    index: int


class LiveProgress(Body):
    """How far a job is, told live and never again; seconds and shares are the whole job's."""

    progress: float
    cached_seconds: float | None = None
    detail: str | None = None
    """what it waits for, where it does not move"""
    estimated_time_seconds: float | None = None
    """that remain"""
    eta_seconds: float | None = None
    """for how long; of a training, until it has learned"""
    index: int | None = None
    """of the picture that moved"""
    label: str | None = None
    """what happens in that stage, in words"""
    loss: float | None = None
    """of a training's step"""
    memory_bytes: int | None = None
    """of the GPU that a training takes"""
    parameters: int | None = None
    """that a training learns"""
    seconds: float | None = None
    """that a training's step took"""
    stage: str | None = None
    """that the picture is in"""
    step: int | None = None
    steps: int | None = None
    """of the stage; 0 where it has none"""


class Retried(Body):
    """A picture is begun anew (`index`, `reason`), or the job by another worker (`attempt`)."""

    attempt: int | None = None
    index: int | None = None
    reason: str | None = None


class Validated(Body):
    """The loss on pictures that were held out."""

    loss_by_noise: dict[str, float]
    """by the share of noise"""
    step: int


class CheckpointKept(Body):
    """What was learned so far is kept."""

    adapter: str
    """its SHA-256"""
    step: int


class SamplesKept(Body):
    """Pictures that a checkpoint has drawn, to look at it by."""

    sha256: tuple[str, ...]
    step: int


class CheckpointsJudged(Body):
    """Which checkpoint is the best, at which strength, and why."""

    judgement: dict[str, Any]
    """the whole document"""
    reasons: tuple[str, ...]
    sheet: str
    """a picture of it, by its SHA-256"""
    step: int
    strength: float


class AdapterAdopted(Body):
    """What was learned is a version in the library."""

    lora: str
    sha256: str
    step: int
    strength: float
    version: str
    mark: str | None = None
    why: str = ""
    """it has that mark or none: against the judge, or other runs of its sweep"""


class WorkerTaken(Body):
    """A worker has taken the job."""

    attempt: int
    """from 1: how often one has"""


class File(WithRendition):
    """One file of a picture."""

    format: str
    media_type: str
    size_bytes: int
    url: str
    size: str | None = None
    """of a further size; absent for the picture's own"""


class Uses(Body):
    """What may be done, per purpose."""

    internal: str
    product: str
    reference: str


class Notice(Body):
    """`source` is the text that decides it, as somebody read it on `read_on`; both absent where nobody has."""

    label: str
    sentence: str
    read_on: date | None = None
    source: str | None = None


class LicensedPart(Body):
    """What took part in a picture: a part of a component (a model, a LoRA, a network), and its licence as it was
    then. `picture` is the id of an upload, whose licence is what was last said of it; `through` that of one which
    only looks like a picture that it was part of, until somebody has looked at both."""

    component: str
    licence: str
    part: str
    picture: str = ""
    through: str = ""


class Licence(Uses):
    """What a picture may be used for now, per purpose, and why not for more. `accepted` is what held when it was
    ordered, where that differs: a licence was bought or has ended since, or somebody has said whose an upload is.
    Events and lists of pictures keep what held when these were ordered: they are history."""

    internal: str
    product: str
    reference: str
    accepted: Uses | None = None
    licences: tuple[str, ...] = ()
    notice: Notice | None = None
    parts: tuple[LicensedPart, ...] = ()
    """those that allow less than everything"""
    reasons: tuple[str, ...] = ()


class Image(WithFiles):
    """A finished picture. `url` is its PNG, or the best of its other files, and empty where none is known."""

    files: tuple[File, ...]
    height: int
    index: int
    licence: Licence
    seed: int
    url: str
    width: int
    asset_id: str = ""
    """names it among all pictures, as JOB_ID/INDEX does"""
    notes: tuple[str, ...] = ()
    scores: dict[str, float] = {}
    """what was measured of it, by name"""


class PictureFinished(WithPicture):
    """A picture is finished and stored."""

    image: Image


class FailureTold(Body):
    """Why the job ended without all its pictures."""

    code: str = ""
    message: str = ""


class Difference(Body):
    """One thing that was not as before. Empty: there was none, or it was not written down."""

    what: str
    name: str = ""
    """which library, LoRA, stage …"""
    now: str = ""
    then: str = ""


class PixelDifference(Body):
    """Of two pictures of one size: all channels, of 8 bits each."""

    largest: int
    """difference of one channel of one pixel"""
    psnr: float
    """dB, over all channels"""
    share: float
    """of the pixels, that differ at all"""


class Receipt(Body):
    """Of one replay. `identical`: every pixel is, as far as its best file has them. `differences` are told of one
    that is identical, too: then they changed nothing."""

    asset_id: str
    """of the picture that was drawn again"""
    identical: bool
    picture: str
    """the same as JOB_ID/INDEX"""
    same_files: bool
    """the bytes of every file are the same, but for signatures"""
    differences: tuple[Difference, ...] = ()
    format: str = ""
    """of the files whose pixels were compared; empty: none was there"""
    pixels: PixelDifference | None = None
    """absent where they are identical, or of two sizes"""
    sentence: str = ""
    """all of it, for people"""


class Note(Body):
    """One sentence, without a full stop, and the code of what it is about."""

    code: str
    """stable, for programs: `mask_transparency`, `enlarged` …"""
    message: str
    """a sentence for people"""


class Accepted(Body):
    """A job is accepted: it is in the database and will be worked on."""

    estimated_time_seconds: float
    """until the last picture, waiting included"""
    job_id: str
    status: str
    notes: tuple[Note, ...] = ()
    """what to know of its plan"""


class Acknowledgement(Body):
    """What was acknowledged, by whom and when."""

    acknowledgement_id: str
    at: datetime
    principal: str
    purpose: str
    text: str


class Adapter(Body):
    """The version of a LoRA that a training has made."""

    lora: str
    sha256: str
    step: int
    strength: float
    version: str
    mark: str | None = None
    why: str = ""
    """it has that mark or none: against the judge, or other runs of its sweep"""


class AllowedUses(Body):
    """What it may be used for, as the file says itself."""

    internal: str | None = None
    licences: str = ""
    product: str | None = None
    reference: str | None = None


class FacetValue(Body):
    """A value, and how many pictures have it."""

    pictures: int
    value: str


class UsageDay(Body):
    """Of the pictures that were made on a day, in UTC."""

    day: date
    kept: int
    pictures: int


class TimeSaved(Body):
    """An estimate, and nothing that was measured: every kept picture counts for as many minutes as the profile says
    that making one by hand takes."""

    how: str
    minutes: float
    minutes_per_kept_picture: float


class Analytics(Body):
    """What was drawn in some days, and what became of it."""

    asset_types: tuple[FacetValue, ...]
    days: tuple[UsageDay, ...]
    """those with a picture, in order"""
    first: date
    jobs: int
    kept: int
    """of these pictures, those that are somebody's favourites or in a collection by now"""
    last: date
    loras: tuple[FacetValue, ...]
    models: tuple[FacetValue, ...]
    of: str
    """me, all, or the id of a space"""
    picks: int
    """made in comparisons"""
    pictures: int
    """drawn"""
    time_saved: TimeSaved
    uploads: int


class ApiKey(Body):
    """An API key, all but the key itself."""

    created_at: datetime
    expires_at: datetime
    id: str
    name: str
    scopes: tuple[str, ...]
    revoked_at: datetime | None = None
    used_at: datetime | None = None


class ApiKeys(Body):
    """Your API keys, the oldest first."""

    keys: tuple[ApiKey, ...]


class AppliedLora(Body):
    """A LoRA with the strength at which it is applied.

    `version` is that of its entry in the library. `entry` is the SHA-256 of the entry's body, a `LoraConfig` as
    JSON that lies in the file store under it; empty where replicas have had that LoRA since they started."""

    lora: str
    entry: str = ""
    strength: float = 1.0
    version: str = ""


class OverlayLora(Body):
    """A LoRA that something is drawn with beside all else: what is live, or one version of it whichever is live."""

    id: str
    """ID or ID@VERSION"""
    strength: float | None = None
    """the LoRA's usual one if absent; 0 takes it away"""


class Overlay(WithChanges):
    """What an arm changes of how a request is drawn; what it leaves open stays as it is.

    `steps` are per quality. `loras` come beside those that the asset type brings, each as it is live or as
    ID@VERSION; strength 0 takes one away. `stages` are settings by kind in the words of a request."""

    asset_type: str | None = None
    best_of: int | None = None
    brand_kit: str | None = None
    guidance_scale: float | None = None
    loras: tuple[OverlayLora, ...] = ()
    model: str | None = None
    sampler: str | None = None
    schedule: str | None = None
    stages: dict[str, bool | dict[str, Any]] = {}
    steps: dict[str, int] = {}


class Arm(Body):
    """An arm, and why it cannot draw now, where it cannot."""

    id: str
    overlay: Overlay
    weight: float
    down: str | None = None


class ArmCost(Body):
    """What pictures of an arm took: seconds of a device, on average. `ratio` is that to the champion's."""

    id: str
    pictures: int
    ratio: float | None = None
    seconds: float | None = None


class Chances(Body):
    """Of a vote on two arms; they sum to 1."""

    loss: float
    tie: float
    win: float


class Interval(Body):
    """A value and what it lies between, with the confidence that was asked for."""

    high: float
    low: float
    value: float


class JudgedShare(Body):
    """A share with a judge's help. `weight` (0 to 1) is how much the judge counts, `correlation` how it goes with
    people, `worth` for how many votes each of theirs then counts; `pairs` were judged and not voted on."""

    correlation: float
    interval: Interval
    pairs: int
    weight: float
    worth: float


class ArmResult(Body):
    """An arm beside the champion, whose own `share`, `diff` and evidence are None. `votes` are those on pairs with
    the arm, whoever the other was; `wins`, `losses` and `ties` among them (a tie may be "both bad"). `diff` is by
    how many logits it is stronger, adjusted for the number of arms; `diff_styled` the same with brightness and
    the like taken out; `share` how often it would be preferred to the champion, a tie being half. `rank` is
    (best, worst). `strength` is in logits, mean 0. `sequence` holds its share of the decisive votes beside the
    champion, whenever one looks; `chances` are those that the next vote on the two is won, tied or lost; `judged`
    is the share with a judge's help, which decides nothing."""

    id: str
    losses: int
    ties: int
    votes: int
    wins: int
    both_bad: int = 0
    chances: Chances | None = None
    design_effect: float | None = None
    diff: Interval | None = None
    diff_styled: Interval | None = None
    e_value: float | None = None
    judged: JudgedShare | None = None
    rank: tuple[int, int] | None = None
    raters: int = 0
    sequence: Interval | None = None
    share: Interval | None = None
    strength: float = 0.0


class Slot(Body):
    """A part of a template that a request may fill; `choices`, if any, are all that it may say."""

    choices: tuple[str, ...] = ()
    default: str = ""
    """where a request leaves it open; empty: its phrase vanishes"""
    description: str = ""
    required: bool = False


class ContractLora(Body):
    """A LoRA that an asset type, or a style of it, is drawn with unless a request says otherwise (strength 0 leaves
    it out)."""

    id: str
    strength: float | None = None
    """the LoRA's usual one if absent"""


class Style(Body):
    """A variant of an asset type's style: words for the template's `{style}`, what is kept out beside, and LoRAs, or
    some of these."""

    name: str
    loras: dict[str, tuple[ContractLora, ...]] = {}
    """by family, or by model, whose id comes first; others draw with the words alone"""
    negative_prompt: str = ""
    words: str = ""


class AssetType(Body):
    """An asset type."""

    default_size: str
    description: str
    formats: tuple[str, ...]
    id: str
    name: str
    prompt_template: str
    sizes: tuple[str, ...]
    brand_kit: str | None = None
    default_style: str | None = None
    sha256: str = ""
    """of its content, which plans and recipes name"""
    slots: dict[str, Slot] = {}
    """that a request may fill"""
    stages: dict[str, Any] = {}
    """settings of stages by kind, as a request says them"""
    styles: dict[str, Style] = {}
    version: str = ""
    """that is live"""


class Limits(Body):
    """What one request may ask for."""

    max_batch_bytes: int | None = None
    max_batch_rows: int | None = None
    max_best_of: int | None = None
    max_lora_bytes: int | None = None
    max_loras: int | None = None
    max_picture_bytes: int | None = None
    max_picture_pixels: int | None = None
    max_pictures: int | None = None
    max_prompt_chars: int | None = None
    max_uploaded_pictures: int | None = None
    max_variations: int | None = None


class Quality(Body):
    """A quality."""

    description: str
    id: str
    name: str


class AssetTypes(Body):
    """What can be asked for."""

    asset_types: tuple[AssetType, ...]
    qualities: tuple[Quality, ...]
    limits: Limits = Limits()


class Assignment(Body):
    """What a unit is drawn with, and why."""

    bucket: float
    """takes part while the exposure is above it"""
    experiment: str
    reason: str
    unit: str
    assigned: str | None = None


class Attempt(Body):
    """One request to a receiver."""

    at: datetime
    seconds: float
    answer: str = ""
    """how the answer begins"""
    error: str = ""
    """why there was none"""
    status: int | None = None
    """absent where there was no answer"""


class AuditObject(Body):
    """What was changed."""

    id: str
    kind: str


class AuditLine(Body):
    """Who changed what. `seq` has no gaps; `sentence` says what the action is."""

    action: str
    at: datetime
    how: str
    """they signed in: dev, oidc, key or device; system for what the studio does by itself"""
    on: AuditObject
    sentence: str
    seq: int
    who: str
    key: str | None = None
    """id of the API key or device that was used"""
    request_id: str = ""
    """X-Request-Id of the answer"""
    told: dict[str, Any] = {}
    """of the change; nothing secret, and no prompt"""


class AuditPage(Body):
    """A page of the audit, newest first."""

    lines: tuple[AuditLine, ...]
    next: int | None = None
    """`before` of the next page"""


class Ballot(Body):
    """All that a screen needs, and nothing that tells which arm drew what. Both pictures (all, of a screen of
    several) can be fetched until `expires_at`; decode all before you show any."""

    choices: tuple[str, ...]
    """left, right (or a place from 0 on), tie, both_bad, skip"""
    expires_at: datetime
    height: int
    id: str
    of: int
    """ballots in a sitting"""
    pictures: tuple[str, ...]
    """URLs, from left to right"""
    place: int
    """in this sitting, from 1"""
    prompt: str
    width: int
    criteria: tuple[str, ...] = ()
    """that may be answered beside the overall choice"""
    left: str | None = None
    """URL; of a pair"""
    right: str | None = None
    """URL; of a pair"""


class Ballots(Body):
    """Ballots to answer, those that you left unanswered first. `note` says why there are none."""

    ballots: tuple[Ballot, ...]
    note: str | None = None


class PlannedPicture(Body):
    """A picture as a plan has it; `sha256` is its file's key in the blob store.

    `picture` names it as the request did. `convention` says what of a mask is redrawn: its light parts, or its
    transparent ones."""

    height: int
    picture: str
    sha256: str
    width: int
    asset_id: str = ""
    """names it among all pictures; empty in older plans"""
    convention: str | None = None
    format: str = "png"


class PlannedInput(Body):
    """A picture that the drawing begins with or looks at, and how it counts; `kind` is a control's."""

    image: PlannedPicture
    role: str
    end: float = 1.0
    kind: str = ""
    scale: float = 1.0
    start: float = 0.0


class SeedVariation(Body):
    """Noise turned towards that of another `seed`: not at all at a strength of 0, all the way at 1."""

    seed: int
    strength: float


class Neighbourhood(Body):
    """Noise around that of another picture, which began with `seed` and had the `variations`. Each new picture turns
    it by `strength` towards the noise of its own seed."""

    seed: int
    """Of the picture in the middle"""
    strength: float
    """0 draws that picture again, 1 another one; 0.2 is near"""
    variations: tuple[SeedVariation, ...] = ()
    """That the picture in the middle had itself"""


class PromptReading(Body):
    """How much of its prompt a model reads: `tokens` of `limit`, counted if `exact`, else estimated.

    `left_out` are phrases of the asset type's template, the last ones first to go; `lost` are words of the user
    that are not read."""

    exact: bool
    limit: int
    """that it reads"""
    tokens: int
    """of the text that the model is given"""
    left_out: tuple[str, ...] = ()
    lost: str = ""


class StepCache(Body):
    """Steps that reuse what the last full step computed: faster, and slightly another picture.

    Either `threshold` (skip where the model's first block changes relatively less than that) or `skip` (always
    these steps, counted from 0; the first and the last are never skipped)."""

    skip: tuple[int, ...] = ()
    threshold: float | None = None


class BaseStage(Stage):
    """Draw each variation at a native size of the model.

    `fused` are LoRAs that the deployment has in its weights; `loras` are applied to this job's pictures only.
    `sampler` is `default`, the checkpoint's own, in plans from before there was a choice. `denoising_end` is the
    share of the noise schedule after which the next stage goes on from the drawing's latents. `strength` is how
    much of the input `image` is redrawn: that share of the steps is taken. `reading` says how much of
    `full_prompt` the model reads. `near` is whose noise that of the pictures is turned from."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    full_prompt: str
    guidance_scale: float
    kind: Literal["base"]
    model: str
    num_inference_steps: int
    size: str
    denoising_end: float | None = None
    fused: tuple[AppliedLora, ...] = ()
    inputs: tuple[PlannedInput, ...] = ()
    loras: tuple[AppliedLora, ...] = ()
    near: Neighbourhood | None = None
    negative_prompt: str = ""
    reading: PromptReading | None = None
    sampler: str = "default"
    schedule: str | None = None
    step_cache: StepCache | None = None
    strength: float | None = None


class Counts(Body):
    """Jobs by status."""

    canceled: int = 0
    complete: int = 0
    failed: int = 0
    processing: int = 0
    queued: int = 0


class RowFailure(Body):
    """A row whose job failed, and why."""

    code: str
    job_id: str
    line: int
    message: str


class RowError(WithLine):
    """A row that cannot be: where it is, which of its fields, and a sentence for people."""

    line: int
    """of the file, or of the list, from 1"""
    message: str
    code: str = "invalid_request"
    field: str | None = None
    """the column or field at fault; absent for the row as a whole"""


class Batch(WithEnd):
    """A batch as it stands. Of rows that were skipped or have failed, the first 100 are named."""

    batch_id: str
    counts: Counts
    created_at: datetime
    estimated_time_seconds: float
    """that remain; 0 when it has ended"""
    jobs: int
    lines: int
    pictures: int
    """of all of its jobs"""
    progress: float
    status: str
    """`complete`: nothing is left to do, though jobs may have failed"""
    asked: dict[str, Any] = {}
    """what was said for all of its rows"""
    compares: bool = False
    """it is a comparison: GET /compare/{id} has its sides"""
    failures: tuple[RowFailure, ...] = ()
    lines_skipped: int = 0
    name: str = ""
    owner: str = ""
    skipped: tuple[RowError, ...] = ()


class BatchAccepted(Body):
    """A batch is accepted: all of its jobs are in the database and will be worked on."""

    batch_id: str
    estimated_time_seconds: float
    """until the last picture, waiting included"""
    jobs: int
    lines: int
    """that the list or the file had"""
    status: str
    lines_skipped: int = 0
    skipped: tuple[RowError, ...] = ()
    """the first rows that were left out, and why"""


class ToldBatch(Body):
    """A batch of which nothing is left to do."""

    batch_id: str
    jobs: dict[str, int]
    """how many ended how"""
    links: dict[str, str]
    """to what it is about, in the API"""
    owner: str
    space: str


class BatchEndedMessage(Message):
    """Nothing of a batch is left to do."""

    data: ToldBatch
    timestamp: datetime
    """when it happened"""
    type: Literal["batch.ended"]


class BatchPlan(Body):
    """The answer to `dry_run`: what would be done."""

    estimated_time_seconds: float
    jobs: int
    lines: int
    pictures: int
    lines_skipped: int = 0
    skipped: tuple[RowError, ...] = ()


class BatchesPage(Body):
    """Batches, newest first. `next` is the `before` of the next page, absent on the last."""

    batches: tuple[Batch, ...]
    next: str | None = None


class BoardArm(Body):
    """An arm by screens of several pictures, of which one is picked. `diff` is to the champion, in logits; `share`
    how often it would be preferred to it."""

    id: str
    picked: int
    screens: int
    strength: float
    diff: Interval | None = None
    rank: tuple[int, int] | None = None
    share: float | None = None


class BrandColour(Body):
    """One colour of a brand. `tolerance` is how far from it, in OKLab, a pixel still counts as that colour."""

    colour: str
    """#RRGGBB, sRGB"""
    name: str
    role: str = "primary"
    tolerance: float = 0.05
    """ΔE in OKLab"""


class BrandKit(Body):
    """A brand kit."""

    id: str
    name: str
    palette: tuple[BrandColour, ...]
    banned_words: tuple[str, ...] = ()
    """with which a prompt is refused"""
    clear_space: float = 0.0
    """room around what is cut out, as a share of its larger side"""
    description: str = ""
    tone: str = ""
    """words for the {tone} of prompt templates"""
    version: str = ""
    """that is live"""


class BrandKits(Body):
    """The brand kits that pictures can be kept to."""

    brand_kits: tuple[BrandKit, ...]


class Canary(Body):
    """An overlay on its way to champion: it draws for a `share` of the people, and for more with each step. `since`
    is the champion's revision with which it began."""

    overlay: Overlay
    share: float
    hashes: dict[str, str] = {}
    paused: bool = False
    since: int = 1


class Candidate(Body):
    """A drawing that was scored so that pictures could be chosen. `index` is that of the picture it became."""

    candidate: int
    """from 0, in the order of the seeds"""
    scores: dict[str, float]
    seed: int
    index: int | None = None
    """absent where it was not chosen, or nothing is chosen yet"""


class Sampler(Body):
    """A way to take noise away. `name` is what AUTOMATIC1111 calls it."""

    id: str
    name: str
    schedules: tuple[str, ...] = ()
    """where its steps may lie; none where it has one way only"""


class StepRange(Body):
    """How many steps a picture may take."""

    fewest: int
    most: int


class Capabilities(Body):
    """What a model can do. What it cannot is refused with the code `unsupported_capability`."""

    guidance: str
    """embedded: guidance_scale is read by the model; none: it has no effect"""
    modes: tuple[str, ...]
    """txt2img draws from words; the others begin with pictures"""
    size_multiple: int
    """of pixels, in native sizes"""
    steps: StepRange
    text_length: int
    """tokens of the prompt that it reads; the rest is cut off"""
    controls: tuple[str, ...] = ()
    """kinds of control pictures that it can follow"""
    image_prompt: bool = False
    """takes pictures as prompts"""
    lora: bool = False
    negative_prompt: bool = False
    references: int = 0
    """pictures that one edit may start from"""
    samplers: tuple[Sampler, ...] = ()


class Champion(Body):
    """What pictures of an asset type and quality are drawn with. Without a revision: as the configs say."""

    asset_type: str
    by: str
    kind: str
    overlay: Overlay
    quality: str
    reason: str
    revision: int
    at: datetime | None = None
    canary: Canary | None = None
    experiment: str | None = None
    warnings: tuple[str, ...] = ()


class ChampionList(Body):
    """ChampionList."""

    champions: tuple[Champion, ...]
    notes: tuple[str, ...] = ()
    """on those that this release cannot read"""


class ToldChampion(Body):
    """What pictures of an asset type and quality are drawn with was changed."""

    asset_type: str
    links: dict[str, str]
    """to what it is about, in the API"""
    quality: str
    revision: int


class ChampionPausedMessage(Message):
    """A canary draws for nobody for now."""

    data: ToldChampion
    timestamp: datetime
    """when it happened"""
    type: Literal["champion.paused"]


class ChampionPromotedMessage(Message):
    """Another way to draw is the champion."""

    data: ToldChampion
    timestamp: datetime
    """when it happened"""
    type: Literal["champion.promoted"]


class ChampionRolledBackMessage(Message):
    """A canary, or a champion, was taken back."""

    data: ToldChampion
    timestamp: datetime
    """when it happened"""
    type: Literal["champion.rolled_back"]


class Change(Body):
    """A field that differs. `change` is added, removed or changed."""

    change: str
    field: str
    after: Any | None = None
    before: Any | None = None


class CheckStage(Stage):
    """Measure the picture as it is now."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    kind: Literal["check"]
    measures: tuple[str, ...]
    megapixels: float
    scorer: str | None = None


class Checkpoint(Body):
    """What was kept after a step. `held_out` is the loss of pictures that were held back, by share of noise."""

    adapter: str
    """SHA-256 of its file"""
    step: int
    held_out: dict[str, float] = {}
    samples: tuple[str, ...] = ()
    """hashes of pictures that were drawn then"""


class CleanStage(Stage):
    """Make flat art exact; the finisher does it, which is there anyway."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    kind: Literal["clean"]
    megapixels: float


class FoundImage(Body):
    """A picture, drawn or uploaded. `url` is the best file that has its pixels, and empty where there is none."""

    asset_id: str
    created_at: datetime
    files: tuple[File, ...]
    height: int
    kind: str
    """drawn or uploaded"""
    owner: str
    space: str
    url: str
    width: int
    asset_type: str = ""
    colours: tuple[str, ...] = ()
    """of most of it, #rrggbb, the largest part first; empty: not measured"""
    deleted_at: datetime | None = None
    """of a deleted one, which can be restored for 7 days"""
    favourite: bool = False
    """whether it is one of your favourites"""
    index: int | None = None
    """its place in the job"""
    job_id: str | None = None
    """of one that was drawn"""
    licence: Licence | None = None
    """absent where nobody has judged it. Of one picture, what holds now; in lists, what held when it was ordered, as
    they are searched by it"""
    loras: tuple[str, ...] = ()
    model: str = ""
    notes: tuple[str, ...] = ()
    prompt: str = ""
    """empty, as the four below, of an upload"""
    quality: str = ""
    scores: dict[str, float] = {}
    """what was measured of it, by name"""
    seed: int | None = None
    tags: tuple[str, ...] = ()


class CollectionItem(Body):
    """A picture of a collection, with what is noted of it there."""

    image: FoundImage
    note: str


class Collection(Body):
    """A collection with its pictures, in order."""

    changed_at: datetime
    created_at: datetime
    id: str
    name: str
    notes: str
    owner: str
    pictures: int
    """how many there are in it"""
    space: str
    items: tuple[CollectionItem, ...] = ()


class CollectionsPage(Body):
    """Collections, newest first. `next` is the `before` of the next page, absent on the last."""

    collections: tuple[Collection, ...]
    next: str | None = None


class ComparedPicture(Body):
    """A picture of a side. Where the sides are not named, nothing tells where it comes from."""

    seed: int
    url: str
    asset_id: str | None = None
    height: int | None = None
    job_id: str | None = None
    licence: Licence | None = None
    """what it may be used for now"""
    width: int | None = None


class Side(Body):
    """What one way has drawn of a prompt, seed after seed. `failed` are pictures that there will not be."""

    label: str
    failed: int = 0
    model: str | None = None
    pictures: tuple[ComparedPicture, ...] = ()
    way: str | None = None
    """absent while the comparison is blind"""


class ComparedPrompt(Body):
    """A prompt with all of its sides. Blind, they are shown together, once all are drawn."""

    asset_type: str
    prompt: int
    """its number, from 0"""
    sides: tuple[Side, ...]
    text: str
    picked: str | None = None
    """the label that was picked, or none"""


class Comparison(WithEnd):
    """A comparison as it stands."""

    blind: bool
    comparison_id: str
    counts: Counts
    labels: tuple[str, ...]
    progress: float
    prompts: tuple[ComparedPrompt, ...]
    revealed: bool
    status: str
    name: str = ""
    picks: dict[str, int] = {}
    """how often each was picked, once sides are named"""


class ComparisonAccepted(Body):
    """A comparison is accepted: it is a batch of this id, with its progress, its zip file and its cancel."""

    comparison_id: str
    estimated_time_seconds: float
    """until the last picture, waiting included"""
    labels: tuple[str, ...]
    """of the sides: what was compared, or letters where it is blind"""
    pictures: int
    prompts: int


class ComparisonPlan(Body):
    """The answer to `dry_run`: what would be drawn."""

    estimated_time_seconds: float
    pictures: int
    prompts: int
    ways: tuple[str, ...]


class Cost(Body):
    """What GPUs cost, at the prices of the fleet."""

    amount: float
    currency: str


class CutOutStage(Stage):
    """Make the ground transparent; `cutter` is the network for grounds that are not flat."""

    cutter: str | None
    deployment: str
    estimated_seconds: float
    """per picture"""
    holes: bool
    kind: Literal["cut_out"]
    megapixels: float
    method: str


class LeftOut(Body):
    """A file that is not in the dataset, and why."""

    file: str
    reason: str


class DatasetPicture(Body):
    """A picture of a dataset. `url` has its pixels, for whoever may see the picture."""

    caption: str
    caption_by: str
    height: int
    name: str
    picture: str
    right: str
    source: str
    unsure: bool
    url: str
    width: int
    licences: tuple[str, ...] = ()
    """of what drew it, or what it is a copy of"""


class Dataset(Body):
    """One version, which never changes: `sha256` is the hash of pictures, captions and rights. `licence` is what may
    be done with what learns from it, as far as its pictures decide."""

    author: str
    created_at: datetime
    description: str
    id: str
    licence: Licence
    marks: tuple[str, ...]
    name: str
    notes: str
    pictures: tuple[DatasetPicture, ...]
    sha256: str
    trigger: str
    version: str
    asset_type: str | None = None
    left_out: tuple[LeftOut, ...] = ()


class DatasetSummary(Body):
    """A dataset in a list: the version that is in use, else the newest."""

    captioned: int
    created_at: datetime
    id: str
    licences: tuple[str, ...]
    name: str
    pictures: int
    trigger: str
    version: str
    asset_type: str | None = None


class DatasetList(Body):
    """The datasets, by id."""

    datasets: tuple[DatasetSummary, ...]


class ArmConfig(Body):
    """One way of drawing, and its share of the units. The arm `champion` is what is live when a phase starts."""

    id: str
    overlay: Overlay = Overlay.model_validate({"loras": [], "stages": {}, "steps": {}})
    weight: float = 1.0


class BallotsConfig(Body):
    """How people are asked. `choice` is by what the arms of a ballot are chosen: evenly, where a vote tells most of
    all arms, or where it tells most of which is best. `screen` is how many pictures one shows."""

    checks: float = 0.1
    """share of hidden checks: repeats, and known answers"""
    choice: str = "uniform"
    overlap: float = 0.15
    """share of what others have seen, too"""
    screen: int = 2
    sitting: int = 40
    """ballots after which a rater is told what was what"""


class Budget(Body):
    """What drawings that nobody asked for may take, in all."""

    gpu_seconds: float


class Guardrail(Body):
    """What an arm may not do: fail more often than `max`, or take more than `max_ratio` times the champion's seconds
    of a device. It is paused as soon as that is certain enough."""

    metric: str
    max: float | None = None
    max_ratio: float | None = None


class Layer(Body):
    """A part of the units, of which no other experiment of the layer may have any: slots of 10,000, the last one not
    included."""

    name: str
    slots: tuple[int, int]


class Primary(Body):
    """What decides: blind preference by a criterion."""

    criterion: str = "overall"
    metric: str = "preference"


class Scope(Body):
    """Which requests take part; empty means all."""

    asset_types: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()


class StopRule(Body):
    """When enough is known: never before `min_votes` of `min_raters`, and never after `max_votes`, with which no
    more ballots are lent."""

    alpha: float = 0.05
    max_votes: int = 400
    min_raters: int = 5
    min_votes: int = 30


class Definition(Body):
    """An experiment (`configs/experiments/<id>.yaml`). What it is stays as it was when a phase started: its exposure
    and its state are in the database."""

    arms: tuple[ArmConfig, ...]
    id: str
    mode: str
    name: str
    ballots: BallotsConfig = BallotsConfig.model_validate(
        {"checks": 0.1, "choice": "uniform", "overlap": 0.15, "screen": 2, "sitting": 40}
    )
    budget: Budget | None = None
    criteria: tuple[str, ...] = ()
    """asked beside the overall choice"""
    description: str = ""
    exposure: float = 1.0
    """share of the units, when a phase starts"""
    guardrails: tuple[Guardrail, ...] = ()
    layer: Layer | None = None
    primary: Primary = Primary.model_validate({"criterion": "overall", "metric": "preference"})
    prompt_set: str | None = None
    """whose prompts a replay draws"""
    scope: Scope = Scope.model_validate({"asset_types": [], "qualities": []})
    stop: StopRule = StopRule.model_validate({"alpha": 0.05, "max_votes": 400, "min_raters": 5, "min_votes": 30})
    unit: str = "user"
    """of a split: what is in one arm as a whole"""
    version: str = "1.0.0"


class Delivery(Body):
    """What a webhook is told of an event."""

    at: datetime
    """the event's"""
    attempts: tuple[Attempt, ...]
    due_at: datetime
    """of the next attempt, where it is pending"""
    id: str
    """the header webhook-id of each attempt"""
    state: str
    """waiting: for the end of a batch; failed: no attempt is left"""
    subject: str
    """the job, the batch or the webhook"""
    type: str


class DeliveryPage(Body):
    """A page, the newest event first."""

    deliveries: tuple[Delivery, ...]
    next: str | None = None
    """`before` of the page after it; absent on the last"""


class DeviceCode(Body):
    """What a device shows (`user_code`, `verification_uri`) and what it keeps (`device_code`)."""

    device_code: str
    expires_in: int
    """seconds"""
    interval: int
    """seconds between two questions whether it was approved"""
    user_code: str
    verification_uri: str
    verification_uri_complete: str


class Diff(Body):
    """What differs between two versions, field by field; nothing where they say the same."""

    changes: tuple[Change, ...]
    from_version: str
    id: str
    kind: str
    to_version: str


class Mark(Body):
    """Where a mark stands, and who moved it there."""

    at: datetime
    by: str
    mark: str
    version: str


class EntrySummary(WithMarks):
    """An entry in a list. `newest` is its highest version, marked or not."""

    id: str
    kind: str
    marks: tuple[Mark, ...]
    """live: what is planned with; candidate: what is being tried"""
    name: str
    newest: str
    problem: str | None = None
    """why the live version is not offered"""


class Entries(Body):
    """The entries of a kind, by id."""

    entries: tuple[EntrySummary, ...]


class Entry(Body):
    """One version with its content; `body` leaves out what is as usual."""

    author: str
    body: dict[str, Any]
    created_at: datetime
    id: str
    kind: str
    notes: str
    sha256: str
    version: str
    marks: tuple[str, ...] = ()


class EntryPin(Body):
    """One version of an entry of the library, as a plan and a recipe name it.

    `stored`: its body is in the file store, for replicas that began without it."""

    id: str
    kind: str
    sha256: str
    stored: bool = False
    version: str = "1.0.0"


class Experiment(Body):
    """An experiment of the library, and how it stands."""

    arms: tuple[Arm, ...]
    definition: Definition
    """of its phase; the live one before it was started"""
    exposure: float
    id: str
    name: str
    phase: int
    """how often it was started"""
    state: str
    version: str
    changed_at: datetime | None = None
    decision: str | None = None
    open_ballots: int = 0
    """that you hold and have not answered; told by GET alone"""


class ToldExperiment(Body):
    """An experiment, as it is from now on. Whoever may know why asks the studio."""

    experiment_id: str
    links: dict[str, str]
    """to what it is about, in the API"""
    phase: int
    seq: int
    """of the line in its log"""
    status: str


class ExperimentEndedMessage(Message):
    """An experiment was stopped or decided."""

    data: ToldExperiment
    timestamp: datetime
    """when it happened"""
    type: Literal["experiment.ended"]


class ExperimentEvent(Body):
    """ExperimentEvent."""

    actor: str
    at: datetime
    seq: int
    type: str
    after: dict[str, Any] = {}
    before: dict[str, Any] = {}
    reason: str = ""
    told: dict[str, Any] = {}
    """what a guardrail read, or what was decided"""


class ExperimentList(Body):
    """ExperimentList."""

    experiments: tuple[Experiment, ...]
    notes: tuple[str, ...] = ()
    """on those that this release cannot read"""


class ExperimentLog(Body):
    """ExperimentLog."""

    events: tuple[ExperimentEvent, ...]


class ExperimentStartedMessage(Message):
    """An experiment, or a new phase of it, has begun."""

    data: ToldExperiment
    timestamp: datetime
    """when it happened"""
    type: Literal["experiment.started"]


class ExperimentTrippedMessage(Message):
    """A guardrail of an experiment, or the ratio of its arms, has paused it."""

    data: ToldExperiment
    timestamp: datetime
    """when it happened"""
    type: Literal["experiment.tripped"]


class Facets(Body):
    """How many pictures there are, and of each value; the first 50 of each facet, the most first.

    Where `is_whole` is false more were found than are counted: these are the counts of the first 1,000."""

    facets: dict[str, tuple[FacetValue, ...]]
    """asset_type, quality, model, lora, licence, reference, internal, product, tag, kind, month"""
    is_whole: bool
    pictures: int


class Failure(Body):
    """Why a job failed: a stable code and a sentence for people."""

    code: str
    message: str


class Finding(Body):
    """One thing that is wrong, or worth a look. With an `error` the set is refused for training."""

    code: str
    reason: str
    remedy: str
    severity: str
    pictures: tuple[str, ...] = ()
    """ids, those that belong together; none: it is about the whole set"""


class FinishStage(Stage):
    """Bring to the final size and write the files; and, in each of the further `sizes`, those formats that have one.
    What is cut out keeps `clear_space` of its size around it, and lies on `ground` where a format is opaque.
    `file_quality` is that of lossy formats; each has a usual one. Files are signed with `credentials`, if this
    installation signs."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    formats: tuple[str, ...]
    kind: Literal["finish"]
    size: str
    clear_space: float = 0.0
    credentials: bool = True
    file_quality: int | None = None
    ground: str = "#ffffff"
    sharpen: float = 0.0
    sizes: tuple[str, ...] = ()


class ForestRow(Body):
    """One arm; shares from 0 to 1. `clear`: its interval does not hold one half."""

    clear: bool
    high: float
    label: str
    low: float
    numbers: str
    value: float


class Forest(Body):
    """A forest plot in numbers and words. The axis goes from `low` to `high`."""

    axis: str
    high: float
    low: float
    rows: tuple[ForestRow, ...]
    title: str


class Grant(Body):
    """A licence that was bought, and what it is worth now: `planned`, `active`, `ended` or `revoked`."""

    grant_id: str
    purposes: tuple[str, ...]
    recorded_at: datetime
    recorded_by: str
    reference: str
    since: datetime
    state: str
    component: str | None = None
    licence: str | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    space: str | None = None
    until: datetime | None = None


class Grants(Body):
    """All licences that were ever recorded as bought, the newest first."""

    grants: tuple[Grant, ...]


class GuardrailReading(Body):
    """What a guardrail says of an arm: `value` (a share, or the middle ratio) of `count` jobs or pairs of jobs,
    beside its `limit`, and the e-value against "within it"."""

    arm: str
    count: int
    e_value: float
    limit: float
    metric: str
    tripped: bool
    value: float


class Health(Body):
    """Health."""

    status: str
    version: str
    detail: str = ""


class Move(Body):
    """A mark that was moved; null is nowhere."""

    at: datetime
    by: str
    mark: str
    seq: int
    """grows with every change of the library"""
    from_version: str | None = None
    note: str = ""
    to_version: str | None = None


class History(Body):
    """Every move of a mark of an entry, the last first."""

    id: str
    kind: str
    moves: tuple[Move, ...]


class ImagesPage(Body):
    """Pictures in order. `next` is the `before` of the next page, absent on the last."""

    images: tuple[FoundImage, ...]
    next: str | None = None


class Ingredient(Body):
    """A picture that another one was made of, as that one says. `is_signed`: it had credentials of its own."""

    instance: str = ""
    is_signed: bool = False
    relationship: str = ""
    title: str = ""


class Input(Body):
    """A picture that a job starts from or looks at, by the name that POST /generate was given.

    `kind`, `start` and `end` are those of a control, `scale` also that of an image prompt."""

    picture: str
    role: str
    url: str
    end: float | None = None
    kind: str | None = None
    scale: float | None = None
    start: float | None = None


class Issuer(Body):
    """Who signed. Trusted is who an authority vouches for that this studio was told of (`credentials.trusted`)."""

    authority: str
    """who vouches for the name"""
    name: str
    self_made: bool
    """the certificate of a studio that has made it itself"""
    trusted: bool
    expired: bool = False
    signed_at: str | None = None
    """as an authority for times says; absent without one"""


class LoraUse(Body):
    """A LoRA that took part in a job, as POST /generate takes it."""

    id: str
    strength: float
    version: str | None = None
    """of the library, that was drawn with"""


class Job(WithPictures):
    """A job as it stands. Of a training, GET /trainings/{training_id} tells the rest."""

    asset_type: str
    created_at: datetime
    estimated_time_seconds: float
    """that remain; 0 when the job has ended"""
    images: tuple[Image, ...]
    images_completed: int
    images_total: int
    job_id: str
    licence: Licence
    model: str
    owner: str
    progress: float
    prompt: str
    quality: str
    status: str
    batch_id: str | None = None
    """of the batch that it is part of"""
    candidates: tuple[Candidate, ...] = ()
    """of GET /jobs/{job_id}: what its pictures are chosen from, as far as it is scored"""
    cost: Cost | None = None
    """of the GPUs that have drawn its pictures so far; absent where they have no price"""
    deadline_seconds: float | None = None
    ended_at: datetime | None = None
    error: Failure | None = None
    inputs: tuple[Input, ...] = ()
    kind: str = "generate"
    """train: a training, which draws no pictures"""
    line: int | None = None
    """of the batch's list or file, from 1"""
    loras: tuple[LoraUse, ...] = ()
    notes: tuple[Note, ...] = ()
    """what to know of its plan"""
    private: bool = False
    """its prompt is kept out of its files"""
    replay: Receipt | None = None
    """of GET /jobs/{job_id}, of one that draws a picture again: how it came out, once done"""
    size: str | None = None
    """of the finished pictures; absent where the job's plan cannot be read"""
    started_at: datetime | None = None
    state_detail: str | None = None
    """what a job waits for, such as `loading model mini`, or for the file store"""
    strength: float | None = None
    """how much of its image is redrawn"""


class ToldJob(Body):
    """A job, or a training (`kind` train)."""

    batch_id: str | None
    job_id: str
    kind: str
    links: dict[str, str]
    """to what it is about, in the API"""
    owner: str
    seq: int
    """of the line in its log"""
    space: str
    prompt: str | None = None
    """to a webhook that has asked for it (`include`)"""


class JobCanceledMessage(Message):
    """A job was canceled."""

    data: ToldJob
    timestamp: datetime
    """when it happened"""
    type: Literal["job.canceled"]


class JobCompleteMessage(Message):
    """A job has all its pictures, or a training has ended."""

    data: ToldJob
    timestamp: datetime
    """when it happened"""
    type: Literal["job.complete"]


class ToldFailure(Body):
    """A job that has failed."""

    batch_id: str | None
    failure: str | None
    """the code of the error"""
    job_id: str
    kind: str
    links: dict[str, str]
    """to what it is about, in the API"""
    owner: str
    seq: int
    """of the line in its log"""
    space: str
    prompt: str | None = None
    """to a webhook that has asked for it (`include`)"""


class JobFailedMessage(Message):
    """A job has ended without all its pictures."""

    data: ToldFailure
    timestamp: datetime
    """when it happened"""
    type: Literal["job.failed"]


class ToldPicture(Body):
    """A finished picture of a job."""

    asset_id: str
    batch_id: str | None
    index: int
    job_id: str
    kind: str
    links: dict[str, str]
    """to what it is about, in the API"""
    owner: str
    seq: int
    """of the line in its log"""
    space: str
    prompt: str | None = None
    """to a webhook that has asked for it (`include`)"""


class JobImageMessage(Message):
    """A picture is finished."""

    data: ToldPicture
    timestamp: datetime
    """when it happened"""
    type: Literal["job.image"]


class JobsPage(Body):
    """Jobs, newest first. `next` is the `before` of the next page, absent on the last."""

    jobs: tuple[Job, ...]
    next: str | None = None


class JudgeReport(Body):
    """Of a judge for an asset type. `accuracy` is the share of decisive votes that it says, clustered by raters and
    prompts; `ceiling` that of other people's votes that one person's says (None where no two saw the same).
    `slope` makes chances of differences. `error` is by how much such chances are off (mean distance from what was
    voted, in five groups, of prompts that had no part in the slope), `raw_error` without the slope. `enabled` and
    `why`: a judge is off that is hardly better than a coin."""

    accuracy: Interval
    asset_type: str
    enabled: bool
    error: float
    judge: str
    raw_error: float
    sha256: str
    slope: float
    votes: int
    why: str
    ceiling: float | None = None


class LicencePart(Body):
    """Which licence a part of a model is under, and where its publisher says so; both absent where nobody has noted
    it."""

    licence: str
    part: str
    read_on: date | None = None
    source: str | None = None


class UsedBy(Body):
    """Which part of what is under a licence, and where its publisher says so."""

    component: str
    kind: str
    part: str
    read_on: date | None = None
    source: str | None = None


class LicenceText(Uses):
    """A licence as the studio reads it: this is not legal advice. `used_by` are those that this studio knows."""

    id: str
    internal: str
    name: str
    notice: str
    """in a few words"""
    product: str
    read_on: date
    reference: str
    source: str
    note: str = ""
    used_by: tuple[UsedBy, ...] = ()


class LicenceTexts(Body):
    """All licences, and who uses them."""

    licences: tuple[LicenceText, ...]


class LineageLine(Body):
    """One step from a job to the next: `job_id` was made from `parent`, by `call`.

    Of an ancestor the job's fields are those of `parent_job`, of a descendant those of `job_id`; without them it
    is an upload, or gone."""

    call: str
    """regenerate, like, tweak, finish; or the role of a picture: image, reference …"""
    depth: int
    """generations away"""
    job_id: str
    """that was made"""
    parent: str
    """what it was made from: JOB_ID, JOB_ID/INDEX, or the `picture_id` of an upload"""
    asset_type: str = ""
    created_at: datetime | None = None
    deleted: bool = False
    """what it was made from is not there any more"""
    parent_job: str | None = None
    prompt: str = ""
    quality: str = ""
    seeds: tuple[int, ...] = ()
    """of its finished pictures"""
    status: str | None = None
    url: str | None = None
    """of the job"""


class Lineage(Body):
    """Nearest first. `is_whole` says whether nothing was cut off: more generations may be asked for with `depth`."""

    ancestors: tuple[LineageLine, ...]
    descendants: tuple[LineageLine, ...]
    is_whole: bool


class ShareLink(Body):
    """A link. Whoever has its `url` sees what it shows, without signing in."""

    created_at: datetime
    expires_at: datetime
    id: str
    kind: str
    state: str
    target: str
    url: str
    revoked_at: datetime | None = None


class Links(Body):
    """The links to a picture or a collection, newest first."""

    links: tuple[ShareLink, ...]


class Lora(Body):
    """A LoRA of the library. `models` are those of this installation that it fits."""

    default_strength: float
    description: str
    family: str
    id: str
    licence: Licence
    models: tuple[str, ...]
    name: str
    trigger_words: tuple[str, ...]
    """written before the prompt unless it has them"""
    version: str = ""
    """that is live"""


class LoraTrial(Body):
    """A model that a LoRA was tried with. `exclusive` is why it cannot be mixed with others in one batch."""

    effect: float
    """the largest relative change of a weight"""
    model: str
    prediction: float
    """the relative change of the first prediction"""
    encoders: tuple[str, ...] = ()
    """text encoders that it changes"""
    exclusive: str | None = None


class LoraReport(Body):
    """What a LoRA's file was found to be."""

    family: str
    format: str
    matched: int
    """of its `total` tensors"""
    rank: int
    scale: str
    total: int
    frequent_tags: tuple[str, ...] = ()
    """that it has seen most"""
    made_for: str | None = None
    """as it says itself"""
    skipped: int = 0
    """that change nothing"""
    trials: tuple[LoraTrial, ...] = ()
    trigger_words: tuple[str, ...] = ()
    """as it says itself"""


class LoraAdded(Body):
    """A LoRA that can be drawn with. `report` is null where it was here already."""

    entry: Entry
    notes: tuple[str, ...] = ()
    """what to know of it"""
    report: LoraReport | None = None


class Loras(Body):
    """LoRAs, those of one family together."""

    loras: tuple[Lora, ...]


class Marks(Body):
    """The marks of an entry as they stand."""

    id: str
    kind: str
    marks: tuple[Mark, ...]


class Me(Body):
    """Who asks, as the studio sees it."""

    how: str
    """you have signed in"""
    id: str
    name: str
    roles: tuple[str, ...]
    space: str
    """that you work for now"""
    groups: tuple[str, ...] = ()
    key: str | None = None
    """id of the API key or the device that was shown"""
    scopes: tuple[str, ...] | None = None
    """that narrow it; absent where nothing does"""
    spaces: tuple[str, ...] = ()


class Member(Body):
    """Somebody in a space."""

    name: str
    principal: str
    role: str


class Model(Body):
    """A model that this installation runs."""

    default: bool
    description: str
    family: str
    guidance_scale: float
    id: str
    licence: Licence
    name: str
    native_sizes: tuple[str, ...]
    steps: dict[str, int]
    capabilities: Capabilities | None = None
    licence_parts: tuple[LicencePart, ...] = ()
    sampler: str | None = None
    """with which it draws unless a request says another"""
    schedule: str | None = None
    """of that sampler; null where only its checkpoint says it"""
    scorer: str | None = None
    """without one, no best_of and no fidelity"""
    trained_on: str | None = None
    """The model that LoRAs for it are trained on, itself or another; null where none are"""
    upscaler: str | None = None
    variant: str = "base"
    vram_gb: float | None = None
    """GPU memory predicted for it, in 10^9 bytes; absent where nobody has counted it"""


class Models(Body):
    """Models."""

    models: tuple[Model, ...]


class Named(Body):
    """What others are told of somebody."""

    id: str
    name: str


class Names(Body):
    """People by their names."""

    people: tuple[Named, ...]


class NewApiKey(ApiKey):
    """A new API key. `key` is told now and never again."""

    created_at: datetime
    expires_at: datetime
    id: str
    key: str
    name: str
    scopes: tuple[str, ...]
    revoked_at: datetime | None = None
    used_at: datetime | None = None


class OwnPicture(Body):
    """A picture of this studio that the file is of."""

    asset_id: str
    format: str
    picture: str
    """JOB_ID/INDEX"""
    same_bytes: bool
    """the file is as it was delivered, to the byte"""


class QuotaLimits(Body):
    """Limits of one subject; None is no limit, and 0 lets nothing be drawn. A day is one of UTC."""

    device_seconds_per_day: float | None = None
    """as plans predict; as they were taken, once a job has ended"""
    jobs_in_flight: int | None = None
    """accepted and not ended"""
    pictures_per_day: int | None = None


class QuotaChoices(Body):
    """What operators say of one subject. What is absent is as the profile says; `unlimited` lifts that."""

    device_seconds_per_day: float | str | None = None
    """as plans predict; as they were taken, once a job has ended"""
    jobs_in_flight: int | str | None = None
    """accepted and not ended"""
    pictures_per_day: int | str | None = None


class Use(Body):
    """What was taken since 00:00 UTC, and is under way; counted only where there is a limit."""

    device_seconds: float
    jobs_in_flight: int
    pictures: int


class Quota(Body):
    """Limits of one subject, each null where there is none, and what was taken of them."""

    id: str
    quota: QuotaLimits
    resets_at: datetime
    """when the next day of UTC begins"""
    subject: str
    used: Use
    set: QuotaChoices | None = None
    """by operators; the rest is as the profile says"""
    set_at: datetime | None = None
    set_by: str | None = None


class OwnQuota(Body):
    """All that is counted for whoever asks: their own, their space's, and that of the key they use."""

    quotas: tuple[Quota, ...]


class PaletteStage(Stage):
    """Pull each colour `strength` of its way to the nearest of `colours`, which are those of a brand's `entries`
    where there are any, with their roles and tolerances."""

    colours: tuple[str, ...]
    deployment: str
    estimated_seconds: float
    """per picture"""
    kind: Literal["palette"]
    megapixels: float
    strength: float
    entries: tuple[BrandColour, ...] = ()
    kit: str = ""
    mode: str = "snap"


class Picture(Body):
    """An uploaded picture, upright and without metadata. `url` answers it as PNG, to its owner."""

    height: int
    picture_id: str
    """what POST /generate takes it by"""
    size_bytes: int
    """of the PNG"""
    url: str
    width: int
    kept_until: datetime | None = None
    """of one that came with a single call: it is deleted then, unless it, or what was made of it, is among
    somebody's favourites, in a collection or shared"""
    notes: tuple[Note, ...] = ()
    """what to know of an upload, when it is answered"""
    right: str = "unknown"
    """own, bought or unknown: what its owner says of it"""
    source: str = ""
    """where it comes from, as its owner says"""


class PicturesPage(Body):
    """Uploaded pictures, newest first. `next` is the `before` of the next page, absent on the last."""

    pictures: tuple[Picture, ...]
    next: str | None = None


class StageLine(Body):
    """A planned stage in words: what happens, and with what."""

    kind: str
    label: str
    text: str


class Choice(Body):
    """`keep` of `best_of` candidates become pictures, once they are through the stage `after`: those with the
    highest score `by`. Candidates with a score under what `retry_below` says of it do not pass: for each picture
    that is missing then, as many are drawn anew as there are candidates for one, in at most `tries` rounds. When
    too few have passed, the best of the others come too."""

    best_of: int
    keep: int
    after: str = "score"
    by: str = "fidelity"
    retry_below: dict[str, float] = {}
    tries: int = 1


class Origin(Body):
    """What a job goes on from: the `call` that made it, the job before, and of that the picture that was named, if
    one was, with the hash of its file."""

    call: str
    job_id: str
    asset_id: str = ""
    index: int | None = None
    sha256: str = ""


class ReplayedPicture(Body):
    """The picture that a job draws again, by what its recipe says of its own job: the files of a replay say the
    same, so that an equal picture is an equal file. `licence` names licences, and `created_at` is as ISO 8601 has
    it."""

    created_at: str
    index: int
    job_id: str
    licence: str
    origin: Origin | None = None


class Routed(Body):
    """How a request came to be drawn otherwise than it says alone: by a champion, or as an arm of an experiment.

    `assigned` is the arm that its unit is in (none: it takes no part), `served` the one that draws, and `reason`
    why: split, not_exposed, other_layer, paused, ineligible:ARM:WHY, down:WHY, replay, shadow, kept, compare,
    blind. `champion` is the revision of the champion of its asset type and quality, where there is one. `overlay`
    is what was laid over it."""

    reason: str
    assigned: str | None = None
    champion: int | None = None
    experiment: str | None = None
    """an id, or canary:ASSET_TYPE/QUALITY"""
    overlay: Overlay = Overlay.model_validate({"loras": [], "stages": {}, "steps": {}})
    pair: str | None = None
    """other jobs with it draw the same, as other arms"""
    phase: int | None = None
    run: str | None = None
    served: str = "champion"
    unit: str = ""
    """of the assignment: a hash"""


class RefineStage(Stage):
    """Draw over the picture: `strength` of `num_inference_steps` are taken. With `denoising_start`, which takes the
    place of `strength`, go on from the latents of a drawing that ended there."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    full_prompt: str
    guidance_scale: float
    kind: Literal["refine"]
    model: str
    negative_prompt: str
    num_inference_steps: int
    sampler: str
    schedule: str | None
    size: str
    denoising_start: float | None = None
    loras: tuple[AppliedLora, ...] = ()
    strength: float | None = None


class ScoreStage(Stage):
    """Measure the drawing, with a scorer."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    kind: Literal["score"]
    scorer: str
    measures: tuple[str, ...] = ("fidelity", "sharpness")


class TileStage(Stage):
    """Redraw `tiles` tiles of the size `tile`, each at `strength` of `num_inference_steps`, along a tile ControlNet
    at `control_scale` if there is one."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    guidance_scale: float
    kind: Literal["tile"]
    model: str
    negative_prompt: str
    num_inference_steps: int
    overlap: float
    prompt: str
    sampler: str
    schedule: str | None
    size: str
    strength: float
    tile: str
    tiles: int
    control_scale: float | None = None
    loras: tuple[AppliedLora, ...] = ()


class UpscaleStage(Stage):
    """Enlarge by `scale`, `passes` times, and bring to `size` what is larger then. `pixels` are what the network
    makes, over all passes; 0 in older plans, whose size is that of the last one."""

    deployment: str
    estimated_seconds: float
    """per picture"""
    kind: Literal["upscale"]
    passes: int
    scale: int
    size: str
    upscaler: str
    pixels: int = 0


AnyStage: TypeAlias = Annotated[
    BaseStage
    | ScoreStage
    | RefineStage
    | UpscaleStage
    | TileStage
    | CleanStage
    | PaletteStage
    | CutOutStage
    | CheckStage
    | FinishStage
    | Stage,
    Field(union_mode="left_to_right"),
]


class Stages(WithDrawing):
    """What will be done for a job, complete: nothing later guesses a default. `notes` say what a person should know."""

    asset_type: str
    estimated_seconds: float
    """all pictures, waiting excluded"""
    prompt: str
    quality: str
    seeds: tuple[int, ...]
    """one a picture; with a choice, one a candidate at most"""
    stages: tuple[AnyStage, ...]
    """what each picture goes through, in order"""
    choice: Choice | None = None
    """of drawings, once they are scored: which become pictures"""
    deadline_seconds: float | None = None
    """from acceptance to the last picture"""
    entries: tuple[EntryPin, ...] = ()
    """of the library, that take part: which version"""
    notes: tuple[Note, ...] = ()
    origin: Origin | None = None
    """what the job goes on from, where it goes on from another"""
    private: bool = False
    """no file tells the prompt: it stays in the studio"""
    replayed: ReplayedPicture | None = None
    """the picture that is drawn again, to be compared"""
    routed: Routed | None = None
    """by which champion, or as which arm of an experiment"""


class Plan(Body):
    """The answer to `dry_run`: what would be done."""

    estimated_time_seconds: float
    licence: Licence
    plan: Stages
    pipeline: tuple[StageLine, ...] = ()
    """the plan's stages in words, those of new kinds included"""


class TrainingCost(Body):
    """What learning from it will take, on what it was counted for."""

    batch: int
    gpu_hours: float
    model: str
    seconds: float
    steps: int
    amount: float | None = None
    """absent where nobody knows a price"""
    currency: str | None = None


class Score(Body):
    """0 to 100, and what it is made of."""

    parts: dict[str, int]
    total: int


class Preflight(Body):
    """How far a preflight is; findings, the worst first, and the rest once it is done."""

    done: bool
    id: str
    looked_at: int
    total: int
    version: str
    cost: TrainingCost | None = None
    findings: tuple[Finding, ...] = ()
    refused: bool | None = None
    score: Score | None = None


class RaterReport(Body):
    """`alike`: of hidden repeats, how often the answer was the same; `reliability` how often they press what they
    mean, by that; `gold`: of pairs whose better side is known, how often it was said. None where there were none.
    `left` is the share of left among left and right. `flags` are sentences, empty where nothing stands out."""

    dwell_ms: int | None
    golds: int
    rater: str
    reliability: float | None
    repeats: int
    votes: int
    alike: float | None = None
    flags: tuple[str, ...] = ()
    gold: float | None = None
    left: float | None = None


class Environment(Body):
    """Of one picture, as the replica that drew it says. Hashes are the first 12 hex digits of a SHA-256.

    What is empty is not known, or, of `settings`, as it is by default."""

    attention: str = ""
    """what computes attention: native, cudnn"""
    code: dict[str, str] = {}
    """hashes of ours, by what it does: samplers, engine, stages"""
    device: str = ""
    """cuda with the GPU and the release of CUDA; cpu with what it can"""
    libraries: dict[str, str] = {}
    """releases, by name: torch, diffusers …"""
    loras: dict[str, str] = {}
    """hashes of their files, by id, where no entry names them"""
    precision: str = ""
    """of the model's numbers: float32, bfloat16 …"""
    sampler: str = ""
    """of the checkpoint: its class and the hash of its settings"""
    settings: dict[str, str] = {}
    """of its runtime: offload, quantisation, compile …"""


class RecipeInput(Body):
    """A picture that it began with, looked at or followed: as it was named, and the hash of its file."""

    picture: str
    role: str
    sha256: str
    end: float | None = None
    kind: str | None = None
    scale: float | None = None
    start: float | None = None


class RecipeParent(Body):
    """A picture that it was made from."""

    asset_id: str
    role: str
    """as of `inputs`; or the call that went on from it: like, tweak, finish …"""


class RecipeStepCache(Body):
    """Steps that reused what the last full one had computed."""

    skip: tuple[int, ...] = ()
    threshold: float | None = None


class Recipe(Body):
    """How a picture was drawn, word for word as its files carry it; and, from `asset_id`, `parents` and `request`,
    what the studio knows beside that."""

    asset_id: str
    asset_type: str
    atelier: str
    """the release that drew it"""
    base_size: str
    """WIDTHxHEIGHT, as it was drawn"""
    created_at: str
    full_prompt: str
    """as the model read it"""
    guidance_scale: float
    index: int
    job_id: str
    licence: str
    loras: tuple[AppliedLora, ...]
    model: str
    negative_prompt: str
    num_inference_steps: int
    parents: tuple[RecipeParent, ...]
    prompt: str
    """as it was typed"""
    quality: str
    seed: int
    size: str
    """WIDTHxHEIGHT, as it is"""
    weights: str
    """the content hash of the model's weights: its revision"""
    entries: tuple[EntryPin, ...] = ()
    """versions of the library that took part"""
    environment: Environment | None = None
    """what it was drawn in, where that is known"""
    inputs: tuple[RecipeInput, ...] = ()
    near: Neighbourhood | None = None
    """whose noise its own was turned from"""
    origin: Origin | None = None
    """what its job went on from"""
    private: bool = False
    """files have none of the words: they are told here alone"""
    request: dict[str, Any] | None = None
    """A body of POST /generate that draws it again, as far as the studio knows it; absent where the job is of a
    release that this one cannot read"""
    sampler: str = "default"
    schedule: str | None = None
    scores: dict[str, float] = {}
    stages: tuple[dict[str, Any], ...] = ()
    """further ones, by kind, with their settings"""
    step_cache: RecipeStepCache | None = None
    strength: float | None = None
    """how much of the input image was redrawn"""
    upscaler: str | None = None


class Replayed(Body):
    """How many deliveries are sent again."""

    replayed: int


class SliceArm(Body):
    """An arm beside the champion, in a part of the votes."""

    id: str
    share: Interval
    votes: int


class Slice(Body):
    """The votes on one asset type, or quality. `grey`: there are too few to say anything by themselves."""

    arms: tuple[SliceArm, ...]
    both_bad: float
    grey: bool
    value: str
    votes: int


class StyleEffect(Body):
    """By how many logits a picture is preferred that has more of a feature, by one standard deviation of what
    pictures differ in it."""

    effect: Interval
    name: str


class StyleReport(Body):
    """With how many `pictures` were measured, and of how many votes the pictures are `missing`: they are not in the
    studio, or there are too many to look at."""

    pictures: int
    votes: int
    effects: tuple[StyleEffect, ...] = ()
    missing: int = 0


class Results(Body):
    """Everything that a page shows of an experiment."""

    arms: tuple[ArmResult, ...]
    both_bad: float
    champion: str
    decision: str
    e_value: float
    experiment: str
    forest: Forest
    method: str
    mode: str
    phase: int
    prompts: int
    raters: int
    side: Interval
    srm_e: float
    stop: bool
    verdict: str
    votes: int
    agreement: float | None = None
    board: tuple[BoardArm, ...] = ()
    by: tuple[Slice, ...] = ()
    checks: int = 0
    costs: tuple[ArmCost, ...] = ()
    guardrails: tuple[GuardrailReading, ...] = ()
    judges: tuple[JudgeReport, ...] = ()
    more_raters: int = 0
    more_votes: int | None = None
    notes: tuple[str, ...] = ()
    people: tuple[RaterReport, ...] = ()
    style: StyleReport | None = None


class RevealedBallot(Body):
    """What was what. `check` is repeat or gold where it was a hidden check, which counts for no arm; `passed`
    whether the picture that is known to be better was chosen."""

    arms: tuple[str, ...]
    """from left to right"""
    choice: str
    id: str
    prompt: str
    check: str | None = None
    chosen: str | None = None
    """the arm that was preferred"""
    criteria: dict[str, str] = {}
    jobs: tuple[str, ...] = ()
    """that drew the pictures"""
    passed: bool | None = None


class Run(Body):
    """A run as it stands. Of its lines so many are `settled`: drawn or being drawn, `skipped` since not every arm
    could draw them, or `dropped` since they became too old while others were served."""

    created_at: datetime
    experiment: str
    gpu_seconds: float
    """predicted for what was ordered so far"""
    jobs: Counts
    kind: str
    lines: int
    phase: int
    run_id: str
    settled: int
    status: str
    dropped: int = 0
    ended_at: datetime | None = None
    prompt_set: str | None = None
    reason: str = ""
    """why it has ended early, or why lines were skipped"""
    skipped: int = 0


class RunList(Body):
    """Runs of an experiment, newest first."""

    runs: tuple[Run, ...]


class SetQuota(Body):
    """What operators have set for one subject."""

    id: str
    set: QuotaChoices
    set_at: datetime
    set_by: str
    subject: str


class SetQuotas(Body):
    """All that operators have set."""

    quotas: tuple[SetQuota, ...]


class Sitting(Body):
    """A sitting that is over."""

    ballots: tuple[RevealedBallot, ...]
    sitting: int


class SpaceAllowance(Body):
    """What the profile lets leads say in `files`."""

    least_retention_days: int
    most_retention_days: int
    unsigned: bool
    """`credentials` may be false"""


class SpaceDefaults(Body):
    """What requests of a space that leave it open are drawn with."""

    asset_type: str | None = None
    brand_kit: str | None = None
    """An id of GET /brand: the space's own kit"""
    model: str | None = None
    quality: str | None = None


class SpaceFiles(Body):
    """How the files of a space are written where a request does not say, and for how long its pictures are kept."""

    credentials: bool = True
    """False: files are not signed, where the profile says `credentials: {optional: true}`"""
    formats: tuple[str, ...] | None = None
    """In place of the asset type's; of these, svg and pdf only where that is flat art"""
    private: bool = False
    """Keep prompts out of the files"""
    retention_days: int | None = None
    """Older drawn pictures go, but for those that somebody starred, collected or shared; what the profile says if
    absent"""


class Space(Body):
    """A team: who is in it, what is drawn with where its requests leave that open, and how its files are."""

    allowed: SpaceAllowance
    created_at: datetime
    defaults: SpaceDefaults
    files: SpaceFiles
    id: str
    members: tuple[Member, ...]
    name: str
    archived_at: datetime | None = None
    retention_days: int | None = None
    """For which drawn pictures are kept, as the profile and `files` say; they stay if null"""


class SpaceGone(Body):
    """What became of a space that was to be deleted."""

    deleted: bool
    """False: pictures were made in it, so that it is archived in place"""
    id: str


class SpaceList(Body):
    """Spaces, by id."""

    spaces: tuple[Space, ...]


class Suggestion(Body):
    """A caption of a picture of a dataset, and who wrote it."""

    caption: str
    picture: str
    by: str = "human"
    """human, draft, or captioner@revision"""
    unsure: bool = False
    """its writer was not sure, and said less than the picture shows"""


class Suggestions(Body):
    """Captions for a person to read; nothing is changed by them. Ask again for what is `not_yet` there."""

    captions: tuple[Suggestion, ...]
    kept: tuple[str, ...] = ()
    """pictures named whose caption a person wrote: it stays"""
    licences: tuple[str, ...] = ()
    """of the captioner; they do not reach what is learned"""
    not_yet: tuple[str, ...] = ()
    """pictures that nobody has looked at yet: ask again"""
    nothing_for: tuple[str, ...] = ()
    """pictures about which there is nothing to say"""


class Tags(Body):
    """The tags of a picture."""

    tags: tuple[str, ...]
    """at most 20, of at most 60 characters each"""


class Tokens(Body):
    """What to show from now on, for `expires_in` seconds, and what to get the next ones with."""

    access_token: str
    expires_in: int
    refresh_token: str
    token_type: str = "Bearer"


class ToldWebhook(Body):
    """A webhook of yours. Without a reason it is only tested."""

    links: dict[str, str]
    """to what it is about, in the API"""
    owner: str
    space: str
    webhook_id: str
    reason: str = ""


class TrainingEstimate(Body):
    """What a training will probably take. `gpu_hours` are 0 where it runs without a GPU; `cost` is absent where
    nobody knows a price. `measured` says whether its model has been trained here before."""

    gpu_hours: float
    seconds: float
    """caching, learning and judging, waiting excluded"""
    steps: int
    cost: float | None = None
    currency: str | None = None
    measured: bool = False
    memory_gb: float | None = None


class TrainingSettings(Body):
    """All that decides a run beside its pictures: two runs with equal settings, pictures and base learn the same.

    What is None is as the model has it: `size` its own, `shift` what it draws with, `alpha` the rank."""

    accumulation: int = 1
    """batches that one step adds up"""
    alpha: float | None = None
    """the layers count alpha / rank; the rank if absent"""
    base: str = "as_is"
    batch: int = 1
    caption_dropout: float = 0.05
    checkpoint_every: int = 50
    clip: float = 1.0
    """the largest norm of a step's gradient"""
    ema: float | None = None
    """decay of the average that is kept of the adapter"""
    gradient_checkpointing: bool = False
    guidance: str = "plain"
    guidance_least: float = 1.0
    guidance_most: float = 5.0
    guidance_scale: float = 1.0
    """that a model with embedded guidance is told"""
    kind: str = "lora"
    min_snr: float | None = None
    """weighting of models that are no flows; SDXL: 5"""
    noise: str = "logit_normal"
    optimiser: str = "adamw"
    precision: str = "bfloat16"
    prior_weight: float = 1.0
    """how much pictures of the class count in the loss"""
    rank: int = 16
    rate: float = 0.0001
    """the highest learning rate; Prodigy's is 1"""
    rate_end: float = 0.05
    """of the highest rate, where a cosine ends"""
    sample_every: int | None = None
    """steps between pictures of `sample_prompts`"""
    sample_prompts: tuple[str, ...] = ()
    schedule: str = "cosine"
    seed: int = 0
    shift: float | None = None
    """how far noise shares lean towards noise"""
    size: int | None = None
    """side of a square picture in training, in px"""
    steps: int = 1500
    targets: str = "all"
    validate_every: int = 50
    validation_share: float = 0.12
    """of the pictures, held back where none is named; at least 3 if there are 12 or more"""
    warm_up: int = 20
    """steps over which the rate rises"""
    weight_decay: float = 0.0001


class Training(WithEnd):
    """A training as it stands: also a job, at `/jobs/{job_id}`."""

    created_at: datetime
    dataset: str
    estimate: TrainingEstimate
    estimated_time_seconds: float
    """that remain; 0 when it has ended"""
    job_id: str
    licence: Licence
    lora: str
    model: str
    owner: str
    pictures: int
    progress: float
    settings: TrainingSettings
    state: str
    status: str
    step: int
    steps: int
    adapter: Adapter | None = None
    """what became of it in the library"""
    checkpoints: tuple[Checkpoint, ...] = ()
    detail: str | None = None
    """what it waits for, or does"""
    ended_at: datetime | None = None
    error: Failure | None = None
    judgement: dict[str, Any] | None = None
    """of GET /trainings/{training_id}"""
    loss: float | None = None
    losses: dict[str, float] = {}
    """by step; of GET /trainings/{training_id}"""
    notes: tuple[Note, ...] = ()
    started_at: datetime | None = None
    sweep: str | None = None
    trigger: str = ""


class TrainingPlan(Body):
    """What would be learned, and what it would take. Several, where something is swept."""

    dataset: str
    """ID@VERSION"""
    estimate: TrainingEstimate
    licence: Licence
    lora: str
    model: str
    pictures: int
    settings: TrainingSettings
    notes: tuple[Note, ...] = ()
    trigger: str = ""


class TrainingPlans(Body):
    """The answer to `dry_run`. Trainings of one model go one after another; `finish` is when the last ends, if
    nothing else comes between."""

    estimated_time_seconds: float
    """of all, with what is ahead of them"""
    finish: datetime
    trainings: tuple[TrainingPlan, ...]


class TrainingsAccepted(Body):
    """Trainings that were accepted together, one for each run of a sweep."""

    trainings: tuple[Training, ...]


class TrainingsPage(Body):
    """Trainings, newest first. `next` is the `before` of the next page, absent on the last."""

    trainings: tuple[Training, ...]
    next: str | None = None


class Verification(WithIntegrity):
    """What a file is, whether it was changed, how it was made, and what it may be used for."""

    integrity: str
    made: str
    sentence: str
    """all of it, in plain words"""
    sha256: str
    actions: tuple[str, ...] = ()
    """C2PA's names of what was done"""
    findings: tuple[str, ...] = ()
    """what does not hold, and what to know of it"""
    format: str | None = None
    """absent for a file of a kind that carries no credentials"""
    ingredients: tuple[Ingredient, ...] = ()
    """the pictures that it was made of"""
    issuer: Issuer | None = None
    """absent where nobody signed"""
    licence: AllowedUses | None = None
    """absent where the file says nothing of it"""
    made_by: str = ""
    """the program that says it made the file"""
    parameters: str | None = None
    """what another program says of how it made it, as text"""
    picture: OwnPicture | None = None
    """of this studio, where you may see it"""
    private: bool = False
    """its prompt was kept out of it"""
    recipe: dict[str, Any] | None = None
    """how it was drawn, where an Atelier drew it"""


class Version(Body):
    """One version, which never changes. `sha256` is the hash of its content."""

    author: str
    created_at: datetime
    notes: str
    sha256: str
    version: str
    marks: tuple[str, ...] = ()


class Versions(Body):
    """All versions of an entry, the newest first."""

    id: str
    kind: str
    versions: tuple[Version, ...]


class Vote(Body):
    """An answer as it counts. `vote` is its number: send it as `supersedes` to change it."""

    ballot: str
    choice: str
    vote: int
    criteria: dict[str, str] = {}
    revealed: bool = False
    """the sitting is over with it: POST …/reveal tells what was what"""


class VotesTaken(Body):
    """Of a file, all of it."""

    votes: int
    """that were taken in"""


class Webhook(Body):
    """A webhook, all but its secret."""

    created_at: datetime
    description: str
    enabled: bool
    events: tuple[str, ...]
    id: str
    include: tuple[str, ...]
    scope: str
    space: str
    url: str
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    """gone: it answered 410; failing: every attempt of three days has failed"""
    failing_since: datetime | None = None
    """no attempt since then was answered well"""
    old_secret_until: datetime | None = None
    """the secret before signs, too, until then"""
    paused_until: datetime | None = None
    """it has asked to be left alone until then"""


class WebhookDisabledMessage(Message):
    """Another webhook of its owner is told nothing any more."""

    data: ToldWebhook
    timestamp: datetime
    """when it happened"""
    type: Literal["webhook.disabled"]


class WebhookList(Body):
    """All of yours."""

    webhooks: tuple[Webhook, ...]


class WebhookTestMessage(Message):
    """Its owner has asked for a test."""

    data: ToldWebhook
    timestamp: datetime
    """when it happened"""
    type: Literal["webhook.test"]


class WebhookWithSecret(Webhook):
    """A webhook, and what verifies that it is the studio that calls. It is told now and never again."""

    created_at: datetime
    description: str
    enabled: bool
    events: tuple[str, ...]
    id: str
    include: tuple[str, ...]
    scope: str
    secret: str
    """for a library of Standard Webhooks"""
    space: str
    url: str
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    """gone: it answered 410; failing: every attempt of three days has failed"""
    failing_since: datetime | None = None
    """no attempt since then was answered well"""
    old_secret_until: datetime | None = None
    """the secret before signs, too, until then"""
    paused_until: datetime | None = None
    """it has asked to be left alone until then"""


AnyMessage: TypeAlias = Annotated[
    JobImageMessage
    | JobCompleteMessage
    | JobFailedMessage
    | JobCanceledMessage
    | BatchEndedMessage
    | ExperimentStartedMessage
    | ExperimentTrippedMessage
    | ExperimentEndedMessage
    | ChampionPromotedMessage
    | ChampionPausedMessage
    | ChampionRolledBackMessage
    | WebhookDisabledMessage
    | WebhookTestMessage
    | Message,
    Field(union_mode="left_to_right"),
]
