"""What a judge says of the checkpoints of a training: a document that is kept with the adapter, and read by people."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from configs.frozen import Frozen
from configs.schema import Identifier, Size
from configs.text import Line

PromptKind: TypeAlias = Literal["known", "held_out", "unseen", "foreign", "plain"]
"""`known`: a caption that was learned; `held_out`: one of a picture that was kept back; `unseen`: a subject of which
there is no picture; `foreign`: one on a ground that the set does not have; `plain`: one without the trigger."""
MeasureName: TypeAlias = Literal[
    "style",
    "subject",
    "prompt",
    "diversity",
    "copying",
    "drift",
    "plain_prompt",
    "overfit",
    "linearity",
    "legibility",
]
Sha256: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class GridPrompt(Frozen):
    """One prompt of the grid. `subject` is what it asks for without trigger and look, by which it is scored."""

    text: Line
    kind: PromptKind
    subject: Line


class Mark(Frozen):
    """A measure's mean over the prompts that it looks at, and its standard error (bootstrap over prompts)."""

    value: float
    error: float = Field(ge=0)


class JudgedAdapter(Frozen):
    """One checkpoint at one strength. `failed` are the gates that it does not pass, `cautions` what whoever draws with
    it should know, a sentence each; `lost` is why it draws nothing at all."""

    step: int = Field(ge=0)
    strength: float
    marks: dict[MeasureName, Mark] = {}
    failed: tuple[Line, ...] = ()
    cautions: tuple[Line, ...] = ()
    lost: Line | None = None

    @property
    def passes(self) -> bool:
        return not self.failed and self.lost is None


class Pick(Frozen):
    """What the judge would take. Not `recommended`: the least bad of what does not pass."""

    step: int
    strength: float
    recommended: bool
    reasons: tuple[Line, ...]


class Judgement(Frozen):
    """All of it. Equal grids (prompts, seeds, size, steps, guidance, base) can be compared, others cannot.

    `adapters`: step -> the file's hash; `held_out_loss`: step -> share of noise -> loss; `others` are what a person
    should look at beside the pick; `looked` names what saw (networks, or pixels alone).
    """

    version: Literal[1] = 1
    model: Identifier
    base: str
    dataset: str = Field(default="", description="content hash of the version that was learned from")
    trigger: Line = ""
    prompts: tuple[GridPrompt, ...]
    seeds: tuple[int, ...]
    size: Size
    steps: int
    guidance: float
    looked: tuple[Line, ...]
    adapters: dict[int, Sha256]
    judged: tuple[JudgedAdapter, ...]
    held_out_loss: dict[int, dict[float, float]] = {}
    pick: Pick
    others: tuple[Pick, ...] = ()

    def of(self, step: int, strength: float) -> JudgedAdapter:
        """Raises KeyError for what was not judged."""
        for one in self.judged:
            if (one.step, one.strength) == (step, strength):
                return one
        raise KeyError((step, strength))

    @property
    def picked(self) -> JudgedAdapter:
        return self.of(self.pick.step, self.pick.strength)
