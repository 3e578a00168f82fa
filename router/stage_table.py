"""The kinds of stages, a row each, in the order in which a picture goes through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import create_model

from configs.frozen import Frozen
from deployments.stages.base import BASE
from deployments.stages.brand_colours import PALETTE
from deployments.stages.check import CHECK
from deployments.stages.clean import CLEAN
from deployments.stages.cut_out import CUT_OUT
from deployments.stages.finish import FINISH, FinishSettings
from deployments.stages.kind import Settings, Stage, StageKind
from deployments.stages.refine import REFINE
from deployments.stages.score import SCORE
from deployments.stages.tile import TILE
from deployments.stages.upscale import UPSCALE


class StageLine(Frozen):
    """A planned stage in words: what happens, and with what."""

    kind: str
    label: str
    text: str


STAGES: tuple[StageKind[Any], ...] = (BASE, SCORE, REFINE, UPSCALE, TILE, CLEAN, PALETTE, CUT_OUT, CHECK, FINISH)

if TYPE_CHECKING:
    StageSettings: TypeAlias = Frozen
else:
    StageSettings: Any = create_model(
        "StageSettings",
        __base__=Frozen,
        __doc__="What a request says of stages: settings, or false for none where asset type or quality bring one.",
        **{kind.name: (kind.settings | Literal[False] | None, None) for kind in STAGES if kind.settings is not None},
    )

_HELD_UP = "waiting"  # in `loading` and `waiting`, which are no stages of a plan
_BY_NAME = {kind.name: kind for kind in STAGES}


def kind_of(stage: Stage) -> StageKind[Any]:
    """The row of a planned stage."""
    return _BY_NAME[stage.kind]


def label_of(name: str) -> str:
    """What happens in a stage, in words for people: of every kind, and of what is told while none goes on."""
    return _BY_NAME[name].label if name in _BY_NAME else _HELD_UP


def settings_of(kind: StageKind[Any], asked: StageSettings) -> Settings | Literal[False] | None:
    """What a request says of a kind of stage; False where it wants none."""
    said: Settings | Literal[False] | None = getattr(asked, kind.name, None)
    return said


def leave_unsigned(asked: StageSettings) -> StageSettings:
    """The same for files without content credentials, unless it says itself whether they have some."""
    said = settings_of(FINISH, asked)
    if said and "credentials" in said.model_fields_set:
        return asked
    settings = (said or FinishSettings()).model_copy(update={"credentials": False})
    return asked.model_copy(update={FINISH.name: settings})


def lines_of(stages: Sequence[Stage]) -> tuple[StageLine, ...]:
    """What a plan's stages do, in words."""
    rows = ((stage, kind_of(stage)) for stage in stages)
    return tuple(StageLine(kind=stage.kind, label=row.label, text=row.written(stage)) for stage, row in rows)
