"""What a designer asks for, as contracts: asset types, and qualities. Whichever model draws, the same is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from configs.formats import VECTORS, Format
from configs.frozen import Frozen
from configs.schema import Identifier, Size, Strength
from configs.semver import FIRST, Semver
from configs.templates import STYLE, SUBJECT, TONE, Template
from configs.text import PLAIN, Line

Words = Annotated[str, StringConstraints(max_length=1000), PLAIN]
SlotName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
StageTerms: TypeAlias = Mapping[Identifier, bool | dict[str, Any]]
"""By kind of stage: its settings as a request says them; true for the usual ones, false for never."""
Factor = Literal[1, 2, 4]
Pinned = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}(@[0-9]+\.[0-9]+\.[0-9]+)?$"),
    Field(description="ID or ID@VERSION", examples=["icon@1.1.0"]),
]


class SlotConfig(Frozen):
    """A part of a template that a request may fill; `choices`, if any, are all that it may say."""

    description: Line = ""
    choices: tuple[Line, ...] = ()
    default: Words = Field(default="", description="where a request leaves it open; empty: its phrase vanishes")
    required: bool = False

    @model_validator(mode="after")
    def _offers_its_default(self) -> SlotConfig:
        if self.default and self.choices and self.default not in self.choices:
            raise ValueError(f"default '{self.default}' is not among choices")
        return self


class ContractLora(Frozen):
    """A LoRA that an asset type, or a style of it, is drawn with unless a request says otherwise (strength 0 leaves it
    out)."""

    id: Identifier
    strength: Strength | None = Field(default=None, description="the LoRA's usual one if absent")


class StyleConfig(Frozen):
    """A variant of an asset type's style: words for the template's `{style}`, what is kept out beside, and LoRAs, or
    some of these."""

    name: Line
    words: Words = ""
    negative_prompt: Words = ""
    loras: dict[Identifier, tuple[ContractLora, ...]] = Field(
        default={}, description="by family, or by model, whose id comes first; others draw with the words alone"
    )

    @model_validator(mode="after")
    def _says_something(self) -> StyleConfig:
        if not (self.words or self.negative_prompt or self.loras):
            raise ValueError("it changes nothing: give it 'words', 'loras' or both")
        return self

    def loras_for(self, family: str, model: str) -> tuple[ContractLora, ...]:
        """Those that a model draws it with."""
        return self.loras.get(model) or self.loras.get(family) or ()


class PinnedLora(Frozen):
    """A LoRA that something is drawn with beside all else: what is live, or one version of it whichever is live."""

    id: Pinned
    strength: Strength | None = Field(default=None, description="the LoRA's usual one if absent; 0 takes it away")

    @property
    def lora(self) -> str:
        """Which one, in whatever version."""
        return self.id.partition("@")[0]

    @property
    def is_pinned(self) -> bool:
        """It is the same whichever version becomes live."""
        return "@" in self.id


class ModelTerms(Frozen):
    """What an asset type asks of the models of a family, or of one model; the model's own where it says nothing.

    `steps` are per quality, and never more than the model itself takes at its best: what was distilled to four steps
    is never asked for 28.
    """

    loras: tuple[ContractLora, ...] = ()
    steps: dict[Identifier, Annotated[int, Field(gt=0, le=200)]] = {}
    guidance_scale: float | None = Field(default=None, ge=0, le=30)
    default_size: Size | None = None


class AssetTypeConfig(Frozen):
    """An asset type (`configs/asset_types/<id>.yaml`): the same prompt craft, LoRAs, sizes, stages and files for
    everybody, whichever model draws.

    `families` has terms per family, or per model, whose id comes first. `stages` are settings of stages by kind, in
    the words of a request.
    """

    id: Identifier
    version: Semver = FIRST
    name: str
    description: str
    prompt_template: str = Field(description="with {subject} where the designer's words go, and slots in braces")
    slots: dict[SlotName, SlotConfig] = {}
    styles: dict[Identifier, StyleConfig] = {}
    default_style: Identifier | None = None
    negative_prompt: str = ""
    families: dict[Identifier, ModelTerms] = {}
    default_size: Size
    sizes: tuple[Size, ...] = Field(min_length=1)
    stages: dict[Identifier, bool | dict[str, Any]] = {}
    brand_kit: Identifier | None = None
    formats: tuple[Format, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> AssetTypeConfig:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        unknown = self.template.slots - {SUBJECT, STYLE, TONE, *self.slots}
        if unknown:
            yield f"prompt_template has {{{min(unknown)}}}, which is none of slots: describe it there"
        if self.default_style is not None and self.default_style not in self.styles:
            yield f"default_style '{self.default_style}' is not among styles"
        if self.default_size not in self.sizes:
            yield f"default_size {self.default_size} is not among sizes"
        for name, terms in self.families.items():
            if terms.default_size is not None and terms.default_size not in self.sizes:
                yield f"families.{name}.default_size {terms.default_size} is not among sizes"

    @property
    def template(self) -> Template:
        """The parsed template."""
        return Template.parse(self.prompt_template)

    @property
    def used_slots(self) -> dict[str, SlotConfig]:
        """Slots that the template has a place for."""
        places = self.template.slots
        return {name: slot for name, slot in self.slots.items() if name in places}

    @property
    def used_styles(self) -> dict[str, StyleConfig]:
        """Styles, where the template has a place for their words, or they have LoRAs."""
        has_place = STYLE in self.template.slots
        return {id: style for id, style in self.styles.items() if has_place or style.loras}

    @property
    def is_flat(self) -> bool:
        """Whether its pictures are flat art, which can be had as outlines."""
        return any(one in VECTORS for one in self.formats)

    def terms_for(self, family: str, model: str) -> ModelTerms:
        """What is asked of a model: its own terms where there are some, else its family's."""
        return self.families.get(model) or self.families.get(family) or ModelTerms()


class StepCacheConfig(Frozen):
    """Steps that reuse what the last full step computed: faster, and slightly another picture.

    Either `threshold` (skip where the model's first block changes relatively less than that) or `skip` (always these
    steps, counted from 0; the first and the last are never skipped).
    """

    threshold: float | None = Field(default=None, gt=0, lt=1)
    skip: tuple[Annotated[int, Field(gt=0, lt=200)], ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> StepCacheConfig:
        if (self.threshold is None) == (not self.skip):
            raise ValueError("give either 'threshold' or 'skip'")
        return self


class QualityConfig(Frozen):
    """How much time a picture may take (`configs/qualities/<id>.yaml`); a model's YAML gives the steps for it.

    `stages` are those that it adds, or leaves out, in the words of a request; an asset type says how, and may refuse
    one. The highest quality has no step cache: its pictures are exact.
    """

    id: Identifier
    name: str
    description: str
    order: int = Field(description="position in menus, fastest first")
    size: Literal["native", "default"] = Field(description="native: as the model draws it; default: the asset type's")
    enlarge: Factor = Field(default=1, description="times the asset type's size")
    stages: dict[Identifier, bool | dict[str, Any]] = {}
    step_cache: StepCacheConfig | None = None
