"""Plans as the studio answers them: every stage with its parameters, before anything runs."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from atelier.models.body import Body, Licence, Note


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
