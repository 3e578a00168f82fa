"""The plan of a job: every stage with its deployment, parameters and seeds, settled before anything runs."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from pydantic import Field

from configs.entries import LORAS, EntryPin
from configs.experiments import CHAMPION, Overlay
from configs.frozen import Frozen
from configs.noise import SeedVariation
from configs.schema import AppliedLora, Identifier, Size
from configs.semver import FIRST
from deployments.messages import Origin
from deployments.stages.base import BaseStage
from deployments.stages.kind import Stage
from router.choosing import Choice
from router.notes import Note
from router.stage_table import STAGES

S = TypeVar("S", bound=Stage)

if TYPE_CHECKING:
    PlannedStage: TypeAlias = Stage
else:
    PlannedStage: Any = Annotated[reduce(or_, (kind.stage for kind in STAGES)), Field(discriminator="kind")]


COMPARED, BLIND = "compare", "blind"
"""Why a job was drawn as one side of a comparison: such jobs are the comparison's, and in no history; what a blind one
has drawn is found nowhere before its sides are named."""


class Routed(Frozen):
    """How a request came to be drawn otherwise than it says alone: by a champion, or as an arm of an experiment.

    `assigned` is the arm that its unit is in (none: it takes no part), `served` the one that draws, and `reason` why:
    split, not_exposed, other_layer, paused, ineligible:ARM:WHY, down:WHY, replay, shadow, kept, compare,
    blind. `champion` is
    the revision of the champion of its asset type and quality, where there is one. `overlay` is what was laid over it.
    """

    reason: str
    experiment: str | None = Field(default=None, description="an id, or canary:ASSET_TYPE/QUALITY")
    phase: int | None = None
    assigned: Identifier | None = None
    served: Identifier = CHAMPION
    champion: int | None = None
    overlay: Overlay = Overlay()
    unit: str = Field(default="", description="of the assignment: a hash")
    pair: str | None = Field(default=None, description="other jobs with it draw the same, as other arms")
    run: str | None = None

    def fall_back(self, why: str) -> Routed:
        """Of a request that can only be drawn as it says itself: it stays in its arm, which does not draw it."""
        return self.model_copy(update={"served": CHAMPION, "overlay": Overlay(), "reason": f"down:{why}"})


class Replayed(Frozen):
    """The picture that a job draws again, by what its recipe says of its own job: the files of a replay say the same,
    so that an equal picture is an equal file. `licence` names licences, and `created_at` is as ISO 8601 has it."""

    job_id: str
    index: int = Field(ge=0)
    licence: str
    created_at: str
    origin: Origin | None = None


class Plan(Frozen):
    """What will be done for a job, complete: nothing later guesses a default. `notes` say what a person should know."""

    prompt: str
    asset_type: Identifier
    quality: Identifier
    seeds: tuple[int, ...] = Field(min_length=1, description="one a picture; with a choice, one a candidate at most")
    stages: tuple[PlannedStage, ...] = Field(min_length=2, description="what each picture goes through, in order")
    estimated_seconds: float = Field(ge=0, description="all pictures, waiting excluded")
    deadline_seconds: float | None = Field(default=None, gt=0, description="from acceptance to the last picture")
    notes: tuple[Note, ...] = ()
    entries: tuple[EntryPin, ...] = Field(default=(), description="of the library, that take part: which version")
    choice: Choice | None = Field(default=None, description="of drawings, once they are scored: which become pictures")
    origin: Origin | None = Field(default=None, description="what the job goes on from, where it goes on from another")
    routed: Routed | None = Field(default=None, description="by which champion, or as which arm of an experiment")
    replayed: Replayed | None = Field(default=None, description="the picture that is drawn again, to be compared")
    private: bool = Field(default=False, description="no file tells the prompt: it stays in the studio")

    @property
    def base(self) -> BaseStage:
        """The drawing, with which every plan begins."""
        first = self.stages[0]
        assert isinstance(first, BaseStage)
        return first

    @property
    def size(self) -> Size:
        """Of the finished pictures."""
        sizes = [size for stage in self.stages if (size := stage.ends_at) is not None]
        return sizes[-1]

    @property
    def pictures(self) -> int:
        """How many are finished."""
        return len(self.seeds) if self.choice is None else self.choice.keep

    @property
    def drawings(self) -> int:
        """How many are drawn, if none has to be drawn again."""
        return len(self.seeds) if self.choice is None else self.choice.best_of

    @property
    def scored(self) -> int:
        """How many stages a drawing goes through before it is chosen."""
        if self.choice is None:
            return 0
        return 1 + [stage.kind for stage in self.stages].index(self.choice.after)

    def noise(self, index: int) -> tuple[int, tuple[SeedVariation, ...]]:
        """The seed whose noise picture `index` begins with, and how that is turned first."""
        own, near = self.seeds[index], self.base.near
        return (own, ()) if near is None else (near.seed, near.lead_to(own))

    def version_of(self, lora: AppliedLora) -> str:
        """Which version of a LoRA takes part, however it is applied; of a plan that names none, the only one there
        was."""
        key = f"{LORAS}/{lora.lora}"
        return lora.version or next((pin.version for pin in self.entries if pin.key == key), FIRST)

    def find(self, kind: type[S]) -> S | None:
        """The stage of a kind, where the plan has one."""
        return next((stage for stage in self.stages if isinstance(stage, kind)), None)
