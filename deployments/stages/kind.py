"""What a stage of a plan is, and what its kind brings: how it is planned, sent, measured, licensed, placed and named.

A kind is one file in this folder and one row in `router/stage_table.py`. Nothing here needs torch or Ray.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import Field

from configs.brand import BrandKitConfig
from configs.catalog import Catalog, Installation
from configs.contracts import AssetTypeConfig
from configs.formats import Format
from configs.frozen import Frozen
from configs.noise import SeedVariation
from configs.replicas import Replicas
from configs.schema import LicencePart, ModelConfig, Size
from deployments.messages import Done, Inputs, Message, PictureRef, Recipe, Terms

if TYPE_CHECKING:
    from deployments.stages.base import BaseStage


class Stage(Frozen):
    """A step that each picture of a plan takes, with all that it needs. `kind` names its row in the table. Where it
    `measures_only`, the picture stays as it is, and its recipe knows nothing of it."""

    measures_only: ClassVar[bool] = False

    kind: str
    deployment: str
    estimated_seconds: float = Field(ge=0, description="per picture")

    @property
    def ends_at(self) -> Size | None:
        """The size of the picture after it; None where it stays as it is."""
        return getattr(self, "size", None)

    @property
    def takes_over_at(self) -> float | None:
        """Where it goes on from the drawing's latents: the share of the noise schedule at which the drawing ends. None
        where it begins with a picture, as most do."""
        return None


class Settings(Frozen):
    """What a request, an asset type or a quality may say of a stage, under `stages` and the kind's name.

    Of each group of `alternatives` whoever is heard last has one: theirs replaces another's.
    """

    alternatives: ClassVar[tuple[frozenset[str], ...]] = ()


S = TypeVar("S", bound=Stage)


class Speeds(Protocol):
    """Measured seconds of each kind of work."""

    def seconds(self, work: str, guess: float) -> float:
        """Of one unit of `work`, or `guess` until it was measured."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as far as it has come: the picture, drawn as `base` says, has `size` now, and is to end with `final` and
    as `formats`.

    `settings` are what request, asset type and quality say of the stage that is being planned, False where they leave
    it out; `kit` is the brand that the picture is kept to; `sizes` are further ones.
    """

    installation: Installation
    model: ModelConfig
    quality: str
    base: BaseStage
    size: Size
    final: Size
    formats: tuple[Format, ...]
    speeds: Speeds
    asset_type: AssetTypeConfig
    kit: BrandKitConfig | None = None
    settings: Settings | Literal[False] | None = None
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One picture of a job on its way: what a stage's message is made of, beside the stage. `picture` is what the stage
    before left, `seconds_left` what a deadline leaves for this stage. `variations` turn the noise of `seed` before the
    drawing begins. `patience_seconds` are by which it lets others go first. `terms` are what its files say that they
    may be used for."""

    request_id: str
    seed: int
    recipe: Recipe
    inputs: Inputs
    picture: PictureRef = None
    seconds_left: float | None = None
    variations: tuple[SeedVariation, ...] = ()
    patience_seconds: float = 0.0
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What a finished stage teaches: `work` takes `seconds` a unit."""

    work: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Deployment:
    """Replicas that a kind brings: `replica(*arguments, exchange, **options)` makes one, where `exchange` is a
    `deployments.exchange.Exchange`."""

    name: str
    replica: type
    arguments: tuple[Any, ...]
    replicas: Replicas
    options: Mapping[str, Any] = field(default_factory=dict)


def _nothing_licensed(_stage: Any, _catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    return ()


def _nothing_learned(_stage: Any, _done: Done) -> tuple[Learned, ...]:
    return ()


def _nothing_placed(_installation: Installation) -> tuple[Deployment, ...]:
    return ()


def _nothing_noted(_stage: Any, _draft: Draft) -> tuple[tuple[str, str], ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class StageKind(Generic[S]):
    """A row: everything that the rest of the house asks of a kind of stage.

    `label` says to people what happens, `written` sums a planned stage up in a line. `plan` answers None where the
    picture does not need it, and raises `InvalidRequest`. `message` is what a replica is asked for one picture. `notes`
    are codes and sentences for the plan.
    """

    name: str
    label: str
    stage: type[S]
    plan: Callable[[Draft], S | None]
    message: Callable[[S, Work], Message]
    written: Callable[[S], str]
    settings: type[Settings] | None = None
    learned: Callable[[S, Done], tuple[Learned, ...]] = _nothing_learned
    licence_parts: Callable[[S, Catalog], Iterable[tuple[str, LicencePart]]] = _nothing_licensed
    deployments: Callable[[Installation], tuple[Deployment, ...]] = _nothing_placed
    notes: Callable[[S, Draft], tuple[tuple[str, str], ...]] = _nothing_noted
